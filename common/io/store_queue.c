/*
 * The queue of the store: a hash table that remembers its order. Keys are
 * chosen by strangers, so the hash is keyed; its buckets are made at once,
 * since the event loop fills it and must not wait for a table that grows.
 */
#include "io/store_queue.h"

#include "core/siphash.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint8_t hash_key[16];

#define HASH_INITIAL_NUM_BUCKETS      32768U
#define HASH_INITIAL_NUM_BUCKETS_LOG2 15U
#define HASH_FUNCTION(key, len, hash)                                          \
	((hash) = (unsigned)siphash(hash_key, (key), (len)))
#define uthash_fatal(message) abort()
#include <uthash.h>

struct entry {
	struct store_record record; /* first: they are one */
	UT_hash_handle hh;
	char name[]; /* kind, NUL, key, NUL */
};

struct store_queue {
	struct entry *entries; /* kind and key -> record, oldest first */
};

static void
make_key(void)
{
	if (getrandom(hash_key, sizeof(hash_key), 0) != sizeof(hash_key))
		abort();
}

struct store_queue *
store_queue_new(void)
{
	struct store_queue *queue = calloc(1, sizeof(*queue));

	if (queue == NULL || pthread_once(&once, make_key) != 0)
		abort();
	return queue;
}

void
store_queue_free(struct store_queue **queuep)
{
	struct store_queue *queue = *queuep;
	struct store_record *next;

	if (queue == NULL)
		return;
	for (struct store_record *r = store_queue_take(queue); r != NULL;
	     r = next) {
		next = r->next;
		store_record_free(r);
	}
	free(queue);
	*queuep = NULL;
}

size_t
store_queue_count(const struct store_queue *queue)
{
	return HASH_COUNT(queue->entries);
}

static void
set_bytes(struct entry *entry, const void *bytes, size_t len)
{
	free(entry->record.bytes);
	entry->record.bytes = NULL;
	entry->record.len = len;
	if (len == 0)
		return;
	entry->record.bytes = malloc(len);
	if (entry->record.bytes == NULL)
		abort();
	memcpy(entry->record.bytes, bytes, len);
}

bool
store_queue_put(struct store_queue *queue, size_t max, const char *kind,
    const char *key, const void *bytes, size_t len)
{
	size_t kind_len = strlen(kind) + 1, key_len = strlen(key) + 1;
	struct entry *fresh, *entry;

	fresh = calloc(1, sizeof(*fresh) + kind_len + key_len);
	if (fresh == NULL)
		abort();
	memcpy(fresh->name, kind, kind_len);
	memcpy(fresh->name + kind_len, key, key_len);
	fresh->record.kind = fresh->name;
	fresh->record.key = fresh->name + kind_len;
	HASH_FIND(hh, queue->entries, fresh->name, kind_len + key_len, entry);
	if (entry != NULL) {
		free(fresh);
		set_bytes(entry, bytes, len);
		return true;
	}
	if (store_queue_count(queue) >= max) {
		free(fresh);
		return false;
	}
	set_bytes(fresh, bytes, len);
	HASH_ADD(hh, queue->entries, name, kind_len + key_len, fresh);
	return true;
}

struct store_record *
store_queue_take(struct store_queue *queue)
{
	struct entry *first = queue->entries;

	for (struct entry *e = first; e != NULL; e = e->hh.next)
		e->record.next = e->hh.next;
	HASH_CLEAR(hh, queue->entries);
	return first == NULL ? NULL : &first->record;
}

void
store_queue_give_back(struct store_queue *queue, struct store_record *record)
{
	struct entry *entry = (struct entry *)record, *later;
	unsigned len = entry->hh.keylen;

	HASH_FIND(hh, queue->entries, entry->name, len, later);
	if (later != NULL)
		store_record_free(record);
	else
		HASH_ADD(hh, queue->entries, name, len, entry);
}

void
store_record_free(struct store_record *record)
{
	if (record == NULL)
		return;
	free(record->bytes);
	free(record);
}
