/*
 * One SMTP session as weir-milter knows it, hung on libmilter's private
 * pointer. (core/session.h is the counting side's view of the same.)
 *
 * libmilter's workers call the callbacks of one session on different threads,
 * but one at a time, so nothing here needs a lock; nothing may be kept by
 * thread either.
 */
#ifndef WEIR_MILTER_SESSION_H
#define WEIR_MILTER_SESSION_H

#include "headers.h"
#include "marks.h"
#include "registry.h"

#include "core/config.h"
#include "core/verdict.h"
#include "io/tables.h"

struct milter_session {
	struct config *config; /* its own reference: one for the session */
	struct tables *tables; /* the same, of that configuration */
	const struct listener *listener;
	struct visit visit;

	/* The connection was refused: every MAIL gets this; NULL: it was not */
	struct reply *refused;

	/* what was over its limit at CONNECT and holds all messages, or "" */
	char held[RULE_MAX_LEN + 1];

	bool counts_bytes; /* the body is seen too */

	/* the message in progress: from MAIL to its end, visit.mail */
	struct headers headers;
	struct marks marks;
	struct tables_answer rights; /* of its user; zero: none, or not known */
	uint64_t size; /* so far, when bytes are counted */
};

/* Takes over both references. */
struct milter_session *milter_session_new(struct config *, struct tables *);
void milter_session_free(struct milter_session **);

/* Nothing of one message may leak into the next. */
void milter_session_next_message(struct milter_session *);

#endif
