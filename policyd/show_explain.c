/*
 * weirctl explain: one message taken through every stage, in the order it
 * would meet them, by the functions that decide about real mail. Nothing is
 * charged, chosen or remembered. The first stage that refuses gives the
 * verdict, else the first that holds; the later ones are shown all the same.
 */
#include "show_explain.h"

#include "core/connections.h"
#include "core/match.h"

#include <stdio.h>
#include <string.h>

static bool
lets_pass(enum action action)
{
	return action == ACTION_ACCEPT || action == ACTION_OBSERVE ||
	    action == ACTION_TAG || action == ACTION_HOLD;
}

/* Held mail was accepted: what comes later may refuse it after all. */
static bool
changes_verdict(const struct explain *explain, enum action action)
{
	enum action before = explain->verdict.action;

	if (action == ACTION_HOLD)
		return before == ACTION_ACCEPT;
	return !lets_pass(action) && lets_pass(before);
}

void
explain_refuse(struct explain *explain, enum action action, enum reason reason,
    const char *subject)
{
	struct verdict *verdict = &explain->verdict;

	if (reason == REASON_OK || !changes_verdict(explain, action))
		return;
	explain->stage = explain->asking;
	verdict->action = action;
	verdict->reason = reason;
	(void)snprintf(verdict->subject, sizeof(verdict->subject), "%s",
	    subject);
}

/* The same by a limit, whose verdict has all the words. */
static void
refuse_by(struct explain *explain, const struct verdict *verdict)
{
	if (!changes_verdict(explain, verdict->action))
		return;
	explain->stage = explain->asking;
	explain->verdict = *verdict;
}

struct facts
explain_facts(const struct explain *explain)
{
	const struct explain_request *request = explain->request;

	return (struct facts) {
		.listener = request->listener->name,
		.user = explain->user,
		.by_network = explain->user != NULL && !request->has_user,
		.client = request->client,
		.sender = request->sender,
		.recipient = request->nrecipients > 0 ?
		    request->recipients[0] : NULL,
	};
}

/* --- connections --- */

static void
explain_cap(struct explain *explain, const struct listener *listener,
    const struct connections_answer *answer)
{
	struct verdict verdict;

	if (answer->admitted)
		return;
	verdict_accept(&verdict);
	verdict.action = listener->over_limit;
	verdict.reason = answer->reason;
	verdict.used = answer->used;
	verdict.limit = answer->limit;
	(void)snprintf(verdict.rule, sizeof(verdict.rule), "%s",
	    listener->name);
	refuse_by(explain, &verdict);
}

static void
explain_connections(struct explain *explain)
{
	const struct explain_request *request = explain->request;
	const struct listener *listener = request->listener;
	const struct sessions *sessions = explain->daemon->model.gate.sessions;
	uint32_t all = sessions_open(sessions, listener->name), own = 0;
	json_t *object = json_object();
	struct connections_answer answer;
	bool exempt = false;

	if (request->client.family != 0) {
		own = sessions_open_of(sessions, listener->name,
		    &request->client);
		exempt = match_networks(&listener->exempt_clients,
		    &request->client);
	}
	answer = connections_ask(listener, all, own, exempt);
	explain_cap(explain, listener, &answer);
	json_object_set_new(object, "listener", show_text(listener->name));
	json_object_set_new(object, "all_open", json_integer(all));
	json_object_set_new(object, "source", show_address(&request->client));
	json_object_set_new(object, "open", json_integer(own));
	json_object_set_new(object, "exempt", json_boolean(exempt));
	json_object_set_new(object, "by_source", show_count(answer.by_source));
	json_object_set_new(object, "by_percent",
	    show_count(answer.by_percent));
	json_object_set_new(object, "limit", show_count(answer.limit));
	json_object_set_new(object, "limit_by",
	    json_string(show_limit_by(&answer)));
	json_object_set_new(explain->object, "connections", object);
}

/* --- limits --- */

/*
 * limits_explain asks for one recipient; the message may have more than there
 * is room for. Then the rule refuses those that come last.
 */
