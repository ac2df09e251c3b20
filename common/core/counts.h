/*
 * What one key used under every period of its rule, to work with: rates, or
 * for a rule that counts clients the set of networks. counter.h has the form
 * that is kept.
 */
#ifndef WEIR_CORE_COUNTS_H
#define WEIR_CORE_COUNTS_H

#include "core/config.h"
#include "core/networks.h"
#include "core/rate.h"

enum { COUNTS_REPEATS_MAX = 4095 }; /* so many or more */

struct counts {
	enum limit_what what;
	unsigned n;
	struct rate_spec specs[RATES_MAX]; /* limit 0 when not by a rule */
	uint32_t told[RATES_MAX]; /* ms on the clock, modulo 2^32; 0: never */
	uint32_t warned[RATES_MAX];
	unsigned repeats; /* refusals that were not told; COUNTS_REPEATS_MAX */
	struct rate rates[RATES_MAX]; /* what: all but clients */
	struct networks networks; /* what: clients */
};

/* What is asked for: so many units, or one message from this network. */
struct claim {
	uint64_t cost;
	struct netaddr network;
};

/* What was charged, so that it can be given back. */
struct receipt {
	uint64_t counter; /* its name; the same again for the same key only */
	struct span period; /* which one of its rule */
	int64_t part; /* rates: as rate_take said; clients: when */
	uint64_t cost;
	int64_t before; /* clients: seen before then, or NETWORKS_NEVER */
};

/* Nothing used, by the periods of a rule. */
void counts_begin(struct counts *, const struct throttle *);

/*
 * The period nearest its end: of those without room the one with the longest
 * wait, else the one used most for its limit.
 */
struct rate_answer counts_ask(struct counts *, const struct claim *,
    struct mono now, unsigned *rate_r);

/* What one of its periods counts. */
uint64_t counts_used(struct counts *, unsigned rate, struct mono now);
struct span counts_resets_in(struct counts *, unsigned rate, struct mono now);

/* Takes without asking. Returns how many receipts; counter is not set. */
unsigned counts_take(struct counts *, const struct claim *, struct mono now,
    struct receipt list_r[RATES_MAX]);
void counts_give_back(struct counts *, const struct receipt *,
    const struct netaddr *network, struct mono now);

/* Counts what was charged earlier, at 'at' (a later one counts as now). */
void counts_add(struct counts *, const struct claim *, struct mono at,
    struct mono now);

/* Counts all of 'more' too; both are by the periods of one rule. */
void counts_merge(struct counts *, const struct counts *more,
    struct mono now);

/*
 * What is left of 'old' by the periods a rule has now: nothing when the rule
 * counts something else.
 */
void counts_move(const struct counts *old, const struct throttle *,
    struct mono now, struct counts *counts_r);

/* Which of its periods tells most of another: the same, else the longest. */
unsigned counts_best_for(const struct counts *, struct span period);

bool counts_idle(struct counts *, struct mono now);

/*
 * Is a refusal by this period to be told? Once a period. The others are
 * counted: repeats_r says how many there were since the last one told.
 */
bool counts_tell(struct counts *, unsigned rate, struct mono now,
    unsigned *repeats_r);

/*
 * Has this period come to 80 % of its limit, or more, and was that not said
 * within its length? A limit of 1 has no warning: the first use is its end.
 */
bool counts_warn(struct counts *, unsigned rate, struct mono now);

#endif
