/*
 * Notes of weir-milter (core/wire.h): what needs no answer. CLOSE of a session
 * that is not open is nothing: a milter repeats itself.
 */
#include "report.h"

#include "core/past_note.h"
#include "core/text.h"
#include "io/clock.h"
#include "reload_order.h"

#include <string.h>

static void
note_ended(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct session *session;
	struct session_key key;
	struct verdict verdict;

	(void)argc;
	if (report_key(peer, argv[0], &key) != 0) {
		state_reply_error(peer, report_malformed);
		return;
	}
	session = sessions_find(daemon->model.gate.sessions, &key);
	if (session == NULL || argv[1][0] == '\0' ||
	    strcmp(session->queue_id, argv[1]) != 0)
		return;
	report_end(daemon, session, argv[1], 0, &verdict);
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
	if (report_key(peer, argv[0], &key) != 0) {
		state_reply_error(peer, report_malformed);
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
	return report_key(peer, argv[0], &a->key) != 0 ||
	    report_client(argv[2], argv[3], &a->client, &a->port) != 0 ||
	    report_flag(argv[4], &a->mail) != 0 ||
	    wire_number(argv[8], UINT32_MAX, &a->recipients) != 0 ||
	    (argc > 11 && report_flag(argv[11], &a->by_network) != 0) ||
	    report_too_long(a->listener, NAME_MAX_LEN) ||
	    report_too_long(a->user, LOGIN_MAX) ||
	    report_too_long(a->sender, ADDRESS_MAX) ||
	    report_too_long(a->queue_id, QUEUE_ID_MAX) ? -1 : 0;
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
		state_reply_error(peer, report_malformed);
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
		state_reply_error(peer, report_malformed);
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
		state_reply_error(peer, report_malformed);
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
		state_reply_error(peer, report_malformed);
	else
		reload_orders_milter(daemon->reload_orders,
		    state_peer_instance(peer), generation, argv + 1, argc - 1);
}

const struct state_verb notes_milter[] = {
	{ "ENDED", STATE_REPORT, 2, 2, true, note_ended },
	{ "CLOSE", STATE_REPORT, 1, 1, true, note_close },
	{ "ANNOUNCE", STATE_REPORT, 11, 12, true, note_announce },
	{ "CHARGED", STATE_REPORT, 4, 5, true, note_charged },
	{ "EVENT", STATE_REPORT, 1, 1 + 2 * EVENT_FIELDS_MAX, true,
	    note_event },
	{ "APPLIED", STATE_REPORT, 1, 1 + WIRE_MISTAKES_MAX, true,
	    note_applied },
};
const size_t notes_milter_count =
    sizeof(notes_milter) / sizeof(notes_milter[0]);
