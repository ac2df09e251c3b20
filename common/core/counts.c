/*
 * Rates and networks behind one set of questions.
 */
#include "core/counts.h"

#include <string.h>

static bool
by_networks(const struct counts *counts)
{
	return counts->what == LIMIT_CLIENTS;
}

void
counts_begin(struct counts *counts, const struct throttle *throttle)
{
	counts->what = throttle->what;
	counts->n = throttle->nrates;
	counts->repeats = 0;
	counts->networks.n = 0;
	for (unsigned i = 0; i < counts->n; i++) {
		counts->specs[i] = throttle->rates[i];
		counts->told[i] = counts->warned[i] = 0;
		memset(&counts->rates[i], 0, sizeof(counts->rates[i]));
	}
}

/* --- networks: one set for all periods --- */

static unsigned
networks_to_keep(const struct counts *counts)
{
	uint64_t most = 0;

	for (unsigned i = 0; i < counts->n; i++) {
		if (counts->specs[i].limit > most)
			most = counts->specs[i].limit;
	}
	return most < NETWORKS_LIMIT_MAX ? (unsigned)most + 1 : NETWORKS_MAX;
}

static struct span
longest(const struct counts *counts)
{
	struct span span = { 0 };

	for (unsigned i = 0; i < counts->n; i++) {
		if (counts->specs[i].period.us > span.us)
			span = counts->specs[i].period;
	}
	return span;
}

static struct rate_answer
ask(struct counts *counts, unsigned rate, const struct claim *claim,
    struct mono now)
{
	if (by_networks(counts))
		return networks_ask(&counts->networks, counts->specs[rate],
		    &claim->network, now);
	return rate_ask(&counts->rates[rate], counts->specs[rate],
	    claim->cost, now);
}

/* --- asked --- */

/* a of a limit of la against b of lb, without overflow. */
static bool
fuller(uint64_t a, uint64_t la, uint64_t b, uint64_t lb)
{
	return (double)a * (double)lb > (double)b * (double)la;
}

static bool
nearer(struct rate_answer a, uint64_t limit_a, struct rate_answer b,
    uint64_t limit_b)
{
	if (!a.fits || !b.fits)
		return a.wait.us > b.wait.us;
	return fuller(a.used, limit_a, b.used, limit_b);
}

struct rate_answer
counts_ask(struct counts *counts, const struct claim *claim, struct mono now,
    unsigned *rate_r)
{
	struct rate_answer nearest = { 0 };

	*rate_r = 0;
	for (unsigned i = 0; i < counts->n; i++) {
		struct rate_answer answer = ask(counts, i, claim, now);

		if (i > 0 && !nearer(answer, counts->specs[i].limit, nearest,
		    counts->specs[*rate_r].limit))
			continue;
		nearest = answer;
		*rate_r = i;
	}
	return nearest;
}

uint64_t
counts_used(struct counts *counts, unsigned rate, struct mono now)
{
	static const struct claim nothing;

	return ask(counts, rate, &nothing, now).used;
}

struct span
counts_resets_in(struct counts *counts, unsigned rate, struct mono now)
{
	if (by_networks(counts))
		return networks_resets_in(&counts->networks,
		    counts->specs[rate].period, now);
	return rate_resets_in(&counts->rates[rate], counts->specs[rate], now);
}

bool
counts_idle(struct counts *counts, struct mono now)
{
	if (by_networks(counts)) {
		networks_forget(&counts->networks, longest(counts), now);
		return counts->networks.n == 0;
	}
	for (unsigned i = 0; i < counts->n; i++) {
		if (!rate_idle(&counts->rates[i], counts->specs[i], now))
			return false;
	}
	return true;
}

/* --- charged, and given back --- */

static void
see(struct counts *counts, const struct netaddr *network, struct mono at,
    struct mono now, struct receipt *receipt_r)
{
	struct span reach = longest(counts);

	networks_forget(&counts->networks, reach, now);
	if (now.us - at.us < reach.us)
		receipt_r->before = networks_take(&counts->networks,
		    networks_to_keep(counts), network, at, now,
		    &receipt_r->part);
}

unsigned
counts_take(struct counts *counts, const struct claim *claim, struct mono now,
    struct receipt list_r[RATES_MAX])
{
	memset(list_r, 0, RATES_MAX * sizeof(list_r[0]));
	if (by_networks(counts)) {
		see(counts, &claim->network, now, now, &list_r[0]);
		return 1;
	}
	for (unsigned i = 0; i < counts->n; i++) {
		list_r[i].period = counts->specs[i].period;
		list_r[i].cost = claim->cost;
		list_r[i].part = rate_take(&counts->rates[i],
		    counts->specs[i], claim->cost, now);
	}
	return counts->n;
}

