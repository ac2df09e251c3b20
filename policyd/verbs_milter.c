/*
 * Verbs of weir-milter (core/wire.h), over the gate (core/gate.h); its notes
 * are in notes_milter.c.
 *
 * A milter repeats itself when its connection broke, so CONNECT of a session
 * that is open begins it anew. When an answer came too late it has closed the
 * connection and counted by itself: what would be charged for nobody is not.
 */
#include "report.h"

#include "core/past_note.h"
#include "core/text.h"
#include "io/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { RCPT_ARGS = 5, RCPT_BEGIN_ARGS = 8 };

static const char no_session[] = "NOSESSION announce it and ask again";

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

	if (report_key(peer, id, &key) != 0) {
		state_reply_error(peer, report_malformed);
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

	if (state_peer_left(peer))
		return;
	(void)argc;
	if (report_key(peer, argv[0], &key) != 0 ||
	    report_client(argv[2], argv[3], &client, &port) != 0 ||
	    report_too_long(argv[1], NAME_MAX_LEN)) {
		state_reply_error(peer, report_malformed);
		return;
	}
	(void)gate_connect(&daemon->model.gate, daemon->config, &key, argv[1],
	    &client, port, clock_now(), &verdict);
	reply_verdict(daemon, peer,
	    &(struct facts) { .listener = argv[1], .client = client }, "",
	    &verdict);
}

struct beginning { /* of a message */
	const char *user, *sender;
	bool by_network;
	uint64_t size; /* 0: not known */
};

/* argv: user sender [by-network [size]]. */
static int
parse_beginning(size_t argc, const char *const *argv,
    struct beginning *beginning_r)
{
	*beginning_r = (struct beginning) { .user = argv[0],
		.sender = argv[1] };
	return report_too_long(argv[0], LOGIN_MAX) ||
	    report_too_long(argv[1], ADDRESS_MAX) ||
	    (argc > 2 &&
	    report_flag(argv[2], &beginning_r->by_network) != 0) ||
	    (argc > 3 &&
	    wire_number(argv[3], INT64_MAX, &beginning_r->size) != 0) ? -1 : 0;
}

/* Whose it is and from, also when a refusal ended what the session knew. */
static struct facts
begin(struct daemon *daemon, struct session *session,
    const struct beginning *beginning, struct verdict *verdict)
{
	struct facts facts;

	(void)gate_mail(&daemon->model.gate, daemon->config, session,
	    beginning->user[0] != '\0' ? beginning->user : NULL,
	    beginning->sender, beginning->size, clock_now(), verdict);
	session->by_network = beginning->by_network;
	facts = report_facts(session, NULL);
	facts.user = beginning->user;
	facts.sender = beginning->sender;
	return facts;
}

static void
verb_mail(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct beginning beginning;
	struct session *session;
	struct verdict verdict;
	struct facts facts;

	if (state_peer_left(peer))
		return;
	if (parse_beginning(argc - 1, argv + 1, &beginning) != 0) {
		state_reply_error(peer, report_malformed);
		return;
	}
	session = session_or_error(daemon, peer, argv[0]);
	if (session == NULL)
		return;
	facts = begin(daemon, session, &beginning, &verdict);
	reply_verdict(daemon, peer, &facts, "", &verdict);
}

/* What holds the message at its beginning is not lost to what lets it pass. */
static void
join_verdicts(const struct verdict *mail, struct verdict *rcpt)
{
	if (verdict_passes(rcpt) && rcpt->action != ACTION_HOLD &&
	    mail->action != ACTION_ACCEPT)
		*rcpt = *mail;
}

static void
recipient(struct daemon *daemon, struct state_peer *peer,
    struct session *session, const char *const *argv,
    const struct verdict *mail)
{
	struct model *model = &daemon->model;
	struct verdict verdict;
	struct facts facts;

	if (argv[4][0] != '\0')
		session_set_queue_id(model->gate.sessions, session, argv[4]);
	(void)gate_rcpt(&model->gate, daemon->config, session, argv[1],
	    transport_is(&model->default_transport, argv[2], argv[3]),
	    clock_now(), &verdict);
	join_verdicts(mail, &verdict);
	facts = report_facts(session, argv[1]);
	reply_verdict(daemon, peer, &facts, session->queue_id, &verdict);
}

static void
verb_rcpt(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	bool begins = argc > RCPT_ARGS;
	struct beginning beginning;
	struct session *session;
	struct verdict verdict;
	struct facts facts;

	if (state_peer_left(peer))
		return;
	if (report_too_long(argv[1], ADDRESS_MAX) ||
	    report_too_long(argv[4], QUEUE_ID_MAX) || (begins &&
	    (argc != RCPT_BEGIN_ARGS || parse_beginning(argc - RCPT_ARGS,
	    argv + RCPT_ARGS, &beginning) != 0))) {
		state_reply_error(peer, report_malformed);
		return;
	}
	session = session_or_error(daemon, peer, argv[0]);
	if (session == NULL)
		return;
	verdict_accept(&verdict);
	if (begins)
		facts = begin(daemon, session, &beginning, &verdict);
	if (verdict_passes(&verdict))
		recipient(daemon, peer, session, argv, &verdict);
	else
		reply_verdict(daemon, peer, &facts, argv[4], &verdict);
}

static void
verb_end(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct session *session;
	struct verdict verdict;
	uint64_t size;

	if (state_peer_left(peer))
		return;
	(void)argc;
	if (report_too_long(argv[1], QUEUE_ID_MAX) ||
	    wire_number(argv[2], INT64_MAX, &size) != 0) {
		state_reply_error(peer, report_malformed);
		return;
	}
	session = session_or_error(daemon, peer, argv[0]);
	if (session == NULL)
		return;
	report_end(daemon, session, argv[1], size, &verdict);
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
	if (report_flag(argv[1], &give_back) != 0) {
		state_reply_error(peer, report_malformed);
		return;
	}
	session = session_or_error(daemon, peer, argv[0]);
	if (session == NULL)
		return;
	gate_done(&daemon->model.gate, session, give_back,
	    clock_now());
	verdict_accept(&verdict);
	put_verdict(daemon, peer, &verdict);
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
	{ "RCPT", STATE_REPORT, RCPT_ARGS, RCPT_BEGIN_ARGS, false,
	    verb_rcpt },
	{ "END", STATE_REPORT, 3, 3, false, verb_end },
	{ "DONE", STATE_REPORT, 2, 2, false, verb_done },
	{ "GENERATION", STATE_READ, 0, 0, false, verb_generation },
};
const size_t verbs_milter_count =
    sizeof(verbs_milter) / sizeof(verbs_milter[0]);
