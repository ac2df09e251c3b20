/*
 * The active side of health: starts each probe when it is due, keeps the
 * addresses of names fresh, and gives what both found to the hosts.
 *
 * To find the name is the first step of a probe: while a name is gone its last
 * addresses are not tried, though they may still answer, since Postfix could
 * not use them.
 */
#ifndef WEIR_POLICYD_TRIALS_H
#define WEIR_POLICYD_TRIALS_H

#include "daemon.h"

struct trials;

struct trials *trials_new(struct daemon *);
void trials_free(struct trials **);

/* Something changed that probes depend on: look again when the loop is free. */
void trials_look(struct trials *);

/* The configuration was replaced. */
void trials_reload(struct trials *);

/*
 * A probe of this address now, whatever is due; order is for
 * probe_orders_probed, 0 for none. False when PROBES_MAX are under way.
 */
bool trials_probe(struct trials *, const struct host *,
    const struct netaddr *, enum evidence_source, uint64_t order);

/*
 * Asks for the host's name or domain now; probe_orders_resolved is called with
 * the answer.
 */
void trials_ask(struct trials *, const struct host *);

#endif
