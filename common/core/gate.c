/*
 * Connection caps and throttles in the order an SMTP session meets them.
 */
#include "core/gate.h"

#include "core/connections.h"
#include "core/limit_key.h"
#include "core/match.h"
#include "core/text.h"

#include <string.h>

void
gate_init(struct gate *gate, const struct config *config,
    const uint8_t seed[16], struct events *events)
{
	gate->limits = limits_new(config->state.max_keys, seed, events);
	gate->sessions = sessions_new(seed);
	gate->refusals = refusals_new(seed);
	gate->events = events;
	gate_use(gate, config);
}

void
gate_use(struct gate *gate, const struct config *config)
{
	sessions_use_prefix(gate->sessions, limit_prefix(config));
}

void
gate_clear(struct gate *gate)
{
	limits_free(&gate->limits);
	sessions_free(&gate->sessions);
	refusals_free(&gate->refusals);
}

/* --- connections --- */

/* The listener of that name; one that a reload took away is held as default. */
static const struct listener *
listener_find(const struct config *config, const char *name)
{
	const struct listener *listener = config_find_listener(config, name);

	if (listener != NULL || config->nlisteners == 0)
		return listener;
	return &config->listeners[config->nlisteners - 1];
}

static void
connection_verdict(struct gate *gate, const struct config *config,
    const char *listener, const struct netaddr *client,
    const struct connections_answer *answer, enum action action,
    struct verdict *verdict)
{
	char source[SOURCE_TEXT_MAX];

	verdict->action = action;
	verdict->reason = answer->reason;
	verdict->used = answer->used;
	verdict->limit = answer->limit;
	(void)text_copy(verdict->rule, sizeof(verdict->rule), listener);
	(void)text_copy(verdict->key, sizeof(verdict->key),
	    limit_source_text(client, limit_prefix(config), source));
	limits_ref(gate->limits, verdict->ref);
}

static void
tell_connection(struct gate *gate, const struct config *config,
    const char *listener, const struct netaddr *client,
    const struct verdict *verdict, struct now now)
{
	struct netaddr source = limit_source(client, limit_prefix(config));
	struct notice notice;
	unsigned untold;

	if (!refusals_tell(gate->refusals, listener, &source, now.mono,
	    &untold) || gate->events == NULL)
		return;
	notice_init(&notice, verdict->action == ACTION_OBSERVE ?
	    EVENT_LIMIT_OBSERVED : EVENT_LIMIT_REACHED, now.wall);
	notice_add(&notice, "rule", verdict->rule);
	notice_add(&notice, "key", verdict->key);
	notice_add(&notice, "what", "connections");
	notice_add_number(&notice, "used", (int64_t)verdict->used);
	notice_add_number(&notice, "limit", (int64_t)verdict->limit);
	notice_add(&notice, "reason", reason_tag(verdict->reason));
	notice_add(&notice, "ref", verdict->ref);
	if (untold > 0)
		notice_add_number(&notice, "repeats", untold);
	events_add(gate->events, &notice);
}

/* Throttles of connections: nothing of what they charge is given back. */
static bool
charge_connection(struct gate *gate, const struct config *config,
    const char *listener, const struct netaddr *client, struct now now,
    struct verdict *verdict)
{
	struct facts facts = { .listener = listener, .client = *client };

	return limits_charge(gate->limits, config, &facts, LIMIT_CONNECTIONS,
	    1, now, NULL, verdict);
}

/* There is no room for more than SESSIONS_MAX, whatever the action. */
static bool
open_session(struct gate *gate, const struct session_key *key,
    const char *listener, const struct netaddr *client, uint16_t port,
    struct connections_answer *answer, enum action *action)
{
	if (sessions_add(gate->sessions, key, listener, client, port) != NULL)
		return true;
	answer->reason = REASON_CONNECTIONS_TOTAL;
	answer->used = (uint32_t)sessions_count(gate->sessions);
	answer->limit = SESSIONS_MAX;
	*action = ACTION_DEFER;
	return false;
}

/*
 * Caps first: what they refuse is not counted as a connection. Asked again
 * because our answer was lost, it is one connection, and was counted then. Of
 * a throttle that holds and a cap that observes the throttle is named.
 */
static bool
let_in(struct gate *gate, const struct config *config,
    const struct session_key *key, const char *listener,
    const struct netaddr *client, uint16_t port, struct now now,
    struct verdict *verdict)
{
	const struct listener *caps = listener_find(config, listener);
	struct session *known = sessions_find(gate->sessions, key);
	struct connections_answer answer = { .admitted = true };
	enum action action = ACTION_ACCEPT;
	struct verdict cap;
	bool passes;

	if (known != NULL)
		sessions_remove(gate->sessions, known);
	if (caps != NULL)
		answer = connections_ask(caps,
		    sessions_open(gate->sessions, listener),
		    sessions_open_of(gate->sessions, listener, client),
		    match_networks(&caps->exempt_clients, client));
	if (!answer.admitted)
		action = caps->over_limit;
	if (known == NULL && action_passes(action) && !charge_connection(gate,
	    config, listener, client, now, verdict))
		return false;
	passes = action_passes(action) && open_session(gate, key, listener,
	    client, port, &answer, &action);
	if (action == ACTION_ACCEPT)
		return true;
	verdict_accept(&cap);
	connection_verdict(gate, config, listener, client, &answer, action,
	    &cap);
	tell_connection(gate, config, listener, client, &cap, now);
	if (!passes || verdict->action != ACTION_HOLD)
		*verdict = cap;
	return passes;
}

