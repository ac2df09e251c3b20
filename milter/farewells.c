/*
 * A list that grows as needed, added to at its end and taken from its front.
 */
#include "farewells.h"

#include "core/text.h"

#include <stdlib.h>
#include <string.h>

void
farewells_init(struct farewells *farewells)
{
	memset(farewells, 0, sizeof(*farewells));
	(void)pthread_mutex_init(&farewells->lock, NULL);
}

static void
make_room(struct farewells *farewells)
{
	size_t count = farewells->end - farewells->start;

	if (farewells->end < farewells->room)
		return;
	if (farewells->start > farewells->room / 2) {
		memmove(farewells->list, farewells->list + farewells->start,
		    count * sizeof(*farewells->list));
		farewells->start = 0;
		farewells->end = count;
		return;
	}
	farewells->room = farewells->room == 0 ? 64 : 2 * farewells->room;
	farewells->list = reallocarray(farewells->list, farewells->room,
	    sizeof(*farewells->list));
	if (farewells->list == NULL)
		abort();
}

static void
add(struct farewells *farewells, const struct farewell *farewell)
{
	if (farewells->end - farewells->start == FAREWELLS_MAX)
		return;
	make_room(farewells);
	farewells->list[farewells->end++] = *farewell;
}

void
farewells_add(struct farewells *farewells, uint64_t id, const char *queue_id)
{
	struct farewell farewell = { .id = id };

	/* a queue id that is too long was not kept, registry_queue_id */
	(void)text_copy(farewell.queue_id, sizeof(farewell.queue_id),
	    queue_id);
	(void)pthread_mutex_lock(&farewells->lock);
	add(farewells, &farewell);
	(void)pthread_mutex_unlock(&farewells->lock);
}

struct farewell *
farewells_take(struct farewells *farewells, size_t *count_r, bool *more_r)
{
	struct farewell *list = NULL;
	size_t count;

	(void)pthread_mutex_lock(&farewells->lock);
	count = farewells->end - farewells->start;
	*more_r = count > FAREWELLS_AT_ONCE;
	if (*more_r)
		count = FAREWELLS_AT_ONCE;
	if (count > 0) {
		list = calloc(count, sizeof(*list));
		if (list == NULL)
			abort();
		memcpy(list, farewells->list + farewells->start,
		    count * sizeof(*list));
		farewells->start += count;
	}
	if (farewells->start == farewells->end)
		farewells->start = farewells->end = 0;
	(void)pthread_mutex_unlock(&farewells->lock);
	*count_r = count;
	return list;
}

void
farewells_put_back(struct farewells *farewells, const struct farewell *list,
    size_t count)
{
	(void)pthread_mutex_lock(&farewells->lock);
	for (size_t i = 0; i < count; i++) {
		if (list[i].queue_id[0] == '\0')
			add(farewells, &list[i]);
	}
	(void)pthread_mutex_unlock(&farewells->lock);
}
