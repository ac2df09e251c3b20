/*
 * Round robin: each prefix of picks within one message of the ideal. The other
 * methods: shares, and what each is for.
 */
#include "core/balance.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

struct ring {
	struct balance_member memory[MEMBERS_MAX];
	unsigned weight[MEMBERS_MAX];
	uint64_t picks[MEMBERS_MAX];
	bool away[MEMBERS_MAX];
	size_t count;
	enum balance method;
	const char *user;
	uint64_t seed;
};

static const char *
name_of(size_t member)
{
	static char names[MEMBERS_MAX][16];

	(void)snprintf(names[member], 16, "isp-%u", (unsigned)member + 1);
	return names[member];
}

/* One pick among those not away; the member's index. */
static size_t
ring_pick_as(struct ring *ring, bool dry)
{
	struct balance_candidate candidates[MEMBERS_MAX];
	size_t member[MEMBERS_MAX], count = 0, picked;

	for (size_t i = 0; i < ring->count; i++) {
		if (ring->away[i])
			continue;
		candidates[count] = (struct balance_candidate) {
			ring->weight[i], name_of(i), &ring->picks[i],
			&ring->memory[i] };
		member[count++] = i;
	}
	picked = balance_method(ring->method)->pick(candidates, count,
	    &(struct balance_ask) { ring->user, &ring->seed, dry });
	if (picked >= count)
		ck_abort_msg("no such candidate");
	return member[picked];
}

static size_t
ring_pick(struct ring *ring)
{
	size_t member = ring_pick_as(ring, false);

	ring->picks[member]++;
	return member;
}

static struct ring
ring_of(size_t count, const unsigned *weights)
{
	struct ring ring;

	memset(&ring, 0, sizeof(ring));
	ring.count = count;
	for (size_t i = 0; i < count; i++)
		ring.weight[i] = weights != NULL ? weights[i] : 10;
	return ring;
}

/* Runs n picks and checks each prefix against the ideal. */
static void
check_prefixes(struct ring *ring, int64_t n)
{
	int64_t total = 0;

	for (size_t i = 0; i < ring->count; i++)
		total += ring->weight[i];
	for (int64_t t = 1; t <= n; t++) {
		ring_pick(ring);
		for (size_t i = 0; i < ring->count; i++) {
			int64_t off = (int64_t)ring->picks[i] * total -
			    t * ring->weight[i];

			/* Check's own asserts cost a write each */
			if (off < total && off > -total)
				continue;
			ck_abort_msg("member %zu of %zu is %.3f off after %d",
			    i, ring->count, (double)off / (double)total,
			    (int)t);
		}
	}
}

/* A generator of our own: the same weights on every run. */
static unsigned
next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (unsigned)(*seed >> 33);
}

START_TEST(any_weights_any_prefix)
{
	static const unsigned spans[] = { 3, 20, 1000, WEIGHT_MAX };
	uint64_t seed = (uint64_t)_i;

	for (int round = 0; round < 40; round++) {
		unsigned weights[MEMBERS_MAX];
		size_t count = 1 + next_random(&seed) % MEMBERS_MAX;
		struct ring ring;

		for (size_t i = 0; i < count; i++)
			weights[i] = 1 + next_random(&seed) % spans[_i];
		ring = ring_of(count, weights);
		check_prefixes(&ring, 500);
	}
}
END_TEST

/* One heavy among many light: what picking the most owed gets wrong. */
START_TEST(one_heavy_among_light)
{
	unsigned weights[MEMBERS_MAX];
	struct ring ring;

	for (size_t i = 0; i < MEMBERS_MAX; i++)
		weights[i] = i == 0 ? 63 : 1 + (unsigned)(i % 7);
	ring = ring_of(MEMBERS_MAX, weights);
	check_prefixes(&ring, 5000);
}
END_TEST

