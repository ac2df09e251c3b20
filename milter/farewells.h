/*
 * Sessions whose end the state may have missed: it was away, or was just being
 * told of all that are open, and an announcement may come after the end it is
 * followed by (they take different connections). It would count them as open
 * for as long as this milter lives; so their ends are told once more.
 *
 * To be told of a session it does not know is nothing to the state
 * (core/wire.h, CLOSE). Thread-safe.
 */
#ifndef WEIR_MILTER_FAREWELLS_H
#define WEIR_MILTER_FAREWELLS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * More are dropped: those the state can know come first, and it knows no more
 * than this (core/session.h).
 */
enum { FAREWELLS_MAX = 200000 };

struct farewells {
	pthread_mutex_t lock; /* of what follows */
	uint64_t *ids;
	size_t count, room;
};

void farewells_init(struct farewells *);

void farewells_add(struct farewells *, uint64_t id);

/* All of them, to be freed; there are none left. NULL when there were none. */
uint64_t *farewells_take(struct farewells *, size_t *count_r);

#endif
