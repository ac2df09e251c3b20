/*
 * weirctl explain: one message taken through every stage, in the order it
 * would meet them, by the functions that decide about real mail. Nothing is
 * charged, chosen or remembered. The first stage that stands in the way gives
 * the verdict; the later ones are shown all the same.
 */
#include "show.h"

#include "core/connections.h"
#include "core/from.h"
#include "core/identity.h"
#include "core/match.h"
#include "io/idn.h"

#include <stdio.h>
#include <string.h>

struct explain {
	struct daemon *daemon;
	const struct explain_request *request;
	struct now now;
	const char *user; /* canonical; NULL: none */
	struct verdict verdict; /* the first that is not accept */
	json_t *object;
};

static bool
refused(const struct explain *explain)
{
	return explain->verdict.action != ACTION_ACCEPT;
}

static void
refuse(struct explain *explain, enum action action, enum reason reason,
    const char *subject)
{
	struct verdict *verdict = &explain->verdict;

	if (refused(explain) || reason == REASON_OK ||
	    action == ACTION_ACCEPT || action == ACTION_OBSERVE)
		return;
	verdict->action = action;
	verdict->reason = reason;
	(void)snprintf(verdict->subject, sizeof(verdict->subject), "%s",
	    subject);
}

static struct facts
explain_facts(const struct explain *explain)
{
	const struct explain_request *request = explain->request;

	return (struct facts) {
		.listener = request->listener->name,
		.user = explain->user,
		.client = request->client,
		.sender = request->sender,
		.recipient = request->nrecipients > 0 ?
		    request->recipients[0] : NULL,
	};
}

/* --- connections --- */

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
	refuse(explain, ACTION_DEFER, answer.reason, "");
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

/* --- who --- */

/* The login, else what the client's network gives; a reason when neither. */
static enum reason
explain_login(struct explain *explain, json_t *object)
{
	const struct explain_request *request = explain->request;
	const char *by = "login";

	if (request->has_user)
		explain->user =
		    request->login == REASON_OK ? request->user : NULL;
	else if (request->client.family != 0) {
		by = "network";
		explain->user = identity_by_network(
		    &explain->daemon->config->identities, &request->client);
	}
	json_object_set_new(object, "user", show_text(explain->user));
	json_object_set_new(object, "by",
	    show_text(explain->user != NULL ? by : NULL));
	if (request->login != REASON_OK)
		return request->login;
	return explain->user == NULL && request->listener->require_user ?
	    REASON_USER_REQUIRED : REASON_OK;
}

static const char *
unlisted_name(enum unlisted unlisted)
{
	static const char *const names[] = {
		[UNLISTED_REJECT] = "reject",
		[UNLISTED_OWN_ADDRESS] = "own-address",
		[UNLISTED_ANY] = "any",
	};

	return names[unlisted];
}

static void
explain_listed(const struct explain *explain, json_t *object)
{
	const struct identities *identities =
	    &explain->daemon->config->identities;
	json_t *listed = json_array();

	for (size_t i = 0; explain->user != NULL && i < identities->nusers;
	    i++) {
		const struct identity_user *user = &identities->users[i];

		if (strcmp(user->user, explain->user) != 0)
			continue;
		for (size_t j = 0; j < user->senders.count; j++)
			json_array_append_new(listed,
			    show_text(user->senders.list[j]));
	}
	json_object_set_new(object, "listed", listed);
	json_object_set_new(object, "unlisted",
	    json_string(unlisted_name(identities->unlisted)));
}

/* null where it was not asked, or nobody is there to be held to it */
static void
set_allowed(json_t *object, const char *key, bool asked, enum reason reason)
{
	json_object_set_new(object, key,
	    asked ? json_boolean(reason == REASON_OK) : json_null());
}

/* As the milter asks (milter/checks.c); *subject_r: the address refused. */
static enum reason
from_reason(const struct explain *explain, char subject_r[ADDRESS_MAX + 1])
{
	const struct identities *identities =
	    &explain->daemon->config->identities;
	const char *from = explain->request->from, *why;
	struct mailboxes mailboxes;

	subject_r[0] = '\0';
	if (from_parse(from, strlen(from), &mailboxes, &why) != FROM_OK)
		return REASON_FROM_SYNTAX;
	for (size_t i = 0; i < mailboxes.count; i++) {
		char address[ADDRESS_MAX + 1];

		(void)snprintf(subject_r, ADDRESS_MAX + 1, "%s",
		    mailboxes.list[i]);
		if (idn_address(mailboxes.list[i], address) == -1)
			return REASON_FROM_SYNTAX;
		if (!identity_owns(identities, explain->user, address))
			return REASON_FROM_NOT_OWNED;
	}
	subject_r[0] = '\0';
	return REASON_OK;
}

/* The From header is checked last of all, when the message has come in. */
static void
explain_from(struct explain *explain)
{
	json_t *object = json_object_get(explain->object, "identity");
	bool asked = explain->user != NULL && explain->request->from != NULL;
	char subject[ADDRESS_MAX + 1] = "";
	enum reason reason =
	    asked ? from_reason(explain, subject) : REASON_OK;

	refuse(explain, explain->daemon->config->identities.header_from,
	    reason, subject);
	json_object_set_new(object, "from", show_text(explain->request->from));
	set_allowed(object, "from_allowed", asked, reason);
	json_object_set_new(object, "from_reason",
	    json_string(reason_tag(reason)));
}