static void
pattern_of(struct ring *ring, size_t n, char *text)
{
	for (size_t i = 0; i < n; i++)
		text[i] = (char)('a' + ring_pick(ring));
	text[n] = '\0';
}

START_TEST(order_is_smooth)
{
	static const struct {
		size_t count;
		unsigned weights[3];
		const char *pattern;
	} rows[] = {
		{ 1, { 10 }, "aaaa" },
		{ 2, { 10, 10 }, "abababab" },
		{ 3, { 1, 1, 1 }, "abcabcabc" },
		{ 2, { 3, 1 }, "aabaaaba" },
		{ 2, { 1, 3 }, "bbabbbab" },
		{ 3, { 5, 1, 1 }, "aaabacaaaabaca" },
	};
	char text[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ring ring = ring_of(rows[i].count, rows[i].weights);

		pattern_of(&ring, strlen(rows[i].pattern), text);
		ck_assert_str_eq(text, rows[i].pattern);
	}
}
END_TEST

/* Requirements 1.2, 4.1, 4.37. */
START_TEST(seed_1_2_4_1_4_37_equal_weights_share_alike)
{
	static const struct {
		size_t hosts;
		int messages;
	} rows[] = { { 2, 10000 }, { 3, 3000 }, { 64, 6400 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ring ring = ring_of(rows[i].hosts, NULL);

		for (int n = 0; n < rows[i].messages; n++)
			ring_pick(&ring);
		for (size_t m = 0; m < rows[i].hosts; m++)
			ck_assert_uint_eq(ring.picks[m],
			    (unsigned)rows[i].messages / rows[i].hosts);
	}
}
END_TEST

/*
 * Requirement 4.4: with A of A, B, C down, B and C have half each, from the
 * first message on, whenever it happens.
 */
START_TEST(seed_4_4_two_of_three_share_alike_at_once)
{
	struct ring ring = ring_of(3, NULL);
	int64_t b = 0, c = 0;

	for (int n = 0; n < _i; n++)
		ring_pick(&ring);
	ring.away[0] = true;
	for (int n = 1; n <= 1000; n++) {
		size_t member = ring_pick(&ring);

		ck_assert_uint_ne(member, 0);
		b += member == 1;
		c += member == 2;
		ck_assert_msg(b - c <= 1 && c - b <= 1, "%d picks: %d and %d",
		    n, (int)b, (int)c);
	}
}
END_TEST

/* Half of many go, whatever each was owed: the rest share alike at once. */
START_TEST(who_stays_shares_alike_at_once)
{
	struct ring ring = ring_of(MEMBERS_MAX, NULL);
	unsigned left = MEMBERS_MAX / 2;
	size_t first = _i % 2 == 0 ? 0 : left; /* of those that stay */

	for (int n = 0; n < _i / 2; n++)
		ring_pick(&ring);
	for (size_t i = 0; i < left; i++)
		ring.away[left - first + i] = true;
	memset(ring.picks, 0, sizeof(ring.picks));
	for (unsigned n = 1; n <= 20 * left; n++) {
		ring_pick(&ring);
		for (size_t i = first; i < first + left; i++) {
			if (ring.picks[i] * left > n + 2 * left ||
			    (ring.picks[i] + 2) * left < n)
				ck_abort_msg("member %zu: %u of %u", i,
				    (unsigned)ring.picks[i], n);
		}
	}
}
END_TEST

/* However long it was away, it does not catch up. */
START_TEST(who_returns_gets_no_burst)
{
	struct ring ring = ring_of(3, NULL);
	int a = 0;

	for (int n = 0; n < _i; n++)
		ring_pick(&ring);
	ring.away[0] = true;
	for (int n = 0; n < 1000 + _i; n++)
		ring_pick(&ring);
	ring.away[0] = false;
	for (int n = 1; n <= 300; n++) {
		a += ring_pick(&ring) == 0;
		ck_assert_msg(3 * a <= n + 4, "%d of %d", a, n);
		ck_assert_msg(3 * a >= n - 4, "%d of %d", a, n);
	}
}
END_TEST

/* A third host that comes and goes with every message starves nobody. */
START_TEST(a_set_that_never_rests_stays_fair)
{
	unsigned weights[] = { 30, 10, 5 };
	struct ring ring = ring_of(3, weights);
	double ideal[3] = { 0, 0, 0 };
	uint64_t seed = 7;

	for (int n = 0; n < 4000; n++) {
		double total = 0;

		ring.away[2] = next_random(&seed) % 2 == 0;
		for (size_t i = 0; i < 3; i++)
			total += ring.away[i] ? 0 : ring.weight[i];
		for (size_t i = 0; i < 3; i++)
			ideal[i] += ring.away[i] ? 0 : ring.weight[i] / total;
		ring_pick(&ring);
	}
	for (size_t i = 0; i < 3; i++) {
		double off = ((double)ring.picks[i] - ideal[i]) / ideal[i];

		ck_assert_msg(off < .05 && off > -.05, "%zu: %.1f of %.1f", i,
		    (double)ring.picks[i], ideal[i]);
	}
}
END_TEST

START_TEST(dry_remembers_nothing)
{
	struct ring ring = ring_of(3, NULL);
	struct ring before;

	for (int n = 0; n < 10; n++) {
		memcpy(&before, &ring, sizeof(ring));
		ck_assert_uint_eq(ring_pick_as(&ring, true),
		    ring_pick_as(&ring, true));
		ck_assert_mem_eq(&before, &ring, sizeof(ring));
		ck_assert_uint_eq(ring_pick_as(&ring, true), ring_pick(&ring));
	}
}
END_TEST

START_TEST(weight_nothing_among_itself)
{
	unsigned weights[] = { 0, 0, 5 };
	struct ring ring = ring_of(3, weights);

	ring.count = 2;
	ck_assert_uint_eq(ring_pick(&ring), 0);
	ring.count = 3;
	for (int n = 0; n < 5; n++)
		ck_assert_uint_eq(ring_pick(&ring), 2);
}
END_TEST

/* --- the other methods --- */

static struct ring
ring_by(enum balance method, size_t count)
{
	struct ring ring = ring_of(count, NULL);

	ring.method = method;
	return ring;
}

/* The share of a member, in per cent. */
static double
share(const struct ring *ring, size_t member)
{
	uint64_t all = 0;

	for (size_t i = 0; i < ring->count; i++)
		all += ring->picks[i];
	return 100.0 * (double)ring->picks[member] / (double)all;
}

static void
check_share(const struct ring *ring, size_t member, double want, double off)
{
	double got = share(ring, member);

	ck_assert_msg(got >= want - off && got <= want + off,
	    "member %zu has %.2f %%", member, got);
}

START_TEST(methods_have_the_names_of_the_setting)
{
	ck_assert_str_eq(balance_method(BALANCE_ROUND_ROBIN)->name,
	    "round-robin");
	ck_assert_str_eq(balance_method(BALANCE_RANDOM)->name, "random");
	ck_assert_str_eq(balance_method(BALANCE_LEAST_USED)->name,
	    "least-used");
	ck_assert_str_eq(balance_method(BALANCE_AFFINITY)->name, "affinity");
}
END_TEST

START_TEST(seed_1_2_random_is_50_give_or_take_2)
{
	struct ring ring = ring_by(BALANCE_RANDOM, 2);

	ring.seed = (uint64_t)_i;
	for (int n = 0; n < 10000; n++)
		ring_pick(&ring);
	check_share(&ring, 0, 50, 2);
}
END_TEST

START_TEST(random_goes_by_weight)
{
	struct ring ring = ring_by(BALANCE_RANDOM, 4);

	ring.weight[1] = 20;
	ring.weight[2] = 0;
	for (int n = 0; n < 20000; n++)
		ring_pick(&ring);
	check_share(&ring, 0, 25, 1);
	check_share(&ring, 1, 50, 1);
	check_share(&ring, 2, 0, 0);
	ring.weight[0] = ring.weight[1] = ring.weight[3] = 0;
	ck_assert_uint_eq(ring_pick(&ring), 0);
}
END_TEST

START_TEST(seed_1_3_a_seed_repeats_random_choices)
{
	struct ring a = ring_by(BALANCE_RANDOM, 3), b = a, other = a;
	unsigned same = 0;

	a.seed = b.seed = 42;
	for (int n = 0; n < 300; n++) {
		size_t picked = ring_pick(&a);

		ck_assert_uint_eq(ring_pick_as(&b, true), picked);
		ck_assert_uint_eq(ring_pick(&b), picked);
		same += ring_pick(&other) == picked;
	}
	ck_assert_uint_lt(same, 150);
}
END_TEST

START_TEST(seed_1_2_affinity_is_50_give_or_take_3)
{
	struct ring ring = ring_by(BALANCE_AFFINITY, 2);
	char user[32];

	ring.user = user;
	for (int n = 0; n < 5000; n++) {
		size_t picked;

		(void)snprintf(user, sizeof(user), "user%d@example.com", n);
		picked = ring_pick(&ring);
		ck_assert_uint_eq(ring_pick(&ring), picked);
	}
	check_share(&ring, 0, 50, 3);
}
END_TEST

START_TEST(affinity_goes_by_weight)
{
	struct ring ring = ring_by(BALANCE_AFFINITY, 4);
	char user[32];

	ring.user = user;
	ring.weight[1] = 20;
	ring.weight[2] = 0;
	for (int n = 0; n < 5000; n++) {
		(void)snprintf(user, sizeof(user), "user%d@example.com", n);
		ring_pick(&ring);
	}
	check_share(&ring, 0, 25, 3);
	check_share(&ring, 1, 50, 3);
	check_share(&ring, 2, 0, 0);
}
END_TEST

/* Only the logins of the host that is away move; they come back with it. */
START_TEST(affinity_moves_no_more_than_it_must)
{
	struct ring ring = ring_by(BALANCE_AFFINITY, 3);
	uint64_t moved[3] = { 0 };
	char user[32];

	ring.user = user;
	for (int n = 0; n < 3000; n++) {
		size_t home, now;

		(void)snprintf(user, sizeof(user), "user%d@example.com", n);
		home = ring_pick(&ring);
		ring.away[1] = true;
		now = ring_pick_as(&ring, false);
		ring.away[1] = false;
		ck_assert(home == 1 ? now != 1 : now == home);
		moved[now] += home == 1;
	}
	ck_assert_uint_gt(moved[0], 400);
	ck_assert_uint_gt(moved[2], 400);
}
END_TEST

/*
 * Answers that outlive a restart: nothing but names decides. The values were
 * worked out apart, with logarithms in floating point.
 */
START_TEST(affinity_is_the_same_everywhere)
{
	static const struct {
		const char *user;
		size_t member;
	} rows[] = {
		{ "alice@example.com", 4 }, { "bob@example.com", 3 },
		{ "carol@example.com", 2 }, { "dave@example.com", 2 },
	};
	struct ring ring = ring_by(BALANCE_AFFINITY, 5);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ring.user = rows[i].user;
		ck_assert_uint_eq(ring_pick(&ring), rows[i].member);
	}
}
END_TEST

