/*
 * Connectors and what is left of them.
 */
#include "core/flow.h"

#include <string.h>

/* By a route, or by a connector in use that sends its mail on to it. */
static void
mark_in_use(const struct config *config, bool in_use[CONNECTORS_MAX])
{
	memset(in_use, 0, CONNECTORS_MAX * sizeof(in_use[0]));
	for (size_t i = 0; i < config->nroutes; i++) {
		const struct route *route = &config->routes[i];

		if (route->target == ROUTE_CONNECTOR ||
		    route->target == ROUTE_HOST)
			in_use[route->connector] = true;
	}
	for (size_t i = 0; i < config->nconnectors; i++) {
		const struct connector *from = &config->connectors[i];

		if (!in_use[i])
			continue;
		while (from->none_healthy == NONE_HEALTHY_OTHER &&
		    !in_use[from->other]) {
			in_use[from->other] = true;
			from = &config->connectors[from->other];
		}
	}
}

static bool
is_usable(const struct host *host, struct wall now)
{
	return host_healthy(host) && host_order(host, now) == OPERATOR_NONE;
}

static struct flow
count(const struct hosts *hosts, const struct connector *connector,
    struct wall now)
{
	struct flow flow = { .members = (unsigned)connector->nmembers };

	for (size_t i = 0; i < connector->nmembers; i++)
		flow.usable += is_usable(
		    &hosts->list[connector->members[i].host], now);
	return flow;
}

struct flow
flow_of(const struct config *config, const struct hosts *hosts,
    const struct connector *connector, struct wall now)
{
	struct flow flow = count(hosts, connector, now);
	bool in_use[CONNECTORS_MAX];

	mark_in_use(config, in_use);
	flow.in_use = in_use[connector - config->connectors];
	return flow;
}

/* Is there a way on for the mail of one that has no usable host? */
static bool
goes_on(const struct config *config, const struct hosts *hosts,
    const struct connector *connector, struct wall now)
{
	while (connector->none_healthy == NONE_HEALTHY_OTHER) {
		connector = &config->connectors[connector->other];
		if (count(hosts, connector, now).usable > 0)
			return true;
	}
	return connector->none_healthy == NONE_HEALTHY_DIRECT ||
	    connector->none_healthy == NONE_HEALTHY_POSTFIX;
}

enum flows
flows_of(const struct config *config, const struct hosts *hosts,
    struct wall now, const struct connector **lame_r)
{
	bool in_use[CONNECTORS_MAX], whole = true;
	unsigned used = 0, lame = 0;

	*lame_r = NULL;
	mark_in_use(config, in_use);
	for (size_t i = 0; i < config->nconnectors; i++) {
		const struct connector *connector = &config->connectors[i];
		struct flow flow;

		if (!in_use[i])
			continue;
		used++;
		flow = count(hosts, connector, now);
		whole = whole && flow.usable == flow.members;
		if (flow.usable > 0 || goes_on(config, hosts, connector, now))
			continue;
		lame++;
		if (*lame_r == NULL)
			*lame_r = connector;
	}
	if (lame > 0)
		return lame == used ? FLOWS_NOT : FLOWS_LAME;
	return whole ? FLOWS_WELL : FLOWS_PARTLY;
}
