/* The networks of a login, against an exact list of what was let through. */
#include "core/networks.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

enum { ARRIVALS = 200000, PLACES = 40 };

#define must(condition) \
	do { \
		if (!(condition)) \
			ck_abort_msg("%s", #condition); \
	} while (0)

static const struct rate_spec three = { 3, { 60 * SPAN_SECOND } };
static struct networks networks;
static int64_t seen_at;

static struct netaddr
place(unsigned n)
{
	struct netaddr addr = { .family = n % 2 == 0 ? 4 : 6 };

	addr.bytes[1] = (uint8_t)n;
	return addr;
}

static struct mono
at(double s)
{
	return (struct mono) { (int64_t)(s * 1e6) };
}

static bool
fits(unsigned n, double s)
{
	struct netaddr addr = place(n);

	return networks_ask(&networks, three, &addr, at(s)).fits;
}

static int64_t
take(unsigned n, double s)
{
	struct netaddr addr = place(n);

	return networks_take(&networks, 4, &addr, at(s), at(s), &seen_at);
}

static uint64_t
used(double s)
{
	struct netaddr addr = { 0 };

	return networks_ask(&networks, three, &addr, at(s)).used;
}

static void
begin(void)
{
	memset(&networks, 0, sizeof(networks));
}

START_TEST(networks_known_ones_always_pass)
{
	struct netaddr fourth = place(4);

	for (unsigned n = 1; n <= 3; n++) {
		ck_assert(fits(n, n));
		ck_assert_int_eq(take(n, n), NETWORKS_NEVER);
	}
	ck_assert(!fits(4, 10));
	ck_assert_int_eq(networks_ask(&networks, three, &fourth,
	    at(10)).wait.us, 51 * SPAN_SECOND);
	for (int i = 0; i < 100; i++) {
		ck_assert(fits(2, 10 + i));
		(void)take(2, 10 + i);
	}
	ck_assert(fits(4, 110)); /* 1 and 3 are long gone */
	ck_assert_uint_eq(used(110), 1);
}
END_TEST

START_TEST(networks_leave_a_period_after_they_were_seen)
{
	(void)take(1, 0);
	(void)take(2, 5);
	(void)take(3, 10);
	ck_assert(!fits(4, 59.999999));
	ck_assert(fits(4, 60));
	ck_assert_int_eq(take(1, 59), 0); /* seen before at 0 */
	ck_assert(!fits(4, 60));
	ck_assert(fits(4, 65));
	ck_assert_int_eq(networks_resets_in(&networks, three.period,
	    at(60)).us, 59 * SPAN_SECOND);
	networks_forget(&networks, three.period, at(65));
	ck_assert_uint_eq(networks.n, 2);
	networks_forget(&networks, three.period, at(119));
	ck_assert_uint_eq(networks.n, 0);
	ck_assert_int_eq(networks_resets_in(&networks, three.period,
	    at(119)).us, 0);
}
END_TEST

/* Where it only observes: exact to limit + 1, bounded from there on. */
START_TEST(networks_are_exact_to_one_beyond_the_limit)
{
	static const uint64_t want[] = { 1, 2, 3, 4, 4, 4, 4 };

	for (unsigned n = 0; n < 7; n++) {
		(void)take(n, n);
		ck_assert_uint_eq(used(n), want[n]);
		ck_assert_uint_le(networks.n, 4);
	}
	ck_assert(!fits(0, 7)); /* forgotten: it counts as new */
	ck_assert(fits(6, 7));
}
END_TEST

START_TEST(networks_give_back_what_one_message_saw)
{
	struct netaddr one = place(1), two = place(2);
	int64_t before, first;

	(void)take(1, 0);
	first = seen_at;
	/* it had been seen before: back to then */
	before = take(1, 30);
	ck_assert_int_eq(before, 0);
	networks_give_back(&networks, &one, seen_at, before);
	ck_assert_uint_eq(used(30), 1);
	ck_assert_uint_eq(used(60), 0);
	/* it was new: as if it had never come */
	before = take(2, 31);
	networks_give_back(&networks, &two, seen_at, before);
	ck_assert_uint_eq(used(31), 1);
	/* another message came from there since */
	(void)take(1, 40);
	networks_give_back(&networks, &one, first, NETWORKS_NEVER);
	ck_assert_uint_eq(used(99), 1);
	/* twice, or of one that left */
	networks_give_back(&networks, &two, seen_at, before);
	ck_assert_uint_eq(used(40), 1);
}
END_TEST

START_TEST(networks_clock_that_runs_back_stands_still)
{
	for (unsigned n = 1; n <= 3; n++)
		(void)take(n, 3600 + n);
	ck_assert(!fits(4, 5));
	ck_assert_uint_eq(used(5), 3);
	(void)take(1, 6);
	ck_assert_int_eq(seen_at, 3603 * SPAN_SECOND);
	ck_assert(!fits(4, 3661));
	ck_assert(fits(4, 3662));
}
END_TEST

START_TEST(networks_take_what_was_seen_earlier)
{
	struct netaddr one = place(1);

	(void)take(2, 50);
	(void)networks_take(&networks, 4, &one, at(10), at(55), &seen_at);
	ck_assert_uint_eq(used(55), 2);
	ck_assert_uint_eq(used(70), 1);
	/* an earlier sight of a known one changes nothing */
	(void)networks_take(&networks, 4, &one, at(1), at(55), &seen_at);
	ck_assert_uint_eq(used(69.9), 2);
	/* a later one than now is now */
	(void)networks_take(&networks, 4, &one, at(99), at(56), &seen_at);
	ck_assert_int_eq(seen_at, 56 * SPAN_SECOND);
}
END_TEST

static uint64_t
random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static const uint64_t limits[] = { 1, 2, 3, 10, 30 };

/*
 * Whatever comes: the networks of any window are never more than the limit,
 * and none is refused while there is room.
 */
START_TEST(networks_of_any_window_are_never_more_than_the_limit)
{
	struct rate_spec spec = { limits[_i], { 60 * SPAN_SECOND } };
	uint64_t seed = 88172645463325252u + (uint64_t)_i;
	int64_t last[PLACES], now = 0;

	for (unsigned n = 0; n < PLACES; n++)
		last[n] = -1000 * SPAN_SECOND;
	for (int i = 0; i < ARRIVALS; i++) {
		unsigned n = (unsigned)(random_next(&seed) % PLACES);
		struct netaddr addr = place(n);
		struct rate_answer answer;
		uint64_t others = 0;

		now += (int64_t)(random_next(&seed) % (spec.limit == 30 ?
		    4000000 : 30000000));
		for (unsigned j = 0; j < PLACES; j++)
			others += j != n && last[j] > now - spec.period.us;
		answer = networks_ask(&networks, spec, &addr,
		    (struct mono) { now });
		must(answer.fits == (others < spec.limit));
		if (!answer.fits) {
			struct mono then = { now + answer.wait.us };

			must(answer.wait.us > 0);
			must(networks_ask(&networks, spec, &addr, then).fits);
			then.us--;
			must(!networks_ask(&networks, spec, &addr, then).fits);
			continue;
		}
		(void)networks_take(&networks, (unsigned)spec.limit + 1,
		    &addr, (struct mono) { now }, (struct mono) { now },
		    &seen_at);
		last[n] = now;
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("networks");
	TCase *tcase = tcase_create("networks");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, begin, NULL);
	tcase_add_test(tcase, networks_known_ones_always_pass);
	tcase_add_test(tcase, networks_leave_a_period_after_they_were_seen);
	tcase_add_test(tcase, networks_are_exact_to_one_beyond_the_limit);
	tcase_add_test(tcase, networks_give_back_what_one_message_saw);
	tcase_add_test(tcase, networks_clock_that_runs_back_stands_still);
	tcase_add_test(tcase, networks_take_what_was_seen_earlier);
	tcase_add_loop_test(tcase,
	    networks_of_any_window_are_never_more_than_the_limit, 0, 5);
	suite_add_tcase(suite, tcase);
	return suite;
}
