/*
 * The events of smart hosts; their keys and order are promised to scripts
 * (hosts.h). events may be NULL everywhere.
 */
#ifndef WEIR_CORE_HOST_EVENTS_H
#define WEIR_CORE_HOST_EVENTS_H

#include "core/hosts.h"

void host_event_unhealthy(struct events *, const struct host *,
    const struct host_address *, struct now);
void host_event_healthy(struct events *, const struct host *,
    const struct host_address *, struct span downtime, enum evidence_source by,
    struct now);

/* It healed too often of late (host= ip= times= within=). */
void host_event_flapping(struct events *, const struct host *,
    const struct host_address *, struct now);

/* Drained, Down or Enabled, by the order it has now. */
void host_event_order(struct events *, const struct host *, struct now);

/* Enabled, since the order's time is over. */
void host_event_order_over(struct events *, const struct host *, struct now);

#endif
