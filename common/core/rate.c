/*
 * Sliding windows: single times while they are few, parts of the window when
 * they are many.
 *
 * Times are kept in ticks, rounded up, and "now" is rounded down when they are
 * compared, so that rounding never frees anyone early. A tick is 1 us for
 * periods up to 71 minutes, so that both roundings are none at all.
 */
#include "core/rate.h"

#include <assert.h>
#include <string.h>

enum { PARTS = RATE_SLOTS + 1 };

static int64_t
floor_div(int64_t a, int64_t b)
{
	int64_t quotient = a / b;

	return a % b < 0 ? quotient - 1 : quotient;
}

static int64_t
ceil_div(int64_t a, int64_t b)
{
	return -floor_div(-a, b);
}

/* Rounded up: RATE_SLOTS parts must not be shorter than the period. */
static int64_t
part_length(struct rate_spec spec)
{
	assert(spec.period.us > 0);
	return (spec.period.us + RATE_SLOTS - 1) / RATE_SLOTS;
}

/* The age of a stamp is 32 bits of ticks. */
static int64_t
tick_length(struct rate_spec spec)
{
	int64_t tick = 1;

	while (spec.period.us / tick >= UINT32_MAX)
		tick *= 1000;
	return tick;
}

static uint64_t
used(const struct rate *rate)
{
	uint64_t sum = 0;

	if (rate->stamps != 0)
		return rate->stamps;
	for (unsigned i = 0; i < PARTS; i++)
		sum += rate->counts[i];
	return sum;
}

/* Where a part is counted; parts before the clock's zero are negative. */
static unsigned
part_index(int64_t part)
{
	return (unsigned)(part - floor_div(part, PARTS) * PARTS);
}

/* Drops the first n stamps. */
static void
stamps_drop(struct rate *rate, unsigned n)
{
	memmove(rate->counts, rate->counts + n,
	    (rate->stamps - n) * sizeof(rate->counts[0]));
	rate->stamps -= n;
	memset(rate->counts + rate->stamps, 0, n * sizeof(rate->counts[0]));
}

static void
stamps_advance(struct rate *rate, struct rate_spec spec, struct mono now)
{
	int64_t tick = tick_length(spec);
	int64_t period = ceil_div(spec.period.us, tick);
	int64_t passed = floor_div(now.us, tick) - rate->head;
	unsigned gone = 0;

	if (passed < 0)
		return;
	while (gone < rate->stamps &&
	    (int64_t)rate->counts[gone] >= period - passed)
		gone++;
	stamps_drop(rate, gone);
}

static void
parts_advance(struct rate *rate, struct rate_spec spec, struct mono now)
{
	int64_t part = floor_div(now.us, part_length(spec));

	if (part - rate->head >= PARTS)
		memset(rate->counts, 0, sizeof(rate->counts));
	else
		for (int64_t i = rate->head + 1; i <= part; i++)
			rate->counts[part_index(i)] = 0;
	if (part > rate->head)
		rate->head = part;
}

/* Lets go what has left the window; one that is empty then is fresh again. */
static void
advance(struct rate *rate, struct rate_spec spec, struct mono now)
{
	if (rate->stamps != 0)
		stamps_advance(rate, spec, now);
	else
		parts_advance(rate, spec, now);
	if (used(rate) == 0)
		memset(rate, 0, sizeof(*rate));
}

static void
parts_add(struct rate *rate, int64_t part, uint64_t cost)
{
	uint64_t *count = &rate->counts[part_index(part)];

	assert(part <= rate->head);
	if (rate->head - part < PARTS)
		*count = cost > RATE_COUNT_MAX - *count ? RATE_COUNT_MAX :
		    *count + cost;
}

static void
stamps_to_parts(struct rate *rate, struct rate_spec spec, struct mono now)
{
	struct rate_bin bins[PARTS];
	size_t n = rate_bins(rate, spec, bins);
	int64_t length = part_length(spec);
	int64_t latest = rate->head * tick_length(spec);

	memset(rate, 0, sizeof(*rate));
	rate->head = floor_div(now.us > latest ? now.us : latest, length);
	for (size_t i = 0; i < n; i++)
		parts_add(rate, floor_div(bins[i].last.us, length),
		    bins[i].count);
}

/* Puts cost stamps where they belong, oldest first. There is room. */
static void
stamps_insert(struct rate *rate, int64_t at, unsigned cost)
{
	unsigned place = rate->stamps;

	if (rate->stamps == 0 || at > rate->head) {
		for (unsigned i = 0; i < rate->stamps; i++)
			rate->counts[i] += (uint64_t)(at - rate->head);
		rate->head = at;
	}
	while (place > 0 && rate->counts[place - 1] <
	    (uint64_t)(rate->head - at))
		place--;
	memmove(rate->counts + place + cost, rate->counts + place,
	    (rate->stamps - place) * sizeof(rate->counts[0]));
	for (unsigned i = 0; i < cost; i++)
		rate->counts[place + i] = (uint64_t)(rate->head - at);
	rate->stamps += cost;
}

/* A fresh rate begins with stamps when its limit will need no more of them. */
static bool
by_stamps(const struct rate *rate, struct rate_spec spec, uint64_t cost)
{
	if (cost > RATE_STAMPS - rate->stamps)
		return false;
	return rate->stamps != 0 ||
	    (spec.limit <= RATE_STAMPS && used(rate) == 0);
}