static void
explain_several(const struct explain *explain, struct verdict *verdict)
{
	const struct config *config = explain->daemon->config;

	if (verdict->what != LIMIT_RECIPIENTS ||
	    verdict->action != ACTION_ACCEPT ||
	    verdict->used + explain->request->nrecipients <= verdict->limit)
		return;
	for (size_t i = 0; i < config->nthrottles; i++) {
		if (strcmp(config->throttles[i].name, verdict->rule) != 0)
			continue;
		verdict->action = config->throttles[i].action;
		verdict->reason = REASON_LIMIT;
	}
}

static void
explain_limit(struct explain *explain, const struct verdict *verdict,
    json_t *list)
{
	struct limits *limits = explain->daemon->model.gate.limits;
	json_t *object = json_object();
	struct limit_row row = { .resets_in = verdict->wait };

	(void)limits_find(limits, explain->daemon->config, verdict->rule,
	    verdict->key, explain->now, &row);
	json_object_set_new(object, "rule", show_text(verdict->rule));
	json_object_set_new(object, "key", show_text(verdict->key));
	json_object_set_new(object, "what",
	    json_string(limit_what_name(verdict->what)));
	json_object_set_new(object, "used", json_integer(verdict->used));
	json_object_set_new(object, "limit", json_integer(verdict->limit));
	json_object_set_new(object, "period", show_seconds(verdict->period));
	json_object_set_new(object, "resets_in", show_seconds(row.resets_in));
	json_object_set_new(object, "applies", json_true());
	json_object_set_new(object, "verdict",
	    json_string(action_name(verdict->action)));
	json_array_append_new(list, object);
}

static void
explain_limits(struct explain *explain)
{
	static const enum limit_what whats[] = { LIMIT_MESSAGES,
		LIMIT_RECIPIENTS };
	struct verdict list[LIMITS_APPLY_MAX];
	struct facts facts = explain_facts(explain);
	json_t *array = json_array();

	for (size_t i = 0; i < sizeof(whats) / sizeof(whats[0]); i++) {
		size_t count = limits_explain(
		    explain->daemon->model.gate.limits,
		    explain->daemon->config, &facts, whats[i], explain->now,
		    list, LIMITS_APPLY_MAX);

		explain->asking =
		    whats[i] == LIMIT_MESSAGES ? "mail" : "rcpt";
		for (size_t j = 0; j < count; j++) {
			explain_several(explain, &list[j]);
			explain_limit(explain, &list[j], array);
			refuse_by(explain, &list[j]);
		}
	}
	json_object_set_new(explain->object, "limits", array);
}

/* --- all of it --- */

/* What the client would read, as the milter would answer. */
static json_t *
explain_reply(const struct explain *explain)
{
	char text[REPLY_TEXT_MAX + 32];
	struct reply reply;

	if (lets_pass(explain->verdict.action) ||
	    explain->verdict.reason == REASON_ROUTE_REJECTS)
		return json_null();
	verdict_reply(&explain->verdict, &reply);
	(void)snprintf(text, sizeof(text), "%s %s %s", reply.code,
	    reply.enhanced, reply.text);
	return show_text(text);
}

json_t *
show_explain(struct daemon *daemon, const struct explain_request *request,
    struct now now)
{
	struct explain explain = { .daemon = daemon, .request = request,
		.now = now, .object = json_object() };

	verdict_accept(&explain.verdict);
	/* the keys a reader wants first stand first */
	json_object_set_new(explain.object, "verdict", json_null());
	json_object_set_new(explain.object, "reason", json_null());
	json_object_set_new(explain.object, "reply", json_null());
	json_object_set_new(explain.object, "stage", json_null());
	explain.asking = "connect";
	explain_connections(&explain);
	explain.asking = "mail";
	explain_who(&explain);
	explain_limits(&explain);
	explain.asking = "data";
	explain_decision(&explain);
	explain.asking = "headers";
	explain_from(&explain);
	json_object_set_new(explain.object, "verdict",
	    json_string(action_name(explain.verdict.action)));
	json_object_set_new(explain.object, "reason",
	    json_string(reason_tag(explain.verdict.reason)));
	json_object_set_new(explain.object, "reply", explain_reply(&explain));
	json_object_set_new(explain.object, "stage", show_text(explain.stage));
	tables_let_go(&explain.rights);
	return explain.object;
}
