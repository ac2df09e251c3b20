/*
 * Connectors and what is left of them.
 */
#include "core/flow.h"

static bool
leads_to(const struct config *config, size_t connector)
{
	for (size_t i = 0; i < config->nroutes; i++) {
		const struct route *route = &config->routes[i];

		if ((route->target == ROUTE_CONNECTOR ||
		    route->target == ROUTE_HOST) &&
		    route->connector == connector)
			return true;
	}
	return false;
}

/* By a route, or by the connectors that send their mail on to it. */
static bool
is_in_use(const struct config *config, size_t connector)
{
	if (leads_to(config, connector))
		return true;
	for (size_t i = 0; i < config->nconnectors; i++) {
		const struct connector *from = &config->connectors[i];

		/* one step a connector: the chain has no ring (config.h) */
		if (from->none_healthy == NONE_HEALTHY_OTHER &&
		    from->other == connector && is_in_use(config, i))
			return true;
	}
	return false;
}

static bool
is_usable(const struct host *host, struct wall now)
{
	return host_healthy(host) && host_order(host, now) == OPERATOR_NONE;
}

struct flow
flow_of(const struct config *config, const struct hosts *hosts,
    const struct connector *connector, struct wall now)
{
	struct flow flow = { .members = (unsigned)connector->nmembers };

	flow.in_use = is_in_use(config,
	    (size_t)(connector - config->connectors));
	for (size_t i = 0; i < connector->nmembers; i++)
		flow.usable += is_usable(
		    &hosts->list[connector->members[i].host], now);
	return flow;
}

enum flows
flows_of(const struct config *config, const struct hosts *hosts,
    struct wall now, const struct connector **lame_r)
{
	unsigned in_use = 0, lame = 0;
	bool whole = true;

	*lame_r = NULL;
	for (size_t i = 0; i < config->nconnectors; i++) {
		const struct connector *connector = &config->connectors[i];
		struct flow flow = flow_of(config, hosts, connector, now);

		if (!flow.in_use)
			continue;
		in_use++;
		whole = whole && flow.usable == flow.members;
		lame += flow.usable == 0;
		if (flow.usable == 0 && *lame_r == NULL)
			*lame_r = connector;
	}
	if (lame > 0)
		return lame == in_use ? FLOWS_NOT : FLOWS_LAME;
	return whole ? FLOWS_WELL : FLOWS_PARTLY;
}
