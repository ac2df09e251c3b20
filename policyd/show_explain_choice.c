/*
 * explain: which route, which smart host, which answer, and why no other.
 *
 * route_find and choose decide; here each condition of a route is asked again
 * by itself, with the same functions, to tell which one decided.
 */
#include "show_explain.h"

#include "core/match.h"
#include "core/route.h"

#include <stdio.h>
#include <string.h>

enum { PASSED_MAX = 50, PATTERNS_TEXT_MAX = 512 };

struct condition {
	const char *what;
	const struct strings *patterns;
	const char *value; /* NULL: not known, so it does not hold */
	bool (*match)(const struct strings *, const char *);
};

enum { CONDITIONS = 4 };

/* All recipients must match: one that does not, else the first. */
static const char *
recipient_of(const struct explain_request *request, const struct route *route)
{
	for (size_t i = 0; i < request->nrecipients; i++) {
		if (!match_any_address(&route->recipient,
		    request->recipients[i]))
			return request->recipients[i];
	}
	return request->nrecipients > 0 ? request->recipients[0] : NULL;
}

static void
conditions_of(const struct explain *explain, const struct route *route,
    struct condition list_r[CONDITIONS])
{
	const struct facts facts = explain_facts(explain);

	list_r[0] = (struct condition) { "listener", &route->listener,
		facts.listener, match_any };
	list_r[1] = (struct condition) { "user", &route->user, facts.user,
		match_any };
	list_r[2] = (struct condition) { "sender", &route->sender,
		facts.sender, match_any_address };
	list_r[3] = (struct condition) { "recipient", &route->recipient,
		recipient_of(explain->request, route), match_any_address };
}

static bool
condition_holds(const struct condition *condition)
{
	return condition->patterns->count == 0 || (condition->value != NULL &&
	    condition->match(condition->patterns, condition->value));
}

/* The pattern that matched, or all of them when none did. */
static void
condition_pattern(const struct condition *condition, bool holds,
    char buf[PATTERNS_TEXT_MAX])
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < condition->patterns->count; i++) {
		const char **pattern = &condition->patterns->list[i];
		const struct strings one = { pattern, 1 };

		if (holds && !condition->match(&one, condition->value))
			continue;
		used += (size_t)snprintf(buf + used, PATTERNS_TEXT_MAX - used,
		    "%s%s", used > 0 ? ", " : "", *pattern);
		if (holds || used >= PATTERNS_TEXT_MAX)
			return;
	}
}

static json_t *
show_condition(const struct condition *condition)
{
	bool holds = condition_holds(condition);
	char pattern[PATTERNS_TEXT_MAX];
	json_t *object = json_object();

	condition_pattern(condition, holds, pattern);
	json_object_set_new(object, "what", json_string(condition->what));
	json_object_set_new(object, "value",
	    show_text(condition->value != NULL && condition->value[0] == '\0' ?
	        "<>" : condition->value));
	json_object_set_new(object, "holds", json_boolean(holds));
	json_object_set_new(object, "pattern", show_text(pattern));
	return object;
}

/* Conditions of the route found: all that it names. */
static json_t *
show_conditions(const struct explain *explain, const struct route *route)
{
	struct condition list[CONDITIONS];
	json_t *array = json_array();

	conditions_of(explain, route, list);
	for (size_t i = 0; i < CONDITIONS; i++) {
		if (list[i].patterns->count > 0)
			json_array_append_new(array, show_condition(&list[i]));
	}
	return array;
}

/* Of a route passed over: the first condition that does not hold. */
static json_t *
show_passed(const struct explain *explain, const struct route *route)
{
	struct condition list[CONDITIONS];
	json_t *object = json_object();
	size_t i = 0;

	conditions_of(explain, route, list);
	while (i < CONDITIONS - 1 && condition_holds(&list[i]))
		i++;
	json_object_set_new(object, "route", show_text(route->name));
	json_object_set_new(object, "condition", show_condition(&list[i]));
	return object;
}

static void
show_route(const struct explain *explain, const struct route *found)
{
	const struct config *config = explain->daemon->config;
	json_t *object = explain->object, *passed = json_array();

	for (size_t i = 0; i < config->nroutes &&
	    &config->routes[i] != found && i < PASSED_MAX; i++)
		json_array_append_new(passed,
		    show_passed(explain, &config->routes[i]));
	json_object_set_new(object, "conditions", found != NULL ?
	    show_conditions(explain, found) : json_array());
	json_object_set_new(object, "passed_over", passed);
}

/* --- by which smart host --- */

