/*
 * Identity in the order it is asked.
 */
#include "who.h"

#include "offence.h"

#include "core/identity.h"
#include "io/clock.h"
#include "io/log.h"

#include <stdatomic.h>

#define WARN_EACH span_s(60)

/*
 * main.cf does not send the macros identity rests on. Said once a minute, since
 * it concerns every message.
 */
static void
warn_of_macros(void)
{
	static _Atomic int64_t said_at;
	int64_t now = clock_now().mono.us, before = said_at;

	if (before != 0 && now - before < WARN_EACH.us)
		return;
	if (atomic_compare_exchange_strong(&said_at, &before, now))
		log_warning("Postfix sends no {mail_addr} at MAIL, so logins "
		    "cannot be known: milter_mail_macros in main.cf should "
		    "have {auth_authen} and {mail_addr}, as it does by "
		    "default");
}

/*
 * In this order: who it is; a sender that can be compared at all; the user's
 * right to it. Without a user the sender is nobody's business.
 */
static enum reason
judge_mail(const struct milter_session *session,
    const struct mail_macros *macros, char user_r[LOGIN_MAX + 1],
    char sender_r[ADDRESS_MAX + 1])
{
	enum reason form = check_address(macros->mail_addr, macros->argument,
	    sender_r);
	enum reason reason = check_user(session->config, session->listener,
	    &session->visit.client, macros, user_r);
	struct owner owner;

	if (reason != REASON_OK || user_r[0] == '\0')
		return reason;
	if (form != REASON_OK)
		return form;
	identity_owner(&session->config->identities, user_r, &owner);
	return identity_envelope(&owner, sender_r);
}

sfsistat
who_mail(SMFICTX *ctx, struct milter_session *session,
    struct gatekeeper *keeper, const struct mail_macros *macros,
    char user_r[LOGIN_MAX + 1], char sender_r[ADDRESS_MAX + 1])
{
	struct offence offence = { .user = user_r, .what = "sender",
		.address = sender_r };

	if (macros->mail_addr == NULL)
		warn_of_macros();
	offence.reason = judge_mail(session, macros, user_r, sender_r);
	if (offence.reason == REASON_OK)
		return SMFIS_CONTINUE;
	return offence_answer(ctx, session, keeper, &offence);
}

sfsistat
who_headers(SMFICTX *ctx, struct milter_session *session,
    struct gatekeeper *keeper)
{
	const char *user = session->visit.user;
	char refused[ADDRESS_MAX + 1] = "";
	struct offence offence = { .user = user, .what = "from",
		.address = refused };
	struct owner owner;

	if (session->headers.too_large)
		offence.reason = REASON_MESSAGE_TOO_LARGE;
	else if (user[0] != '\0' &&
	    session->listener->header_from != ACTION_ACCEPT) {
		identity_owner(&session->config->identities, user, &owner);
		offence.reason = check_from(&owner, &session->headers,
		    refused, &offence.why);
	}
	if (offence.reason == REASON_OK)
		return SMFIS_CONTINUE;
	return offence_answer(ctx, session, keeper, &offence);
}
