/*
 * Limits kept in this process for the time the state is away
 * (milter.on_state_loss = "local"): the same gate the state owner has, under
 * one lock. Its counters start at zero; what they count is handed over when
 * the state is back, and they are zero again.
 *
 * Open sessions are known to it at all times, so that connection caps hold
 * from the first moment of a loss.
 *
 * Every function is thread-safe; none waits for anything but the lock.
 */
#ifndef WEIR_MILTER_LOCAL_H
#define WEIR_MILTER_LOCAL_H

#include "registry.h"

#include "core/gate.h"

#include <pthread.h>

struct local {
	pthread_mutex_t lock;
	struct gate gate;
	struct events *events; /* LimitReached goes to the log */
	char instance[INSTANCE_MAX + 1];
	uint8_t seed[16];
	bool charged; /* something is to be handed over */
};

void local_init(struct local *, const struct config *, const char *instance,
    const uint8_t seed[16]);

/* The state admitted this session: know it. */
void local_announce(struct local *, const struct visit *);

/* These decide: true, it may pass; else the verdict tells what to answer. */
bool local_connect(struct local *, const struct config *,
    const struct visit *, struct verdict *);
bool local_mail(struct local *, const struct config *, const struct visit *,
    const char *user, const char *sender, uint64_t size, struct verdict *);
bool local_rcpt(struct local *, const struct config *, const struct visit *,
    const char *recipient, struct verdict *);

/* So does this, of a message whole: its bytes, 0 when not counted. */
bool local_end(struct local *, const struct config *, const struct visit *,
    uint64_t size, struct verdict *);

void local_done(struct local *, const struct visit *, bool give_back);
void local_close(struct local *, const struct visit *);

/* What one key used under one rule at one time. */
struct local_charge {
	const char *rule;
	const char *key;
	struct claim claim;
	struct span age;
};

struct local_charges {
	struct arena *arena; /* owner of the texts */
	struct local_charge *list;
	size_t count, room;
};

/*
 * Takes out what was counted since the last time, to be cleared. What a message
 * in progress was charged cannot be given back to it afterwards.
 *
 * Takes the registry's lock while it holds its own, never the other way round.
 * A session is in the registry before local_announce or local_connect, and out
 * of it before local_close: none is lost or left behind.
 */
void local_take(struct local *, const struct config *, struct registry *,
    struct local_charges *charges_r);
void local_charges_clear(struct local_charges *);

#endif