START_TEST(seed_0_1_no_login_no_affinity)
{
	struct ring ring = ring_by(BALANCE_AFFINITY, 3);
	char text[8];

	pattern_of(&ring, 6, text);
	ck_assert_str_eq(text, "abcabc");
}
END_TEST

START_TEST(least_used_goes_by_weight)
{
	struct ring ring = ring_by(BALANCE_LEAST_USED, 3);

	ring.weight[0] = 20;
	for (int n = 0; n < 4000; n++)
		ring_pick(&ring);
	ck_assert_uint_eq(ring.picks[0], 2000);
	ck_assert_uint_eq(ring.picks[1], 1000);
	ck_assert_uint_eq(ring.picks[2], 1000);
}
END_TEST

/* What the host got from elsewhere is in its count. */
START_TEST(least_used_sees_what_others_sent)
{
	struct ring ring = ring_by(BALANCE_LEAST_USED, 2);

	ring_pick(&ring);
	ring.picks[1] += 100;
	for (int n = 0; n < 99; n++)
		ck_assert_uint_eq(ring_pick(&ring), 0);
}
END_TEST

START_TEST(least_used_returns_without_a_burst)
{
	struct ring ring = ring_by(BALANCE_LEAST_USED, 3);
	uint64_t before;

	for (int n = 0; n < 300; n++)
		ring_pick(&ring);
	ring.away[0] = true;
	for (int n = 0; n < 1000; n++)
		ring_pick(&ring);
	ring.away[0] = false;
	before = ring.picks[0];
	for (int n = 0; n < 300; n++)
		ring_pick(&ring);
	ck_assert_uint_ge(ring.picks[0] - before, 100);
	ck_assert_uint_le(ring.picks[0] - before, 101);
}
END_TEST

