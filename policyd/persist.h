/*
 * The model and its copy on disk.
 *
 * Counters are written each state.flush_interval, in slices, so that no
 * wake-up is long; hosts (health, orders, what was sent) with them when they
 * changed. A point on the monotonic clock is only good for the boot it was
 * taken in: both clocks and the boot's id are written with every flush, and
 * what is read back is moved to the clock of today.
 */
#ifndef WEIR_POLICYD_PERSIST_H
#define WEIR_POLICYD_PERSIST_H

#include "daemon.h"

/*
 * Reads what an earlier run left into daemon->model and starts to write;
 * without a store it does nothing but answer persist_order. Before the loop
 * and before the first probe.
 */
struct persist *persist_new(struct daemon *);

/* Writes everything that changed; the store itself stays open. */
void persist_free(struct persist **);

/* The configuration was replaced. */
void persist_reload(struct persist *);

/* Lets go of counters that count nothing any more; once a second. */
void persist_sweep(struct persist *);

/*
 * The operator ordered something for this host (host_set_order was called):
 * writes it, and answers the peer when it is on disk: OK, or an error when the
 * disk did not take it. The verb answers nothing itself.
 */
void persist_order(struct daemon *, const struct host *, struct state_peer *);

/*
 * The same of an order to forget what a key used, under one rule or (NULL) all.
 * How many counters there were; 0: the peer is not answered.
 */
unsigned persist_reset(struct daemon *, const char *rule, const char *key,
    struct state_peer *);

#endif
