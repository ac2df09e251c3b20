/*
 * A bounded hash table for keys that strangers choose: keyed hash, hard bound,
 * the entry longest unused leaves first unless it is protected.
 *
 * It never grows as a whole: all its buckets exist from the start, as memory
 * that nobody has touched yet, so that no addition pauses the caller. An entry
 * costs 56 bytes, its value, its key and the allocator's 8; a bucket 16 bytes,
 * one for two entries of the bound.
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
	 * used ones, a few at most; one that may not counts as just used, so
	 * that the next call looks further. NULL: any may.
	 */
	bool (*may_leave)(void *ctx, const void *value);
	void *ctx;
};

struct table *table_new(const struct table_settings *);
void table_free(struct table **);
size_t table_count(const struct table *);

/*
 * The value, marked as just used, or NULL. Stays where it is until it leaves
 * or is resized. Keys have at least one byte.
 */
void *table_find(struct table *, const void *key, size_t len);

/* The same without marking it as used. */
void *table_peek(const struct table *, const void *key, size_t len);

/*
 * The value of a key that was not there: value_size bytes of zero, aligned for
 * 64-bit numbers. NULL when the table is full and nothing may leave.
 */
void *table_add(struct table *, const void *key, size_t len,
    size_t value_size);

/* Makes a value longer; what is new is zero. Returns where it is now. */
void *table_resize(struct table *, void *value, size_t old_size,
    size_t new_size);
void table_remove(struct table *, const void *key, size_t len);

/*
 * A name of 64 bits for a key that no stranger can foresee, and the entry of
 * that name: for references that outlive the entry. Not marked as used.
 */
uint64_t table_name(const struct table *, const void *key, size_t len);
void *table_by_name(const struct table *, uint64_t name);

/*
 * A slow walk that survives changes in between: calls fn for about 'budget'
 * entries from *cursor (0 at first) on, and sets it to 0 at the end. An entry
 * that stays is seen once. fn may remove or resize the entry it is given.
 */
typedef void (*table_fn)(void *ctx, const void *key, size_t len, void *value);
void table_walk(struct table *, uint64_t *cursor, size_t budget, table_fn,
    void *ctx);

/*
 * Marks an entry for table_marked, which calls fn for about 'budget' marked
 * ones and takes their marks away; true when there are more. It may show an
 * entry that was not marked. It costs nothing for entries without a mark.
 */
void table_mark(struct table *, const void *value);
bool table_marked(struct table *, size_t budget, table_fn, void *ctx);

#endif
