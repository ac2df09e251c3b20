/*
 * The distinct networks one login was seen from, each with the last time: a
 * small exact set, so that a login used from more places than its limit is
 * known for certain.
 *
 * It keeps the networks seen last, one more than the largest limit of its rule:
 * counted exactly to limit + 1, and "more than the limit" from there on. A
 * network counts for as long as the period after it was last seen.
 *
 * The caller makes networks of addresses (limit_source). A clock that runs
 * backwards stands still.
 */
#ifndef WEIR_CORE_NETWORKS_H
#define WEIR_CORE_NETWORKS_H

#include "core/netaddr.h"
#include "core/rate.h"

enum {
	NETWORKS_LIMIT_MAX = 100, /* largest limit of a rule */
	NETWORKS_MAX = NETWORKS_LIMIT_MAX + 1,
};

#define NETWORKS_NEVER INT64_MIN /* a time: not seen before */

struct networks { /* all zero: none; those seen last at the end */
	unsigned n;
	struct {
		struct netaddr addr;
		int64_t last; /* us on the clock */
	} list[NETWORKS_MAX];
};

/*
 * May one more message come from there? One that is known always may. used is
 * how many were seen within the period of the rate; wait how long until one
 * more would fit.
 */
struct rate_answer networks_ask(const struct networks *, struct rate_spec,
    const struct netaddr *, struct mono now);

/*
 * Sees this one at 'at' (a later time than now counts as now), and forgets the
 * oldest beyond 'keep'. Returns when it had been seen before, for
 * networks_give_back; *at_r is when it counts as seen now.
 */
int64_t networks_take(struct networks *, unsigned keep,
    const struct netaddr *, struct mono at, struct mono now, int64_t *at_r);

/*
 * As if that message had not come. When another came from there since, it
 * stays as it is.
 */
void networks_give_back(struct networks *, const struct netaddr *,
    int64_t at, int64_t before);

/* Forgets what was seen a period ago or longer. */
void networks_forget(struct networks *, struct span period, struct mono now);

/* When the last of them leaves, if none is seen again. */
struct span networks_resets_in(const struct networks *, struct span period,
    struct mono now);

#endif
