/*
 * uthash under a bound.
 *
 * uthash keeps the order in which entries were added; to use one is to take it
 * out and add it again, so that its list runs from the longest unused to the
 * last used. Two habits of uthash are turned off: growing (a pause of 30 ms at
 * some 10^5 entries) by giving it all its buckets at once, and freeing those
 * with the last entry by an entry that never leaves, the anchor.
 */
#include "core/table.h"

#include "core/siphash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* calloc: large ones are fresh pages from the kernel, zero and untouched. */
static void *
zeroed(size_t size)
{
	void *memory = calloc(1, size);

	if (memory == NULL)
		abort();
	return memory;
}

#define uthash_malloc(size) zeroed(size)
#define uthash_bzero(memory, size)
#define uthash_fatal(message) abort()
#include <uthash.h>

enum {
	LEAVE_TRIES = 8, /* entries asked whether they may leave, an addition */
	BUCKETS_LOG2_MIN = 6,
	BUCKETS_LOG2_MAX = 30,
	WALK_BUCKETS_MAX = 65536, /* looked at in one call, 1 MiB */
};

struct entry {
	UT_hash_handle hh; /* hh.key points behind the value */
	unsigned char value[];
};

struct table {
	struct table_settings settings;
	struct entry *anchor; /* what follows it is the longest unused */
	uint64_t *marks; /* a bit for each bucket */
	size_t marked; /* bits set */
	size_t next_mark; /* bucket: where table_marked goes on */
};

/* The anchor holds the list; it is in no bucket, so that nobody finds it. */
static struct entry *
anchor_new(unsigned buckets_log2)
{
	struct entry *head = NULL, *anchor = zeroed(sizeof(*anchor));
	UT_hash_table *tbl;

	HASH_ADD_KEYPTR_BYHASHVALUE(hh, head, NULL, 0, 0, anchor);
	tbl = anchor->hh.tbl;
	free(tbl->buckets);
	tbl->log2_num_buckets = buckets_log2;
	tbl->num_buckets = 1U << buckets_log2;
	tbl->buckets = zeroed(tbl->num_buckets * sizeof(*tbl->buckets));
	tbl->noexpand = 1;
	return head;
}

static size_t
bucket_count(const struct table *table)
{
	return table->anchor->hh.tbl->num_buckets;
}

struct table *
table_new(const struct table_settings *settings)
{
	struct table *table = zeroed(sizeof(*table));
	unsigned log2 = BUCKETS_LOG2_MIN;

	while (log2 < BUCKETS_LOG2_MAX && (size_t)2 << log2 < settings->max)
		log2++;
	table->settings = *settings;
	table->anchor = anchor_new(log2);
	table->marks = zeroed(((size_t)1 << log2) / 8);
	return table;
}

void
table_free(struct table **table)
{
	struct entry *entry, *next;

	if (*table == NULL)
		return;
	for (entry = (*table)->anchor->hh.next; entry != NULL; entry = next) {
		next = entry->hh.next;
		free(entry);
	}
	free((*table)->anchor->hh.tbl->buckets);
	free((*table)->anchor->hh.tbl);
	free((*table)->anchor);
	free((*table)->marks);
	free(*table);
	*table = NULL;
}

size_t
table_count(const struct table *table)
{
	return table->anchor->hh.tbl->num_items - 1;
}

uint64_t
table_name(const struct table *table, const void *key, size_t len)
{
	return siphash(table->settings.seed, key, len);
}

static struct entry *
entry_of_handle(UT_hash_handle *hh)
{
	return ELMT_FROM_HH(hh->tbl, hh);
}

static struct entry *
entry_of(const void *value)
{
	return (struct entry *)((uintptr_t)value -
	    offsetof(struct entry, value));
}

static struct entry *
entry_find(const struct table *table, const void *key, size_t len,
    uint64_t name)
{
	struct entry *entry;

	assert(len > 0);
	HASH_FIND_BYHASHVALUE(hh, table->anchor, key, (unsigned)len,
	    (unsigned)name, entry);
	return entry;
}

static void
entry_unlink(struct table *table, struct entry *entry)
{
	assert(entry->hh.prev != NULL); /* the anchor is never the one */
	HASH_DELETE(hh, table->anchor, entry);
}

/* As the last used. */
static void
entry_link(struct table *table, struct entry *entry, const void *key,
    unsigned len, unsigned hash)
{
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, table->anchor, key, len, hash, entry);
}

static void
entry_touch(struct table *table, struct entry *entry)
{
	if (entry->hh.next == NULL)
		return;
	entry_unlink(table, entry);
	entry_link(table, entry, entry->hh.key, entry->hh.keylen,
	    entry->hh.hashv);
}

void *
table_find(struct table *table, const void *key, size_t len)
{
	struct entry *entry = entry_find(table, key, len,
	    table_name(table, key, len));

	if (entry == NULL)
		return NULL;
	entry_touch(table, entry);
	return entry->value;
}

