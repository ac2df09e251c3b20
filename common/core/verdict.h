/*
 * The outcome of a check, with everything the reply, the log line and explain
 * say of it.
 */
#ifndef WEIR_CORE_VERDICT_H
#define WEIR_CORE_VERDICT_H

#include "core/config.h"
#include "core/facts.h"
#include "core/reason.h"
#include "core/span.h"

enum {
	LIMIT_KEY_MAX = 512, /* longer keys are cut and end in their hash */
	REF_MAX = 8,
	REPLY_TEXT_MAX = 512,
};

struct verdict {
	enum action action; /* ACTION_ACCEPT when nothing is in the way */
	enum reason reason;
	char rule[RULE_MAX_LEN + 1]; /* limits: which */
	char key[LIMIT_KEY_MAX]; /* limits: whose */
	enum limit_what what;
	uint64_t used; /* clients: "more than that" when beyond limit */
	uint64_t limit;
	struct span period;
	struct span wait; /* until the same request would pass */
	char ref[REF_MAX]; /* "7F3A2C": stands in reply, log and event */
	char subject[ADDRESS_MAX + 1]; /* identity: the address refused */
};

struct reply { /* for smfi_setreply and "action=" */
	char code[4];
	char enhanced[12];
	char text[REPLY_TEXT_MAX]; /* printable ASCII, no CR, LF or '%' */
};

void verdict_accept(struct verdict *);

/* The client may go on; what is held goes on too. */
bool action_passes(enum action);
bool verdict_passes(const struct verdict *);

/* Fills code, enhanced status and the words for a refusing verdict (§7). */
void verdict_reply(const struct verdict *, struct reply *reply_r);

#endif