/* Charges at a point not after now and not gone; returns where that went. */
static int64_t
charge(struct rate *rate, struct rate_spec spec, int64_t at, uint64_t cost,
    struct mono now)
{
	int64_t tick = tick_length(spec), length = part_length(spec);

	if (cost == 0)
		return at;
	if (by_stamps(rate, spec, cost)) {
		stamps_insert(rate, ceil_div(at, tick), (unsigned)cost);
		return ceil_div(at, tick) * tick;
	}
	if (rate->stamps != 0)
		stamps_to_parts(rate, spec, now);
	else if (used(rate) == 0)
		rate->head = floor_div(now.us, length);
	parts_add(rate, floor_div(at, length), cost);
	return floor_div(at, length) * length;
}

/* The present, or the latest charge when the clock ran back since. */
static int64_t
present(const struct rate *rate, struct rate_spec spec, struct mono now)
{
	int64_t latest = rate->head * (rate->stamps != 0 ?
	    tick_length(spec) : part_length(spec));

	return used(rate) != 0 && latest > now.us ? latest : now.us;
}

static struct span
until(int64_t at, struct mono now)
{
	return span_us(at > now.us ? at - now.us : 0);
}

/* When the n-th oldest unit leaves. */
static int64_t
leaves(struct rate *rate, struct rate_spec spec, uint64_t n)
{
	int64_t tick = tick_length(spec), part = rate->head - RATE_SLOTS;

	if (rate->stamps != 0)
		return (rate->head - (int64_t)rate->counts[n - 1] +
		    ceil_div(spec.period.us, tick)) * tick;
	while (part < rate->head && rate->counts[part_index(part)] < n)
		n -= rate->counts[part_index(part++)];
	return (part + PARTS) * part_length(spec);
}

struct rate_answer
rate_ask(struct rate *rate, struct rate_spec spec, uint64_t cost,
    struct mono now)
{
	struct rate_answer answer = { 0 };

	advance(rate, spec, now);
	answer.used = used(rate);
	if (cost > spec.limit) {
		answer.wait = spec.period;
		return answer;
	}
	if (answer.used <= spec.limit - cost) {
		answer.fits = true;
		return answer;
	}
	answer.wait = until(leaves(rate, spec,
	    answer.used - (spec.limit - cost)), now);
	return answer;
}

int64_t
rate_take(struct rate *rate, struct rate_spec spec, uint64_t cost,
    struct mono now)
{
	advance(rate, spec, now);
	return charge(rate, spec, present(rate, spec, now), cost, now);
}

void
rate_add(struct rate *rate, struct rate_spec spec, struct mono at,
    uint64_t cost, struct mono now)
{
	advance(rate, spec, now);
	if (at.us > now.us)
		at = now;
	if (present(rate, spec, now) - at.us < spec.period.us)
		(void)charge(rate, spec, at.us, cost, now);
}

/* Single times do not stay that long: a tick is shorter than a part. */
struct span
rate_reach(struct span period)
{
	return span_us(PARTS * part_length((struct rate_spec) {
	    .period = period }));
}

void
rate_give_back(struct rate *rate, struct rate_spec spec, int64_t part,
    uint64_t cost, struct mono now)
{
	int64_t number = floor_div(part, part_length(spec));
	int64_t age = rate->head - ceil_div(part, tick_length(spec));
	unsigned first = 0, n = 0;
	uint64_t *count;

	advance(rate, spec, now);
	if (rate->stamps == 0) {
		count = &rate->counts[part_index(number)];
		if (number <= rate->head && rate->head - number < PARTS)
			*count -= cost < *count ? cost : *count;
		return;
	}
	while (first < rate->stamps && (int64_t)rate->counts[first] != age)
		first++;
	while (first + n < rate->stamps && n < cost &&
	    (int64_t)rate->counts[first + n] == age)
		n++;
	memmove(rate->counts + first, rate->counts + first + n,
	    (rate->stamps - first - n) * sizeof(rate->counts[0]));
	rate->stamps -= n;
	memset(rate->counts + rate->stamps, 0, n * sizeof(rate->counts[0]));
}

bool
rate_idle(struct rate *rate, struct rate_spec spec, struct mono now)
{
	advance(rate, spec, now);
	return used(rate) == 0;
}

struct span
rate_resets_in(struct rate *rate, struct rate_spec spec, struct mono now)
{
	if (rate_idle(rate, spec, now))
		return span_us(0);
	return until(leaves(rate, spec, used(rate)), now);
}

size_t
rate_bins(const struct rate *rate, struct rate_spec spec,
    struct rate_bin bins_r[RATE_SLOTS + 1])
{
	int64_t tick = tick_length(spec), length = part_length(spec);
	size_t n = 0;

	for (unsigned i = 0; i < rate->stamps; i++) {
		int64_t at = rate->head - (int64_t)rate->counts[i];

		bins_r[n].last.us = at * tick;
		bins_r[n++].count = 1;
	}
	if (rate->stamps != 0)
		return n;
	for (int64_t part = rate->head - RATE_SLOTS; part <= rate->head;
	     part++) {
		uint64_t count = rate->counts[part_index(part)];

		if (count == 0)
			continue;
		bins_r[n].last.us = (part + 1) * length - 1;
		bins_r[n++].count = count;
	}
	return n;
}
