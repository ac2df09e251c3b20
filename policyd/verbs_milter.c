/*
 * Verbs of weir-milter (core/wire.h), over the gate (core/gate.h); its notes are
 * in notes_milter.c.
 *
 * A milter repeats itself when an answer came too late or its connection broke,
 * so CONNECT of a session that is open begins it anew.
 */
#include "report.h"

#include "core/past_note.h"
#include "core/text.h"
#include "io/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

	if (report_too_long(argv[1], LOGIN_MAX) || report_too_long(argv[2], ADDRESS_MAX) ||
	    (argc > 3 && report_flag(argv[3], &by_network) != 0) ||
	    (argc > 4 && wire_number(argv[4], INT64_MAX, &size) != 0)) {
		state_reply_error(peer, report_malformed);
		return;
	}
	session = session_or_error(daemon, peer, argv[0]);
	if (session == NULL)
		return;
	(void)gate_mail(&daemon->model.gate, daemon->config, session,
	    argv[1][0] != '\0' ? argv[1] : NULL, argv[2], size, clock_now(),
	    &verdict);
	session->by_network = by_network;
	facts = report_facts(session, NULL);
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
	if (report_too_long(argv[1], ADDRESS_MAX) ||
	    report_too_long(argv[4], QUEUE_ID_MAX)) {
		state_reply_error(peer, report_malformed);
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
	facts = report_facts(session, argv[1]);
	reply_verdict(daemon, peer, &facts, session->queue_id, &verdict);
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
	{ "RCPT", STATE_REPORT, 5, 5, false, verb_rcpt },
	{ "END", STATE_REPORT, 3, 3, false, verb_end },
	{ "DONE", STATE_REPORT, 2, 2, false, verb_done },
	{ "GENERATION", STATE_READ, 0, 0, false, verb_generation },
};
const size_t verbs_milter_count =
    sizeof(verbs_milter) / sizeof(verbs_milter[0]);
