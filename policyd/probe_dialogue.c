/*
 * What a probe says and how it takes the answers, phase by phase.
 */
#include "probe.h"

#include "core/text.h"
#include "io/clock.h"
#include "own_failure.h"
#include "probe_auth.h"

#include <errno.h>
#include <event2/bufferevent_ssl.h>
#include <stdio.h>
#include <string.h>

enum { QUIT_SECONDS = 2, SAID_MAX = 320 };

/*
 * What a phase waits for: the stage a failure has, and its words. EHLO within
 * TLS that STARTTLS began is of stage tls: a probe that stops short of it must
 * not heal it.
 */
static const struct {
	enum stage stage;
	const char *waits_for;
} phases[PHASE_COUNT] = {
	[PHASE_CONNECT] = { STAGE_TCP, "the connection" },
	[PHASE_HANDSHAKE] = { STAGE_TLS, "the TLS handshake" },
	[PHASE_BANNER] = { STAGE_BANNER, "the banner" },
	[PHASE_EHLO] = { STAGE_EHLO, "the answer to EHLO" },
	[PHASE_HELO] = { STAGE_EHLO, "the answer to HELO" },
	[PHASE_STARTTLS] = { STAGE_TLS, "the answer to STARTTLS" },
	[PHASE_EHLO_TLS] = { STAGE_TLS, "the answer to EHLO within TLS" },
	[PHASE_AUTH] = { STAGE_AUTH, "the answer to AUTH" },
	[PHASE_AUTH_USER] = { STAGE_AUTH, "the answer to AUTH" },
	[PHASE_AUTH_PASSWORD] = { STAGE_AUTH, "the answer to the password" },
	[PHASE_QUIT] = { STAGE_EHLO, "the answer to QUIT" },
};

/* --- what is told --- */

static void
stage_add(struct probe *probe, enum stage stage, bool ok, const char *text)
{
	struct probe_report *report = &probe->report;
	struct mono now = clock_now().mono;
	struct probe_stage *row = &report->stages[report->nstages];

	if (report->nstages == PROBE_STAGES_MAX)
		return;
	row->stage = stage;
	row->ok = ok;
	row->ms = mono_since(now, probe->stage_began).us / 1000;
	text_clean(row->text, sizeof(row->text), text, strlen(text));
	probe->stage_began = now;
	report->nstages++;
}

static void
give(struct probe *probe, enum stage stage, int code, const char *error,
    const char *text)
{
	struct evidence *evidence = &probe->report.evidence;

	evidence->grade = is_own_failure(code) ? EVIDENCE_NONE : EVIDENCE_HARD;
	evidence->source = probe->target.as;
	evidence->stage = stage;
	evidence->code = code;
	(void)snprintf(evidence->error, sizeof(evidence->error), "%s", error);
	text_clean(evidence->text, sizeof(evidence->text), text,
	    strlen(text));
	stage_add(probe, stage, false, text);
	probe_tell(probe);
}

/* Ends a probe that has nothing more to say. */
static void
fail(struct probe *probe, int code, const char *error, const char *text)
{
	if (probe->phase != PHASE_QUIT)
		give(probe, phases[probe->phase].stage, code, error, text);
	probe_free(probe);
}

static void
fail_waiting(struct probe *probe, int code, const char *error,
    const char *what)
{
	char text[ERROR_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%s %s", what,
	    phases[probe->phase].waits_for);
	fail(probe, code, error, text);
}

/* Evidence is given; QUIT and a short wait for its answer. */
static void
quit(struct probe *probe)
{
	static const struct timeval patience = { QUIT_SECONDS, 0 };

	probe->phase = PHASE_QUIT;
	if (probe_say(probe, "QUIT") != 0) {
		probe_free(probe);
		return;
	}
	(void)event_add(probe->deadline, &patience);
}

/* The server did its part, and the probe ends with a failure all the same. */
static void
refuse(struct probe *probe, enum stage stage, const char *error,
    const char *text)
{
	give(probe, stage, 0, error, text);
	quit(probe);
}

static void
succeed(struct probe *probe)
{
	probe->report.evidence = (struct evidence) {
		.grade = EVIDENCE_GOOD,
		.source = probe->target.as,
		.stage = probe_reach(probe->target.level),
	};
	probe_tell(probe);
	if (probe->target.level == PROBE_TCP)
		probe_free(probe);
	else
		quit(probe);
}

/* Of the reply at hand. Who knows the login may repeat it at any stage. */
static const char *
reply_text(const struct probe *probe)
{
	const struct credential *credential =
	    probe_kit_credential(probe->kit, probe->target.host);

	if (credential != NULL && auth_repeats(credential, probe->reply.text))
		return "(not shown: the answer repeats the credentials)";
	return probe->reply.text;
}

