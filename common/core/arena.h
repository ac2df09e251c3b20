/*
 * Memory that is given back all at once: what a configuration consists of.
 */
#ifndef WEIR_CORE_ARENA_H
#define WEIR_CORE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena **);

/* Zeroed, aligned for any type; never NULL. size may be 0. */
void *arena_alloc(struct arena *, size_t size);

/* count elements of size bytes each. */
void *arena_array(struct arena *, size_t count, size_t size);
char *arena_copy(struct arena *, const char *text);

#endif