static const enum balance methods[] = { BALANCE_ROUND_ROBIN, BALANCE_RANDOM,
	BALANCE_LEAST_USED, BALANCE_AFFINITY };

START_TEST(every_method_knows_dry)
{
	struct ring ring = ring_by(methods[_i], 3), before;

	for (int n = 0; n < 20; n++) {
		size_t will;

		memcpy(&before, &ring, sizeof(ring));
		will = ring_pick_as(&ring, true);
		ck_assert_mem_eq(&before, &ring, sizeof(ring));
		ck_assert_uint_eq(ring_pick(&ring), will);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("balance");
	TCase *tcase = tcase_create("round-robin");

	tcase_add_loop_test(tcase, any_weights_any_prefix, 0, 4);
	tcase_add_test(tcase, one_heavy_among_light);
	tcase_add_test(tcase, order_is_smooth);
	tcase_add_test(tcase, seed_1_2_4_1_4_37_equal_weights_share_alike);
	tcase_add_loop_test(tcase, seed_4_4_two_of_three_share_alike_at_once,
	    0, 7);
	tcase_add_loop_test(tcase, who_stays_shares_alike_at_once, 0,
	    2 * MEMBERS_MAX);
	tcase_add_loop_test(tcase, who_returns_gets_no_burst, 0, 7);
	tcase_add_test(tcase, a_set_that_never_rests_stays_fair);
	tcase_add_test(tcase, dry_remembers_nothing);
	tcase_add_test(tcase, weight_nothing_among_itself);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("others");
	tcase_add_test(tcase, methods_have_the_names_of_the_setting);
	tcase_add_loop_test(tcase, seed_1_2_random_is_50_give_or_take_2, 0, 5);
	tcase_add_test(tcase, random_goes_by_weight);
	tcase_add_test(tcase, seed_1_3_a_seed_repeats_random_choices);
	tcase_add_test(tcase, seed_1_2_affinity_is_50_give_or_take_3);
	tcase_add_test(tcase, affinity_goes_by_weight);
	tcase_add_test(tcase, affinity_moves_no_more_than_it_must);
	tcase_add_test(tcase, affinity_is_the_same_everywhere);
	tcase_add_test(tcase, seed_0_1_no_login_no_affinity);
	tcase_add_test(tcase, least_used_goes_by_weight);
	tcase_add_test(tcase, least_used_sees_what_others_sent);
	tcase_add_test(tcase, least_used_returns_without_a_burst);
	tcase_add_loop_test(tcase, every_method_knows_dry, 0,
	    sizeof(methods) / sizeof(methods[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