static json_t *
show_candidate(const struct explain *explain,
    const struct candidate *candidate)
{
	const struct connector *connector = candidate->connector;
	const struct host *host =
	    &explain->daemon->model.hosts.list[candidate->host];
	json_t *object = json_object();

	json_object_set_new(object, "host",
	    show_text(explain->daemon->config->hosts[candidate->host].name));
	json_object_set_new(object, "chosen",
	    json_boolean(candidate->position == 1));
	json_object_set_new(object, "position", candidate->position > 0 ?
	    json_integer(candidate->position) : json_null());
	json_object_set_new(object, "reason",
	    json_string(reason_tag(candidate->reason)));
	json_object_set_new(object, "connector",
	    show_text(connector != NULL ? connector->name : NULL));
	for (size_t i = 0; connector != NULL && i < connector->nmembers; i++) {
		if (connector->members[i].host != candidate->host)
			continue;
		json_object_set_new(object, "cost",
		    json_integer(connector->members[i].cost));
		json_object_set_new(object, "weight",
		    json_integer(connector->members[i].weight));
	}
	if (host->naddresses > 1 || host->config->mx)
		json_object_set_new(object, "addresses",
		    show_host_addresses(host));
	return object;
}

/* The guard: FILTER would take local recipients along (answer.c). */
static enum reason
explain_guard(const struct explain *explain)
{
	const struct explain_request *request = explain->request;

	for (size_t i = 0; i < request->nrecipients; i++) {
		if (model_recipient_local(explain->daemon->config,
		    request->recipients[i]))
			return REASON_RECIPIENT_NOT_REMOTE;
	}
	return REASON_OK;
}

static void
show_connector(json_t *object, const struct connector *connector)
{
	json_object_set_new(object, "connector",
	    show_text(connector != NULL ? connector->name : NULL));
	if (connector == NULL)
		return;
	json_object_set_new(object, "transport",
	    show_text(connector->transport));
	json_object_set_new(object, "balance",
	    json_string(balance_method(connector->balance)->name));
}

static json_t *
show_entry(const struct explain *explain, enum slots_map map,
    const char *address)
{
	struct model *model = &explain->daemon->model;
	char text[sizeof("OK ") + ACTION_TEXT_MAX] = "NOTFOUND";
	const char *entry = model_entry(model, map, address, explain->now,
	    true);

	if (model->config->policy.socketmap.count == 0)
		return json_null();
	if (entry != NULL)
		(void)snprintf(text, sizeof(text), "OK %s", entry);
	return show_text(text);
}

/* What the socketmap says, whatever the session was. */
static void
show_socketmap(const struct explain *explain)
{
	const struct explain_request *request = explain->request;

	json_object_set_new(explain->object, "socketmap",
	    show_entry(explain, SLOTS_SENDER, request->sender));
	json_object_set_new(explain->object, "socketmap_recipient",
	    request->nrecipients > 0 ? show_entry(explain, SLOTS_RECIPIENT,
	    request->recipients[0]) : json_null());
}

void
explain_decision(struct explain *explain)
{
	struct model *model = &explain->daemon->model;
	struct facts facts = explain_facts(explain);
	struct route_fit fit = { 0 };
	enum reason guard = explain_guard(explain);
	json_t *object = explain->object, *candidates = json_array();
	char action[ACTION_TEXT_MAX];
	struct decision decision;

	for (size_t i = 0; i < explain->request->nrecipients; i++)
		route_fit_note(&fit, model->config,
		    explain->request->recipients[i]);
	facts.fit = fit.recipients > 0 ? &fit : NULL;
	model_choose(model, &facts, explain->now, true, &decision);
	json_object_set_new(object, "route",
	    show_text(decision.route != NULL ? decision.route->name : NULL));
	show_route(explain, decision.route);
	if (guard != REASON_OK) { /* the route is told, nobody is chosen */
		decision.connector = NULL;
		decision.ncandidates = 0;
	}
	show_connector(object, decision.connector);
	for (size_t i = 0; i < decision.ncandidates; i++)
		json_array_append_new(candidates, show_candidate(explain,
		    &decision.candidates[i]));
	json_object_set_new(object, "candidates", candidates);
	json_object_set_new(object, "decision", json_string(
	    reason_tag(guard != REASON_OK ? guard : decision.reason)));
	json_object_set_new(object, "action",
	    show_text(guard != REASON_OK ? "DUNNO" :
	        decision_action(&decision, model->config, action)));
	show_socketmap(explain);
	if (guard == REASON_OK && decision.kind == DECISION_REJECT)
		explain_refuse(explain, ACTION_REJECT, decision.reason, "");
	if (guard == REASON_OK && decision.kind == DECISION_REFUSE)
		explain_refuse(explain, ACTION_DEFER, decision.reason, "");
}
