/*
 * What became of each smart host in the last hour: a slot each ten seconds, of
 * decisions that named it first, recipients it took, failures, and how it was.
 * In memory alone; of a bounded size.
 */
#ifndef WEIR_CORE_HISTORY_H
#define WEIR_CORE_HISTORY_H

#include "core/hosts.h"

enum { HISTORY_SLOTS = 360 };

#define HISTORY_STEP span_s(10)

struct history_slot {
	uint32_t selected, delivered, failed; /* within the slot */
	char state; /* at its end: h(ealthy), u(nhealthy), d(rained), x: down */
};

struct history;

struct history *history_new(void);
void history_free(struct history **);

/*
 * Closes a slot. Hosts that are new begin here, those that are gone are
 * forgotten; the others are known by name.
 */
void history_tick(struct history *, const struct hosts *, struct wall now);

/* Slots closed so far: the last one has this number, the first is 1. */
uint64_t history_last(const struct history *);
struct wall history_closed(const struct history *); /* the last one */

/*
 * The slot of that number of the host at that place of the list; NULL when it
 * is too old, or the host was not known then.
 */
const struct history_slot *history_slot(const struct history *,
    const struct host *, size_t at, uint64_t number);

#endif
