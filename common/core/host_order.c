/*
 * What the operator ordered for a smart host: drain, down, enable, for good or
 * until a time. An order whose time is over is none, also before its end was
 * told by hosts_expire_orders: nothing but the event depends on a timer.
 */
#include "core/host_events.h"
#include "core/hosts.h"

enum operator_state
host_order(const struct host *host, struct wall now)
{
	if (host->order_until.us != 0 && now.us >= host->order_until.us)
		return OPERATOR_NONE;
	return host->order;
}

const char *
host_state_name(const struct host *host, struct wall now)
{
	switch (host_order(host, now)) {
	case OPERATOR_DRAIN:
		return "drained";
	case OPERATOR_DOWN:
		return "down";
	case OPERATOR_NONE:
		break;
	}
	return host_healthy(host) ? "healthy" : "unhealthy";
}

void
host_set_order(struct hosts *hosts, struct host *host,
    enum operator_state order, struct wall until, struct now now)
{
	bool same = host_order(host, now.wall) == order &&
	    (order == OPERATOR_NONE || host->order_until.us == until.us);

	host->order = order;
	host->order_until = until;
	host->ordered = true;
	if (order == OPERATOR_NONE)
		host->order_until.us = 0;
	if (same)
		return;
	hosts->changes++;
	host_event_order(hosts->events, host, now);
}

void
hosts_expire_orders(struct hosts *hosts, struct now now)
{
	for (size_t i = 0; i < hosts->count; i++) {
		struct host *host = &hosts->list[i];

		if (host->order == OPERATOR_NONE ||
		    host_order(host, now.wall) != OPERATOR_NONE)
			continue;
		host->order = OPERATOR_NONE;
		host->order_until = (struct wall) { 0 };
		hosts->changes++;
		host_event_order_over(hosts->events, host, now);
	}
}
