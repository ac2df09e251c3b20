/*
 * weirctl probe: one probe of a host now, of each of its addresses, with its
 * name looked up first. What comes of it is evidence like any other, and the
 * answer: {host, ok, stages: [{ip, stage, ok, text, ms}]}, ok when one address
 * was good, since a host is as healthy as its usable addresses.
 */
#ifndef WEIR_POLICYD_PROBE_ORDER_H
#define WEIR_POLICYD_PROBE_ORDER_H

#include "daemon.h"
#include "prober.h"
#include "resolver.h"

struct probe_orders;

struct probe_orders *probe_orders_new(struct daemon *);

/* Without a word to those who wait. */
void probe_orders_free(struct probe_orders **);

/*
 * Answers the peer when all is known; until then it is suspended. With too
 * many orders under way it is refused at once.
 */
void probe_orders_add(struct probe_orders *, struct host *,
    struct state_peer *);

/* --- from trials.c; orders may be NULL --- */

void probe_orders_resolved(struct probe_orders *,
    const struct resolution *);
void probe_orders_probed(struct probe_orders *, const struct probe_target *,
    const struct probe_report *);

#endif
