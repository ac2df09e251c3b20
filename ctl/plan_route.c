/*
 * The way out, as a plan: the policy service that is asked for it, what serves
 * while weir-policyd is away, and how long a mute smart host may cost.
 */
#include "plan_parts.h"

#include <stdint.h>
#include <string.h>

/* --- the policy service --- */

bool
policy_may_stay(const struct postfix *postfix,
    const struct postfix_service *service, const struct list_item *item)
{
	struct list_item action = list_attribute(item, "default_action");

	(void)postfix;
	(void)service;
	return action.len == 5 && strncasecmp(action.text, "DUNNO", 5) == 0;
}

/* What comes back from a filter was asked about when it came in. */
static void
plan_policy_back(struct planning *p, const struct endpoint *endpoint)
{
	static const char name[] = "smtpd_data_restrictions";
	const char *rest = plan_without(
	    p->plan, postfix_raw(p->postfix, NULL, name), endpoint->names);
	const struct postfix_service *service = NULL;

	while ((service = postfix_next(p->postfix, service)) != NULL) {
		if (service_role(p->postfix, service) == SERVICE_BACK &&
		    postfix_given(p->postfix, service, name) == NULL)
			plan_want(p, service, name, rest, rest, "mail that "
			    "comes back here was asked about when it came in");
	}
}

/* In main.cf, and in each client's service that has a list of its own. */
static void
want_first_everywhere(struct planning *p, const struct plan_first *first)
{
	const struct postfix_service *service = NULL;

	plan_want_first(p, NULL, first);
	while ((service = postfix_next(p->postfix, service)) != NULL) {
		if (service_role(p->postfix, service) >= SERVICE_CLIENTS &&
		    postfix_given(p->postfix, service, first->name) != NULL)
			plan_want_first(p, service, first);
	}
}

void
plan_policy(struct planning *p)
{
	const struct endpoint *endpoint = &p->plan->endpoints.policy;
	struct plan_first first = {
		.name = "smtpd_data_restrictions",
		.endpoint = endpoint,
		.element = plan_format(p->plan, "check_policy_service { %s, "
		    "timeout=5s, default_action=DUNNO }", endpoint->name),
		.good = policy_may_stay,
		.why = "which smart host: asked once a message, at DATA, "
		    "before all else",
	};

	want_first_everywhere(p, &first);
	plan_policy_back(p, endpoint);
}

/* --- the way out while weir-policyd is away --- */

static bool
route_takes_all(const struct route *route)
{
	return route->user.count == 0 && route->sender.count == 0 &&
	       route->recipient.count == 0 && route->listener.count == 0 &&
	       route->client.count == 0;
}

const struct route *
config_last_route(const struct config *config)
{
	for (size_t i = 0; i < config->nroutes; i++) {
		if (route_takes_all(&config->routes[i]))
			return &config->routes[i];
	}
	return NULL;
}

bool
config_routes_recipients(const struct config *config)
{
	for (size_t i = 0; i < config->nroutes; i++) {
		if (config->routes[i].recipient.count != 0)
			return true;
	}
	return false;
}

bool
config_routes_direct(const struct config *config)
{
	for (size_t i = 0; i < config->nroutes; i++) {
		if (config->routes[i].target == ROUTE_DIRECT)
			return true;
	}
	for (size_t i = 0; i < config->nconnectors; i++) {
		if (config->connectors[i].none_healthy == NONE_HEALTHY_DIRECT)
			return true;
	}
	return false;
}

/* The lowest cost of a member from this one on, or UINT64_MAX. */
static uint64_t
cost_from(const struct connector *connector, uint64_t from)
{
	uint64_t cost = UINT64_MAX;

	for (size_t i = 0; i < connector->nmembers; i++) {
		if (connector->members[i].cost >= from &&
		    connector->members[i].cost < cost)
			cost = connector->members[i].cost;
	}
	return cost;
}

