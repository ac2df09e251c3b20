/*
 * The lines an operator reads when a smart host changes its state.
 */
#include "core/host_events.h"

#include "core/walltime.h"

#include <inttypes.h>
#include <stdio.h>

static void
add_host(struct notice *notice, const struct host *host,
    const struct host_address *address)
{
	char ip[NETADDR_TEXT_MAX];

	notice_add(notice, "host", host->name);
	notice_add(notice, "ip", netaddr_format(&address->ip, ip));
}

/* "ECONNREFUSED(111)"; names of SMTP replies hold their number already. */
static void
add_error(struct notice *notice, const struct evidence *evidence)
{
	char text[ERROR_NAME_MAX + 16];

	if (evidence->code == 0 || evidence->error[0] != 'E')
		(void)snprintf(text, sizeof(text), "%s", evidence->error);
	else
		(void)snprintf(text, sizeof(text), "%s(%d)", evidence->error,
		    evidence->code);
	notice_add(notice, "error", text);
}

static void
add_time(struct notice *notice, const char *key, struct wall at)
{
	char text[WALL_TEXT_MAX];

	notice_add(notice, key, wall_format(at, text));
}

void
host_event_unhealthy(struct events *events, const struct host *host,
    const struct host_address *address, struct now now)
{
	const struct health *health = &address->health;
	struct notice notice;

	if (events == NULL)
		return;
	notice_init(&notice, EVENT_MARKED_UNHEALTHY, now.wall);
	add_host(&notice, host, address);
	notice_add(&notice, "fqdn", address->exchanger[0] != '\0' ?
	    address->exchanger : host->config->host);
	notice_add(&notice, "stage", stage_name(health->last.stage));
	add_error(&notice, &health->last);
	notice_add_number(&notice, "failures", health->failures);
	add_time(&notice, "next_retry",
	    wall_of(health_next_trial(health), now));
	notice_add(&notice, "text", health->last.text);
	events_add(events, &notice);
}

void
host_event_healthy(struct events *events, const struct host *host,
    const struct host_address *address, struct span downtime,
    enum evidence_source by, struct now now)
{
	char text[32];
	struct notice notice;

	if (events == NULL)
		return;
	notice_init(&notice, EVENT_MARKED_HEALTHY, now.wall);
	add_host(&notice, host, address);
	(void)snprintf(text, sizeof(text), "%" PRId64 "s",
	    downtime.us / SPAN_SECOND);
	notice_add(&notice, "downtime", text);
	notice_add(&notice, "by", evidence_source_name(by));
	events_add(events, &notice);
}

void
host_event_flapping(struct events *events, const struct host *host,
    const struct host_address *address, struct now now)
{
	struct notice notice;

	if (events == NULL)
		return;
	notice_init(&notice, EVENT_FLAPPING, now.wall);
	add_host(&notice, host, address);
	notice_add_number(&notice, "times", FLAPS);
	notice_add_number(&notice, "within", FLAPS_WITHIN_S);
	events_add(events, &notice);
}

void
host_event_order(struct events *events, const struct host *host,
    struct now now)
{
	static const enum event_kind kinds[] = {
		[OPERATOR_NONE] = EVENT_ENABLED,
		[OPERATOR_DRAIN] = EVENT_DRAINED,
		[OPERATOR_DOWN] = EVENT_DOWN,
	};
	struct notice notice;

	if (events == NULL)
		return;
	notice_init(&notice, kinds[host->order], now.wall);
	notice_add(&notice, "host", host->name);
	if (host->order_until.us != 0)
		add_time(&notice, "until", host->order_until);
	events_add(events, &notice);
}

void
host_event_order_over(struct events *events, const struct host *host,
    struct now now)
{
	struct notice notice;

	if (events == NULL)
		return;
	notice_init(&notice, EVENT_ENABLED, now.wall);
	notice_add(&notice, "host", host->name);
	notice_add(&notice, "by", "until");
	events_add(events, &notice);
}