void *
table_peek(const struct table *table, const void *key, size_t len)
{
	struct entry *entry = entry_find(table, key, len,
	    table_name(table, key, len));

	return entry == NULL ? NULL : entry->value;
}

/* Second chance: an entry that may not leave goes to the end of the row. */
static bool
make_room(struct table *table)
{
	for (int i = 0; i < LEAVE_TRIES; i++) {
		struct entry *entry = table->anchor->hh.next;

		if (table_count(table) < table->settings.max)
			return true;
		if (entry == NULL)
			return false;
		if (table->settings.may_leave == NULL ||
		    table->settings.may_leave(table->settings.ctx,
			entry->value)) {
			entry_unlink(table, entry);
			free(entry);
		} else {
			entry_touch(table, entry);
		}
	}
	return table_count(table) < table->settings.max;
}

/* One block: handle, value, key. */
static struct entry *
entry_new(size_t value_size, const void *key, size_t len)
{
	struct entry *entry = malloc(sizeof(*entry) + value_size + len);

	if (entry == NULL)
		abort();
	memset(entry, 0, sizeof(*entry) + value_size);
	memcpy(entry->value + value_size, key, len);
	return entry;
}

void *
table_add(struct table *table, const void *key, size_t len,
    size_t value_size)
{
	uint64_t name = table_name(table, key, len);
	struct entry *entry;

	assert(entry_find(table, key, len, name) == NULL);
	if (!make_room(table))
		return NULL;
	entry = entry_new(value_size, key, len);
	entry_link(table, entry, entry->value + value_size, (unsigned)len,
	    (unsigned)name);
	return entry->value;
}

void *
table_resize(struct table *table, void *value, size_t old_size,
    size_t new_size)
{
	struct entry *old = entry_of(value), *entry;

	assert(new_size >= old_size);
	entry = entry_new(new_size, old->hh.key, old->hh.keylen);
	memcpy(entry->value, old->value, old_size);
	entry_link(table, entry, entry->value + new_size, old->hh.keylen,
	    old->hh.hashv);
	entry_unlink(table, old);
	free(old);
	return entry->value;
}

void
table_remove(struct table *table, const void *key, size_t len)
{
	struct entry *entry = entry_find(table, key, len,
	    table_name(table, key, len));

	if (entry == NULL)
		return;
	entry_unlink(table, entry);
	free(entry);
}

static UT_hash_handle *
bucket_first(const struct table *table, size_t bucket)
{
	return table->anchor->hh.tbl->buckets[bucket].hh_head;
}

void *
table_by_name(const struct table *table, uint64_t name)
{
	size_t bucket = (unsigned)name & (bucket_count(table) - 1);
	UT_hash_handle *hh;

	for (hh = bucket_first(table, bucket); hh != NULL; hh = hh->hh_next) {
		if (hh->hashv == (unsigned)name &&
		    table_name(table, hh->key, hh->keylen) == name)
			return entry_of_handle(hh)->value;
	}
	return NULL;
}

/* An entry never changes its bucket. Returns how many there were. */
static size_t
bucket_walk(struct table *table, size_t bucket, table_fn fn, void *ctx)
{
	UT_hash_handle *hh = bucket_first(table, bucket), *next;
	size_t seen = 0;

	for (; hh != NULL; hh = next) {
		next = hh->hh_next;
		seen++;
		fn(ctx, hh->key, hh->keylen, entry_of_handle(hh)->value);
	}
	return seen;
}

void
table_walk(struct table *table, uint64_t *cursor, size_t budget, table_fn fn,
    void *ctx)
{
	size_t buckets = bucket_count(table), seen = 0;
	size_t bucket = *cursor < buckets ? (size_t)*cursor : buckets;
	size_t end = buckets - bucket > WALK_BUCKETS_MAX ?
	    bucket + WALK_BUCKETS_MAX : buckets;

	while (bucket < end && seen < budget)
		seen += bucket_walk(table, bucket++, fn, ctx);
	*cursor = bucket < buckets ? bucket : 0;
}

void
table_mark(struct table *table, const void *value)
{
	size_t bucket = entry_of(value)->hh.hashv & (bucket_count(table) - 1);
	uint64_t bit = UINT64_C(1) << bucket % 64;

	if ((table->marks[bucket / 64] & bit) == 0)
		table->marked++;
	table->marks[bucket / 64] |= bit;
}

bool
table_marked(struct table *table, size_t budget, table_fn fn, void *ctx)
{
	size_t buckets = bucket_count(table), seen = 0;

	while (table->marked > 0 && seen < budget) {
		size_t bucket = table->next_mark;
		uint64_t *word = &table->marks[bucket / 64];
		uint64_t bit = UINT64_C(1) << bucket % 64;

		if (*word == 0) {
			table->next_mark = (bucket / 64 + 1) * 64 % buckets;
			continue;
		}
		table->next_mark = (bucket + 1) % buckets;
		if ((*word & bit) == 0)
			continue;
		*word &= ~bit;
		table->marked--;
		seen += bucket_walk(table, bucket, fn, ctx);
	}
	return table->marked > 0;
}
