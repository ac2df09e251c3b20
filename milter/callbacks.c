/*
 * The callbacks: each takes what Postfix says, asks checks and gatekeeper, and
 * answers. What libmilter 8.17 of Debian 12 was seen to do, and what follows:
 *
 * - A pool of workers runs them; one session's callbacks run on several
 *   threads, one after the other. A callback that waits occupies a thread, and
 *   the pool grows; so every wait of ours has a limit (io/state_client.h).
 * - Events we do not need are negotiated away: HELO, UNKNOWN, and BODY unless
 *   bytes are counted; so the session and its configuration begin there.
 *   Headers, their end and the body want no reply: the verdict on them is the
 *   reply to the end of the message. Asking for that is safe with a server that
 *   cannot do it: libmilter then sends the replies itself when we return
 *   SMFIS_NOREPLY. So it is asked for whatever is offered, lest a server that
 *   sends a body all the same waits for an answer.
 * - The end of the headers stays registered although it does nothing: a
 *   message without any header hangs otherwise.
 * - DATA is skipped on Unix sockets. On TCP it is answered: Postfix would wait
 *   40 ms a message for a delayed acknowledgement otherwise.
 * - SMFIS_ACCEPT is never returned: it would let what follows in the session
 *   or message pass unseen.
 * - Abort comes for each message that did not end, not only once a session,
 *   and close also for a session that never got as far as CONNECT.
 * - Macros are those sent for the present event or an earlier one; Postfix
 *   leaves out those without a value.
 *
 * libmilter gives callbacks no context before there is a session, hence the
 * two pointers of this file.
 */
#include "callbacks.h"

#include "reply.h"
#include "session.h"
#include "size.h"
#include "who.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACTIONS (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE)
#define NO_REPLIES (SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY)

static struct current *current;
static struct gatekeeper *keeper;
static bool on_unix_socket;

/* --- connection --- */

static struct milter_session *
session_begin(SMFICTX *ctx)
{
	struct tables *tables;
	struct config *config = current_get_both(current, &tables);
	struct milter_session *session = milter_session_new(config, tables);

	(void)smfi_setpriv(ctx, session);
	return session;
}

static sfsistat
negotiate_cb(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long f2, unsigned long f3, unsigned long *actions_r,
    unsigned long *steps_r, unsigned long *f2_r, unsigned long *f3_r)
{
	struct milter_session *session = session_begin(ctx);
	unsigned long unwanted = SMFIP_NOHELO | SMFIP_NOUNKNOWN;

	(void)f2;
	(void)f3;
	if (!session->counts_bytes)
		unwanted |= SMFIP_NOBODY;
	if (on_unix_socket)
		unwanted |= SMFIP_NODATA;
	*actions_r = actions & ACTIONS;
	*steps_r = (steps & unwanted) | NO_REPLIES;
	*f2_r = *f3_r = 0;
	return SMFIS_CONTINUE;
}

/* NULL or another family: a client without an address, such as a local one. */
static struct netaddr
client_of(const _SOCK_ADDR *addr, uint16_t *port_r)
{
	struct netaddr client = { .family = 0 };
	char text[INET6_ADDRSTRLEN] = "";

	*port_r = 0;
	if (addr == NULL)
		return client;
	if (addr->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, addr, sizeof(in));
		*port_r = ntohs(in.sin_port);
		(void)inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text));
	} else if (addr->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, addr, sizeof(in6));
		*port_r = ntohs(in6.sin6_port);
		(void)inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof(text));
	}
	if (netaddr_parse(text, &client) == -1)
		client.family = 0;
	return client;
}

static const struct listener *
listener_of(SMFICTX *ctx, const struct config *config)
{
	const char *port = reply_macro(ctx, "{daemon_port}");
	unsigned long n = port == NULL ? 0 : strtoul(port, NULL, 10);

	return config_listener(config, reply_macro(ctx, "{daemon_name}"),
	    n > UINT16_MAX ? 0 : (uint16_t)n);
}

