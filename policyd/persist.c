/*
 * What goes to the store, and when. The store writes in its own thread; here
 * records are only made, a slice of counters a wake-up.
 */
#include "persist.h"

#include "host_record.h"
#include "io/clock.h"
#include "io/log.h"
#include "io/loop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A walk of so many entries may come to a few more, hence the room. */
enum { SLICE = 200, SLICE_ROOM = 4 * SLICE, SWEEP = 1000 };
enum { ORDERS_MAX = 64, CLOCK_RECORD_VERSION = 1 };
enum { RESET_ROOM = THROTTLES_MAX + 2 * LISTENERS_MAX }; /* all rules */

static const char kind_clock[] = "clock";
static const char kind_host[] = "host";
static const char kind_limit[] = "limit";

/* Which clock the points on it in all other records are of. */
struct clock_record {
	uint32_t version;
	char boot_id[BOOT_ID_MAX];
	int64_t mono;
	int64_t wall;
};

struct waiting_order { /* an order that is answered when it is on disk */
	uint64_t flush;
	uint64_t ticket;
};

struct written { /* a host as the disk has it, or will */
	size_t len; /* 0: not yet */
	struct host_record record;
};

struct persist {
	struct daemon *daemon;
	char boot_id[BOOT_ID_MAX];
	struct span shift; /* of what is read back */
	bool late; /* that is read while the model is in use */
	unsigned refused; /* records that were not what they should be */
	struct event *interval;
	struct span every; /* what that is set to */
	struct event *slice;
	struct event *done;
	bool touching; /* the store began anew and lacks the counters */
	uint64_t touched; /* how far limits_touch has come */
	struct written *written; /* by host */
	size_t nwritten;
	struct waiting_order orders[ORDERS_MAX];
	unsigned norders;
};

/* --- reading back --- */

/* Across boots only the other clock tells how much time has passed. */
static struct span
shift_of(const struct clock_record *record, const char *boot_id,
    struct now now)
{
	int64_t passed = now.wall.us - record->wall;

	if (boot_id[0] != '\0' && strcmp(record->boot_id, boot_id) == 0)
		return span_us(0);
	return span_us(now.mono.us - record->mono - (passed > 0 ? passed : 0));
}

static void
load_clock(void *ctx, const char *key, const void *bytes, size_t len)
{
	struct persist *persist = ctx;
	struct clock_record record;

	if (strcmp(key, kind_clock) != 0 || len != sizeof(record))
		return;
	memcpy(&record, bytes, sizeof(record));
	if (record.version == CLOCK_RECORD_VERSION &&
	    record.boot_id[BOOT_ID_MAX - 1] == '\0' &&
	    time_is_sane(record.mono) && time_is_sane(record.wall))
		persist->shift = shift_of(&record, persist->boot_id,
		    clock_now());
}

/* Of a host that is not configured nothing is taken; its record stays. */
static void
load_host(void *ctx, const char *key, const void *record, size_t len)
{
	struct persist *persist = ctx;
	struct daemon *daemon = persist->daemon;
	struct hosts *hosts = &daemon->model.hosts;
	struct host *host = hosts_find(hosts, key);
	int result = 0;

	if (host != NULL && persist->late) {
		result = host_record_add(hosts, host, record, len,
		    clock_now());
		daemon_health_changed(daemon);
	} else if (host != NULL) {
		result = host_record_take(hosts, host, record, len,
		    &daemon->config->health, persist->shift,
		    clock_now().mono);
	}
	if (result != 0)
		persist->refused++;
}

static void
load_limit(void *ctx, const char *name, const void *record, size_t len)
{
	struct persist *persist = ctx;
	struct daemon *daemon = persist->daemon;
	const char *tab = strchr(name, '\t');
	char rule[RULE_MAX_LEN + 1];

	if (tab != NULL && tab - name <= RULE_MAX_LEN) {
		memcpy(rule, name, (size_t)(tab - name));
		rule[tab - name] = '\0';
		if (limits_load(daemon->model.gate.limits, daemon->config,
		    rule, tab + 1, record, len, persist->shift,
		    clock_now()) == 0)
			return;
	}
	/* of a rule that is gone, or nothing is left of it */
	(void)store_put(daemon->store, kind_limit, name, NULL, 0);
}

static void
say_refused(struct persist *persist)
{
	if (persist->refused != 0)
		log_warning("%s: %u records of hosts cannot be read, those "
		    "hosts start afresh", store_path(persist->daemon->store),
		    persist->refused);
	persist->refused = 0;
}

