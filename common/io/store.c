/*
 * The store's two sides: callers on the event loop, who only ever touch the
 * queue under a short lock, and the writer, who alone touches the file.
 *
 * The writer swaps the whole queue for an empty one and writes what it took
 * without the lock. What could not be written goes back a few at a time, unless
 * a later record of the same name has come: the lock is never held for long.
 */
#include "io/store.h"

#include "io/log.h"
#include "io/store_file.h"
#include "io/store_queue.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { GIVE_BACK_AT_ONCE = 64 };

struct outcome { /* of the flushes up to a number */
	struct outcome *next;
	uint64_t up_to;
	bool ok;
};

struct wanted { /* a kind that was asked for before it could be read */
	const char *kind;
	store_fn fn;
	void *ctx;
};

struct store {
	struct store_file *file; /* the writer's, once it runs */
	bool unread;             /* the writer's: what it holds is not known */
	struct wanted wanted[STORE_KINDS_MAX]; /* no more once it runs */
	unsigned nwanted;
	bool running;            /* the caller's */
	pthread_t writer;
	int fd;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	struct store_queue *queue;
	bool pressing; /* half full: write without being asked */
	bool stop;
	bool renewed;
	bool failing;             /* it was said; set by the writer alone */
	uint64_t asked;           /* the last flush asked for */
	uint64_t finished;        /* the last one tried */
	uint64_t told;            /* the last one store_done gave out */
	struct outcome *outcomes; /* of those finished and not told */
	struct store_record *found; /* in a file that was opened late */
};

static void
lock(struct store *store)
{
	(void)pthread_mutex_lock(&store->lock);
}

static void
unlock(struct store *store)
{
	(void)pthread_mutex_unlock(&store->lock);
}

/* --- the writer --- */

struct finding {
	struct store_queue *queue;
	const char *kind;
};

static void
found_cb(void *ctx, const char *key, const void *record, size_t len)
{
	struct finding *finding = ctx;

	(void)store_queue_put(finding->queue, SIZE_MAX, finding->kind, key,
	    record, len);
}

/*
 * The file is open at last. What an earlier run left in it is handed to the
 * caller before anything is written over it; of a damaged one what was read.
 */
static int
read_late(struct store *store)
{
	struct finding finding = { .queue = store_queue_new() };
	int result = 0;

	for (unsigned i = 0; i < store->nwanted && result == 0; i++) {
		finding.kind = store->wanted[i].kind;
		result = store_file_load(store->file, finding.kind, found_cb,
		    &finding);
	}
	store->unread = false;
	lock(store);
	store->found = store_queue_take(finding.queue);
	unlock(store);
	store_queue_free(&finding.queue);
	return result;
}

static bool
is_handing_out(struct store *store)
{
	bool handing_out;

	lock(store);
	handing_out = store->found != NULL;
	unlock(store);
	return handing_out;
}

static int
write_once(struct store *store, const struct store_record *records)
{
	struct store_file *file = store->file;

	if (store_file_begin(file) == -1 ||
	    (store->unread && read_late(store) == -1) ||
	    is_handing_out(store))
		return -1;
	for (const struct store_record *r = records; r != NULL; r = r->next) {
		if (store_file_put(file, r->kind, r->key, r->bytes,
		    r->len) == -1)
			return -1;
	}
	return store_file_commit(file);
}

static void
say_change(struct store *store, bool ok)
{
	if (ok && store->failing)
		log_info("%s: written again, nothing was lost",
		    store_file_path(store->file));
	else if (!ok && !store->failing)
		log_error("%s: cannot be written: %s; kept in memory, tried "
		    "again each flush", store_file_path(store->file),
		    store_file_why(store->file));
	lock(store);
	store->failing = !ok;
	unlock(store);
}

static bool
write_all(struct store *store, const struct store_record *records)
{
	unsigned opens = store_file_opens(store->file);
	int result = write_once(store, records);

	if (result == -1) {
		store_file_rollback(store->file);
		if (store_file_renew(store->file))
			result = write_once(store, records);
		if (result == -1)
			store_file_rollback(store->file);
	}
	say_change(store, result == 0);
	lock(store);
	if (store_file_opens(store->file) != opens)
		store->renewed = true;
	unlock(store);
	return result == 0;
}

static void
give_back(struct store *store, struct store_record *records)
{
	while (records != NULL) {
		lock(store);
		for (int i = 0; i < GIVE_BACK_AT_ONCE && records != NULL; i++) {
			struct store_record *next = records->next;

			store_queue_give_back(store->queue, records);
			records = next;
		}
		unlock(store);
	}
}

static void
free_all(struct store_record *records)
{
	while (records != NULL) {
		struct store_record *next = records->next;

		store_record_free(records);
		records = next;
	}
}

/* Locked. A caller is told of each of its flushes, of none twice. */
static void
finish(struct store *store, uint64_t number, bool ok)
{
	struct outcome *outcome, **last = &store->outcomes;

	if (number == store->finished)
		return;
	outcome = malloc(sizeof(*outcome));
	if (outcome == NULL)
		abort();
	*outcome = (struct outcome){ NULL, number, ok };
	while (*last != NULL)
		last = &(*last)->next;
	*last = outcome;
	store->finished = number;
	(void)eventfd_write(store->fd, 1);
}

/* Locked on entry and return. */
static void
write_queue(struct store *store)
{
	struct store_queue *full = store->queue;
	uint64_t number = store->asked;
	struct store_record *records;
	bool ok;

	store->queue = store_queue_new();
	store->pressing = false;
	unlock(store);
	records = store_queue_take(full);
	store_queue_free(&full);
	ok = write_all(store, records);
	if (ok)
		free_all(records);
	else
		give_back(store, records);
	lock(store);
	finish(store, number, ok);
}

