/*
 * Durable state: records by kind and key in one SQLite database (WAL), written
 * behind the caller by a thread of its own.
 *
 * And if it is away? A damaged or foreign file is said in one line, set aside
 * (NAME.damaged-TIME) and started fresh. A disk that is full or gone loses
 * nothing in memory: the write is tried again each flush, said once.
 */
#ifndef WEIR_IO_STORE_H
#define WEIR_IO_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STORE_QUEUE_MAX = 100000, STORE_RECORD_MAX = 65536 };

struct store;

/*
 * Opens or makes DIRECTORY/weir.db. NULL with a log line when the directory
 * cannot be used at all.
 */
struct store *store_open(const char *directory);

/* Writes what is queued, then closes. */
void store_close(struct store **);

/* Every record of a kind; before the loop starts only. */
typedef void (*store_fn)(void *ctx, const char *key, const void *record,
    size_t len);
void store_load(struct store *, const char *kind, store_fn, void *ctx);

/*
 * Queues a record (copied); a later one of the same kind and key replaces it.
 * False when the queue is full: try again after the next flush. len 0 removes.
 */
bool store_put(struct store *, const char *kind, const char *key,
    const void *record, size_t len);

/*
 * Asks for everything queued so far to be on disk. The number comes out of
 * store_done, which is called when store_fd is readable; ok_r false when the
 * write failed (it stays queued).
 */
uint64_t store_flush(struct store *);
int store_fd(const struct store *);
bool store_done(struct store *, uint64_t *number_r, bool *ok_r);

const char *store_path(const struct store *);

#endif
