/*
 * The answer to a policy request: what is known of the message, the guard on
 * its recipients, the choice, and the memory of answers given.
 */
#include "core/answer.h"

#include "core/identity.h"
#include "core/past_note.h"
#include "core/route.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

static const char dunno[] = "DUNNO";

/* What a message is for the decision, and where its strings live. */
struct message {
	struct facts facts;
	char user[LOGIN_MAX + 1];
};

enum reason
answer_facts(const struct config *config, const struct session *session,
    struct facts *facts_r)
{
	if (!session->mail || session->recipients == 0)
		return REASON_RECIPIENTS_UNKNOWN;
	*facts_r = session_facts(session, NULL);
	if (route_fit_whole(&session->fit, config, session->recipients))
		facts_r->fit = &session->fit;
	if (!session->all_default &&
	    (facts_r->fit == NULL || facts_r->fit->refused == 0))
		return REASON_RECIPIENT_NOT_REMOTE;
	return REASON_OK;
}

bool
model_recipient_local(const struct config *config, const char *recipient)
{
	const struct strings *local_domains = &config->local_domains;
	const char *at = strrchr(recipient, '@');

	if (at == NULL)
		return true;
	for (size_t i = 0; i < local_domains->count; i++) {
		if (text_equal_nocase(local_domains->list[i], at + 1))
			return true;
	}
	return false;
}

/* The facts are there when it is refused too: it may be sent all the same. */
static enum reason
facts_of_request(const struct config *config,
    const struct policy_request *request, struct message *message_r)
{
	const struct identities *identities = &config->identities;
	const char *user = NULL;
	bool login = request->user[0] != '\0';

	if (!login)
		user = identity_by_network(identities, &request->client);
	else if (identity_login(identities, request->user, message_r->user) ==
	    REASON_OK)
		user = message_r->user;
	message_r->facts = (struct facts) {
		.listener =
		    config_listener(config, NULL, request->server_port)->name,
		.user = user,
		.by_network = user != NULL && !login,
		.client = request->client,
		.sender = request->sender,
		.recipient = request->recipient,
	};
	if (request->overlong || request->recipient_count != 1 ||
	    request->recipient[0] == '\0' || config->local_domains.count == 0)
		return REASON_RECIPIENTS_UNKNOWN;
	return model_recipient_local(config, request->recipient) ?
	    REASON_RECIPIENT_NOT_REMOTE : REASON_OK;
}

/*
 * What is known of the message, or why nothing can be decided about it; and
 * the session that hands it in, NULL when no milter told of it.
 */
static enum reason
message_of(const struct model *model, const struct policy_request *request,
    struct message *message_r, struct session **session_r)
{
	struct session *session;
	bool ambiguous = false;

	session = sessions_match(model->gate.sessions, request->queue_id,
	    &request->client, request->client_port, request->sender,
	    &ambiguous);
	*session_r = session;
	if (ambiguous)
		return REASON_SESSION_AMBIGUOUS;
	if (session != NULL &&
	    session->recipients != request->recipient_count)
		return REASON_RECIPIENTS_UNKNOWN;
	if (session != NULL)
		return answer_facts(model->config, session,
		    &message_r->facts);
	return facts_of_request(model->config, request, message_r);
}

/* By the login's own smart host, as far as there is a login? */
static bool
has_affinity(const struct config *config, const struct route *route)
{
	return route->target == ROUTE_CONNECTOR &&
	    config->connectors[route->connector].balance == BALANCE_AFFINITY;
}

bool
answer_pins(const struct config *config, const struct route *route,
    const struct facts *facts)
{
	switch (config->policy.pin) {
	case PIN_ALWAYS:
		return true;
	case PIN_LOGIN:
		return route != NULL && (route_asks_session(route) ||
		    (facts->user != NULL && !facts->by_network &&
		    has_affinity(config, route)));
	case PIN_NEVER:
		break;
	}
	return false;
}

