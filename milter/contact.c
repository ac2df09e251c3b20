/*
 * The milter's contact with the state, apart from questions: a new state is
 * told what it does not know, an old one what was counted while it was away;
 * and which configuration it uses.
 */
#include "contact.h"

#include "notes.h"

#include "core/wire.h"
#include "io/clock.h"
#include "io/log.h"

#include <stdlib.h>

#define ANNOUNCE_SETTLES span_s(5)

static void
send_announces(struct gatekeeper *keeper, const struct outlet *outlet)
{
	size_t count;
	struct visit *list;

	(void)pthread_mutex_lock(&keeper->lock);
	keeper->announced_at = clock_now().mono;
	(void)pthread_mutex_unlock(&keeper->lock);
	list = registry_copy(&keeper->registry, &count);
	for (size_t i = 0; i < count; i++)
		notes_announce(outlet, &list[i]);
	free(list);
}

static void
send_charges(struct gatekeeper *keeper, const struct outlet *outlet)
{
	struct config *config = current_get(keeper->current);
	struct local_charges charges;

	local_take(&keeper->local, config, &keeper->registry, &charges);
	config_unref(&config);
	handover_tell(&keeper->untold, &keeper->lock, &charges, outlet);
}

struct farewell_list {
	struct farewell *list;
	size_t count;
};

static void
farewells_cb(void *ctx, struct state_pipe *pipe)
{
	const struct farewell_list *farewells = ctx;
	struct outlet outlet = { .pipe = pipe };

	for (size_t i = 0; i < farewells->count; i++) {
		const struct farewell *farewell = &farewells->list[i];

		if (farewell->queue_id[0] == '\0')
			(void)notes_close(&outlet, farewell->id);
		else
			(void)notes_ended(&outlet, farewell->id,
			    farewell->queue_id);
	}
}

bool
contact_is_announcing(struct gatekeeper *keeper)
{
	struct mono at;

	(void)pthread_mutex_lock(&keeper->lock);
	at = keeper->announced_at;
	(void)pthread_mutex_unlock(&keeper->lock);
	return at.us != 0 &&
	    mono_since(clock_now().mono, at).us < ANNOUNCE_SETTLES.us;
}

enum state_result
contact_call(struct gatekeeper *keeper, size_t argc, const char *const *argv,
    struct state_reply *reply_r, bool *more_r)
{
	struct farewell_list farewells = { .count = 0 };
	struct state_preface preface = { farewells_cb, &farewells };
	enum state_result result;

	*more_r = false;
	if (!contact_is_announcing(keeper))
		farewells.list = farewells_take(&keeper->farewells,
		    &farewells.count, more_r);
	result = state_call_behind(keeper->client, &preface, argc, argv,
	    reply_r);
	if (result == STATE_AWAY)
		farewells_put_back(&keeper->farewells, farewells.list,
		    farewells.count);
	free(farewells.list);
	return result;
}

void
gatekeeper_event(struct gatekeeper *keeper, const struct notice *notice)
{
	struct outlet any = { .client = keeper->client };

	notes_event(&any, notice);
}

/* --- found, lost and back --- */

/*
 * The first one, met at once, has read what we have read. One that was away
 * since we started may have been given another configuration meanwhile.
 */
static void
see_epoch(struct gatekeeper *keeper)
{
	uint64_t generation = state_generation(keeper->client);

	(void)pthread_mutex_lock(&keeper->lock);
	keeper->seen.epoch++;
	keeper->seen.generation = generation;
	if (keeper->followed.epoch == 0 && keeper->lost_at.us == 0)
		keeper->followed = keeper->seen;
	(void)pthread_mutex_unlock(&keeper->lock);
}

/* Before a new connection is used: nothing is asked of a stranger. */
void
contact_hello_cb(void *ctx, struct state_pipe *pipe, bool epoch_new)
{
	struct gatekeeper *keeper = ctx;
	struct outlet outlet = { .pipe = pipe };

	if (epoch_new) {
		see_epoch(keeper);
		send_announces(keeper, &outlet);
	}
	send_charges(keeper, &outlet);
}