static void
remember_refusal(struct milter_session *session,
    const struct verdict *verdict)
{
	session->refused = calloc(1, sizeof(*session->refused));
	if (session->refused == NULL)
		abort();
	verdict_reply(verdict, session->refused);
}

static sfsistat
connect_cb(SMFICTX *ctx, char *name, _SOCK_ADDR *addr)
{
	struct milter_session *session = smfi_getpriv(ctx);
	struct verdict verdict;
	struct netaddr client;
	uint16_t port;
	sfsistat status;

	(void)name;
	if (session == NULL) /* a server that does not negotiate */
		session = session_begin(ctx);
	session->listener = listener_of(ctx, session->config);
	client = client_of(addr, &port);
	visit_describe(&session->visit, session->listener->name, &client,
	    port);
	if (gatekeeper_connect(keeper, session->config, &session->visit,
	    &verdict)) {
		if (verdict.action == ACTION_HOLD)
			memcpy(session->held, verdict.rule,
			    sizeof(session->held));
		return SMFIS_CONTINUE;
	}
	status = reply_limit(ctx, session, "", &verdict);
	remember_refusal(session, &verdict);
	return status;
}

static sfsistat
close_cb(SMFICTX *ctx)
{
	struct milter_session *session = smfi_getpriv(ctx);

	if (session == NULL)
		return SMFIS_CONTINUE;
	gatekeeper_close(keeper, &session->visit);
	milter_session_free(&session);
	(void)smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

/* --- MAIL --- */

static void
hold(struct milter_session *session, const char *rule)
{
	char why[sizeof("limit ") + RULE_MAX_LEN];

	(void)snprintf(why, sizeof(why), "limit %s", rule);
	marks_hold(&session->marks, why);
}

static void
note_hold(struct milter_session *session, const struct verdict *verdict)
{
	if (verdict->action == ACTION_HOLD)
		hold(session, verdict->rule);
}

static sfsistat
mail_cb(SMFICTX *ctx, char **argv)
{
	struct milter_session *session = smfi_getpriv(ctx);
	struct mail_macros macros = {
		.auth_type = reply_macro(ctx, "{auth_type}"),
		.auth_authen = reply_macro(ctx, "{auth_authen}"),
		.mail_addr = reply_macro(ctx, "{mail_addr}"),
		.argument = argv[0] };
	char user[LOGIN_MAX + 1], sender[ADDRESS_MAX + 1];
	struct verdict verdict;
	sfsistat status;

	if (session == NULL || session->listener == NULL)
		return SMFIS_TEMPFAIL;
	if (session->refused != NULL)
		return reply_send(ctx, session->refused);
	milter_session_next_message(session);
	status = who_mail(ctx, session, keeper, &macros, user, sender);
	if (status != SMFIS_CONTINUE) {
		gatekeeper_done(keeper, &session->visit, false);
		return status;
	}
	if (!gatekeeper_mail(keeper, session->config, &session->visit, user,
	    user[0] != '\0' && macros.auth_authen == NULL, sender,
	    session->counts_bytes ?
	    size_declared((const char *const *)argv + 1) : 0, &verdict))
		return reply_limit(ctx, session, user, &verdict);
	note_hold(session, &verdict);
	if (session->held[0] != '\0')
		hold(session, session->held);
	return SMFIS_CONTINUE;
}

/* --- the message --- */

static const char *
or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

/* NULL when no message is in progress: the server's order is wrong. */
static struct milter_session *
session_in_message(SMFICTX *ctx)
{
	struct milter_session *session = smfi_getpriv(ctx);

	return session != NULL && session->visit.mail ? session : NULL;
}

static sfsistat
rcpt_cb(SMFICTX *ctx, char **argv)
{
	struct milter_session *session = session_in_message(ctx);
	char canonical[ADDRESS_MAX + 1];
	struct recipient recipient = { .address = canonical,
		.mailer = or_empty(reply_macro(ctx, "{rcpt_mailer}")),
		.host = or_empty(reply_macro(ctx, "{rcpt_host}")),
		.queue_id = or_empty(reply_macro(ctx, "i")) };
	struct verdict verdict;

	if (session == NULL)
		return SMFIS_TEMPFAIL;
	/* only counted and passed on: what cannot be made canonical stays */
	(void)check_address(reply_macro(ctx, "{rcpt_addr}"), argv[0],
	    canonical);
	if (!gatekeeper_rcpt(keeper, session->config, &session->visit,
	    &recipient, &verdict))
		return reply_limit(ctx, session, session->visit.user,
		    &verdict);
	note_hold(session, &verdict);
	return SMFIS_CONTINUE;
}

static sfsistat
data_cb(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

static sfsistat
header_cb(SMFICTX *ctx, char *name, char *value)
{
	struct milter_session *session = session_in_message(ctx);

	if (session == NULL)
		return SMFIS_NOREPLY;
	headers_add(&session->headers, name, value);
	session->size += size_of_header(name, value);
	return SMFIS_NOREPLY;
}

/* Comes where bytes are counted, or the server sends it all the same. */
static sfsistat
body_cb(SMFICTX *ctx, unsigned char *part, size_t len)
{
	struct milter_session *session = session_in_message(ctx);

	(void)part;
	if (session != NULL)
		session->size += len;
	return SMFIS_NOREPLY;
}

static sfsistat
eoh_cb(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_NOREPLY;
}

/* The last question: the message is over for the state and its limits. */
static sfsistat
end_message(SMFICTX *ctx, struct milter_session *session)
{
	uint64_t size = session->counts_bytes ?
	    session->size + SIZE_OF_BLANK_LINE : 0;
	char user[LOGIN_MAX + 1];
	struct verdict verdict;

	memcpy(user, session->visit.user, sizeof(user));
	if (!gatekeeper_end(keeper, session->config, &session->visit,
	    or_empty(reply_macro(ctx, "i")), size, &verdict))
		return reply_limit(ctx, session, user, &verdict);
	note_hold(session, &verdict);
	return SMFIS_CONTINUE;
}

static sfsistat
eom_cb(SMFICTX *ctx)
{
	struct milter_session *session = session_in_message(ctx);
	sfsistat status;

	if (session == NULL)
		return SMFIS_TEMPFAIL;
	status = who_headers(ctx, session, keeper);
	if (status == SMFIS_CONTINUE)
		status = end_message(ctx, session);
	else
		gatekeeper_done(keeper, &session->visit, true);
	if (status == SMFIS_CONTINUE &&
	    marks_apply(&session->marks, &session->headers, ctx) == -1)
		status = SMFIS_TEMPFAIL;
	milter_session_next_message(session);
	return status;
}

/* Also when there is no message. */
static sfsistat
abort_cb(SMFICTX *ctx)
{
	struct milter_session *session = smfi_getpriv(ctx);

	if (session == NULL)
		return SMFIS_CONTINUE;
	gatekeeper_done(keeper, &session->visit, false);
	milter_session_next_message(session);
	return SMFIS_CONTINUE;
}

int
callbacks_register(bool is_unix)
{
	static char name[] = "weir-milter";
	struct smfiDesc desc = {
		.xxfi_name = name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = ACTIONS,
		.xxfi_connect = connect_cb,
		.xxfi_envfrom = mail_cb,
		.xxfi_envrcpt = rcpt_cb,
		.xxfi_header = header_cb,
		.xxfi_eoh = eoh_cb,
		.xxfi_body = body_cb,
		.xxfi_eom = eom_cb,
		.xxfi_abort = abort_cb,
		.xxfi_close = close_cb,
		.xxfi_data = data_cb,
		.xxfi_negotiate = negotiate_cb,
	};

	on_unix_socket = is_unix;
	return smfi_register(desc) == MI_SUCCESS ? 0 : -1;
}

void
callbacks_use(struct current *current_config, struct gatekeeper *gatekeeper)
{
	current = current_config;
	keeper = gatekeeper;
}
