/*
 * Order of service on the event loop. State sockets come before policy
 * sockets, so that DATA sees what the milter said of every recipient; probes,
 * timers and the mail log come last.
 *
 * libevent's priorities are strict: as long as an event of a lower number is
 * ready none of a higher is served, so who serves strangers at the front steps
 * back now and then (the state server does, see io/state_server.h). And left
 * to itself it serves a queue until that is empty: an event that makes itself
 * active again (work in slices) would keep it from ever looking at its
 * descriptors. loop_new makes it look after 64 callbacks or a millisecond.
 */
#ifndef WEIR_IO_LOOP_H
#define WEIR_IO_LOOP_H

#include "core/span.h"

#include <event2/event.h>

#include <stdint.h>

enum loop_priority {
	LOOP_PRIORITY_STATE,
	LOOP_PRIORITY_POLICY,
	LOOP_PRIORITY_REST,
	LOOP_PRIORITIES
};

/*
 * How long the loop was busy between two looks at its descriptors, which is as
 * long as a client may have to wait before anybody sees that it said something.
 */
enum { LOOP_BUCKETS = 12 }; /* the last has no bound */

struct loop_gauge {
	uint64_t turns;
	struct span busy; /* all of them together */
	struct span longest; /* since the start */
	struct span longest_lately; /* in the last minute or two */
	uint64_t buckets[LOOP_BUCKETS]; /* turns up to their bound */
};

extern const struct span loop_bounds[LOOP_BUCKETS - 1];

/* Of this process, which has one loop. */
struct loop_gauge loop_gauge(void);

/* Aborts when there is none to be had. Freed by event_base_free. */
struct event_base *loop_new(void);

/*
 * event_new of that priority, to be event_free'd; fd -1: a timer, or what is
 * made active by hand. Aborts when there is none to be had. A base with fewer
 * levels gives its last one.
 */
struct event *loop_event_new(struct event_base *, enum loop_priority, int fd,
    short what, event_callback_fn, void *ctx);

#endif
