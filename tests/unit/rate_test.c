/*
 * Rates against an exact list of everything that was let through: never more
 * than N in any window, and not much less.
 */
#include "core/rate.h"

#include "check_main.h"

#include <string.h>

#define ROWS(list) (int)(sizeof(list) / sizeof((list)[0]))

enum { ARRIVALS = 1000000, KEEP = 1 << 17 };

/* For loops of a million: ck_assert writes to a pipe each time. */
#define must(condition) \
	do { \
		if (!(condition)) \
			ck_abort_msg("%s", #condition); \
	} while (0)

static uint64_t
random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static struct mono
at(int64_t us)
{
	return (struct mono) { us };
}

static const struct setting {
	uint32_t limit;
	int64_t seconds;
	uint32_t cost_max;
	int64_t start;
} settings[] = {
	{ 1, 1, 1, 0 },
	{ 10, 60, 1, 12345 },
	{ 32, 60, 3, -5000000000 },
	{ 33, 60, 1, 0 },
	{ 20, 2, 5, 777 },
	{ 100, 60, 1, 0 },
	{ 600, 60, 20, 98765432101 },
	{ 200, 3600, 50, 0 },
	{ 25, 86400, 1, 0 }, /* ticks of 1 ms */
	{ 5000, 86400, 100, 0 },
	{ 7, 31 * 86400, 2, 0 },
	{ 1000000000, 3600, 50000000, 31 }, /* bytes */
};

/*
 * Everything let through, exactly, with the sums of two windows that move on:
 * the period itself, and the period longer by one part.
 */
enum { PERIOD, REACH, WINDOWS };

struct exact {
	struct {
		int64_t us;
		uint32_t cost;
	} list[KEEP]; /* by number modulo KEEP */
	size_t end;
	struct {
		size_t first; /* number of the first that counts */
		uint64_t sum;
	} windows[WINDOWS];
};

static void
exact_add(struct exact *exact, int64_t us, uint32_t cost)
{
	must(exact->end - exact->windows[REACH].first < KEEP);
	exact->list[exact->end % KEEP].us = us;
	exact->list[exact->end++ % KEEP].cost = cost;
	for (int i = 0; i < WINDOWS; i++)
		exact->windows[i].sum += cost;
}

/* What was let through after then; 'after' never goes back. */
static uint64_t
exact_sum(struct exact *exact, int window, int64_t after)
{
	size_t *first = &exact->windows[window].first;

	for (; *first < exact->end && exact->list[*first % KEEP].us <= after;
	     ++*first)
		exact->windows[window].sum -= exact->list[*first % KEEP].cost;
	return exact->windows[window].sum;
}

/* Bursts, steps that fit the rate exactly, random steps and long silences. */
static int64_t
step(uint64_t *seed, const struct setting *s)
{
	int64_t period = s->seconds * SPAN_SECOND;
	/* between two arrivals of a sender at exactly the rate */
	int64_t even = period / (int64_t)s->limit * (s->cost_max / 2 + 1);
	uint64_t kind = random_next(seed) % 100;

	if (kind < 30)
		return 0;
	if (kind < 60)
		return even;
	if (kind < 98)
		return (int64_t)(random_next(seed) % (uint64_t)(2 * even));
	if (kind < 99)
		return period - (int64_t)(random_next(seed) % 3);
	return (int64_t)(random_next(seed) % (uint64_t)(3 * period));
}

/*
 * At each arrival: let through only if the exact window (t - period, t] has
 * room; refused only if the window longer by one part has none.
 */
START_TEST(rate_is_never_exceeded_and_not_much_undercut)
{
	const struct setting *s = &settings[_i];
	struct rate_spec spec = { s->limit, span_s(s->seconds) };
	int64_t period = spec.period.us, now = s->start;
	int64_t reach = period + period / RATE_SLOTS + 2000;
	struct exact *exact = calloc(1, sizeof(*exact));
	uint64_t seed = 88172645463325252u + (uint64_t)_i;
	struct rate rate = { 0 };

	for (int i = 0; i < ARRIVALS; i++) {
		uint32_t cost =
		    (uint32_t)(random_next(&seed) % s->cost_max + 1);
		struct rate_answer answer;

		now += step(&seed, s);
		answer = rate_ask(&rate, spec, cost, at(now));
		if (!answer.fits) {
			struct rate later = rate;

			must(exact_sum(exact, REACH, now - reach) + cost >
			    s->limit);
			must(answer.wait.us > 0);
			must(rate_ask(&later, spec, cost,
			    at(now + answer.wait.us)).fits);
			later = rate;
			must(!rate_ask(&later, spec, cost,
			    at(now + answer.wait.us - 1)).fits);
			continue;
		}
		(void)rate_take(&rate, spec, cost, at(now));
		exact_add(exact, now, cost);
		must(exact_sum(exact, PERIOD, now - period) <= s->limit);
		(void)exact_sum(exact, REACH, now - reach);
	}
	free(exact);
}
END_TEST

/* Wherever in a part a burst falls, it counts for the whole period. */
START_TEST(rate_parts_are_not_shorter_than_the_period)
{
	struct rate_spec spec = { 33, span_s(1) };

	for (int64_t us = 0; us < 2 * SPAN_SECOND / RATE_SLOTS; us++) {
		struct rate rate = { 0 };

		(void)rate_take(&rate, spec, 33, at(us));
		must(!rate_ask(&rate, spec, 1, at(us + SPAN_SECOND - 1)).fits);
	}
}
END_TEST

/* Every N to 200, at three phases of the parts. */
START_TEST(rate_lets_a_sender_at_exactly_the_rate_through)
{
	for (uint32_t limit = 1; limit <= 200; limit++) {
		struct rate_spec spec = { limit, span_s(60) };
		int64_t even = (spec.period.us + limit - 1) / limit;
		int total = (int)limit * 40, passed = 0;
		struct rate rate = { 0 };

		for (int i = 0; i < total; i++) {
			struct mono now = at(i * even + _i * 654321);

			if (!rate_ask(&rate, spec, 1, now).fits)
				continue;
			passed++;
			(void)rate_take(&rate, spec, 1, now);
		}
		ck_assert_msg(passed > total * 95 / 100, "%u/m: %d of %d",
		    limit, passed, total);
		if (limit <= RATE_STAMPS)
			ck_assert_int_eq(passed, total);
	}
}
END_TEST

static const struct rate_spec exact_rates[] = {
	{ 1, { SPAN_SECOND } }, { 20, { 2 * SPAN_SECOND } },
	{ 33, { 10 * SPAN_SECOND } }, { 600, { 60 * SPAN_SECOND } },
	{ 200, { 3600 * SPAN_SECOND } }, { 32, { 86400 * SPAN_SECOND } },
	{ 5000, { 86400 * SPAN_SECOND } }, { 100000, { 86400 * SPAN_SECOND } },
	{ 40, { 31 * 86400 * SPAN_SECOND } },
};

/* Of other lengths, for twenty periods. */
START_TEST(rate_at_exactly_the_rate_loses_less_than_5_percent)
{
	struct rate_spec spec = exact_rates[_i];
	int64_t even = (spec.period.us + (int64_t)spec.limit - 1) /
	    (int64_t)spec.limit;
	uint64_t total = spec.limit * 20, passed = 0;
	struct rate rate = { 0 };

	for (uint64_t i = 0; i < total; i++) {
		struct mono now = at((int64_t)i * even + 123457);

		if (!rate_ask(&rate, spec, 1, now).fits)
			continue;
		passed++;
		(void)rate_take(&rate, spec, 1, now);
	}
	ck_assert_msg(passed * 100 > total * 95, "%u of %u",
	    (unsigned)passed, (unsigned)total);
}
END_TEST

/* seed 2.22: the 601st within any 60 s. */
START_TEST(seed_2_22)
{
	struct rate_spec spec = { 600, span_s(60) };
	struct rate rate = { 0 };

	for (int i = 0; i < 600; i++) {
		ck_assert(rate_ask(&rate, spec, 1, at(i * 1000)).fits);
		(void)rate_take(&rate, spec, 1, at(i * 1000));
	}
	ck_assert(!rate_ask(&rate, spec, 1, at(600000)).fits);
	ck_assert(!rate_ask(&rate, spec, 1, at(59999999)).fits);
	ck_assert_uint_eq(rate_ask(&rate, spec, 1, at(59999999)).used, 600);
	ck_assert(rate_ask(&rate, spec, 600, at(63000000)).fits);
}
END_TEST

static const struct rate_spec forms[] = {
	{ 10, { 60000000 } }, /* single times */
	{ 100, { 60000000 } }, /* parts */
	{ 10, { 86400000000 } },
	{ 100, { 86400000000 } },
};

START_TEST(rate_gives_back_to_the_part_it_came_from)
{
	struct rate_spec spec = forms[_i];
	int64_t tenth = spec.period.us / 10;
	struct rate rate = { 0 };
	int64_t first, second;

	first = rate_take(&rate, spec, 4, at(0));
	second = rate_take(&rate, spec, 3, at(5 * tenth));
	rate_give_back(&rate, spec, first, 3, at(6 * tenth));
	ck_assert_uint_eq(rate_ask(&rate, spec, 1, at(6 * tenth)).used, 4);
	/* What is left of the first leaves when it would have. */
	ck_assert_uint_eq(rate_ask(&rate, spec, 1, at(11 * tenth)).used, 3);
	/* Its part is gone: nothing is taken from the second. */
	rate_give_back(&rate, spec, first, 1, at(11 * tenth));
	ck_assert_uint_eq(rate_ask(&rate, spec, 1, at(11 * tenth)).used, 3);
	/* More than there was. */
	rate_give_back(&rate, spec, second, 100, at(11 * tenth));
	ck_assert(rate_idle(&rate, spec, at(11 * tenth)));
	rate_give_back(&rate, spec, second, 1, at(11 * tenth));
	ck_assert(rate_idle(&rate, spec, at(11 * tenth)));
}
END_TEST

/* Those of one part are one, so that a receipt can hold them together. */
START_TEST(rate_charges_to_one_part_come_from_one_time)
{
	struct rate_spec spec = forms[_i];
	int64_t part = (spec.period.us + RATE_SLOTS - 1) / RATE_SLOTS;
	struct rate rate = { 0 };
	int64_t first = rate_take(&rate, spec, 1, at(5 * part));
	int64_t same = rate_take(&rate, spec, 1, at(6 * part - 1));
	int64_t next = rate_take(&rate, spec, 1, at(6 * part));

	ck_assert_int_ne(first, next);
	ck_assert_int_eq(first == same, spec.limit > RATE_STAMPS);
	rate_give_back(&rate, spec, next, 1, at(6 * part));
	if (same != first)
		rate_give_back(&rate, spec, same, 1, at(6 * part));
	rate_give_back(&rate, spec, first, same == first ? 2 : 1,
	    at(6 * part));
	ck_assert(rate_idle(&rate, spec, at(6 * part)));
}
END_TEST

START_TEST(rate_counts_nothing_beyond_its_reach)
{
	struct rate_spec spec = forms[_i];
	struct rate rate = { 0 };
	int64_t first = rate_take(&rate, spec, 1, at(12345678));
	int64_t gone = first + rate_reach(spec.period).us;

	if (spec.limit > RATE_STAMPS)
		ck_assert(!rate_idle(&rate, spec, at(gone - 1)));
	ck_assert(rate_idle(&rate, spec, at(gone)));
}
END_TEST

/* A limit lowered or raised, or merely observed: the form changes midway. */
START_TEST(rate_gives_back_across_the_change_to_parts)
{
	struct rate_spec spec = { 10, span_s(60) };
	struct rate rate = { 0 };
	int64_t first = rate_take(&rate, spec, 5, at(1000000));

	(void)rate_take(&rate, spec, 60, at(30000000));
	ck_assert_uint_eq(rate_ask(&rate, spec, 1, at(30000000)).used, 65);
	rate_give_back(&rate, spec, first, 5, at(30000000));
	ck_assert_uint_eq(rate_ask(&rate, spec, 1, at(30000000)).used, 60);
	spec.limit = 100;
	ck_assert(rate_ask(&rate, spec, 40, at(30000000)).fits);
	ck_assert(!rate_ask(&rate, spec, 41, at(30000000)).fits);
}
END_TEST

START_TEST(rate_clock_that_runs_back_stands_still)
{
	struct rate_spec spec = forms[_i];
	struct rate rate = { 0 };
	struct mono later = at(100 * spec.period.us), early = at(5);
	struct rate_answer answer;

	(void)rate_take(&rate, spec, spec.limit, later);
	answer = rate_ask(&rate, spec, 1, early);
	ck_assert(!answer.fits);
	ck_assert_int_ge(answer.wait.us, 100 * spec.period.us);
	(void)rate_take(&rate, spec, 1, early);
	rate_add(&rate, spec, early, 1, early);
	ck_assert_uint_ge(rate_ask(&rate, spec, 1, early).used, spec.limit);
	/* Nothing it did meanwhile is freed before its time. */
	ck_assert(!rate_ask(&rate, spec, spec.limit,
	    at(101 * spec.period.us - 1)).fits);
	ck_assert(rate_idle(&rate, spec, at(102 * spec.period.us)));
	/* An empty one takes the clock as it finds it. */
	(void)rate_take(&rate, spec, 1, early);
	ck_assert_int_le(rate_resets_in(&rate, spec, early).us,
	    spec.period.us + spec.period.us / RATE_SLOTS + RATE_SLOTS);
}
END_TEST

START_TEST(rate_huge_gaps_forget_all)
{
	struct rate_spec spec = forms[_i];
	struct rate rate = { 0 };
	const int64_t far[] = { -(INT64_C(1) << 60), -1, 0, 1, INT64_C(1) << 50,
		INT64_C(1) << 60 };

	for (int i = 0; i < ROWS(far); i++) {
		ck_assert(rate_ask(&rate, spec, spec.limit, at(far[i])).fits ||
		    i == 2 || i == 3);
		(void)rate_take(&rate, spec, 1, at(far[i]));
	}
	ck_assert_uint_eq(rate_ask(&rate, spec, 1, at(far[5])).used, 1);
}
END_TEST

START_TEST(rate_resets_when_the_last_unit_leaves)
{
	struct rate_spec spec = forms[_i];
	struct rate rate = { 0 };
	struct span span;

	ck_assert_int_eq(rate_resets_in(&rate, spec, at(0)).us, 0);
	(void)rate_take(&rate, spec, 1, at(1000000));
	(void)rate_take(&rate, spec, 1, at(9000000));
	span = rate_resets_in(&rate, spec, at(9000000));
	ck_assert_int_ge(span.us, spec.period.us);
	ck_assert(!rate_idle(&rate, spec, at(9000000 + span.us - 1)));
	ck_assert(rate_idle(&rate, spec, at(9000000 + span.us)));
}
END_TEST

START_TEST(rate_cost_beyond_the_limit_waits_a_period)
{
	struct rate_spec spec = forms[_i];
	struct rate rate = { 0 };
	struct rate_answer answer = rate_ask(&rate, spec, spec.limit + 1,
	    at(0));

	ck_assert(!answer.fits);
	ck_assert_int_eq(answer.wait.us, spec.period.us);
	/* Charged all the same where it is only observed. */
	(void)rate_take(&rate, spec, UINT32_MAX, at(0));
	(void)rate_take(&rate, spec, UINT32_MAX, at(0));
	ck_assert_uint_eq(rate_ask(&rate, spec, 1, at(0)).used,
	    2 * (uint64_t)UINT32_MAX);
	(void)rate_take(&rate, spec, UINT64_MAX, at(0));
	(void)rate_take(&rate, spec, 1, at(0));
	ck_assert_uint_eq(rate_ask(&rate, spec, 1, at(0)).used,
	    RATE_COUNT_MAX);
}
END_TEST

/* Through bins into a fresh one: same sum, and no unit leaves earlier. */
START_TEST(rate_bins_move_it_without_freeing_early)
{
	const struct setting *s = &settings[_i];
	struct rate_spec spec = { s->limit, span_s(s->seconds) };
	struct rate_spec wider = { s->limit * 100, span_s(7 * s->seconds) };
	uint64_t seed = 4711u + (uint64_t)_i;
	struct rate rate = { 0 };
	int64_t now = s->start;

	for (int i = 0; i < 2000; i++) {
		struct rate copy = { 0 }, wide = { 0 }, old = rate;
		struct rate_bin bins[RATE_SLOTS + 1];
		size_t n;

		now += step(&seed, s);
		if (rate_ask(&rate, spec, 1, at(now)).fits)
			(void)rate_take(&rate, spec, 1, at(now));
		n = rate_bins(&rate, spec, bins);
		for (size_t j = 0; j < n; j++) {
			rate_add(&copy, spec, bins[j].last, bins[j].count,
			    at(now));
			rate_add(&wide, wider, bins[j].last, bins[j].count,
			    at(now));
		}
		old = rate;
		must(rate_ask(&old, spec, 1, at(now)).used ==
		    rate_ask(&copy, spec, 1, at(now)).used);
		must(rate_ask(&old, spec, 1, at(now)).wait.us ==
		    rate_ask(&copy, spec, 1, at(now)).wait.us);
		must(rate_ask(&old, spec, 1, at(now)).used ==
		    rate_ask(&wide, wider, 1, at(now)).used);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("rate");
	TCase *tcase = tcase_create("rate");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase,
	    rate_is_never_exceeded_and_not_much_undercut, 0, ROWS(settings));
	tcase_add_loop_test(tcase,
	    rate_lets_a_sender_at_exactly_the_rate_through, 0, 3);
	tcase_add_loop_test(tcase,
	    rate_at_exactly_the_rate_loses_less_than_5_percent, 0,
	    ROWS(exact_rates));
	tcase_add_test(tcase, rate_parts_are_not_shorter_than_the_period);
	tcase_add_test(tcase, seed_2_22);
	tcase_add_loop_test(tcase, rate_gives_back_to_the_part_it_came_from,
	    0, ROWS(forms));
	tcase_add_loop_test(tcase,
	    rate_charges_to_one_part_come_from_one_time, 0, ROWS(forms));
	tcase_add_loop_test(tcase, rate_counts_nothing_beyond_its_reach, 0,
	    ROWS(forms));
	tcase_add_test(tcase, rate_gives_back_across_the_change_to_parts);
	tcase_add_loop_test(tcase, rate_clock_that_runs_back_stands_still, 0,
	    ROWS(forms));
	tcase_add_loop_test(tcase, rate_huge_gaps_forget_all, 0, ROWS(forms));
	tcase_add_loop_test(tcase, rate_resets_when_the_last_unit_leaves, 0,
	    ROWS(forms));
	tcase_add_loop_test(tcase, rate_cost_beyond_the_limit_waits_a_period,
	    0, ROWS(forms));
	tcase_add_loop_test(tcase, rate_bins_move_it_without_freeing_early, 0,
	    ROWS(settings));
	suite_add_tcase(suite, tcase);
	return suite;
}
