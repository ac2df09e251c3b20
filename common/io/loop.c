/*
 * The event loop's base, and how long its turns are.
 *
 * libevent 2.1 has no hook around its wait (2.2 has, evwatch), and an event of
 * ours sees no more than its own turn. But the wait is a call of epoll_wait(2)
 * through the dynamic linker, which takes the program's own before the C
 * library's: the one below. Nobody else in this process calls it.
 */
#include "io/loop.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

#define LATELY span_s(60)

static struct {
	struct loop_gauge gauge;
	bool busy;
	struct mono since; /* the turn in progress */
	struct mono minute; /* began then */
	struct span before; /* the longest turn of the minute before */
} turns;

const struct span loop_bounds[LOOP_BUCKETS - 1] = { { 100 }, { 250 }, { 500 },
	{ 1000 }, { 2500 }, { 5000 }, { 10000 }, { 25000 }, { 50000 },
	{ 100000 }, { 1000000 } };

/* As cheap as can be: twice a turn. While suspended nobody waits. */
static struct mono
clock_awake(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (struct mono) { ts.tv_sec * SPAN_SECOND + ts.tv_nsec / 1000 };
}

static struct span
longer(struct span a, struct span b)
{
	return a.us > b.us ? a : b;
}

static void
begin_minute(struct mono now)
{
	bool next = mono_since(now, turns.minute).us < 2 * LATELY.us;

	turns.before = next ? turns.gauge.longest_lately : span_s(0);
	turns.gauge.longest_lately = span_s(0);
	turns.minute = now;
}

static void
turn_ends(void)
{
	struct mono now = clock_awake();
	struct span length = mono_since(now, turns.since);
	int bucket = 0;

	if (!turns.busy)
		return;
	if (mono_since(now, turns.minute).us >= LATELY.us)
		begin_minute(now);
	while (bucket < LOOP_BUCKETS - 1 &&
	    length.us > loop_bounds[bucket].us)
		bucket++;
	turns.gauge.buckets[bucket]++;
	turns.gauge.turns++;
	turns.gauge.busy.us += length.us;
	turns.gauge.longest = longer(turns.gauge.longest, length);
	turns.gauge.longest_lately =
	    longer(turns.gauge.longest_lately, length);
}

int
epoll_wait(int epoll, struct epoll_event *events, int max, int timeout)
{
	int count;

	turn_ends();
	count = epoll_pwait(epoll, events, max, timeout, NULL);
	turns.since = clock_awake();
	turns.busy = true;
	return count;
}

struct loop_gauge
loop_gauge(void)
{
	struct loop_gauge gauge = turns.gauge;

	gauge.longest_lately = longer(gauge.longest_lately, turns.before);
	return gauge;
}

struct event_base *
loop_new(void)
{
	static const struct timeval longest = { .tv_usec = 1000 };
	struct event_config *config = event_config_new();
	struct event_base *base;

	/* 0: for events of every priority */
	if (config == NULL || event_config_set_max_dispatch_interval(
				  config, &longest, 64, 0) == -1)
		abort();
	base = event_base_new_with_config(config);
	event_config_free(config);
	if (base == NULL ||
	    event_base_priority_init(base, LOOP_PRIORITIES) == -1)
		abort();
	return base;
}

struct event *
loop_event_new(struct event_base *base, enum loop_priority priority, int fd,
    short what, event_callback_fn fn, void *ctx)
{
	struct event *event = event_new(base, fd, what, fn, ctx);
	int levels = event_base_get_npriorities(base);

	if (event == NULL)
		abort();
	(void)event_priority_set(event, (int)priority < levels ?
	    (int)priority : levels - 1);
	return event;
}
