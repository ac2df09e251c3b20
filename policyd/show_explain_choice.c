/*
 * explain: by which smart host, which answer, and why no other.
 */
#include "show_explain.h"

#include "core/route.h"

#include <stdio.h>
#include <string.h>

static json_t *
show_candidate(const struct explain *explain,
    const struct candidate *candidate)
{
	const struct connector *connector = candidate->connector;
	const struct host *host =
	    &explain->daemon->model.hosts.list[candidate->host];
	json_t *object = json_object();

	json_object_set_new(object, "host",
	    text_json(explain->daemon->config->hosts[candidate->host].name));
	json_object_set_new(object, "chosen",
	    json_boolean(candidate->position == 1));
	json_object_set_new(object, "position", candidate->position > 0 ?
	    json_integer(candidate->position) : json_null());
	json_object_set_new(object, "reason",
	    json_string(reason_tag(candidate->reason)));
	json_object_set_new(object, "connector",
	    text_json(connector != NULL ? connector->name : NULL));
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

/* By MX is by the transport smtp (core/decision.c). */
static void
show_connector(json_t *object, const struct decision *decision)
{
	const struct connector *connector = decision->connector;
	const char *transport = connector != NULL ? connector->transport :
	    decision->built_in == BUILT_IN_DIRECT ? "smtp" : NULL;

	json_object_set_new(object, "connector",
	    text_json(decision_connector(decision)));
	json_object_set_new(object, "transport", text_json(transport));
	json_object_set_new(object, "balance", text_json(connector == NULL ?
	    NULL : balance_method(connector->balance)->name));
}

/* Left to Postfix: the route is told, and its connector; nobody is chosen. */
static void
leave_to_postfix(const struct config *config, struct decision *decision)
{
	const struct route *route = decision->route;

	decision->ncandidates = 0;
	if (route != NULL && (route->target == ROUTE_CONNECTOR ||
	    route->target == ROUTE_HOST)) {
		decision->connector = &config->connectors[route->connector];
		decision->built_in = BUILT_IN_NONE;
	}
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
	return text_json(text);
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

/* Homes, their load, and whether the milter will ask for this decision. */
static void
show_homes(const struct explain *explain, const struct facts *facts,
    const struct decision *decision)
{
	struct daemon *daemon = explain->daemon;
	json_t *object = explain->object;

	json_object_set_new(object, "home", show_home(daemon, facts,
	    decision));
	json_object_set_new(object, "spread",
	    show_spread(daemon, decision->connector));
	json_object_set_new(object, "skew", decision->connector == NULL
	    ? json_array() : show_skews(daemon, decision->connector));
}

static void
show_unrouted(const struct explain *explain, const struct facts *facts,
    enum reason guard)
{
	struct daemon *daemon = explain->daemon;
	bool needed = guard == REASON_OK &&
	    model_needs_decision(&daemon->model, facts);

	json_object_set_new(explain->object, "needs_decision",
	    json_boolean(needed));
	json_object_set_new(explain->object, "on_unrouted", json_string(
	    action_name(daemon->config->milter.on_unrouted)));
}

/* As the milter would tell of them, one by one. */
static void
note_recipients(const struct explain *explain, struct route_fit *fit)
{
	const struct config *config = explain->daemon->config;
	struct facts facts = explain_facts(explain);

	for (size_t i = 0; i < explain->request->nrecipients; i++) {
		facts.recipient = explain->request->recipients[i];
		route_fit_note(fit, config, facts.recipient);
		if (!model_recipient_local(config, facts.recipient))
			route_fit_refuse(fit, config, &facts);
	}
}

void
explain_decision(struct explain *explain)
{
	struct model *model = &explain->daemon->model;
	struct facts facts = explain_facts(explain);
	struct route_fit fit = { 0 };
	json_t *object = explain->object, *candidates = json_array();
	char action[ACTION_TEXT_MAX];
	struct decision decision;
	enum reason guard;
	const char *name;
	bool open; /* it hangs on recipients that were not given */

	note_recipients(explain, &fit);
	guard = fit.refused != 0 ? REASON_OK : explain_guard(explain);
	facts.fit = fit.recipients > 0 ? &fit : NULL;
	model_choose(model, &facts, explain->now, true, &decision);
	open = decision.reason == REASON_RECIPIENTS_UNKNOWN;
	name = decision.route != NULL ? decision.route->name : NULL;
	json_object_set_new(object, "route", text_json(open ? NULL : name));
	json_object_set_new(object, "open_route",
	    text_json(open ? name : NULL));
	explain_route(explain, decision.route);
	if (guard != REASON_OK)
		leave_to_postfix(model->config, &decision);
	show_connector(object, &decision);
	if (guard != REASON_OK)
		decision.connector = NULL; /* no home, nothing shared */
	show_homes(explain, &facts, &decision);
	for (size_t i = 0; i < decision.ncandidates; i++)
		json_array_append_new(candidates, show_candidate(explain,
		    &decision.candidates[i]));
	json_object_set_new(object, "candidates", candidates);
	json_object_set_new(object, "decision", json_string(
	    reason_tag(guard != REASON_OK ? guard : decision.reason)));
	json_object_set_new(object, "action",
	    text_json(guard != REASON_OK ? "DUNNO" :
	        decision_action(&decision, model->config, action)));
	show_unrouted(explain, &facts, guard);
	show_socketmap(explain);
	if (guard == REASON_OK && decision.kind == DECISION_REJECT)
		explain_refuse(explain, ACTION_REJECT, decision.reason, "");
	if (guard == REASON_OK && decision.kind == DECISION_REFUSE)
		explain_refuse(explain, ACTION_DEFER, decision.reason, "");
}