static void
explain_who(struct explain *explain)
{
	const struct identities *identities =
	    &explain->daemon->config->identities;
	const char *sender = explain->request->sender;
	json_t *object = json_object();
	enum reason reason = explain_login(explain, object);

	explain_listed(explain, object);
	json_object_set_new(object, "sender", show_text(sender));
	if (reason != REASON_OK)
		refuse(explain, ACTION_REJECT, reason, "");
	else if (explain->user != NULL) {
		reason = identity_envelope(identities, explain->user, sender);
		refuse(explain, reason == REASON_SENDER_NULL ?
		    ACTION_REJECT : identities->envelope, reason, sender);
	}
	set_allowed(object, "sender_allowed", explain->user != NULL, reason);
	json_object_set_new(object, "reason", json_string(reason_tag(reason)));
	json_object_set_new(explain->object, "identity", object);
}

/* --- limits --- */

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
	struct verdict list[THROTTLES_MAX];
	struct facts facts = explain_facts(explain);
	json_t *array = json_array();

	for (size_t i = 0; i < sizeof(whats) / sizeof(whats[0]); i++) {
		size_t count = limits_explain(explain->daemon->model.gate.limits,
		    explain->daemon->config, &facts, whats[i], explain->now,
		    list, THROTTLES_MAX);

		for (size_t j = 0; j < count; j++) {
			explain_limit(explain, &list[j], array);
			if (!refused(explain) &&
			    list[j].action != ACTION_ACCEPT &&
			    list[j].action != ACTION_OBSERVE)
				explain->verdict = list[j];
		}
	}
	json_object_set_new(explain->object, "limits", array);
}

/* --- by which smart host --- */

static json_t *
show_candidate(const struct explain *explain, const struct decision *decision,
    const struct candidate *candidate)
{
	const struct connector *connector = decision->connector;
	json_t *object = json_object();

	json_object_set_new(object, "host",
	    show_text(explain->daemon->config->hosts[candidate->host].name));
	json_object_set_new(object, "chosen",
	    json_boolean(candidate->position == 1));
	json_object_set_new(object, "position", candidate->position > 0 ?
	    json_integer(candidate->position) : json_null());
	json_object_set_new(object, "reason",
	    json_string(reason_tag(candidate->reason)));
	for (size_t i = 0; connector != NULL && i < connector->nmembers; i++) {
		if (connector->members[i].host != candidate->host)
			continue;
		json_object_set_new(object, "cost",
		    json_integer(connector->members[i].cost));
		json_object_set_new(object, "weight",
		    json_integer(connector->members[i].weight));
	}
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

static void
explain_decision(struct explain *explain)
{
	struct model *model = &explain->daemon->model;
	struct facts facts = explain_facts(explain);
	enum reason guard = explain_guard(explain);
	json_t *object = explain->object, *candidates = json_array();
	char action[ACTION_TEXT_MAX];
	struct decision decision;

	choose(&model->chooser, model->config, &model->hosts, &facts,
	    explain->now, true, &decision);
	json_object_set_new(object, "route",
	    show_text(decision.route != NULL ? decision.route->name : NULL));
	show_route(object, model->config, &facts, decision.route);
	show_connector(object, decision.connector);
	for (size_t i = 0; i < decision.ncandidates; i++)
		json_array_append_new(candidates, show_candidate(explain,
		    &decision, &decision.candidates[i]));
	json_object_set_new(object, "candidates", candidates);
	json_object_set_new(object, "decision", json_string(
	    reason_tag(guard != REASON_OK ? guard : decision.reason)));
	json_object_set_new(object, "action",
	    show_text(guard != REASON_OK ? "DUNNO" :
	        decision_action(&decision, model->config, action)));
	if (guard == REASON_OK && decision.kind == DECISION_REJECT)
		refuse(explain, ACTION_REJECT, decision.reason, "");
}

/* --- all of it --- */

/* What the client would read, as the milter would answer. */
static json_t *
explain_reply(const struct explain *explain)
{
	char text[REPLY_TEXT_MAX + 32];
	struct reply reply;

	if (!refused(explain) ||
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
	/* the three keys a reader wants first stand first */
	json_object_set_new(explain.object, "verdict", json_null());
	json_object_set_new(explain.object, "reason", json_null());
	json_object_set_new(explain.object, "reply", json_null());
	explain_connections(&explain);
	explain_who(&explain);
	explain_limits(&explain);
	explain_decision(&explain);
	explain_from(&explain);
	json_object_set_new(explain.object, "verdict",
	    json_string(action_name(explain.verdict.action)));
	json_object_set_new(explain.object, "reason",
	    json_string(reason_tag(explain.verdict.reason)));
	json_object_set_new(explain.object, "reply", explain_reply(&explain));
	return explain.object;
}
