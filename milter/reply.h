/*
 * From a verdict to what libmilter, the log and the state are told.
 */
#ifndef WEIR_MILTER_REPLY_H
#define WEIR_MILTER_REPLY_H

#include "gatekeeper.h"
#include "session.h"

#include "core/reason.h"
#include "core/verdict.h"

#include <libmilter/mfapi.h>

/* A macro's value, NULL when Postfix did not send it. */
const char *reply_macro(SMFICTX *, const char *name);

/* Sets the reply; the status to return from the callback. */
sfsistat reply_send(SMFICTX *, const struct reply *);

/* A refusal by the gatekeeper: one log line, and the reply. */
sfsistat reply_limit(SMFICTX *, const struct milter_session *,
    const char *user, struct verdict *);

/* A session that may not send as that. */
struct offence {
	enum reason reason;
	enum action action; /* ACTION_REJECT, or ACTION_OBSERVE: only told */
	const char *user; /* as far as it is known, "" */
	const char *what; /* "sender" or "from" */
	const char *address; /* the one refused, "" when none is to blame */
	const char *why; /* details for the log, or NULL */
};

/*
 * One log line, one event for the state, and the reply; SMFIS_CONTINUE when it
 * is only observed.
 */
sfsistat reply_offence(SMFICTX *, const struct milter_session *,
    struct gatekeeper *, const struct offence *);

/* "7F3A2C": what reply, log line and event have in common. */
void reply_ref(char ref_r[REF_MAX]);

#endif
