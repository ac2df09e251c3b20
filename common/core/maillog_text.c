/*
 * A table of the ways smtp(8) puts things (Postfix 3.7, smtp_connect.c,
 * smtp_proto.c, smtp_sasl_glue.c, smtp_addr.c), each with what it means. What
 * is not in it is not about the host.
 */
#include "core/maillog_text.h"

#include "core/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
blame(struct maillog_verdict *verdict, enum evidence_grade grade,
    enum stage stage, const char *error, int code, const char *text)
{
	struct evidence *evidence = &verdict->evidence;

	verdict->relevant = true;
	evidence->grade = grade;
	evidence->stage = stage;
	evidence->code = code;
	(void)text_copy(evidence->error, sizeof(evidence->error), error);
	(void)snprintf(evidence->text, sizeof(evidence->text), "%.*s",
	    ERROR_TEXT_MAX - 1, text); /* a long one is cut */
}

/* --- where, and reply codes --- */

/* Takes "H[IP]:PORT" or "H[IP]"; what stands behind it, or NULL. */
static const char *
take_endpoint(const char *text, struct maillog_verdict *verdict)
{
	const char *open = strchr(text, '[');
	const char *p = open == NULL ? NULL : strchr(open, ']');

	if (p == NULL || maillog_endpoint(text, strlen(text), &verdict->ip,
	    &verdict->port) == -1)
		return NULL;
	p++;
	if (*p == ':' && is_digit(p[1]))
		p += 1 + strspn(p + 1, "0123456789");
	return p;
}

/* "450 4.2.0 text": the number, or 0. */
static int
reply_code(const char *text)
{
	if (text[0] < '2' || text[0] > '5' || !is_digit(text[1]) ||
	    !is_digit(text[2]) || is_digit(text[3]))
		return 0;
	return (text[0] - '0') * 100 + (text[1] - '0') * 10 + text[2] - '0';
}

static void
blame_reply(struct maillog_verdict *verdict, enum evidence_grade grade,
    enum stage stage, const char *reply)
{
	char error[ERROR_NAME_MAX];
	int code = reply_code(reply);

	(void)snprintf(error, sizeof(error), "smtp_%03d", code);
	blame(verdict, grade, stage, error, code, reply);
}

/* --- one function for each way of saying --- */

typedef void (*rule_fn)(const char *rest, struct maillog_verdict *);

static const struct {
	const char *text; /* of glibc, which Postfix logs as it is */
	const char *name;
	int code;
} connect_errors[] = {
	{ "Connection refused", "ECONNREFUSED", ECONNREFUSED },
	{ "Connection timed out", "ETIMEDOUT", ETIMEDOUT },
	{ "Connection reset by peer", "ECONNRESET", ECONNRESET },
	{ "No route to host", "EHOSTUNREACH", EHOSTUNREACH },
	{ "Network is unreachable", "ENETUNREACH", ENETUNREACH },
	{ "Host is down", "EHOSTDOWN", EHOSTDOWN },
	{ "Network is down", "ENETDOWN", ENETDOWN },
	{ "Permission denied", "EACCES", EACCES },
	{ "Operation not permitted", "EPERM", EPERM },
};

/* "connect to H[IP]:PORT: reason" */
static void
on_connect(const char *rest, struct maillog_verdict *verdict)
{
	const char *p = take_endpoint(rest, verdict);

	if (p == NULL || strncmp(p, ": ", 2) != 0)
		return;
	p += 2;
	for (size_t i = 0;
	     i < sizeof(connect_errors) / sizeof(connect_errors[0]); i++) {
		if (strncmp(p, connect_errors[i].text,
		    strlen(connect_errors[i].text)) == 0) {
			blame(verdict, EVIDENCE_HARD, STAGE_TCP,
			    connect_errors[i].name, connect_errors[i].code,
			    connect_errors[i].text);
			return;
		}
	}
	blame(verdict, EVIDENCE_HARD, STAGE_TCP, "connect", 0, p);
}