/* "250 text" of the reply at hand. */
static void
stage_replied(struct probe *probe)
{
	char text[ERROR_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%d %s", probe->reply.code,
	    reply_text(probe));
	stage_add(probe, phases[probe->phase].stage, true, text);
}

static void
refused(struct probe *probe)
{
	char error[ERROR_NAME_MAX];

	(void)snprintf(error, sizeof(error), "smtp_%d", probe->reply.code);
	give(probe, phases[probe->phase].stage, probe->reply.code, error,
	    reply_text(probe));
	quit(probe);
}

static void
say(struct probe *probe, enum phase phase, const char *line)
{
	int error = probe_say(probe, line);

	probe->phase = phase;
	if (error != 0)
		probe_on_errno(probe, error);
}

static void
greet(struct probe *probe, enum phase phase, const char *verb)
{
	char line[SAID_MAX];

	(void)snprintf(line, sizeof(line), "%s %s", verb,
	    probe_helo_name(probe));
	say(probe, phase, line);
}

/* --- the login --- */

static void
say_secret(struct probe *probe, enum phase phase, const char *verb,
    const char *secret)
{
	char line[AUTH_LINE_MAX + 16];

	(void)snprintf(line, sizeof(line), "%s%s", verb, secret);
	say(probe, phase, line);
	explicit_bzero(line, sizeof(line));
}

static void
log_in(struct probe *probe)
{
	const struct credential *credential =
	    probe_kit_credential(probe->kit, probe->target.host);
	unsigned offers = probe->reply.offers;
	char line[AUTH_LINE_MAX];

	if (!probe->secure) {
		refuse(probe, STAGE_AUTH, "auth_without_tls", "STARTTLS is "
		    "not offered, and credentials are sent over TLS only");
	} else if (credential == NULL) {
		refuse(probe, STAGE_AUTH, "auth_no_credentials", "there are "
		    "no credentials for this host");
	} else if ((offers & SMTP_OFFERS_PLAIN) != 0) {
		auth_plain(credential, line);
		say_secret(probe, PHASE_AUTH_PASSWORD, "AUTH PLAIN ", line);
		explicit_bzero(line, sizeof(line));
	} else if ((offers & SMTP_OFFERS_LOGIN) != 0) {
		say(probe, PHASE_AUTH, "AUTH LOGIN");
	} else {
		refuse(probe, STAGE_AUTH, "auth_absent",
		    (offers & SMTP_OFFERS_AUTH) != 0 ? "the server offers "
		    "neither AUTH PLAIN nor AUTH LOGIN" :
		    "the server does not offer AUTH");
	}
}

/* AUTH LOGIN: 334 for the user, 334 for the password. */
static void
on_prompt(struct probe *probe)
{
	const struct credential *credential =
	    probe_kit_credential(probe->kit, probe->target.host);
	bool user = probe->phase == PHASE_AUTH;
	char line[AUTH_LINE_MAX];

	if (probe->reply.code != 334) {
		refused(probe);
		return;
	}
	auth_login(user ? credential->user : credential->password, line);
	say_secret(probe, user ? PHASE_AUTH_USER : PHASE_AUTH_PASSWORD, "",
	    line);
	explicit_bzero(line, sizeof(line));
}

static void
on_login(struct probe *probe)
{
	if (probe->reply.code != 235) {
		refused(probe);
		return;
	}
	stage_add(probe, STAGE_AUTH, true, "235 logged in");
	succeed(probe);
}

/* --- TLS --- */

static void
ask_for_tls(struct probe *probe)
{
	if ((probe->reply.offers & SMTP_OFFERS_STARTTLS) != 0)
		say(probe, PHASE_STARTTLS, "STARTTLS");
	else if (probe->target.level == PROBE_AUTH)
		log_in(probe);
	else
		refuse(probe, STAGE_TLS, "tls_absent",
		    "the server does not offer STARTTLS");
}

/* More than the reply before TLS: somebody speaks in between. */
static void
on_starttls(struct probe *probe, size_t behind)
{
	if (probe->reply.code != 220)
		refused(probe);
	else if (behind != 0)
		fail(probe, 0, "tls_injection", "the answer to STARTTLS has "
		    "more behind it, which TLS does not protect");
	else
		probe_start_tls(probe);
}

