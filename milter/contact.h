/*
 * What gatekeeper.c and contact.c share; for them only, the door is
 * gatekeeper.h.
 */
#ifndef WEIR_MILTER_CONTACT_H
#define WEIR_MILTER_CONTACT_H

#include "farewells.h"
#include "gatekeeper.h"
#include "handover.h"
#include "local.h"

#include "io/state_client.h"

/* Which configuration the state uses. */
struct edition {
	uint64_t epoch; /* how many states there were; 0: none yet */
	uint64_t generation;
};

struct gatekeeper {
	struct state_client *client;
	struct current *current;
	struct registry registry;
	struct local local;
	struct farewells farewells;
	char instance[INSTANCE_MAX + 1];

	pthread_mutex_t lock; /* of what follows */
	struct mono lost_at; /* 0: never */
	struct mono announced_at; /* all that were open; 0: never */
	struct span away_for; /* the loss that ended, until the state is told */
	bool tell_loss;
	struct mono complained_at;
	uint64_t complaints; /* not logged since */
	struct edition seen, followed;
	struct handover_batch *untold; /* of what was counted here */
};

/* May an announcement of what was open be on its way still? */
bool contact_is_announcing(struct gatekeeper *);

/*
 * state_call, with the ends that wait for a question (farewells.h), unless
 * they might overtake an announcement. *more_r: some wait still, and may go.
 */
enum state_result contact_call(struct gatekeeper *, size_t argc,
    const char *const *argv, struct state_reply *reply_r, bool *more_r);

/* For the client of the state (io/state_client.h); ctx is the gatekeeper. */
void contact_hello_cb(void *ctx, struct state_pipe *, bool epoch_new);
void contact_change_cb(void *ctx, bool away);

#endif
