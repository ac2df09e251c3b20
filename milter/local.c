/*
 * The milter's own gate.
 */
#include "local.h"

#include "io/clock.h"
#include "io/log.h"

#include "core/text.h"

#include <stdlib.h>
#include <string.h>

enum { EVENTS_KEPT = 16 };

void
local_init(struct local *local, const struct config *config,
    const char *instance, const uint8_t seed[16])
{
	memset(local, 0, sizeof(*local));
	(void)pthread_mutex_init(&local->lock, NULL);
	(void)text_copy(local->instance, sizeof(local->instance), instance);
	memcpy(local->seed, seed, sizeof(local->seed));
	local->events = events_new(EVENTS_KEPT, log_event, NULL);
	gate_init(&local->gate, config, seed, local->events);
}

static struct session_key
key_of(const struct local *local, const struct visit *visit)
{
	struct session_key key;

	memset(&key, 0, sizeof(key));
	memcpy(key.instance, local->instance, sizeof(key.instance));
	key.id = visit->id;
	return key;
}

static struct session *
find(struct local *local, const struct visit *visit)
{
	struct session_key key = key_of(local, visit);

	return sessions_find(local->gate.sessions, &key);
}

void
local_announce(struct local *local, const struct visit *visit)
{
	struct session_key key = key_of(local, visit);

	(void)pthread_mutex_lock(&local->lock);
	gate_announce(&local->gate, &key, visit->listener, &visit->client,
	    visit->port);
	(void)pthread_mutex_unlock(&local->lock);
}

bool
local_connect(struct local *local, const struct config *config,
    const struct visit *visit, struct verdict *verdict)
{
	struct session_key key = key_of(local, visit);
	bool pass;

	(void)pthread_mutex_lock(&local->lock);
	local->charged = true;
	pass = gate_connect(&local->gate, config, &key, visit->listener,
	    &visit->client, visit->port, clock_now(), verdict);
	(void)pthread_mutex_unlock(&local->lock);
	return pass;
}

/* More sessions than the gate can know: nobody passes uncounted. */
static bool
refuse_unknown(struct verdict *verdict)
{
	verdict->action = ACTION_DEFER;
	verdict->reason = REASON_STATE_AWAY;
	return false;
}

bool
local_mail(struct local *local, const struct config *config,
    const struct visit *visit, const char *user, const char *sender,
    uint64_t size, struct verdict *verdict)
{
	struct session *session;
	bool pass;

	(void)pthread_mutex_lock(&local->lock);
	session = find(local, visit);
	if (session == NULL) {
		pass = refuse_unknown(verdict);
	} else {
		pass = gate_mail(&local->gate, config, session,
		    user[0] != '\0' ? user : NULL, sender, size, clock_now(),
		    verdict);
		local->charged = true;
	}
	(void)pthread_mutex_unlock(&local->lock);
	return pass;
}

/* A message whose MAIL the state had counted goes on here. */
static void
adopt(struct local *local, struct session *session, const struct visit *visit)
{
	session_reset(local->gate.sessions, session);
	session->mail = true;
	session->has_user = visit->user[0] != '\0';
	memcpy(session->user, visit->user, sizeof(session->user));
	memcpy(session->sender, visit->sender, sizeof(session->sender));
	session->recipients = visit->recipients;
}

bool
local_rcpt(struct local *local, const struct config *config,
    const struct visit *visit, const char *recipient, struct verdict *verdict)
{
	struct session *session;
	bool pass;

	(void)pthread_mutex_lock(&local->lock);
	session = find(local, visit);
	if (session == NULL) {
		pass = refuse_unknown(verdict);
	} else {
		if (!session->mail)
			adopt(local, session, visit);
		pass = gate_rcpt(&local->gate, config, session, recipient,
		    false, clock_now(), verdict);
		local->charged = true;
	}
	(void)pthread_mutex_unlock(&local->lock);
	return pass;
}

bool
local_end(struct local *local, const struct config *config,
    const struct visit *visit, uint64_t size, struct verdict *verdict)
{
	struct session *session;
	bool pass = true;

	verdict_accept(verdict);
	(void)pthread_mutex_lock(&local->lock);
	session = find(local, visit);
	if (session != NULL) {
		if (!session->mail)
			adopt(local, session, visit);
		pass = gate_end(&local->gate, config, session, size,
		    clock_now(), verdict);
		local->charged = true;
	}
	(void)pthread_mutex_unlock(&local->lock);
	return pass;
}

void
local_done(struct local *local, const struct visit *visit, bool give_back)
{
	struct session *session;

	(void)pthread_mutex_lock(&local->lock);
	session = find(local, visit);
	if (session != NULL && session->mail)
		gate_done(&local->gate, session, give_back, clock_now());
	(void)pthread_mutex_unlock(&local->lock);
}

void
local_close(struct local *local, const struct visit *visit)
{
	struct session *session;

	(void)pthread_mutex_lock(&local->lock);
	session = find(local, visit);
	if (session != NULL)
		gate_close(&local->gate, session);
	(void)pthread_mutex_unlock(&local->lock);
}

/* --- handing over --- */

static void
collect(void *ctx, const char *rule, const char *key,
    const struct claim *claim, struct span age)
{
	struct local_charges *charges = ctx;

	if (charges->count == charges->room) {
		charges->room = charges->room == 0 ? 64 : charges->room * 2;
		charges->list = reallocarray(charges->list, charges->room,
		    sizeof(*charges->list));
		if (charges->list == NULL)
			abort();
	}
	charges->list[charges->count++] = (struct local_charge) {
		.rule = arena_copy(charges->arena, rule),
		.key = arena_copy(charges->arena, key),
		.claim = *claim,
		.age = age,
	};
}

/* A new gate that knows the sessions that are open. */
static void
start_afresh(struct local *local, const struct config *config,
    struct registry *registry)
{
	size_t count;
	struct visit *list;

	gate_clear(&local->gate);
	gate_init(&local->gate, config, local->seed, local->events);
	list = registry_copy(registry, &count);
	for (size_t i = 0; i < count; i++) {
		struct session_key key = key_of(local, &list[i]);

		gate_announce(&local->gate, &key, list[i].listener,
		    &list[i].client, list[i].port);
	}
	free(list);
}

void
local_take(struct local *local, const struct config *config,
    struct registry *registry, struct local_charges *charges_r)
{
	memset(charges_r, 0, sizeof(*charges_r));
	charges_r->arena = arena_new();
	(void)pthread_mutex_lock(&local->lock);
	if (local->charged) {
		limits_claims(local->gate.limits, config, clock_now(),
		    collect, charges_r);
		start_afresh(local, config, registry);
		local->charged = false;
	}
	(void)pthread_mutex_unlock(&local->lock);
}

void
local_charges_clear(struct local_charges *charges)
{
	arena_free(&charges->arena);
	free(charges->list);
}
