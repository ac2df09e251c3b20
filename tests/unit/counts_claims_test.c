/*
 * Counts that are handed over as claims: held against the plain list of what
 * was charged, at every moment until all of it has left.
 */
#include "core/counts_claims.h"

#include "check_main.h"

#include <stdlib.h>
#include <string.h>

enum { CHARGES_MAX = 4000, ROUNDS = 60 };

static struct {
	int64_t at; /* us */
	uint64_t cost;
} charges[CHARGES_MAX];
static unsigned ncharges;
static uint64_t chance = 88172645463325252U;

static int64_t
pick(int64_t n) /* xorshift64 */
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (int64_t)(chance % (uint64_t)n);
}

/* What was charged after 'from'. */
static uint64_t
charged_after(int64_t from)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < ncharges; i++)
		sum += charges[i].at > from ? charges[i].cost : 0;
	return sum;
}

static struct throttle
throttle_of(unsigned nrates, uint64_t limit)
{
	static const int64_t seconds[] = { 3600, 60, 86400 };
	struct throttle throttle = { .name = "t", .what = LIMIT_MESSAGES,
		.nrates = nrates };

	for (unsigned i = 0; i < nrates; i++)
		throttle.rates[i] = (struct rate_spec) { .limit = limit,
			.period = span_s(seconds[i]) };
	return throttle;
}

/* Charges at random for so long, now and then with a pause. */
static struct mono
charge_for(struct counts *counts, int64_t us, uint64_t most)
{
	struct receipt ignored[RATES_MAX];
	struct mono now = { 1000000 * SPAN_SECOND + pick(1000000) };
	int64_t end = now.us + us;

	for (ncharges = 0; now.us < end && ncharges < CHARGES_MAX;
	    ncharges++) {
		struct claim claim = { .cost = 1 +
		    (uint64_t)pick((int64_t)most) };

		(void)counts_take(counts, &claim, now, ignored);
		charges[ncharges].at = now.us;
		charges[ncharges].cost = claim.cost;
		now.us += pick(us / 100) * pick(4);
	}
	return now;
}

static void
hold_against(struct counts *counts, int64_t taken, int64_t now)
{
	for (unsigned i = 0; i < counts->n; i++) {
		int64_t period = counts->specs[i].period.us;
		int64_t part = period / RATE_SLOTS + 1;
		uint64_t used = counts_used(counts, i, (struct mono) { now });

		/* nobody is freed early */
		ck_assert_uint_ge(used, charged_after(now - period));
		/* and all leaves in time */
		if (now > taken + 2 * part)
			ck_assert_uint_le(used,
			    charged_after(now - period - 2 * part));
	}
}

static void
hand_over(struct counts *counts, const struct throttle *throttle,
    struct mono now)
{
	struct timed_claim list[CLAIMS_MAX];
	size_t n = counts_claims(counts, now, list);
	struct counts there;
	int64_t taken = now.us;

	ck_assert_uint_le(n, CLAIMS_MAX);
	counts_begin(&there, throttle);
	now.us += pick(100000);
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_le(list[i].at.us, taken);
		counts_add(&there, &list[i].claim, list[i].at, now);
	}
	for (int64_t t = now.us; t < taken + 90000 * SPAN_SECOND;
	    t += SPAN_SECOND + (t - taken) / 20)
		hold_against(&there, taken, t);
}

static const struct {
	unsigned nrates;
	uint64_t limit; /* few are kept as single times */
	int64_t seconds;
	uint64_t most;
} rows[] = {
	{ 1, 20, 3600, 1 }, { 1, 600, 3600, 1 }, { 1, 600, 50000, 9 },
	{ 2, 20, 3600, 1 }, { 2, 600, 3600, 3 }, { 2, 600, 90, 1 },
	{ 3, 20, 90000, 1 }, { 3, 600, 90000, 3 }, { 3, 5000, 3600, 99 },
	{ 3, UINT64_C(1) << 40, 5000, UINT64_C(1) << 33 },
};

START_TEST(claims_leave_when_they_would_have_left_here)
{
	struct throttle throttle = throttle_of(rows[_i].nrates,
	    rows[_i].limit);
	struct counts counts;

	for (int round = 0; round < ROUNDS; round++) {
		struct mono now;

		counts_begin(&counts, &throttle);
		now = charge_for(&counts, rows[_i].seconds * SPAN_SECOND,
		    rows[_i].most);
		now.us += round % 3 == 0 ? 0 : pick(7200) * SPAN_SECOND;
		hand_over(&counts, &throttle, now);
	}
}
END_TEST

START_TEST(claims_of_nothing_are_none)
{
	struct throttle throttle = throttle_of(3, 100);
	struct timed_claim list[CLAIMS_MAX];
	struct counts counts;

	counts_begin(&counts, &throttle);
	ck_assert_uint_eq(counts_claims(&counts, (struct mono) { 5 }, list),
	    0);
}
END_TEST

START_TEST(claims_of_clients_are_their_networks)
{
	struct throttle throttle = { .name = "t", .what = LIMIT_CLIENTS,
		.nrates = 1, .rates = { { 5, { 3600 * SPAN_SECOND } } } };
	struct timed_claim list[CLAIMS_MAX];
	struct receipt ignored[RATES_MAX];
	struct counts counts, there;
	struct mono now = { 1000000 * SPAN_SECOND };

	counts_begin(&counts, &throttle);
	counts_begin(&there, &throttle);
	for (int i = 0; i < 4; i++) {
		static const char *const texts[] = { "192.0.2.1", "192.0.2.2",
			"2001:db8::", "192.0.2.1" };
		struct claim claim = { .cost = 1 };

		ck_assert_int_eq(netaddr_parse(texts[i], &claim.network), 0);
		(void)counts_take(&counts, &claim, now, ignored);
		now.us += 600 * SPAN_SECOND;
	}
	ck_assert_uint_eq(counts_claims(&counts, now, list), 3);
	for (int i = 0; i < 3; i++)
		counts_add(&there, &list[i].claim, list[i].at, now);
	for (int i = 0; i < 10; i++) {
		ck_assert_uint_eq(counts_used(&there, 0, now),
		    counts_used(&counts, 0, now));
		now.us += 600 * SPAN_SECOND;
	}
	ck_assert_uint_eq(counts_used(&there, 0, now), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("counts_claims");
	TCase *tcase = tcase_create("counts_claims");

	tcase_add_loop_test(tcase, claims_leave_when_they_would_have_left_here,
	    0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, claims_of_nothing_are_none);
	tcase_add_test(tcase, claims_of_clients_are_their_networks);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return suite;
}
