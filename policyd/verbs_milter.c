/*
 * Verbs and notes of weir-milter (core/wire.h), over the gate (core/gate.h).
 *
 * A milter repeats itself when an answer came too late or its connection
 * broke, so CONNECT of a session that is open begins it anew, and CLOSE of one
 * that is not is nothing.
 */
#include "daemon.h"

#include "core/past_note.h"
#include "core/text.h"
#include "io/clock.h"
#include "reload_order.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char no_session[] = "NOSESSION announce it and ask again";
static const char malformed[] = "ERR an argument is not what it should be";

static int
parse_key(const struct state_peer *peer, const char *id,
    struct session_key *key_r)
{
	const char *instance = state_peer_instance(peer);

	memset(key_r, 0, sizeof(*key_r));
	if (instance[0] == '\0' || text_copy(key_r->instance,
	    sizeof(key_r->instance), instance) != 0)
		return -1;
	return wire_number(id, UINT64_MAX, &key_r->id);
}

/* A client without an address (a local program) comes as "". */
static int
parse_client(const char *client, const char *port, struct netaddr *client_r,
    uint16_t *port_r)
{
	uint64_t number;

	memset(client_r, 0, sizeof(*client_r));
	if (client[0] != '\0' && netaddr_parse(client, client_r) != 0)
		return -1;
	if (wire_number(port, UINT16_MAX, &number) != 0)
		return -1;
	*port_r = (uint16_t)number;
	return 0;
}

static int
parse_flag(const char *text, bool *flag_r)
{
	uint64_t number;

	if (wire_number(text, 1, &number) != 0)
		return -1;
	*flag_r = number != 0;
	return 0;
}

static bool
too_long(const char *text, size_t max)
{
	return strlen(text) > max;
}

/* What is known of a session's message, for the past. */
static struct facts
facts_of(const struct session *session, const char *recipient)
{
	return (struct facts) {
		.listener = session->listener,
		.user = session->user,
		.client = session->client,
		.sender = session->mail ? session->sender : NULL,
		.recipient = recipient,
	};
}

static void
put_verdict(struct daemon *daemon, struct state_peer *peer,
    const struct verdict *verdict)
{
	const char *list[WIRE_VERDICT_ELEMENTS];
	struct wire_verdict wire;

	wire_verdict_put(&wire, verdict, daemon->config->generation);
	for (size_t i = 0; i < WIRE_VERDICT_ELEMENTS; i++)
		list[i] = wire.elements[i];
	state_reply_strings(peer, list, WIRE_VERDICT_ELEMENTS);
}

/* The answer; a refusal is remembered with what it was about. */
static void
reply_verdict(struct daemon *daemon, struct state_peer *peer,
    const struct facts *facts, const char *queue_id,
    const struct verdict *verdict)
{
	put_verdict(daemon, peer, verdict);
	past_note_refusal(daemon->model.past, facts, queue_id, verdict,
	    clock_now());
}

/* The peer's session of that id; else the peer is told, and NULL. */
static struct session *
session_or_error(struct daemon *daemon, struct state_peer *peer,
    const char *id)
{
	struct session *session;
	struct session_key key;

	if (parse_key(peer, id, &key) != 0) {
		state_reply_error(peer, malformed);
		return NULL;
	}
	session = sessions_find(daemon->model.gate.sessions, &key);
	if (session == NULL)
		state_reply_error(peer, no_session);
	return session;
}

/* --- requests --- */

static void
verb_connect(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct session_key key;
	struct netaddr client;
	struct verdict verdict;
	uint16_t port;

	(void)argc;
	if (parse_key(peer, argv[0], &key) != 0 ||
	    parse_client(argv[2], argv[3], &client, &port) != 0 ||
	    too_long(argv[1], NAME_MAX_LEN)) {
		state_reply_error(peer, malformed);
		return;
	}
	(void)gate_connect(&daemon->model.gate, daemon->config, &key, argv[1],
	    &client, port, clock_now(), &verdict);
	reply_verdict(daemon, peer,
	    &(struct facts) { .listener = argv[1], .client = client }, "",
	    &verdict);
}

static void
verb_mail(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct session *session;
	struct verdict verdict;
	struct facts facts;
	bool by_network = false;
	uint64_t size = 0;

	if (too_long(argv[1], LOGIN_MAX) || too_long(argv[2], ADDRESS_MAX) ||
	    (argc > 3 && parse_flag(argv[3], &by_network) != 0) ||
	    (argc > 4 && wire_number(argv[4], INT64_MAX, &size) != 0)) {
		state_reply_error(peer, malformed);
		return;
	}
	session = session_or_error(daemon, peer, argv[0]);
	if (session == NULL)
		return;
	(void)gate_mail(&daemon->model.gate, daemon->config, session,
	    argv[1][0] != '\0' ? argv[1] : NULL, argv[2], size, clock_now(),
	    &verdict);
	session->by_network = by_network;
	facts = facts_of(session, NULL);
	facts.user = argv[1]; /* a refusal ends what the session knew */
	facts.sender = argv[2];
	reply_verdict(daemon, peer, &facts, "", &verdict);
}