/*
 * What was said in answer to what. The command is at the very end, and what
 * stands before it is the host's own text, in which it repeats what a sender
 * chose; so it is looked for there only, and in no line that was cut. No
 * row: 5xx about one message or sender, and whatever was said to RCPT.
 */
static const struct {
	const char *command;
	int from, to; /* reply codes */
	enum evidence_grade grade;
	enum stage stage;
} replies[] = {
	{ "EHLO", 400, 599, EVIDENCE_HARD, STAGE_EHLO },
	{ "HELO", 400, 599, EVIDENCE_HARD, STAGE_EHLO },
	{ "STARTTLS", 400, 599, EVIDENCE_HARD, STAGE_TLS },
	{ "AUTH", 400, 599, EVIDENCE_HARD, STAGE_AUTH },
	{ "MAIL FROM", 421, 421, EVIDENCE_HARD, STAGE_MAIL },
	{ "MAIL FROM", 400, 499, EVIDENCE_SOFT, STAGE_MAIL },
	/* RFC 4954 6: it wants a login that smtp(8) did not give */
	{ "MAIL FROM", 530, 530, EVIDENCE_HARD, STAGE_AUTH },
	{ "DATA", 400, 499, EVIDENCE_SOFT, STAGE_DATA },
	{ "end of DATA", 400, 499, EVIDENCE_SOFT, STAGE_DATA },
};

/*
 * "554 5.7.1 <x@example.org>: Relay access denied", "550 5.7.54 SMTP; Unable to
 * relay", "550 relay not permitted": the word stands behind the address that
 * is repeated, or there is none; a sender chooses what is in it. An enhanced
 * code, where there is one, speaks of policy (RFC 3463 3.8).
 */
static bool
denies_relaying(const char *reply)
{
	const char *text = reply + strcspn(reply, " ");
	const char *address_end = strrchr(text, '>');

	text += strspn(text, " ");
	if (is_digit(text[0]) && text[1] == '.' &&
	    strncmp(text + 1, ".7.", 3) != 0)
		return false;
	if (address_end != NULL)
		text = address_end;
	else if (strchr(text, '@') != NULL)
		return false;
	while (*text != '\0' && strncasecmp(text, "relay", 5) != 0)
		text++;
	return *text != '\0';
}

static const char *
last_match(const char *text, const char *wanted)
{
	const char *found = NULL;

	for (const char *p = strstr(text, wanted); p != NULL;
	     p = strstr(p + 1, wanted))
		found = p;
	return found;
}

static void
on_said(const char *reply, struct maillog_verdict *verdict)
{
	static const char mark[] = "(in reply to ";
	const char *command = last_match(reply, mark);
	int code = reply_code(reply);

	if (command == NULL || verdict->cut)
		return;
	command += sizeof(mark) - 1;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		size_t len = strlen(replies[i].command);

		if (strncmp(command, replies[i].command, len) != 0 ||
		    strcmp(command + len, " command)") != 0 ||
		    code < replies[i].from || code > replies[i].to)
			continue;
		blame_reply(verdict, replies[i].grade, replies[i].stage,
		    reply);
		return;
	}
	verdict->denied = code >= 400 && denies_relaying(reply) &&
	    strcmp(command, "RCPT TO command)") == 0;
}

/* "host H[IP] said: ..." and "host H[IP] refused to talk to me: ..." */
static void
on_host(const char *rest, struct maillog_verdict *verdict)
{
	static const char said[] = " said: ";
	static const char refused[] = " refused to talk to me: ";
	const char *p = take_endpoint(rest, verdict);

	if (p == NULL)
		return;
	if (strncmp(p, said, sizeof(said) - 1) == 0)
		on_said(p + sizeof(said) - 1, verdict);
	/* banner or EHLO, the log does not say: what heals both is EHLO */
	else if (strncmp(p, refused, sizeof(refused) - 1) == 0)
		blame_reply(verdict, EVIDENCE_HARD, STAGE_EHLO,
		    p + sizeof(refused) - 1);
}

