/*
 * The one way our event loop takes connections: with a cap, and with a pause
 * instead of a spin when the descriptor table is full.
 *
 * Served at LOOP_PRIORITY_POLICY (io/loop.h). What it has to complain of is
 * logged once a minute at most.
 */
#ifndef WEIR_IO_ACCEPTOR_H
#define WEIR_IO_ACCEPTOR_H

#include <event2/event.h>
#include <stdint.h>

struct acceptor;

/*
 * fd: listening, non-blocking; owned from now on. accepted gets a
 * non-blocking, close-on-exec descriptor and owns it; it calls acceptor_gone
 * when it has closed it. Beyond max open ones new clients wait in the backlog.
 * name stands in log lines, and is copied: it is of a configuration that a
 * reload frees.
 */
struct acceptor *acceptor_new(struct event_base *, int fd, uint32_t max,
    const char *name, void (*accepted)(void *ctx, int fd), void *ctx);

/* Closes the listening descriptor; clients already accepted stay. */
void acceptor_free(struct acceptor **);

/* One of its clients was closed, by whoever owned it. */
void acceptor_gone(struct acceptor *);

/* How many clients are open. */
uint32_t acceptor_open(const struct acceptor *);
const char *acceptor_name(const struct acceptor *);

#endif
