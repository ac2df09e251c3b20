/*
 * Durable state: records by kind and key in one SQLite database (WAL), written
 * behind the caller by a thread of its own.
 *
 * A flush is one transaction and on disk when it is done (synchronous=FULL):
 * at one every few seconds that costs nothing, and an order needs no other way.
 *
 * And if it is away? A damaged or foreign file is said in one line, set aside
 * (NAME.damaged-TIME) and started fresh, also when it turns out at run time. A
 * disk that is full or gone, or a file that cannot be opened, loses nothing in
 * memory: the write is tried again each flush, said once, and once when it is
 * well again.
 *
 * One thread calls all of this; none of it waits for the disk but store_open,
 * store_load and store_close. A put that begins or fills a queue is the
 * longest: some 10 us.
 */
#ifndef WEIR_IO_STORE_H
#define WEIR_IO_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STORE_QUEUE_MAX = 100000, STORE_RECORD_MAX = 65536,
	STORE_KINDS_MAX = 8 };

struct store;

/*
 * Opens or makes DIRECTORY/weir.db. Never NULL: where it cannot be opened now
 * that is said, and it is tried again with each flush.
 */
struct store *store_open(const char *directory);

/* Writes what is queued, then closes. */
void store_close(struct store **);

typedef void (*store_fn)(void *ctx, const char *key, const void *record,
    size_t len);

/*
 * Every record of a kind (a literal), in the order of the keys; before the
 * first flush only, and for at most STORE_KINDS_MAX kinds. What was put since
 * store_open does not show. When the file could not be opened, fn and ctx are
 * kept, and store_late gives them what is found when it can be.
 */
void store_load(struct store *, const char *kind, store_fn, void *ctx);

/*
 * The records of a file that was opened late, about max a call, in the order of
 * the calls of store_load; true when there are more. Nothing is written
 * meanwhile. To be called when store_fd is readable.
 */
bool store_late(struct store *, unsigned max);

/*
 * Queues a record (copied); a later one of the same kind and key replaces it.
 * False when the queue is full or the record is beyond STORE_RECORD_MAX: try
 * again after the next flush. len 0 removes. A queue half full is written
 * without being asked.
 */
bool store_put(struct store *, const char *kind, const char *key,
    const void *record, size_t len);

/* How many new names a put takes for sure before the next flush. */
size_t store_room(struct store *);

/*
 * Asks for everything queued so far to be on disk. The number (1, 2, ...)
 * comes out of store_done, each once and in order, which is called when
 * store_fd is readable until it says false; ok_r false when the write failed
 * (it stays queued).
 */
uint64_t store_flush(struct store *);
int store_fd(const struct store *);
bool store_done(struct store *, uint64_t *number_r, bool *ok_r);

/*
 * True once after the file was started fresh at run time: what was written
 * before is set aside with the old one, so everything is to be put again.
 */
bool store_renewed(struct store *);

/* What was put last did not get there: all since is in memory alone. */
bool store_failing(struct store *);

/* Of the database; the store's own. */
const char *store_path(const struct store *);

#endif