static void *
writer(void *arg)
{
	struct store *store = arg;
	bool stop;

	lock(store);
	do {
		while (store->asked == store->finished && !store->pressing &&
		    !store->stop)
			(void)pthread_cond_wait(&store->wake, &store->lock);
		stop = store->stop;
		if (!stop || store_queue_count(store->queue) > 0 ||
		    store->asked != store->finished)
			write_queue(store);
	} while (!stop);
	unlock(store);
	return NULL;
}

/* Signals are for the loop's thread. */
static void
start_writer(struct store *store)
{
	sigset_t all, before;

	if (store->running)
		return;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&store->writer, NULL, writer, store) != 0)
		abort();
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	store->running = true;
}

/* --- its callers --- */

struct store *
store_open(const char *directory)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		abort();
	store->file = store_file_new(directory);
	store->queue = store_queue_new();
	store->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (store->fd == -1)
		abort();
	(void)pthread_mutex_init(&store->lock, NULL);
	(void)pthread_cond_init(&store->wake, NULL);
	store->unread = store_file_open(store->file) == -1;
	if (store->unread)
		say_change(store, false);
	return store;
}

void
store_close(struct store **storep)
{
	struct store *store = *storep;
	struct outcome *outcome;

	if (store == NULL)
		return;
	start_writer(store);
	lock(store);
	store->stop = true;
	(void)pthread_cond_signal(&store->wake);
	unlock(store);
	(void)pthread_join(store->writer, NULL);
	if (store_queue_count(store->queue) > 0)
		log_error("%s: %zu records could not be written and are lost",
		    store_path(store), store_queue_count(store->queue));
	while ((outcome = store->outcomes) != NULL) {
		store->outcomes = outcome->next;
		free(outcome);
	}
	free_all(store->found);
	store_file_free(&store->file);
	store_queue_free(&store->queue);
	(void)close(store->fd);
	(void)pthread_cond_destroy(&store->wake);
	(void)pthread_mutex_destroy(&store->lock);
	free(store);
	*storep = NULL;
}

void
store_load(struct store *store, const char *kind, store_fn fn, void *ctx)
{
	if (store->running)
		abort(); /* the file is the writer's */
	if (store->unread) {
		if (store->nwanted == STORE_KINDS_MAX)
			abort();
		store->wanted[store->nwanted++] =
		    (struct wanted) { kind, fn, ctx };
		return;
	}
	if (store_file_load(store->file, kind, fn, ctx) == 0 || store->failing)
		return;
	/* what was read until then stays; the rest is in what is set aside */
	if (!store_file_renew(store->file))
		say_change(store, false);
	store->renewed = true;
}

/* The record is of one of the kinds that are wanted. */
static void
hand_out(const struct store *store, const struct store_record *record)
{
	const struct wanted *wanted = store->wanted;

	while (strcmp(wanted->kind, record->kind) != 0)
		wanted++;
	wanted->fn(wanted->ctx, record->key, record->bytes, record->len);
}

bool
store_late(struct store *store, unsigned max)
{
	struct store_record *record;

	lock(store);
	record = store->found;
	unlock(store);
	for (; record != NULL && max > 0; max--) {
		struct store_record *next = record->next;

		hand_out(store, record);
		store_record_free(record);
		record = next;
	}
	lock(store);
	store->found = record;
	unlock(store);
	return record != NULL;
}

size_t
store_room(struct store *store)
{
	size_t count;

	lock(store);
	count = store_queue_count(store->queue);
	unlock(store);
	return count < STORE_QUEUE_MAX ? STORE_QUEUE_MAX - count : 0;
}

bool
store_put(struct store *store, const char *kind, const char *key,
    const void *record, size_t len)
{
	bool taken;

	if (len > STORE_RECORD_MAX)
		return false;
	lock(store);
	taken = store_queue_put(store->queue, STORE_QUEUE_MAX, kind, key,
	    record, len);
	if (store_queue_count(store->queue) == STORE_QUEUE_MAX / 2 &&
	    store->running) {
		store->pressing = true;
		(void)pthread_cond_signal(&store->wake);
	}
	unlock(store);
	return taken;
}

uint64_t
store_flush(struct store *store)
{
	uint64_t number;

	start_writer(store);
	lock(store);
	number = ++store->asked;
	(void)pthread_cond_signal(&store->wake);
	unlock(store);
	return number;
}

int
store_fd(const struct store *store)
{
	return store->fd;
}

bool
store_done(struct store *store, uint64_t *number_r, bool *ok_r)
{
	struct outcome *outcome;
	eventfd_t ignored;

	lock(store);
	outcome = store->outcomes;
	if (outcome == NULL) {
		(void)eventfd_read(store->fd, &ignored);
		unlock(store);
		return false;
	}
	*number_r = ++store->told;
	*ok_r = outcome->ok;
	if (outcome->up_to == store->told) {
		store->outcomes = outcome->next;
		free(outcome);
	}
	unlock(store);
	return true;
}

bool
store_renewed(struct store *store)
{
	bool renewed;

	lock(store);
	renewed = store->renewed;
	store->renewed = false;
	unlock(store);
	return renewed;
}

bool
store_failing(struct store *store)
{
	bool failing;

	lock(store);
	failing = store->failing;
	unlock(store);
	return failing;
}

const char *
store_path(const struct store *store)
{
	return store_file_path(store->file);
}