static void
load_all(struct persist *persist)
{
	struct store *store = persist->daemon->store;

	store_load(store, kind_clock, load_clock, persist);
	store_load(store, kind_host, load_host, persist);
	store_load(store, kind_limit, load_limit, persist);
	say_refused(persist);
	persist->late = true;
}

/* A file that could not be opened before. False while there is more of it. */
static bool
load_late(struct persist *persist)
{
	bool more = store_late(persist->daemon->store, SLICE);

	say_refused(persist);
	return !more;
}

/* --- writing --- */

/* len 0: nothing is counted any more. */
static void
put_limit(void *ctx, const char *rule, const char *key, const void *record,
    size_t len)
{
	struct persist *persist = ctx;
	char name[RULE_MAX_LEN + LIMIT_KEY_MAX + 2];

	if (persist->daemon->store == NULL)
		return;
	(void)snprintf(name, sizeof(name), "%s\t%s", rule, key);
	(void)store_put(persist->daemon->store, kind_limit, name, record,
	    len);
}

/* False when the store cannot take it now. */
static bool
put_host(struct persist *persist, size_t index)
{
	const struct host *host = &persist->daemon->model.hosts.list[index];
	struct written *written = &persist->written[index];
	struct host_record record;
	size_t len = host_record_make(host, &record);

	if (len == written->len && memcmp(&record, &written->record, len) == 0)
		return true;
	if (!store_put(persist->daemon->store, kind_host, host->name, &record,
	    len))
		return false;
	written->len = len;
	memcpy(&written->record, &record, len);
	return true;
}

static void
put_clock(struct persist *persist)
{
	struct now now = clock_now();
	struct clock_record record;

	memset(&record, 0, sizeof(record));
	record.version = CLOCK_RECORD_VERSION;
	memcpy(record.boot_id, persist->boot_id, sizeof(record.boot_id));
	record.mono = now.mono.us;
	record.wall = now.wall.us;
	(void)store_put(persist->daemon->store, kind_clock, kind_clock,
	    &record, sizeof(record));
}

static void
put_hosts(struct persist *persist)
{
	size_t count = persist->daemon->model.hosts.count;

	/* after a reload other hosts stand at these places */
	if (persist->nwritten != count) {
		free(persist->written);
		persist->written = calloc(count + 1,
		    sizeof(persist->written[0]));
		if (persist->written == NULL)
			abort();
		persist->nwritten = count;
	}
	for (size_t i = 0; i < count; i++)
		(void)put_host(persist, i);
}

/*
 * True when there is more to do now. A counter that is handed out is forgotten
 * until it changes again, so none is while the store has no room for it; the
 * next interval goes on.
 */
static bool
put_slice(struct persist *persist)
{
	struct limits *limits = persist->daemon->model.gate.limits;

	if (store_room(persist->daemon->store) < SLICE_ROOM)
		return false;
	if (persist->touching) {
		limits_touch(limits, &persist->touched, SLICE);
		persist->touching = persist->touched != 0;
	}
	return limits_dump(limits, SLICE, put_limit, persist) ||
	    persist->touching;
}

static void
slice_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct persist *persist = ctx;

	(void)fd;
	(void)what;
	if (put_slice(persist)) {
		event_active(persist->slice, EV_TIMEOUT, 0);
		return;
	}
	put_hosts(persist);
	put_clock(persist);
	(void)store_flush(persist->daemon->store);
}

static void
interval_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct persist *persist = ctx;

	(void)fd;
	(void)what;
	event_active(persist->slice, EV_TIMEOUT, 0);
}

void
persist_sweep(struct persist *persist)
{
	struct daemon *daemon = persist->daemon;

	if (daemon->store != NULL &&
	    store_room(daemon->store) < (size_t)2 * SWEEP)
		return;
	limits_sweep(daemon->model.gate.limits, SWEEP, clock_now(), put_limit,
	    persist);
}

/* --- orders --- */

static void
answer_order(struct state_peer *peer, bool ok)
{
	if (peer == NULL)
		return;
	if (ok)
		state_reply_ok(peer);
	else
		state_reply_error(peer, "ERR the order is in force, but could "
		    "not be written: it is lost with the next restart");
}

static void
done_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct persist *persist = ctx;
	struct daemon *daemon = persist->daemon;
	uint64_t number;
	bool ok;

	(void)fd;
	(void)what;
	if (!load_late(persist))
		event_active(persist->done, EV_READ, 0);
	/* a new file lacks everything: the next slices write it again */
	if (store_renewed(daemon->store)) {
		persist->nwritten = 0;
		put_hosts(persist);
		persist->touching = true;
		persist->touched = 0;
	}
	while (store_done(daemon->store, &number, &ok)) {
		for (unsigned i = persist->norders; i-- > 0;) {
			struct waiting_order order = persist->orders[i];

			if (order.flush > number)
				continue;
			persist->orders[i] =
			    persist->orders[--persist->norders];
			answer_order(state_resume(daemon->server,
			    order.ticket), ok);
		}
	}
}

