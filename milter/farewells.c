/*
 * A list of numbers that grows as needed.
 */
#include "farewells.h"

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
	if (farewells->count < farewells->room)
		return;
	farewells->room = farewells->room == 0 ? 64 : 2 * farewells->room;
	farewells->ids = reallocarray(farewells->ids, farewells->room,
	    sizeof(*farewells->ids));
	if (farewells->ids == NULL)
		abort();
}

void
farewells_add(struct farewells *farewells, uint64_t id)
{
	(void)pthread_mutex_lock(&farewells->lock);
	if (farewells->count < FAREWELLS_MAX) {
		make_room(farewells);
		farewells->ids[farewells->count++] = id;
	}
	(void)pthread_mutex_unlock(&farewells->lock);
}

uint64_t *
farewells_take(struct farewells *farewells, size_t *count_r)
{
	uint64_t *ids;

	(void)pthread_mutex_lock(&farewells->lock);
	ids = farewells->ids;
	*count_r = farewells->count;
	farewells->ids = NULL;
	farewells->count = farewells->room = 0;
	(void)pthread_mutex_unlock(&farewells->lock);
	return ids;
}
