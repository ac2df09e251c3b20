/* Which member carries too much, and who brings it. */
#include "core/spread.h"

#include "check_main.h"
#include "site.h"

static struct site site;
static struct spreads spreads;
static struct skew skew;

static void
start(size_t nhosts)
{
	site_init(&site, nhosts);
	site.connector.balance = BALANCE_AFFINITY;
	spreads_init(&spreads, &site.config);
}

static void
teardown(void)
{
	spreads_clear(&spreads);
}

static void
sent_as(const struct facts *facts, uint16_t host, unsigned count)
{
	struct decision decision = { .kind = DECISION_FILTER,
		.route = &site.route, .connector = &site.connector,
		.list = { host }, .nlist = 1 };

	while (count-- > 0)
		spreads_note(&spreads, &site.config, facts, &decision);
}

static void
sent(const char *user, uint16_t host, unsigned count)
{
	struct facts facts = { .listener = "default", .user = user };

	sent_as(&facts, host, count);
}

static bool
is_skewed(void)
{
	return spread_skew(&spreads.list[0], &site.connector, &skew);
}

START_TEST(seed_0_6_a_busy_login_is_named)
{
	start(2);
	sent("alice", 0, 426);
	sent("bob", 0, 284);
	sent("carol", 1, 290);
	ck_assert(is_skewed());
	ck_assert_uint_eq(skew.member, 0);
	ck_assert_uint_eq(skew.percent, 71);
	ck_assert_uint_eq(skew.part, 50);
	ck_assert_str_eq(skew.user, "alice");
	ck_assert_uint_eq(skew.user_percent, 60);
}
END_TEST

START_TEST(seed_0_6_no_skew_where_none_is)
{
	start(2);
	sent("alice", 0, 99); /* too few to tell */
	ck_assert(!is_skewed());
	sent("alice", 0, 501);
	sent("bob", 1, 400); /* 60 % of two is little */
	ck_assert(!is_skewed());
	site.members[0].weight = 1; /* but not if it should have had 9 */
	ck_assert(is_skewed());
	ck_assert_uint_eq(skew.part, 9);
}
END_TEST

/* Many homes in one place are a skew too, but nobody's in particular. */
START_TEST(many_logins_name_no_one)
{
	char user[16];

	start(3);
	for (unsigned i = 0; i < 1000; i++) {
		(void)snprintf(user, sizeof(user), "user%u", i);
		sent(user, i % 10 == 0 ? 1 : 0, 1);
	}
	ck_assert(is_skewed());
	ck_assert_uint_eq(skew.percent, 90);
	ck_assert_ptr_null(skew.user);
}
END_TEST

/* The busiest is found among more logins than are kept; not overstated. */
START_TEST(busiest_of_many_is_known)
{
	const struct spread_login *login;
	char user[16];

	start(1);
	for (unsigned i = 0; i < 5000; i++) {
		(void)snprintf(user, sizeof(user), "user%u", i);
		sent(i % 4 == 0 ? "alice" : user, 0, 1);
	}
	login = spread_busiest(&spreads.list[0].members[0]);
	ck_assert_str_eq(login->user, "alice");
	ck_assert_uint_ge(login->count, 1250);
	ck_assert_uint_le(login->count - login->over, 1250);
}
END_TEST

/* What was long ago weighs less. */
START_TEST(latest_messages_count)
{
	start(2);
	sent("alice", 0, SPREAD_HALVES - 1);
	ck_assert(is_skewed());
	for (int i = 0; i < 3; i++)
		sent("bob", 1, SPREAD_HALVES / 2);
	ck_assert_uint_lt(spreads.list[0].messages, SPREAD_HALVES);
	ck_assert(is_skewed());
	ck_assert_uint_eq(skew.member, 1);
	ck_assert_str_eq(skew.user, "bob");
}
END_TEST

/* No login, one by network, another balance, one host by name: not counted. */
START_TEST(only_what_affinity_decides)
{
	struct facts network = { .listener = "default", .user = "app",
		.by_network = true };

	start(2);
	sent(NULL, 0, 200);
	sent_as(&network, 0, 200);
	site.route.target = ROUTE_HOST;
	sent("alice", 0, 200);
	ck_assert_uint_eq(spreads.list[0].messages, 0);
	spreads_clear(&spreads);
	site.connector.balance = BALANCE_ROUND_ROBIN;
	site.route.target = ROUTE_CONNECTOR;
	spreads_init(&spreads, &site.config);
	sent("alice", 0, 200);
	ck_assert_uint_eq(spreads.list[0].messages, 0);
	ck_assert(!is_skewed());
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("spread");
	TCase *tcase = tcase_create("spread");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, seed_0_6_a_busy_login_is_named);
	tcase_add_test(tcase, seed_0_6_no_skew_where_none_is);
	tcase_add_test(tcase, many_logins_name_no_one);
	tcase_add_test(tcase, busiest_of_many_is_known);
	tcase_add_test(tcase, latest_messages_count);
	tcase_add_test(tcase, only_what_affinity_decides);
	suite_add_tcase(suite, tcase);
	return suite;
}