void
probe_on_secure(struct probe *probe)
{
	const struct probe_target *target = &probe->target;
	struct probe_tls_result result;

	probe_tls_check(bufferevent_openssl_get_ssl(probe->tls),
	    target->tls_name, target->tls_verify, &probe->seen, &result);
	probe->report.tls_expires = result.expires;
	probe->secure = true;
	if (result.error != NULL) {
		fail(probe, 0, result.error, result.text);
		return;
	}
	stage_add(probe, STAGE_TLS, true, result.text);
	if (target->tls_first)
		probe->phase = PHASE_BANNER;
	else
		greet(probe, PHASE_EHLO_TLS, "EHLO");
}

void
probe_on_handshake_error(struct probe *probe, const char *reason)
{
	char text[ERROR_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "TLS handshake failed: %s", reason);
	fail(probe, 0, "tls_handshake", text);
}

/* --- the rest of the dialogue --- */

static void
on_banner(struct probe *probe)
{
	if (probe->reply.code / 100 != 2) {
		refused(probe);
		return;
	}
	stage_replied(probe);
	if (probe->target.level == PROBE_BANNER)
		succeed(probe);
	else
		greet(probe, PHASE_EHLO, "EHLO");
}

static bool
is_we(const struct probe *probe)
{
	const char *own = probe->target.own_name;

	return own[0] != '\0' && text_equal_nocase(probe->reply.name, own);
}

/* EHLO or HELO was taken. */
static void
on_greeted(struct probe *probe)
{
	enum probe_level level = probe->target.level;

	if (is_we(probe)) {
		refuse(probe, phases[probe->phase].stage, "loop", "it answers "
		    "by our own name: mail would come back to us");
		return;
	}
	if (probe->phase != PHASE_EHLO_TLS)
		stage_replied(probe);
	if (level == PROBE_AUTH)
		(probe->secure ? log_in : ask_for_tls)(probe);
	else if (level == PROBE_STARTTLS && !probe->secure)
		ask_for_tls(probe);
	else
		succeed(probe);
}

/*
 * smtp(8) tries HELO after any refusal but 421; so do we, but where TLS or a
 * login must follow, which HELO cannot offer.
 */
static void
on_ehlo(struct probe *probe)
{
	if (probe->reply.code / 100 == 2)
		on_greeted(probe);
	else if (probe->reply.code == 421 || probe->phase != PHASE_EHLO ||
	    probe->target.level > PROBE_EHLO)
		refused(probe);
	else
		greet(probe, PHASE_HELO, "HELO");
}

/* A whole reply is there, with so many bytes behind it. */
static void
on_reply(struct probe *probe, size_t behind)
{
	switch (probe->phase) {
	case PHASE_BANNER:
		on_banner(probe);
		break;
	case PHASE_EHLO:
	case PHASE_HELO:
	case PHASE_EHLO_TLS:
		on_ehlo(probe);
		break;
	case PHASE_STARTTLS:
		on_starttls(probe, behind);
		break;
	case PHASE_AUTH:
	case PHASE_AUTH_USER:
		on_prompt(probe);
		break;
	case PHASE_AUTH_PASSWORD:
		on_login(probe);
		break;
	case PHASE_CONNECT:
	case PHASE_HANDSHAKE:
	case PHASE_QUIT:
	case PHASE_COUNT:
		probe_free(probe);
		break;
	}
}

void
probe_on_bytes(struct probe *probe, const char *bytes, size_t len)
{
	const char *why;
	size_t used;

	switch (smtp_reply_feed(&probe->reply, bytes, len, &used, &why)) {
	case SMTP_FEED_MORE:
		break;
	case SMTP_FEED_BAD:
		fail(probe, 0, "not_smtp", why);
		break;
	case SMTP_FEED_DONE:
		/* what a server says unasked behind its reply is dropped */
		on_reply(probe, len - used);
		break;
	}
}

void
probe_on_connected(struct probe *probe)
{
	char ip[NETADDR_TEXT_MAX], text[ERROR_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "connected to %s, port %u",
	    netaddr_format(&probe->target.ip, ip), probe->target.port);
	stage_add(probe, STAGE_TCP, true, text);
	if (probe->target.level == PROBE_TCP)
		succeed(probe);
	else if (probe->target.tls_first)
		probe_start_tls(probe);
	else
		probe->phase = PHASE_BANNER;
}

/* --- how it may end --- */

void
probe_on_errno(struct probe *probe, int error)
{
	const char *name = strerrorname_np(error);

	fail(probe, error, name != NULL ? name : "errno", strerror(error));
}

void
probe_on_closed(struct probe *probe)
{
	fail_waiting(probe, 0, "closed", "connection closed before");
}

void
probe_on_deadline(struct probe *probe)
{
	if (probe->begin_error != 0)
		probe_on_errno(probe, probe->begin_error);
	else
		fail_waiting(probe, ETIMEDOUT, "ETIMEDOUT",
		    "timed out waiting for");
}