/* What smtp(8) was doing when the host left or fell silent. */
static const struct {
	const char *phase;
	enum evidence_grade grade;
	enum stage stage;
} phases[] = {
	{ "receiving the initial server greeting", EVIDENCE_HARD,
	    STAGE_BANNER },
	{ "performing the EHLO handshake", EVIDENCE_HARD, STAGE_EHLO },
	{ "performing the HELO handshake", EVIDENCE_HARD, STAGE_EHLO },
	{ "receiving the STARTTLS response", EVIDENCE_HARD, STAGE_TLS },
	{ "performing the TLS handshake", EVIDENCE_HARD, STAGE_TLS },
	{ "receiving the AUTH", EVIDENCE_HARD, STAGE_AUTH },
	{ "sending MAIL FROM", EVIDENCE_SOFT, STAGE_MAIL },
	{ "sending RCPT TO", EVIDENCE_SOFT, STAGE_MAIL },
	{ "sending DATA command", EVIDENCE_SOFT, STAGE_DATA },
	{ "sending message body", EVIDENCE_SOFT, STAGE_DATA },
	{ "sending end of data", EVIDENCE_SOFT, STAGE_DATA },
};

static void
on_phase(const char *text, const char *mark, const char *error, int code,
    const char *words, struct maillog_verdict *verdict)
{
	char told[ERROR_TEXT_MAX];

	if (text == NULL || strncmp(text, mark, strlen(mark)) != 0)
		return;
	text += strlen(mark);
	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
		if (strncmp(text, phases[i].phase,
		    strlen(phases[i].phase)) != 0)
			continue;
		(void)snprintf(told, sizeof(told), "%s while %s", words,
		    phases[i].phase);
		blame(verdict, phases[i].grade, phases[i].stage, error, code,
		    told);
		return;
	}
}

/* "lost connection with H[IP] while PHASE" */
static void
on_lost(const char *rest, struct maillog_verdict *verdict)
{
	on_phase(take_endpoint(rest, verdict), " while ", "lost_connection", 0,
	    "connection lost", verdict);
}

/* "conversation with H[IP] timed out while PHASE" */
static void
on_silent(const char *rest, struct maillog_verdict *verdict)
{
	on_phase(take_endpoint(rest, verdict), " timed out while ",
	    "ETIMEDOUT", ETIMEDOUT, "timed out", verdict);
}

/* "TLS is required, but was not offered by host H[IP]" */
static void
on_tls_absent(const char *rest, struct maillog_verdict *verdict)
{
	if (take_endpoint(rest, verdict) != NULL)
		blame(verdict, EVIDENCE_HARD, STAGE_TLS, "tls_absent", 0,
		    "TLS is required, but was not offered");
}

/* "TLS is required, but host H[IP] refused to start TLS: 454 ..." */
static void
on_tls_refused(const char *rest, struct maillog_verdict *verdict)
{
	static const char mark[] = " refused to start TLS: ";
	const char *p = take_endpoint(rest, verdict);

	if (p != NULL && strncmp(p, mark, sizeof(mark) - 1) == 0)
		blame_reply(verdict, EVIDENCE_HARD, STAGE_TLS,
		    p + sizeof(mark) - 1);
}

/* "SSL_connect error to H[IP]:PORT: -1" */
static void
on_tls_broken(const char *rest, struct maillog_verdict *verdict)
{
	if (take_endpoint(rest, verdict) != NULL)
		blame(verdict, EVIDENCE_HARD, STAGE_TLS, "tls_handshake", 0,
		    "TLS handshake failed");
}

/* "Cannot start TLS: handshake failure": whose, the status line knows. */
static void
on_tls_failed(const char *rest, struct maillog_verdict *verdict)
{
	(void)rest;
	blame(verdict, EVIDENCE_HARD, STAGE_TLS, "tls_handshake", 0,
	    "TLS handshake failed");
}