static void
verb_rcpt(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct model *model = &daemon->model;
	struct session *session;
	struct verdict verdict;
	struct facts facts;

	(void)argc;
	if (too_long(argv[1], ADDRESS_MAX) ||
	    too_long(argv[4], QUEUE_ID_MAX)) {
		state_reply_error(peer, malformed);
		return;
	}
	session = session_or_error(daemon, peer, argv[0]);
	if (session == NULL)
		return;
	if (argv[4][0] != '\0')
		session_set_queue_id(model->gate.sessions, session, argv[4]);
	(void)gate_rcpt(&model->gate, daemon->config, session, argv[1],
	    transport_is(&model->default_transport, argv[2], argv[3]),
	    clock_now(), &verdict);
	facts = facts_of(session, argv[1]);
	reply_verdict(daemon, peer, &facts, session->queue_id, &verdict);
}

/* What is refused is remembered, before the end takes the message. */
static void
end_message(struct daemon *daemon, struct session *session,
    const char *queue_id, uint64_t size, struct verdict *verdict)
{
	struct session before = *session;
	struct facts facts = facts_of(&before, NULL);
	struct now now = clock_now();

	(void)model_end(&daemon->model, session, queue_id, size, now, verdict);
	past_note_refusal(daemon->model.past, &facts, queue_id, verdict, now);
}

static void
verb_end(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct session *session;
	struct verdict verdict;
	uint64_t size;

	(void)argc;
	if (too_long(argv[1], QUEUE_ID_MAX) ||
	    wire_number(argv[2], INT64_MAX, &size) != 0) {
		state_reply_error(peer, malformed);
		return;
	}
	session = session_or_error(daemon, peer, argv[0]);
	if (session == NULL)
		return;
	end_message(daemon, session, argv[1], size, &verdict);
	put_verdict(daemon, peer, &verdict);
}

static void
verb_done(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct session *session;
	struct verdict verdict;
	bool give_back;

	(void)argc;
	if (parse_flag(argv[1], &give_back) != 0) {
		state_reply_error(peer, malformed);
		return;
	}
	session = session_or_error(daemon, peer, argv[0]);
	if (session == NULL)
		return;
	gate_done(&daemon->model.gate, daemon->config, session, give_back,
	    clock_now());
	verdict_accept(&verdict);
	put_verdict(daemon, peer, &verdict);
}

/* --- notes --- */

static void
note_ended(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct session *session;
	struct session_key key;
	struct verdict verdict;

	(void)argc;
	if (parse_key(peer, argv[0], &key) != 0) {
		state_reply_error(peer, malformed);
		return;
	}
	session = sessions_find(daemon->model.gate.sessions, &key);
	if (session == NULL || argv[1][0] == '\0' ||
	    strcmp(session->queue_id, argv[1]) != 0)
		return;
	end_message(daemon, session, argv[1], 0, &verdict);
}

static void
note_close(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct gate *gate = &daemon->model.gate;
	struct session *session;
	struct session_key key;

	(void)argc;
	if (parse_key(peer, argv[0], &key) != 0) {
		state_reply_error(peer, malformed);
		return;
	}
	session = sessions_find(gate->sessions, &key);
	if (session != NULL)
		gate_close(gate, session);
}

struct announced { /* ANNOUNCE, taken apart */
	struct session_key key;
	const char *listener;
	struct netaddr client;
	uint16_t port;
	bool mail, by_network;
	const char *user, *sender, *queue_id, *mailer, *host;
	uint64_t recipients;
};

static int
parse_announced(const struct state_peer *peer, size_t argc,
    const char *const *argv, struct announced *announced_r)
{
	struct announced *a = announced_r;

	a->listener = argv[1];
	a->user = argv[5];
	a->sender = argv[6];
	a->queue_id = argv[7];
	a->mailer = argv[9];
	a->host = argv[10];
	a->by_network = false;
	return parse_key(peer, argv[0], &a->key) != 0 ||
	    parse_client(argv[2], argv[3], &a->client, &a->port) != 0 ||
	    parse_flag(argv[4], &a->mail) != 0 ||
	    wire_number(argv[8], UINT32_MAX, &a->recipients) != 0 ||
	    (argc > 11 && parse_flag(argv[11], &a->by_network) != 0) ||
	    too_long(a->listener, NAME_MAX_LEN) ||
	    too_long(a->user, LOGIN_MAX) || too_long(a->sender, ADDRESS_MAX) ||
	    too_long(a->queue_id, QUEUE_ID_MAX) ? -1 : 0;
}

