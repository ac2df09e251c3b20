/*
 * What one key used, taken apart into claims at points in time, so that it can
 * be handed to another owner of counters and leaves its windows there when it
 * would have left them here.
 */
#ifndef WEIR_CORE_COUNTS_CLAIMS_H
#define WEIR_CORE_COUNTS_CLAIMS_H

#include "core/counts.h"

enum {
	CLAIMS_OF_RATES = RATES_MAX * (RATE_SLOTS + 1),
	CLAIMS_MAX =
	    CLAIMS_OF_RATES > NETWORKS_MAX ? CLAIMS_OF_RATES : NETWORKS_MAX,
};

struct timed_claim {
	struct claim claim;
	struct mono at; /* the latest time it can have been charged */
};

/*
 * counts_add of these, to counts by the same periods, never frees anyone early,
 * and adds to no period what it does not count here, but for units it keeps for
 * a part longer. Returns how many.
 */
size_t counts_claims(const struct counts *, struct mono now,
    struct timed_claim list_r[CLAIMS_MAX]);

#endif
