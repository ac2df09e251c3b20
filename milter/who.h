/*
 * Who may send as whom: what a session is asked at MAIL and at the end of a
 * message. checks.h says whether it may, offence.h what happens if not.
 */
#ifndef WEIR_MILTER_WHO_H
#define WEIR_MILTER_WHO_H

#include "checks.h"
#include "gatekeeper.h"
#include "session.h"

#include <libmilter/mfapi.h>

/*
 * The user and the sender of a new message, in canonical form, as far as they
 * can be told. To be returned from the callback.
 */
sfsistat who_mail(SMFICTX *, struct milter_session *, struct gatekeeper *,
    const struct mail_macros *, char user_r[LOGIN_MAX + 1],
    char sender_r[ADDRESS_MAX + 1]);

/* The headers, when all are in. To be returned from the callback. */
sfsistat who_headers(SMFICTX *, struct milter_session *, struct gatekeeper *);

#endif
