/*
 * A bounded hash table for keys that strangers choose: keyed hash, hard bound,
 * the entry longest unused leaves first unless it is protected.
 *
 * Sharded, so that growing one shard never pauses the caller for long.
 */
#ifndef WEIR_CORE_TABLE_H
#define WEIR_CORE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table;

struct table_settings {
	size_t max; /* entries */
	uint8_t seed[16]; /* of the keyed hash: random, from the shell */
	/*
	 * May this entry leave to make room? Called for the least recently
	 * used ones, a few at most. NULL: any may.
	 */
	bool (*may_leave)(void *ctx, const void *value);
	void *ctx;
};

struct table *table_new(const struct table_settings *);
void table_free(struct table **);
size_t table_count(const struct table *);

/* The value, marked as just used, or NULL. Stays where it is until it leaves. */
void *table_find(struct table *, const void *key, size_t len);

/*
 * The value of a key that was not there: value_size bytes of zero. NULL when
 * the table is full and nothing may leave.
 */
void *table_add(struct table *, const void *key, size_t len,
    size_t value_size);
void table_remove(struct table *, const void *key, size_t len);

/*
 * A slow walk that survives changes in between: calls fn for about 'budget'
 * entries from *cursor (0 at first) on, and sets it to 0 at the end. An entry
 * that stays is seen once.
 */
typedef void (*table_fn)(void *ctx, const void *key, size_t len, void *value);
void table_walk(struct table *, uint64_t *cursor, size_t budget, table_fn,
    void *ctx);

#endif
