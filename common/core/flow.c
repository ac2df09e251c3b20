/*
 * Connectors and what is left of them.
 */
#include "core/flow.h"

#include <string.h>

/* How mail comes to connectors. */
struct use {
	bool whole[CONNECTORS_MAX]; /* one of its members, whichever */
	bool alone[CONNECTORS_MAX]; /* by a host that a route names */
};

/* By a route, or by a connector in use that sends its mail on to it. */
static void
find_use(const struct config *config, struct use *use)
{
	memset(use, 0, sizeof(*use));
	for (size_t i = 0; i < config->nroutes; i++) {
		const struct route *route = &config->routes[i];

		if (route->target == ROUTE_CONNECTOR)
			use->whole[route->connector] = true;
		else if (route->target == ROUTE_HOST)
			use->alone[route->connector] = true;
	}
	for (size_t i = 0; i < config->nconnectors; i++) {
		const struct connector *from = &config->connectors[i];

		if (!use->whole[i] && !use->alone[i])
			continue;
		while (from->none_healthy == NONE_HEALTHY_OTHER &&
		    !use->whole[from->other]) {
			use->whole[from->other] = true;
			from = &config->connectors[from->other];
		}
	}
}

static bool
is_usable(const struct hosts *hosts, size_t host, struct wall now)
{
	return host_healthy(&hosts->list[host]) &&
	    host_order(&hosts->list[host], now) == OPERATOR_NONE;
}

static struct flow
count(const struct hosts *hosts, const struct connector *connector,
    struct wall now)
{
	struct flow flow = { .members = (unsigned)connector->nmembers };

	for (size_t i = 0; i < connector->nmembers; i++)
		flow.usable += is_usable(hosts, connector->members[i].host,
		    now);
	return flow;
}

/* Of one that only routes to single hosts lead to: these. */
static unsigned
count_named(const struct config *config, const struct hosts *hosts, size_t at,
    struct wall now)
{
	bool counted[HOSTS_MAX] = { false };
	unsigned usable = 0;

	for (size_t i = 0; i < config->nroutes; i++) {
		const struct route *route = &config->routes[i];

		if (route->target != ROUTE_HOST || route->connector != at ||
		    counted[route->host])
			continue;
		counted[route->host] = true;
		usable += is_usable(hosts, route->host, now);
	}
	return usable;
}

struct flow
flow_of(const struct config *config, const struct hosts *hosts,
    const struct connector *connector, struct wall now)
{
	struct flow flow = count(hosts, connector, now);
	size_t at = (size_t)(connector - config->connectors);
	struct use use;

	find_use(config, &use);
	flow.in_use = use.whole[at] || use.alone[at];
	if (flow.in_use && !use.whole[at])
		flow.usable = count_named(config, hosts, at, now);
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

struct ways { /* of mail, and those of them without a usable host */
	unsigned used, lame;
	struct flow_lame *first;
};

static void
add_way(struct ways *ways, const struct connector *connector,
    const struct host *host, bool open)
{
	ways->used++;
	if (open)
		return;
	if (ways->lame++ == 0)
		*ways->first = (struct flow_lame) { connector, host };
}

/* false: some members of connectors in use are not usable. */
static bool
add_connectors(struct ways *ways, const struct config *config,
    const struct hosts *hosts, struct wall now)
{
	struct use use;
	bool all = true;

	find_use(config, &use);
	for (size_t i = 0; i < config->nconnectors; i++) {
		const struct connector *connector = &config->connectors[i];
		struct flow flow;

		if (!use.whole[i] && !use.alone[i])
			continue;
		flow = count(hosts, connector, now);
		all = all && flow.usable == flow.members;
		if (use.whole[i])
			add_way(ways, connector, NULL, flow.usable > 0 ||
			    goes_on(config, hosts, connector, now));
	}
	return all;
}

static void
add_named(struct ways *ways, const struct config *config,
    const struct hosts *hosts, struct wall now)
{
	for (size_t i = 0; i < config->nroutes; i++) {
		const struct route *route = &config->routes[i];
		const struct connector *connector;

		if (route->target != ROUTE_HOST)
			continue;
		connector = &config->connectors[route->connector];
		add_way(ways, connector, &hosts->list[route->host],
		    is_usable(hosts, route->host, now) ||
		    goes_on(config, hosts, connector, now));
	}
}

enum flows
flows_of(const struct config *config, const struct hosts *hosts,
    struct wall now, struct flow_lame *lame_r)
{
	struct ways ways = { .first = lame_r };
	bool all;

	*lame_r = (struct flow_lame) { NULL, NULL };
	all = add_connectors(&ways, config, hosts, now);
	add_named(&ways, config, hosts, now);
	if (ways.lame > 0)
		return ways.lame == ways.used ? FLOWS_NOT : FLOWS_LAME;
	return all ? FLOWS_WELL : FLOWS_PARTLY;
}
