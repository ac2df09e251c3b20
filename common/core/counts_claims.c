/*
 * A shorter period knows better when its units were charged, a longer one
 * knows more of them. So the shortest tells all it has, and each longer one
 * only of those beyond: they are older than any that was told, and than the
 * shorter period.
 */
#include "core/counts_claims.h"

#include <string.h>

struct telling {
	struct timed_claim *list;
	size_t n;
	uint64_t told;      /* units */
	struct mono latest; /* of what is not told yet */
};

static void
tell(struct telling *telling, uint64_t cost, struct mono at)
{
	struct timed_claim *claim = &telling->list[telling->n++];

	memset(claim, 0, sizeof(*claim));
	claim->claim.cost = cost;
	claim->at = mono_before(at, telling->latest) ? at : telling->latest;
}

static void
tell_rate(struct telling *telling, const struct rate *rate,
    struct rate_spec spec, struct mono now)
{
	struct rate_bin bins[RATE_SLOTS + 1];
	uint64_t skip = telling->told;

	for (size_t i = rate_bins(rate, spec, bins); i-- > 0;) {
		uint64_t known = bins[i].count < skip ? bins[i].count : skip;

		skip -= known;
		telling->told += bins[i].count - known;
		if (bins[i].count > known)
			tell(telling, bins[i].count - known, bins[i].last);
	}
	telling->latest = mono_add(now, span_us(-spec.period.us));
}

/* The shortest period longer than that; n when there is none. */
static unsigned
next_period(const struct counts *counts, struct span than)
{
	unsigned next = counts->n;

	for (unsigned i = 0; i < counts->n; i++) {
		struct span period = counts->specs[i].period;

		if (period.us > than.us &&
		    (next == counts->n ||
			period.us < counts->specs[next].period.us))
			next = i;
	}
	return next;
}

static size_t
claims_of_networks(const struct networks *networks, struct mono now,
    struct timed_claim list_r[CLAIMS_MAX])
{
	for (unsigned i = 0; i < networks->n; i++) {
		list_r[i].claim.cost = 1;
		list_r[i].claim.network = networks->list[i].addr;
		list_r[i].at.us = networks->list[i].last < now.us
				      ? networks->list[i].last
				      : now.us;
	}
	return networks->n;
}

size_t
counts_claims(const struct counts *counts, struct mono now,
    struct timed_claim list_r[CLAIMS_MAX])
{
	struct telling telling = { .list = list_r, .latest = now };
	struct span period = { 0 };
	unsigned i;

	if (counts->what == LIMIT_CLIENTS)
		return claims_of_networks(&counts->networks, now, list_r);
	while ((i = next_period(counts, period)) < counts->n) {
		period = counts->specs[i].period;
		tell_rate(&telling, &counts->rates[i], counts->specs[i], now);
	}
	return telling.n;
}
