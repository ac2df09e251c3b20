/*
 * N in any window of a length, in a bounded space.
 *
 * Up to RATE_STAMPS units are kept as single times, exactly. More are counted
 * in parts: the window is cut into RATE_SLOTS of them, and a request passes
 * while the sum of the current part and the RATE_SLOTS whole parts before it,
 * with the request, stays within N. Any window of that length lies inside
 * these RATE_SLOTS + 1 parts, so N is never exceeded in any. The price is that
 * the memory reaches up to one part too far back: a sender at exactly the rate
 * loses less than 5 % (with 24 parts it would be 5.7 % at N = 28, and with
 * parts alone 1 / (N + 1) for a small N).
 *
 * A window does not hold its end: of two requests exactly one period apart the
 * second does not see the first. A clock that runs backwards stands still.
 */
#ifndef WEIR_CORE_RATE_H
#define WEIR_CORE_RATE_H

#include "core/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RATE_SLOTS = 31, RATE_STAMPS = RATE_SLOTS + 1 };

/*
 * What a count is cut at: nothing that is counted comes to it in any period,
 * and the sum of all parts is a number still.
 */
#define RATE_COUNT_MAX (UINT64_C(1) << 57)

/*
 * Counts of one key under one rule. All zero is a fresh one. Only rate.c looks
 * inside, and whoever packs it.
 */
struct rate {
	/* parts: number of the current one; stamps: no stamp is later */
	int64_t head;
	/*
	 * parts: counts[n % (RATE_SLOTS + 1)] is what part n counts;
	 * stamps: how many ticks before head, oldest first
	 */
	uint64_t counts[RATE_SLOTS + 1];
	uint32_t stamps; /* in use; 0: counted in parts */
};

/* What stands in the way, and what was used, for one request. */
struct rate_answer {
	bool fits;
	uint64_t used; /* before the request */
	struct span wait; /* until cost would fit; 0 when it fits now; the
	                     period when cost > limit */
};

struct rate_answer rate_ask(struct rate *, struct rate_spec, uint64_t cost,
    struct mono now);

/*
 * Takes cost without asking. Returns when it was charged, in us and as
 * rate_give_back wants it: of a count in parts the beginning of the part, so
 * that all charges to one part are one.
 */
int64_t rate_take(struct rate *, struct rate_spec, uint64_t cost,
    struct mono now);

/*
 * Gives a charge back to where rate_take said; nothing when that has left, as
 * it has rate_reach of its period later.
 */
void rate_give_back(struct rate *, struct rate_spec, int64_t part,
    uint64_t cost, struct mono now);

struct span rate_reach(struct span period);

/* Counts what was charged earlier, at 'at' (a later one counts as now). */
void rate_add(struct rate *, struct rate_spec, struct mono at, uint64_t cost,
    struct mono now);

/* Nothing is counted any more: the key may leave the table. */
bool rate_idle(struct rate *, struct rate_spec, struct mono now);

/* When the whole count will be gone if nothing is added. */
struct span rate_resets_in(struct rate *, struct rate_spec, struct mono now);

/*
 * What is counted, oldest first, each with the latest time it can have been
 * charged: rate_add of these to a fresh rate, of any period and on any clock,
 * never frees anyone early. Returns how many.
 */
struct rate_bin {
	struct mono last;
	uint64_t count;
};
size_t rate_bins(const struct rate *, struct rate_spec,
    struct rate_bin bins_r[RATE_SLOTS + 1]);

#endif
