/*
 * N in any window of a length, exactly.
 *
 * The window is cut into RATE_SLOTS parts. A request passes while the sum of
 * the current part and the RATE_SLOTS whole parts before it, with the request,
 * stays within N. Any window of that length lies inside these RATE_SLOTS + 1
 * parts, so N is never exceeded in any; the price is that the memory reaches
 * up to one part too far back: a sender at exactly the rate loses at most
 * 1 / (RATE_SLOTS + 1) = 4 %.
 */
#ifndef WEIR_CORE_RATE_H
#define WEIR_CORE_RATE_H

#include "core/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { RATE_SLOTS = 24 };

/*
 * Counts of one key under one rule. All zero is a fresh one. 'head' is the
 * number of the part (since the clock's zero) that counts[head % 25] counts.
 */
struct rate {
	int64_t head;
	uint32_t counts[RATE_SLOTS + 1];
};

/* What stands in the way, and what was used, for one request. */
struct rate_answer {
	bool fits;
	uint32_t used; /* before the request */
	struct span wait; /* until cost would fit; 0 when it fits now; the
	                     period when cost > limit */
};

struct rate_answer rate_ask(struct rate *, struct rate_spec, uint32_t cost,
    struct mono now);

/* Takes cost without asking. Returns the part charged, for rate_give_back. */
int64_t rate_take(struct rate *, struct rate_spec, uint32_t cost,
    struct mono now);

/* Gives a charge back to its part; nothing when that part has left. */
void rate_give_back(struct rate *, struct rate_spec, int64_t part,
    uint32_t cost, struct mono now);

/* Nothing is counted any more: the key may leave the table. */
bool rate_idle(struct rate *, struct rate_spec, struct mono now);

/* When the whole count will be gone if nothing is added. */
struct span rate_resets_in(struct rate *, struct rate_spec, struct mono now);

#endif