/* The message an announced session has in progress, as the milter knows it. */
static void
take_message(const struct model *model, struct session *session,
    const struct announced *announced)
{
	session->mail = true;
	session->has_user = announced->user[0] != '\0';
	session->by_network = announced->by_network;
	(void)text_copy(session->user, sizeof(session->user),
	    announced->user);
	(void)text_copy(session->sender, sizeof(session->sender),
	    announced->sender);
	session->recipients = (uint32_t)announced->recipients;
	/* another run of ours may have decided: no lack is told of */
	session->decision = REASON_STATE_AWAY;
	session->all_default = announced->recipients == 0 ||
	    transport_is(&model->default_transport, announced->mailer,
	        announced->host);
	session_set_queue_id(model->gate.sessions, session,
	    announced->queue_id);
}

static void
note_announce(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct gate *gate = &daemon->model.gate;
	struct announced announced;
	struct session *session;

	if (parse_announced(peer, argc, argv, &announced) != 0) {
		state_reply_error(peer, malformed);
		return;
	}
	gate_announce(gate, &announced.key, announced.listener,
	    &announced.client, announced.port);
	session = sessions_find(gate->sessions, &announced.key);
	if (session != NULL && announced.mail)
		take_message(&daemon->model, session, &announced);
}

static void
note_charged(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct claim claim = { .cost = 0 };
	uint64_t age_ms;

	if (wire_number(argv[2], INT64_MAX, &claim.cost) != 0 ||
	    wire_number(argv[3], UINT32_MAX, &age_ms) != 0 ||
	    (argc > 4 &&
	    netaddr_parse(argv[4], &claim.network) != 0)) {
		state_reply_error(peer, malformed);
		return;
	}
	limits_add(daemon->model.gate.limits, daemon->config, argv[0],
	    argv[1], &claim, span_ms((int64_t)age_ms), clock_now());
}

/*
 * Keys a milter's events may have; an event keeps a pointer to its own. Others
 * are passed over, so that a newer milter is still heard.
 */
static const char *const event_keys[] = { "action", "address", "away_ms",
	"client", "for", "from", "header", "header_sender", "host", "key",
	"limit", "listener", "milter", "period", "queue_id", "reason",
	"recipient", "ref", "resent_from", "resent_sender", "rule", "sender",
	"sessions", "text", "used", "user", "version", "wait", "what",
	"why" };

static const char *
event_key(const char *key)
{
	for (size_t i = 0; i < sizeof(event_keys) / sizeof(event_keys[0]);
	     i++) {
		if (strcmp(event_keys[i], key) == 0)
			return event_keys[i];
	}
	return NULL;
}

static void
note_event(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	enum event_kind kind = event_by_name(argv[0]);
	struct now now = clock_now();
	struct notice notice;

	if (kind == EVENT_KINDS || argc % 2 == 0) {
		state_reply_error(peer, malformed);
		return;
	}
	notice_init(&notice, kind, now.wall);
	for (size_t i = 1; i < argc; i += 2) {
		const char *key = event_key(argv[i]);

		if (key != NULL)
			notice_add(&notice, key, argv[i + 1]);
	}
	past_note_event(daemon->model.past, &notice);
	if (kind != EVENT_IDENTITY_REFUSED ||
	    offences_note(daemon->model.offences, &notice, now.mono))
		events_add(daemon->model.events, &notice);
}

static void
note_applied(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	uint64_t generation;

	if (wire_number(argv[0], UINT64_MAX, &generation) != 0)
		state_reply_error(peer, malformed);
	else
		reload_orders_milter(daemon->reload_orders,
		    state_peer_instance(peer), generation, argv + 1, argc - 1);
}

/* --- which configuration --- */

static void
verb_generation(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	char text[24];
	const char *list[] = { text };

	(void)argc;
	(void)argv;
	(void)snprintf(text, sizeof(text), "%" PRIu64,
	    daemon->config->generation);
	state_reply_strings(peer, list, 1);
}

const struct state_verb verbs_milter[] = {
	{ "CONNECT", STATE_REPORT, 4, 4, false, verb_connect },
	{ "MAIL", STATE_REPORT, 3, 5, false, verb_mail },
	{ "RCPT", STATE_REPORT, 5, 5, false, verb_rcpt },
	{ "END", STATE_REPORT, 3, 3, false, verb_end },
	{ "DONE", STATE_REPORT, 2, 2, false, verb_done },
	{ "ENDED", STATE_REPORT, 2, 2, true, note_ended },
	{ "CLOSE", STATE_REPORT, 1, 1, true, note_close },
	{ "ANNOUNCE", STATE_REPORT, 11, 12, true, note_announce },
	{ "CHARGED", STATE_REPORT, 4, 5, true, note_charged },
	{ "EVENT", STATE_REPORT, 1, 1 + 2 * EVENT_FIELDS_MAX, true,
	    note_event },
	{ "APPLIED", STATE_REPORT, 1, 1 + WIRE_MISTAKES_MAX, true,
	    note_applied },
	{ "GENERATION", STATE_READ, 0, 0, false, verb_generation },
};
const size_t verbs_milter_count =
    sizeof(verbs_milter) / sizeof(verbs_milter[0]);
