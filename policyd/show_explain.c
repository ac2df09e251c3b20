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
void
explain_refuse_by(struct explain *explain, const struct verdict *verdict)
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
	explain_refuse_by(explain, &verdict);
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
	json_object_set_new(object, "listener", text_json(listener->name));
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
	return text_json(text);
}

json_t *
show_explain(struct daemon *daemon, const struct explain_request *request,
    const struct explain_found *found, struct now now)
{
	struct explain explain = { .daemon = daemon, .request = request,
		.found = found, .now = now, .object = json_object() };

	verdict_accept(&explain.verdict);
	/* the keys a reader wants first stand first */
	json_object_set_new(explain.object, "verdict", json_null());
	json_object_set_new(explain.object, "reason", json_null());
	json_object_set_new(explain.object, "reply", json_null());
	json_object_set_new(explain.object, "stage", json_null());
	explain.asking = "connect";
	explain_connections(&explain);
	json_object_set_new(explain.object, "limits", json_array());
	explain_limits_connect(&explain);
	explain.asking = "mail";
	explain_who(&explain);
	explain_limits_mail(&explain);
	explain.asking = "rcpt";
	explain_limits_rcpt(&explain);
	explain.asking = "data";
	explain_decision(&explain);
	explain.asking = "headers";
	explain_from(&explain);
	explain.asking = "end";
	explain_limits_end(&explain);
	explain_limits_decide(&explain);
	json_object_set_new(explain.object, "verdict",
	    json_string(action_name(explain.verdict.action)));
	json_object_set_new(explain.object, "reason",
	    json_string(reason_tag(explain.verdict.reason)));
	json_object_set_new(explain.object, "reply", explain_reply(&explain));
	json_object_set_new(explain.object, "stage", text_json(explain.stage));
	return explain.object;
}