bool
gate_connect(struct gate *gate, const struct config *config,
    const struct session_key *key, const char *listener,
    const struct netaddr *client, uint16_t port, struct now now,
    struct verdict *verdict)
{
	struct netaddr source = limit_source(client, limit_prefix(config));

	verdict_accept(verdict);
	gate_use(gate, config);
	if (let_in(gate, config, key, listener, client, port, now, verdict))
		return true;
	refusals_count(gate->refusals, listener, &source);
	return false;
}

void
gate_announce(struct gate *gate, const struct session_key *key,
    const char *listener, const struct netaddr *client, uint16_t port)
{
	if (sessions_find(gate->sessions, key) == NULL)
		(void)sessions_add(gate->sessions, key, listener, client,
		    port);
}

void
gate_close(struct gate *gate, struct session *session)
{
	sessions_remove(gate->sessions, session);
}

/* --- messages --- */

static bool
charge(struct gate *gate, const struct config *config,
    struct session *session, const char *recipient,
    const struct limit_request *request, struct now now,
    struct verdict *verdict)
{
	struct facts facts = session_facts(session, recipient);

	return limits_ask(gate->limits, config, &facts, request, now,
	    &session->receipts, verdict);
}

static bool
refuse(struct gate *gate, enum action action, enum reason reason,
    struct verdict *verdict)
{
	verdict_accept(verdict);
	verdict->action = action;
	verdict->reason = reason;
	limits_ref(gate->limits, verdict->ref);
	return false;
}

static bool
mail_begin(struct gate *gate, const struct config *config,
    struct session *session, const char *user, const char *sender,
    uint64_t size, struct now now, struct verdict *verdict)
{
	struct limit_request request = { .cost = { [LIMIT_MESSAGES] = 1,
	    [LIMIT_CLIENTS] = 1 }, .foreseen = size };

	session->has_user = user != NULL && user[0] != '\0';
	if (session->has_user &&
	    text_copy(session->user, sizeof(session->user), user) == -1)
		return refuse(gate, ACTION_REJECT, REASON_LOGIN_TOO_LONG,
		    verdict);
	if (text_copy(session->sender, sizeof(session->sender), sender) == -1)
		return refuse(gate, ACTION_REJECT, REASON_SENDER_SYNTAX,
		    verdict);
	return charge(gate, config, session, NULL, &request, now, verdict);
}

bool
gate_mail(struct gate *gate, const struct config *config,
    struct session *session, const char *user, const char *sender,
    uint64_t size, struct now now, struct verdict *verdict)
{
	session_reset(gate->sessions, session);
	session->mail = mail_begin(gate, config, session, user, sender, size,
	    now, verdict);
	session->all_default = session->mail;
	if (!session->mail)
		session_reset(gate->sessions, session);
	return session->mail;
}

bool
gate_mail_decides(const struct config *config)
{
	return config_counts(config, LIMIT_MESSAGES) ||
	    config_counts(config, LIMIT_CLIENTS) ||
	    config_counts(config, LIMIT_BYTES);
}

bool
gate_rcpt(struct gate *gate, const struct config *config,
    struct session *session, const char *recipient, bool is_default,
    struct now now, struct verdict *verdict)
{
	struct limit_request request = { .cost = { [LIMIT_RECIPIENTS] = 1 } };
	struct facts facts = session_facts(session, recipient);

	if (!session->mail)
		return refuse(gate, ACTION_DEFER, REASON_STATE_AWAY, verdict);
	if (!charge(gate, config, session, recipient, &request, now,
		verdict))
		return false;
	session->recipients++;
	route_fit_note(&session->fit, config, recipient);
	if (is_default)
		route_fit_refuse(&session->fit, config, &facts);
	session->all_default = session->all_default && is_default;
	return true;
}

bool
gate_end_decides(const struct config *config)
{
	return config->milter.on_unrouted != ACTION_OBSERVE ||
	    config_counts(config, LIMIT_BYTES);
}

bool
gate_end(struct gate *gate, const struct config *config,
    struct session *session, uint64_t size, struct now now,
    struct verdict *verdict)
{
	struct limit_request request = { .cost = { [LIMIT_BYTES] = size } };
	bool passes = charge(gate, config, session, NULL, &request, now,
	    verdict);

	/* who came so far was not refused at DATA, whatever was answered */
	if (passes)
		session_reset(gate->sessions, session);
	else
		gate_done(gate, session, true, now);
	return passes;
}

/* The policy service refused it at DATA, and nothing was decided after. */
static bool
refused_by_route(const struct session *session)
{
	return session->decision == REASON_ROUTE_REJECTS ||
	    session->decision == REASON_NONE_AVAILABLE;
}

void
gate_done(struct gate *gate, struct session *session, bool give_back,
    struct now now)
{
	if (give_back || refused_by_route(session))
		limits_give_back(gate->limits, &session->receipts, now);
	session_reset(gate->sessions, session);
}