/* Members in the order of their cost; those of one cost as they stand. */
static const char *
members_listed(struct planning *p, const struct connector *connector)
{
	const char *list = plan_format(p->plan, "%s:", connector->transport);
	const char *between = "";
	uint64_t cost = 0;

	while ((cost = cost_from(connector, cost)) != UINT64_MAX) {
		for (size_t i = 0; i < connector->nmembers; i++) {
			const struct member *m = &connector->members[i];

			if (m->cost != cost)
				continue;
			list = plan_format(p->plan, "%s%s%s", list, between,
			    p->config->hosts[m->host].nexthop);
			between = ", ";
		}
		cost++;
	}
	return list;
}

/* Where the mail of that route goes, as a default_transport; NULL: not said. */
static const char *
way_of(struct planning *p, const struct route *route)
{
	const struct connector *connector;

	if (route == NULL ||
	    (route->target != ROUTE_CONNECTOR && route->target != ROUTE_HOST))
		return NULL;
	connector = &p->config->connectors[route->connector];
	if (route->target == ROUTE_HOST)
		return plan_format(p->plan, "%s:%s", connector->transport,
		    p->config->hosts[route->host].nexthop);
	return members_listed(p, connector);
}

/* What the administrator chose himself is kept, and told. */
static bool
keeps_his_own(struct planning *p, const char *way, const char *given)
{
	const char *ours = p->wish->our_default_transport;
	const char *relayhost = postfix_value(p->postfix, NULL, "relayhost");

	if (given != NULL ? ours != NULL && strcmp(given, ours) == 0 :
	    relayhost[0] == '\0')
		return false;
	plan_note(p->plan, PLAN_WARN, plan_format(p->plan, "%s = %s is kept: "
	    "by it goes what Weir leaves to Postfix, and all mail while "
	    "weir-policyd is away; the same smart hosts would be %s%s",
	    given != NULL ? "default_transport" : "relayhost",
	    given != NULL ? given : relayhost,
	    given != NULL ? "" : "default_transport = ", way));
	return true;
}

void
plan_way_out(struct planning *p)
{
	static const char name[] = "default_transport";
	const char *way = way_of(p, config_last_route(p->config));
	const char *given = postfix_given(p->postfix, NULL, name);

	if (way == NULL || (given != NULL && strcmp(given, way) == 0) ||
	    keeps_his_own(p, way, given))
		return;
	plan_want(p, NULL, name, way, NULL,
	    "the way out while weir-policyd is away: the same smart hosts");
	if (strcmp(p->config->policy.default_transport, "auto") == 0)
		plan_note(p->plan, PLAN_SAY, "weir-policyd learns the new "
		    "default_transport by weirctl reload");
}

/* --- time-outs of the smart hosts' transports --- */

bool
timeout_is_long(const char *name, const char *value)
{
	int64_t seconds = postfix_seconds(value);

	return seconds > (strcmp(name, "smtp_connect_timeout") == 0 ? 15 : 60);
}

static void
plan_timeout(struct planning *p, const struct postfix_service *service,
    const char *name, const char *value)
{
	if (timeout_is_long(name, postfix_value(p->postfix, service, name)))
		plan_want(p, service, name, value, NULL,
		    "a mute smart host would cost minutes a message");
}

void
plan_transports(struct planning *p)
{
	for (size_t i = 0; i < p->config->nconnectors; i++) {
		const char *name = p->config->connectors[i].transport;
		const struct postfix_service *service = postfix_service(
		    p->postfix, plan_format(p->plan, "%s/unix", name));

		if (service == NULL) {
			plan_note(p->plan, PLAN_WARN, plan_format(p->plan,
			    "master.cf has no transport \"%s\", which "
			    "connector %s names: its mail would wait in the "
			    "queue", name, p->config->connectors[i].name));
		} else if (strcmp(service->command, "smtp") == 0) {
			plan_timeout(p, service, "smtp_connect_timeout", "10s");
			plan_timeout(p, service, "smtp_helo_timeout", "30s");
			plan_timeout(p, service, "smtp_starttls_timeout",
			    "30s");
		}
	}
}
