/*
 * Ends of messages and sessions the state is still to be told of. Two kinds:
 *
 * - Ends that need no answer. Where much is going on they wait for the next
 *   question, whoever asks it, and go in one write with that; the answer says
 *   that they arrived. Where little is going on they are told at once.
 * - Ends the state may have missed: it was away, or was just being told of all
 *   that are open, and an announcement may come after the end it is followed by
 *   (they take different connections). It would count them as open for as long
 *   as this milter lives; so they are told once more.
 *
 * All are told within a second, if the state is there (gatekeeper_tick), or
 * once an announcement has surely arrived. To be told of a session it does not
 * know, or of a message that is over, is nothing to the state (core/wire.h,
 * CLOSE and ENDED). Thread-safe.
 */
#ifndef WEIR_MILTER_FAREWELLS_H
#define WEIR_MILTER_FAREWELLS_H

#include "core/facts.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/*
	 * More are dropped: those the state can know come first, and it knows
	 * no more than this (core/session.h).
	 */
	FAREWELLS_MAX = 200000,
	FAREWELLS_AT_ONCE = 1024, /* before one question */
};

struct farewell {
	uint64_t id; /* of the session */
	char queue_id[QUEUE_ID_MAX + 1]; /* of the message; "": the session */
};

struct farewells {
	pthread_mutex_t lock; /* of what follows */
	struct farewell *list; /* in the order of their ends */
	size_t start, end, room;
};

void farewells_init(struct farewells *);

void farewells_add(struct farewells *, uint64_t id, const char *queue_id);

/*
 * Takes out the first of them, to be freed; NULL when there are none. *more_r:
 * there are others.
 */
struct farewell *farewells_take(struct farewells *, size_t *count_r,
    bool *more_r);

/*
 * They could not be told. Those of messages are dropped: the next message or
 * the end of the session does as well.
 */
void farewells_put_back(struct farewells *, const struct farewell *list,
    size_t count);

#endif
