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

/* The message's queue id, "" while Postfix has not told it. */
const char *reply_queue_id(SMFICTX *);

/* Sets the reply; the status to return from the callback. */
sfsistat reply_send(SMFICTX *, const struct reply *);

/* A refusal by the gatekeeper: one log line, and the reply. */
sfsistat reply_limit(SMFICTX *, const struct milter_session *,
    const char *user, struct verdict *);

/* "7F3A2C": what reply, log line and event have in common. */
void reply_ref(char ref_r[REF_MAX]);

#endif