/* What is not pinned moves no balance: the socketmap will be asked. */
void
model_choose(struct model *model, const struct facts *facts, struct now now,
    bool dry, struct decision *decision)
{
	const struct config *config = model->config;
	const struct route *doubt;
	const struct route *route = route_find_sure(config, facts, &doubt);
	bool pin;

	if (doubt != NULL)
		route = NULL;
	pin = answer_pins(config, route, facts);
	choose(&model->chooser, config, &model->hosts, route,
	    facts, now, dry || !pin, decision);
	if (doubt != NULL) {
		decision->route = doubt;
		decision->reason = facts->fit != NULL
		    ? REASON_RECIPIENTS_DIFFER : REASON_RECIPIENTS_UNKNOWN;
	}
	if (pin && !dry)
		spreads_note(&model->spreads, config, facts, decision);
	if (pin || decision->kind != DECISION_FILTER)
		return;
	decision->kind = DECISION_DUNNO;
	decision->reason = REASON_NOT_PINNED;
}

/* A FILTER of an earlier DATA stays with the message, whatever is said now. */
static void
hold_to_filter(struct model *model, struct past_choice *choice)
{
	const struct reason_row *row = reason_row(REASON_FILTER_STAYS);

	if (strcmp(choice->action, dunno) != 0)
		return;
	(void)snprintf(model->action, sizeof(model->action), "%s %s %s",
	    row->code, row->enhanced, row->text);
	choice->reason = REASON_FILTER_STAYS;
	choice->action = model->action;
}

/* *filtered: it was answered with FILTER, before or now. */
static const char *
decide(struct model *model, const struct policy_request *request,
    bool *filtered, struct now now)
{
	struct message message;
	struct decision decision;
	struct session *session;
	struct past_choice choice = { .queue_id = request->queue_id,
		.recipients = request->recipient_count, .action = dunno,
		.reason = message_of(model, request, &message, &session) };

	if (choice.reason == REASON_OK) {
		model_choose(model, &message.facts, now, false, &decision);
		choice.facts = &message.facts;
		choice.decision = &decision;
		choice.reason = decision.reason;
		choice.action = decision_action(&decision, model->config,
		    model->action);
	}
	*filtered = *filtered || (session != NULL && session->filtered);
	if (*filtered)
		hold_to_filter(model, &choice);
	*filtered = *filtered || strncmp(choice.action, "FILTER ", 7) == 0;
	model->answered[choice.reason]++;
	if (session != NULL) {
		session->decision = choice.reason; /* model_end notes whose */
		session->filtered = *filtered;
	} else if (choice.reason != REASON_SESSION_AMBIGUOUS) {
		senders_note(model->senders, model->config, request->queue_id,
		    &message.facts);
	}
	past_note_choice(model->past, &model->hosts, &choice, now);
	return choice.action;
}

/* FNV-1a; instances come from Postfix, not from strangers. */
static struct answer *
slot_of(const struct model *model, const char *instance)
{
	uint32_t hash = 2166136261U;

	for (; *instance != '\0'; instance++)
		hash = (hash ^ (uint8_t)*instance) * 16777619U;
	return &model->answers[hash % ANSWERS_MAX];
}

static bool
is_of(const struct answer *slot, const struct policy_request *request)
{
	return request->instance[0] != '\0' &&
	    strcmp(slot->instance, request->instance) == 0;
}

static void
remember(struct answer *slot, const struct policy_request *request,
    const char *action, bool filtered)
{
	slot->state = request->state;
	slot->recipients = request->recipient_count;
	slot->filtered = filtered;
	if (text_copy(slot->action, sizeof(slot->action), action) == 0)
		(void)text_copy(slot->instance, sizeof(slot->instance),
		    request->instance);
	else
		slot->instance[0] = '\0';
}

const char *
model_answer(struct model *model, const struct policy_request *request,
    struct now now)
{
	struct answer *slot = slot_of(model, request->instance);
	bool known = is_of(slot, request);
	bool filtered = known && slot->filtered;
	const char *action;

	model->requests++;
	if (request->state == POLICY_OTHER)
		return dunno;
	if (known && request->recipient_count == slot->recipients)
		return request->state == slot->state ? slot->action : dunno;
	action = decide(model, request, &filtered, now);
	remember(slot, request, action, filtered);
	return action;
}
