/*
 * explain: every limit that takes in the session, in the order a message meets
 * them, with what is used of it and which one decides.
 */
#include "show_explain.h"

#include "core/limit_key.h"

#include <string.h>

#define BIT(what) (1U << (what))

static const struct throttle *
throttle_of(const struct explain *explain, const struct limit_view *view)
{
	const struct config *config = explain->daemon->config;
	size_t i = 0;

	while (strcmp(config->throttles[i].name, view->verdict.rule) != 0)
		i++;
	return &config->throttles[i];
}

/* Recipients of the message that this rule counts under this key. */
static uint64_t
recipients_of(const struct explain *explain, const struct throttle *throttle,
    const struct limit_view *view)
{
	const struct explain_request *request = explain->request;
	struct facts facts = explain_facts(explain);
	char key[LIMIT_KEY_MAX];
	uint64_t n = 0;

	for (size_t i = 0; i < request->nrecipients; i++) {
		facts.recipient = request->recipients[i];
		limit_key(explain->daemon->config, throttle, &facts, key);
		n += strcmp(key, view->verdict.key) == 0;
	}
	return n;
}

/*
 * limits_explain asks for one recipient; the message may have more than there
 * is room for. Then the rule refuses those that come last.
 */
static void
ask_for_all(const struct explain *explain, struct limit_view *view)
{
	const struct throttle *throttle = throttle_of(explain, view);
	struct verdict *verdict = &view->verdict;

	if (verdict->what != LIMIT_RECIPIENTS ||
	    view->scope != LIMIT_APPLIES ||
	    verdict->action != ACTION_ACCEPT ||
	    verdict->used + recipients_of(explain, throttle, view) <=
	    verdict->limit)
		return;
	verdict->action = throttle->action;
	verdict->reason = REASON_LIMIT;
}

static bool
is_row(const json_t *row, const struct verdict *verdict)
{
	return strcmp(json_string_value(json_object_get(row, "rule")),
	    verdict->rule) == 0 &&
	    strcmp(json_string_value(json_object_get(row, "key")),
	    verdict->key) == 0;
}

static const char *
scope_name(enum limit_scope scope)
{
	return scope == LIMIT_APPLIES ? "applies" :
	    scope == LIMIT_EXCEPTED ? "excepted" : "replaced";
}

static json_t *
limit_row(const struct limit_view *view)
{
	const struct verdict *verdict = &view->verdict;
	json_t *row = json_object();

	json_object_set_new(row, "rule", text_json(verdict->rule));
	json_object_set_new(row, "key", text_json(verdict->key));
	json_object_set_new(row, "what",
	    json_string(limit_what_name(verdict->what)));
	json_object_set_new(row, "used",
	    json_integer((json_int_t)verdict->used));
	json_object_set_new(row, "limit",
	    json_integer((json_int_t)verdict->limit));
	json_object_set_new(row, "period", show_seconds(verdict->period));
	json_object_set_new(row, "resets_in", show_seconds(view->resets_in));
	json_object_set_new(row, "applies",
	    json_boolean(view->scope == LIMIT_APPLIES));
	json_object_set_new(row, "scope",
	    json_string(scope_name(view->scope)));
	json_object_set_new(row, "replaced_by", text_json(view->replaced_by));
	json_object_set_new(row, "verdict",
	    json_string(action_name(verdict->action)));
	json_object_set_new(row, "decides", json_false());
	return row;
}

static void
add_view(struct explain *explain, struct limit_view *view)
{
	json_t *list = json_object_get(explain->object, "limits");
	const json_t *row;
	size_t i;

	json_array_foreach(list, i, row) {
		if (is_row(row, &view->verdict))
			return; /* the same of another recipient */
	}
	ask_for_all(explain, view);
	json_array_append_new(list, limit_row(view));
	explain_refuse_by(explain, &view->verdict);
}

static void
ask(struct explain *explain, const struct facts *facts, unsigned whats)
{
	struct limit_view list[LIMIT_SCOPE_MAX];
	size_t count = limits_explain(explain->daemon->model.gate.limits,
	    explain->daemon->config, facts, whats, explain->now, list,
	    LIMIT_SCOPE_MAX);

	for (size_t i = 0; i < count; i++)
		add_view(explain, &list[i]);
}

/* --- the stages --- */

void
explain_limits_connect(struct explain *explain)
{
	struct facts facts = explain_facts(explain);

	facts.user = facts.sender = facts.recipient = NULL;
	ask(explain, &facts, BIT(LIMIT_CONNECTIONS));
}

void
explain_limits_mail(struct explain *explain)
{
	struct facts facts = explain_facts(explain);

	ask(explain, &facts, BIT(LIMIT_MESSAGES) | BIT(LIMIT_CLIENTS));
}

void
explain_limits_rcpt(struct explain *explain)
{
	const struct explain_request *request = explain->request;
	struct facts facts = explain_facts(explain);

	if (request->nrecipients == 0)
		ask(explain, &facts, BIT(LIMIT_RECIPIENTS));
	for (size_t i = 0; i < request->nrecipients; i++) {
		facts.recipient = request->recipients[i];
		ask(explain, &facts, BIT(LIMIT_RECIPIENTS));
	}
}

void
explain_limits_end(struct explain *explain)
{
	struct facts facts = explain_facts(explain);

	ask(explain, &facts, BIT(LIMIT_BYTES));
}

void
explain_limits_decide(struct explain *explain)
{
	const struct verdict *verdict = &explain->verdict;
	json_t *row;
	size_t i;

	if (verdict->reason != REASON_LIMIT)
		return;
	json_array_foreach(json_object_get(explain->object, "limits"), i, row) {
		if (is_row(row, verdict))
			json_object_set_new(row, "decides", json_true());
	}
}