void
contact_change_cb(void *ctx, bool away)
{
	struct gatekeeper *keeper = ctx;
	struct now now = clock_now();
	char why[STATE_WHY_TEXT];
	struct notice notice;

	notice_init(&notice, away ? EVENT_STATE_LOST : EVENT_STATE_BACK,
	    now.wall);
	(void)pthread_mutex_lock(&keeper->lock);
	if (away) {
		keeper->lost_at = now.mono;
	} else {
		keeper->away_for = mono_since(now.mono, keeper->lost_at);
		keeper->tell_loss = true;
		notice_add_number(&notice, "away_ms",
		    keeper->away_for.us / 1000);
	}
	(void)pthread_mutex_unlock(&keeper->lock);
	if (away) {
		state_why(keeper->client, why);
		notice_add(&notice, "why", why);
	}
	log_event(NULL, &notice);
}

/* The state's own list of events shows what it could not be told then. */
static void
tell_loss(struct gatekeeper *keeper)
{
	struct notice notice;
	struct span away_for;
	bool tell;

	(void)pthread_mutex_lock(&keeper->lock);
	tell = keeper->tell_loss;
	keeper->tell_loss = false;
	away_for = keeper->away_for;
	(void)pthread_mutex_unlock(&keeper->lock);
	if (!tell)
		return;
	notice_init(&notice, EVENT_STATE_BACK, clock_now().wall);
	notice_add(&notice, "milter", keeper->instance);
	notice_add_number(&notice, "away_ms", away_for.us / 1000);
	gatekeeper_event(keeper, &notice);
}

/* --- which configuration --- */

static void
see_generation(struct gatekeeper *keeper, uint64_t generation)
{
	(void)pthread_mutex_lock(&keeper->lock);
	keeper->seen.generation = generation;
	(void)pthread_mutex_unlock(&keeper->lock);
}

bool
gatekeeper_config_changed(struct gatekeeper *keeper, uint64_t *generation_r)
{
	const struct edition *seen = &keeper->seen;
	struct edition *followed = &keeper->followed;
	bool changed;

	(void)pthread_mutex_lock(&keeper->lock);
	changed = followed->epoch != seen->epoch ||
	    followed->generation != seen->generation;
	*followed = *seen;
	*generation_r = seen->generation;
	(void)pthread_mutex_unlock(&keeper->lock);
	return changed;
}

bool
gatekeeper_applied(struct gatekeeper *keeper, uint64_t generation,
    const struct config_errors *errors)
{
	char text[NOTES_NUMBER_MAX];
	const char *argv[2 + WIRE_MISTAKES_MAX] = { "APPLIED",
		notes_number(generation, text) };
	size_t argc = 2;

	for (size_t i = 0; i < errors->count && i < WIRE_MISTAKES_MAX; i++)
		argv[argc++] = errors->list[i];
	return state_note(keeper->client, argc, argv) == STATE_OK;
}

/* --- once a second --- */

static enum state_result
ask_generation(struct gatekeeper *keeper, bool *more_r)
{
	static const char *const ask[] = { "GENERATION" };
	struct state_reply reply;
	enum state_result result;
	uint64_t generation;

	result = contact_call(keeper, 1, ask, &reply, more_r);
	if (result == STATE_OK && reply.count == 1 &&
	    wire_number(reply.elements[0], UINT64_MAX, &generation) == 0)
		see_generation(keeper, generation);
	state_reply_free(&reply);
	return result;
}

void
gatekeeper_tick(struct gatekeeper *keeper)
{
	struct outlet any = { .client = keeper->client };
	bool more;

	do {
		if (ask_generation(keeper, &more) == STATE_AWAY)
			return;
	} while (more);
	send_charges(keeper, &any);
	tell_loss(keeper);
}
