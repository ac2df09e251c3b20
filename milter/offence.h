/*
 * A message that its user may not send like that, and what becomes of it.
 */
#ifndef WEIR_MILTER_OFFENCE_H
#define WEIR_MILTER_OFFENCE_H

#include "gatekeeper.h"
#include "session.h"

#include "core/reason.h"

#include <libmilter/mfapi.h>

struct offence {
	enum reason reason;
	const char *user; /* as far as it is known, "" */
	const char *what; /* where the address stood: "sender", "from" */
	const char *address; /* the one refused, "" when none is to blame */
	const char *why; /* details for the log, or NULL */
};

/*
 * Does what the configuration says of it (identity_action): one log line, one
 * event for the state, and a reply, or a mark on the message. To be returned
 * from the callback: SMFIS_CONTINUE unless it was refused.
 */
sfsistat offence_answer(SMFICTX *, struct milter_session *,
    struct gatekeeper *, const struct offence *);

#endif
