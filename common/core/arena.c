/*
 * An arena: blocks that are filled from the front and freed together. A
 * configuration of 100 000 users is some 300 000 small strings and arrays;
 * nobody wants to free them one by one.
 */
#include "core/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 65536 };

struct block {
	struct block *next;
	size_t size, used;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *blocks; /* the one being filled comes first */
};

struct arena *
arena_new(void)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena == NULL)
		abort();
	return arena;
}

void
arena_free(struct arena **arena)
{
	if (*arena == NULL)
		return;
	for (struct block *block = (*arena)->blocks, *next; block != NULL;
	    block = next) {
		next = block->next;
		free(block);
	}
	free(*arena);
	*arena = NULL;
}

static struct block *
add_block(struct arena *arena, size_t size)
{
	struct block *block;

	if (size < BLOCK_SIZE)
		size = BLOCK_SIZE;
	block = calloc(1, sizeof(*block) + size);
	if (block == NULL)
		abort();
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	const size_t unit = alignof(max_align_t);
	struct block *block = arena->blocks;
	void *taken;

	if (size > SIZE_MAX / 2)
		abort();
	size = (size + unit - 1) / unit * unit;
	if (block == NULL || block->size - block->used < size)
		block = add_block(arena, size);
	taken = block->bytes + block->used;
	block->used += size;
	return taken;
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		abort();
	return arena_alloc(arena, count * size);
}

char *
arena_copy(struct arena *arena, const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(arena_alloc(arena, size), text, size);
}