/* "Server certificate not trusted", "... not verified" */
static void
on_certificate(const char *rest, struct maillog_verdict *verdict)
{
	(void)rest;
	blame(verdict, EVIDENCE_HARD, STAGE_TLS, "tls_certificate", 0,
	    "the certificate is not the one that is wanted");
}

/* "SASL authentication failed; server H[IP] said: 535 ..." */
static void
on_auth_refused(const char *rest, struct maillog_verdict *verdict)
{
	static const char mark[] = " said: ";
	const char *p = take_endpoint(rest, verdict);

	if (p != NULL && strncmp(p, mark, sizeof(mark) - 1) == 0)
		blame_reply(verdict, EVIDENCE_HARD, STAGE_AUTH,
		    p + sizeof(mark) - 1);
}

/* "SASL authentication failed; cannot authenticate to server H[IP]: ..." */
static void
on_auth_impossible(const char *rest, struct maillog_verdict *verdict)
{
	if (take_endpoint(rest, verdict) != NULL)
		blame(verdict, EVIDENCE_HARD, STAGE_AUTH, "auth_impossible", 0,
		    "no way to log in that both sides know");
}

static void
blame_name(struct maillog_verdict *verdict, const char *name, size_t len)
{
	if (text_copy_n(verdict->name, sizeof(verdict->name), name, len) == 0)
		blame(verdict, EVIDENCE_HARD, STAGE_DNS, "name_not_found", 0,
		    "the name has no address");
}

/*
 * "unable to look up host NAME: reason": a resolver that is away says nothing
 * of the host, a name that is not there does.
 */
static void
on_look_up(const char *rest, struct maillog_verdict *verdict)
{
	const char *colon = strchr(rest, ':');

	if (colon != NULL &&
	    (strncmp(colon, ": Name or service not known", 27) == 0 ||
	        strncmp(colon, ": No address associated with", 28) == 0))
		blame_name(verdict, rest, (size_t)(colon - rest));
}

/* "... Name service error for name=NAME type=A: Host not found" */
static void
on_name_service(const char *rest, struct maillog_verdict *verdict)
{
	const char *end = strchr(rest, ' ');
	const char *why = end != NULL ? strstr(end, ": ") : NULL;

	if (why != NULL && strncmp(why, ": Host not found", 16) == 0 &&
	    why[16] != ',')
		blame_name(verdict, rest, (size_t)(end - rest));
}

/* "mail for NEXTHOP loops back to myself": whose, the status line knows. */
static void
on_loop(const char *rest, struct maillog_verdict *verdict)
{
	static const char end[] = " loops back to myself";
	size_t len = strlen(rest), tail = sizeof(end) - 1;

	if (len > tail && strcmp(rest + len - tail, end) == 0)
		blame(verdict, EVIDENCE_HARD, STAGE_EHLO, "loop", 0, "it "
		    "answers by our own name: mail would come back to us");
}

static const struct {
	const char *start;
	rule_fn rule;
} rules[] = {
	{ "connect to ", on_connect },
	{ "host ", on_host },
	{ "lost connection with ", on_lost },
	{ "conversation with ", on_silent },
	{ "TLS is required, but was not offered by host ", on_tls_absent },
	{ "TLS is required, but host ", on_tls_refused },
	{ "SSL_connect error to ", on_tls_broken },
	{ "Cannot start TLS: handshake failure", on_tls_failed },
	{ "Server certificate not ", on_certificate },
	{ "SASL authentication failed; server ", on_auth_refused },
	{ "SASL authentication failed; cannot authenticate to server ",
	    on_auth_impossible },
	{ "mail for ", on_loop },
	{ "unable to look up host ", on_look_up },
	{ "Host or domain name not found. Name service error for name=",
	    on_name_service },
};

void
maillog_text(const char *text, struct maillog_verdict *verdict)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		size_t len = strlen(rules[i].start);

		if (strncmp(text, rules[i].start, len) == 0) {
			rules[i].rule(text + len, verdict);
			return;
		}
	}
}