void
counts_give_back(struct counts *counts, const struct receipt *receipt,
    const struct netaddr *network, struct mono now)
{
	if (by_networks(counts)) {
		networks_give_back(&counts->networks, network, receipt->part,
		    receipt->before);
		return;
	}
	for (unsigned i = 0; i < counts->n; i++) {
		if (counts->specs[i].period.us == receipt->period.us)
			rate_give_back(&counts->rates[i], counts->specs[i],
			    receipt->part, receipt->cost, now);
	}
}

void
counts_add(struct counts *counts, const struct claim *claim, struct mono at,
    struct mono now)
{
	struct receipt ignored;

	if (by_networks(counts)) {
		see(counts, &claim->network, at, now, &ignored);
		return;
	}
	for (unsigned i = 0; i < counts->n; i++)
		rate_add(&counts->rates[i], counts->specs[i], at, claim->cost,
		    now);
}

static void
merge_networks(struct counts *counts, const struct networks *more,
    struct mono now)
{
	struct receipt ignored;

	for (unsigned i = 0; i < more->n; i++)
		see(counts, &more->list[i].addr,
		    (struct mono) { more->list[i].last }, now, &ignored);
}

void
counts_merge(struct counts *counts, const struct counts *more,
    struct mono now)
{
	struct rate_bin bins[RATE_SLOTS + 1];

	if (by_networks(counts)) {
		merge_networks(counts, &more->networks, now);
		return;
	}
	for (unsigned i = 0; i < counts->n; i++) {
		size_t n = rate_bins(&more->rates[i], more->specs[i], bins);

		for (size_t j = 0; j < n; j++)
			rate_add(&counts->rates[i], counts->specs[i],
			    bins[j].last, bins[j].count, now);
	}
}

/* --- moved to the periods a rule has now --- */

unsigned
counts_best_for(const struct counts *counts, struct span period)
{
	unsigned best = 0;

	for (unsigned i = 0; i < counts->n; i++) {
		if (counts->specs[i].period.us == period.us)
			return i;
		if (counts->specs[i].period.us >
		    counts->specs[best].period.us)
			best = i;
	}
	return best;
}

static void
move_rate(const struct counts *old, struct counts *counts, unsigned i,
    struct mono now)
{
	unsigned best = counts_best_for(old, counts->specs[i].period);
	struct rate_bin bins[RATE_SLOTS + 1];
	size_t n = rate_bins(&old->rates[best], old->specs[best], bins);

	for (size_t j = 0; j < n; j++)
		rate_add(&counts->rates[i], counts->specs[i], bins[j].last,
		    bins[j].count, now);
	if (old->specs[best].period.us != counts->specs[i].period.us)
		return;
	counts->told[i] = old->told[best];
	counts->warned[i] = old->warned[best];
}

void
counts_move(const struct counts *old, const struct throttle *throttle,
    struct mono now, struct counts *counts_r)
{
	counts_begin(counts_r, throttle);
	if (old->what != throttle->what || old->n == 0)
		return;
	counts_r->repeats = old->repeats;
	if (by_networks(counts_r))
		merge_networks(counts_r, &old->networks, now);
	for (unsigned i = 0; !by_networks(counts_r) && i < counts_r->n; i++)
		move_rate(old, counts_r, i, now);
}

/* --- said --- */

/* Once a period, by a time in ms that wraps; 0 is never. */
static bool
due(uint32_t *last, struct span period, struct mono now)
{
	uint32_t ms = (uint32_t)(now.us / 1000);

	if (ms == 0)
		ms = 1;
	if (*last != 0 && ms - *last < period.us / 1000)
		return false;
	*last = ms;
	return true;
}

bool
counts_tell(struct counts *counts, unsigned rate, struct mono now,
    unsigned *repeats_r)
{
	if (!due(&counts->told[rate], counts->specs[rate].period, now)) {
		if (counts->repeats < COUNTS_REPEATS_MAX)
			counts->repeats++;
		return false;
	}
	*repeats_r = counts->repeats;
	counts->repeats = 0;
	return true;
}

bool
counts_warn(struct counts *counts, unsigned rate, struct mono now)
{
	uint64_t limit = counts->specs[rate].limit;
	uint64_t used = counts_used(counts, rate, now);

	return limit > 1 && used >= limit - limit / 5 &&
	    due(&counts->warned[rate], counts->specs[rate].period, now);
}
