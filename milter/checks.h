/*
 * Who may send as whom, asked of one SMTP session: the rules are core's
 * (core/identity.h, core/from.h), what is known comes from Postfix's macros
 * and the message's headers.
 */
#ifndef WEIR_MILTER_CHECKS_H
#define WEIR_MILTER_CHECKS_H

#include "headers.h"

#include "core/config.h"
#include "core/facts.h"
#include "core/identity.h"
#include "core/reason.h"

/* What Postfix told at MAIL. */
struct mail_macros {
	const char *auth_type; /* NULL: not sent, or nobody logged in */
	const char *auth_authen; /* the same */
	const char *mail_addr; /* NULL: not sent, though it always should be */
	const char *argument; /* of MAIL FROM, "<a@example.com>" */
};

/*
 * Whose message it is, in this order: the login, if one is there at all; the
 * user of the client's network; nobody, unless the listener requires a user.
 * user_r is "" for nobody. REASON_OK, or why it is refused.
 *
 * Without any mail macro nobody can be told from somebody: where a user is
 * required that is REASON_USER_UNKNOWABLE, not a lack of authentication. So is
 * a login without its name, wherever it comes: it must not pass for nobody.
 */
enum reason check_user(const struct config *, const struct listener *,
    const struct netaddr *client, const struct mail_macros *,
    char user_r[LOGIN_MAX + 1]);

/*
 * An address of the envelope in canonical form: macro as Postfix parsed it, or
 * NULL, then argument, the path in brackets. "" for the null sender.
 * REASON_OK; REASON_SENDER_DIFFERS when the macro is not what the argument
 * says; or REASON_SENDER_SYNTAX: address_r then holds it in lower case, cut,
 * good for a log line and for counting.
 */
enum reason check_address(const char *macro, const char *argument,
    char address_r[ADDRESS_MAX + 1]);

#endif
