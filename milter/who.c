/*
 * Identity in the order it is asked.
 */
#include "who.h"

#include "offence.h"

#include "core/identity.h"
#include "io/clock.h"
#include "io/from_check.h"
#include "io/log.h"

#include <stdatomic.h>

#define WARN_EACH span_s(60)

/*
 * main.cf does not send the macros identity rests on. Said once a minute, since
 * it concerns every message.
 */
static void
warn_of_macros(const char *missing)
{
	static _Atomic int64_t said_at;
	int64_t now = clock_now().mono.us, before = said_at;

	if (before != 0 && now - before < WARN_EACH.us)
		return;
	if (atomic_compare_exchange_strong(&said_at, &before, now))
		log_warning("Postfix sends no %s at MAIL, so logins cannot be "
		    "known: milter_mail_macros in main.cf should have "
		    "{auth_type}, {auth_authen} and {mail_addr}, as it does "
		    "by default", missing);
}

/*
 * In this order: who it is; what he may use, for the whole message; a sender
 * that can be compared at all; the user's right to it. Without a user the
 * sender is nobody's business.
 */
static enum reason
judge_mail(struct milter_session *session, const struct mail_macros *macros,
    char user_r[LOGIN_MAX + 1], char sender_r[ADDRESS_MAX + 1],
    const char **why_r)
{
	enum reason form = check_address(macros->mail_addr, macros->argument,
	    sender_r);
	enum reason reason = check_user(session->config, session->listener,
	    &session->visit.client, macros, user_r);

	if (reason != REASON_OK || user_r[0] == '\0')
		return reason;
	if (identity_ignored(&session->config->identities,
	    session->listener))
		return REASON_OK;
	reason = tables_find(session->tables, user_r, &session->rights, why_r);
	if (reason != REASON_OK)
		tables_let_go(&session->rights);
	if (reason != REASON_OK || form != REASON_OK)
		return reason != REASON_OK ? reason : form;
	return identity_envelope(&session->rights.owner, sender_r);
}

sfsistat
who_mail(SMFICTX *ctx, struct milter_session *session,
    struct gatekeeper *keeper, const struct mail_macros *macros,
    char user_r[LOGIN_MAX + 1], char sender_r[ADDRESS_MAX + 1])
{
	struct offence offence = { .user = user_r, .what = "sender",
		.address = sender_r };

	if (macros->mail_addr == NULL)
		warn_of_macros("{mail_addr}");
	else if (macros->auth_type != NULL && macros->auth_authen == NULL)
		warn_of_macros("{auth_authen}");
	offence.reason = judge_mail(session, macros, user_r, sender_r,
	    &offence.why);
	if (offence.reason == REASON_IDENTITY_AWAY)
		offence.address = ""; /* it may be his */
	if (offence.reason == REASON_OK)
		return SMFIS_CONTINUE;
	return offence_answer(ctx, session, keeper, &offence);
}

static enum reason
judge_headers(const struct milter_session *session,
    struct from_finding *finding_r)
{
	struct author_header list[AUTHOR_HEADERS_MAX];
	size_t count = headers_authors(&session->headers, list);

	if (session->rights.set == NULL ||
	    session->listener->header_from == ACTION_ACCEPT)
		return REASON_OK;
	if (session->headers.authors_too_large)
		return REASON_AUTHORS_TOO_LARGE;
	if (session->headers.broken) {
		finding_r->why = "a CR within a header, behind which another "
				 "may begin";
		return REASON_FROM_SYNTAX;
	}
	return from_check(&session->rights.owner, list, count, finding_r);
}

sfsistat
who_headers(SMFICTX *ctx, struct milter_session *session,
    struct gatekeeper *keeper)
{
	struct from_finding finding = { .kind = AUTHOR_FROM };
	struct offence offence = { .user = session->visit.user };

	offence.reason = session->headers.too_large ? REASON_MESSAGE_TOO_LARGE :
	    judge_headers(session, &finding);
	if (offence.reason == REASON_OK)
		return SMFIS_CONTINUE;
	offence.what = author_key(finding.kind);
	offence.address = finding.subject;
	offence.why = finding.why;
	return offence_answer(ctx, session, keeper, &offence);
}
