/*
 * Batches in a list, the oldest first. Whoever tells has the list for himself
 * and puts back what is left of it.
 */
#include "handover.h"

#include "io/clock.h"
#include "io/log.h"

#include <stdlib.h>

/*
 * So many go in one write, which a Unix socket takes whole or not at all: they
 * are told, or told again.
 */
enum { CHARGES_AT_ONCE = 16 };

static struct handover_batch *
batch_new(struct local_charges *charges)
{
	struct handover_batch *batch;

	if (charges->count == 0) {
		local_charges_clear(charges);
		return NULL;
	}
	batch = calloc(1, sizeof(*batch));
	if (batch == NULL)
		abort();
	batch->charges = *charges;
	batch->taken = clock_now().mono;
	return batch;
}

static struct handover_batch *
batch_free(struct handover_batch *batch)
{
	struct handover_batch *next = batch->next;

	local_charges_clear(&batch->charges);
	free(batch);
	return next;
}

/* False: the rest cannot be told now. */
static bool
batch_tell(struct handover_batch *batch, const struct outlet *outlet)
{
	struct span since = mono_since(clock_now().mono, batch->taken);
	size_t at_once = outlet->pipe == NULL ? 1 : CHARGES_AT_ONCE;
	const struct local_charges *charges = &batch->charges;

	while (batch->told < charges->count) {
		size_t end = batch->told + at_once;
		bool told = true;

		if (end > charges->count)
			end = charges->count;
		for (size_t i = batch->told; i < end; i++) {
			struct local_charge charge = charges->list[i];

			charge.age.us += since.us;
			told = notes_charged(outlet, &charge) && told;
		}
		if (!told || !notes_sent(outlet))
			return false;
		batch->told = end;
	}
	return true;
}

/* Those that are left of the list, without the oldest of too many. */
static struct handover_batch *
keep_newest(struct handover_batch *list)
{
	size_t count = 0, dropped = 0;

	for (const struct handover_batch *b = list; b != NULL; b = b->next)
		count += b->charges.count - b->told;
	while (count - dropped > HANDOVER_MAX) {
		dropped += list->charges.count - list->told;
		list = batch_free(list);
	}
	if (dropped != 0)
		log_warning("%zu counts of the time without the state are "
		    "dropped: it does not stay to be told them", dropped);
	return list;
}

static struct handover_batch **
end_of(struct handover_batch **list)
{
	while (*list != NULL)
		list = &(*list)->next;
	return list;
}

void
handover_tell(struct handover_batch **waiting, pthread_mutex_t *lock,
    struct local_charges *taken, const struct outlet *outlet)
{
	struct handover_batch *list;

	(void)pthread_mutex_lock(lock);
	list = *waiting;
	*waiting = NULL;
	(void)pthread_mutex_unlock(lock);
	*end_of(&list) = batch_new(taken);
	while (list != NULL && batch_tell(list, outlet))
		list = batch_free(list);
	if (list == NULL)
		return;
	list = keep_newest(list);
	(void)pthread_mutex_lock(lock);
	*end_of(&list) = *waiting;
	*waiting = list;
	(void)pthread_mutex_unlock(lock);
}
