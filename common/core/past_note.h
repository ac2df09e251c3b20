/*
 * What is kept of the past (core/past.h): choices of smart hosts with every
 * candidate as it stood then, refusals, and what a milter told of a message.
 */
#ifndef WEIR_CORE_PAST_NOTE_H
#define WEIR_CORE_PAST_NOTE_H

#include "core/choose.h"
#include "core/past.h"
#include "core/verdict.h"

struct past_choice {
	const char *queue_id; /* "": not known; nothing is kept */
	const struct facts *facts; /* what was known; NULL: nothing */
	uint32_t recipients;
	enum reason reason;
	const struct decision *decision; /* NULL: it did not come to one */
	const char *action; /* the answer */
};

void past_note_choice(struct past *, const struct hosts *,
    const struct past_choice *, struct now);

/* A verdict with a reference code; others are not kept. queue_id may be "". */
void past_note_refusal(struct past *, const struct facts *,
    const char *queue_id, const struct verdict *, struct now);

/* An event that names a queue id or a reference code; others are not kept. */
void past_note_event(struct past *, const struct notice *);

#endif