/* The peer is answered when all that was put so far is on disk. */
static void
answer_later(struct persist *persist, struct state_peer *peer)
{
	put_clock(persist);
	persist->orders[persist->norders++] = (struct waiting_order) {
		.flush = store_flush(persist->daemon->store),
		.ticket = state_suspend(peer),
	};
}

unsigned
persist_reset(struct daemon *daemon, const char *rule, const char *key,
    struct state_peer *peer)
{
	struct persist *persist = daemon->persist;
	bool room = daemon->store == NULL ||
	    store_room(daemon->store) >= RESET_ROOM;
	unsigned n = limits_reset(daemon->model.gate.limits, daemon->config,
	    rule, key, clock_now(), put_limit, persist);

	if (n == 0)
		return 0;
	if (daemon->store == NULL)
		state_reply_ok(peer);
	else if (!room || persist->norders == ORDERS_MAX)
		answer_order(peer, false);
	else
		answer_later(persist, peer);
	return n;
}

void
persist_order(struct daemon *daemon, const struct host *host,
    struct state_peer *peer)
{
	struct persist *persist = daemon->persist;
	size_t index = (size_t)(host - daemon->model.hosts.list);

	if (daemon->store == NULL) {
		state_reply_ok(peer);
		return;
	}
	if (persist->norders == ORDERS_MAX || index >= persist->nwritten ||
	    !put_host(persist, index)) {
		answer_order(peer, false);
		return;
	}
	answer_later(persist, peer);
}

/* --- life --- */

static struct event *
rest_event(struct persist *persist, int fd, short what, event_callback_fn fn)
{
	return loop_event_new(persist->daemon->base, LOOP_PRIORITY_REST, fd,
	    what, fn, persist);
}

void
persist_reload(struct persist *persist)
{
	struct span interval =
	    persist->daemon->config->state.flush_interval;
	struct timeval tv = { .tv_sec = interval.us / SPAN_SECOND,
		.tv_usec = interval.us % SPAN_SECOND };

	if (persist->daemon->store == NULL)
		return;
	persist->nwritten = 0;
	free(persist->written);
	persist->written = NULL;
	put_hosts(persist);
	/*
	 * Set anew it begins anew: reload upon reload would keep everything
	 * from the disk.
	 */
	if (interval.us != persist->every.us)
		(void)event_add(persist->interval, &tv);
	persist->every = interval;
}

struct persist *
persist_new(struct daemon *daemon)
{
	struct persist *persist = calloc(1, sizeof(*persist));

	if (persist == NULL)
		abort();
	persist->daemon = daemon;
	if (daemon->store == NULL)
		return persist;
	clock_boot_id(persist->boot_id);
	load_all(persist);
	persist->interval = rest_event(persist, -1, EV_PERSIST, interval_cb);
	persist->slice = rest_event(persist, -1, 0, slice_cb);
	persist->done = rest_event(persist, store_fd(daemon->store),
	    EV_READ | EV_PERSIST, done_cb);
	(void)event_add(persist->done, NULL);
	persist_reload(persist);
	return persist;
}

/* At the end, when waiting for the writer holds nobody up. */
static void
put_rest(struct persist *persist)
{
	struct store *store = persist->daemon->store;
	struct pollfd written = { .fd = store_fd(store), .events = POLLIN };
	uint64_t number;
	bool ok = true;

	while (put_slice(persist) || store_room(store) < SLICE_ROOM) {
		if (store_room(store) >= SLICE_ROOM)
			continue;
		(void)store_flush(store);
		if (poll(&written, 1, -1) == -1 && errno != EINTR)
			return;
		while (store_done(store, &number, &ok))
			continue;
		if (!ok)
			return; /* said by the store: the disk takes nothing */
	}
}

void
persist_free(struct persist **persistp)
{
	struct persist *persist = *persistp;

	if (persist == NULL)
		return;
	if (persist->daemon->store != NULL) {
		while (!load_late(persist))
			continue;
		put_rest(persist);
		put_hosts(persist);
		put_clock(persist);
		event_free(persist->interval);
		event_free(persist->slice);
		event_free(persist->done);
	}
	free(persist->written);
	free(persist);
	*persistp = NULL;
}
