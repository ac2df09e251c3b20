/*
 * Records waiting to be written, by kind and key, the last one of each. Not
 * thread-safe: io/store.c locks it.
 */
#ifndef WEIR_IO_STORE_QUEUE_H
#define WEIR_IO_STORE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct store_queue;

struct store_record {
	struct store_record *next; /* of those taken */
	const char *kind, *key;
	void *bytes;
	size_t len; /* 0: to be removed */
};

struct store_queue *store_queue_new(void);
void store_queue_free(struct store_queue **);
size_t store_queue_count(const struct store_queue *);

/* False when there would be more than max. */
bool store_queue_put(struct store_queue *, size_t max, const char *kind,
    const char *key, const void *bytes, size_t len);

/* All of them, in the order they came; the queue is empty afterwards. */
struct store_record *store_queue_take(struct store_queue *);

/* One taken comes back, unless a later one came meanwhile; it is freed. */
void store_queue_give_back(struct store_queue *, struct store_record *);
void store_record_free(struct store_record *);

#endif
