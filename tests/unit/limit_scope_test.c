/* Which rules hold for whom: excepted, replaced, or in force. */
#include "core/limit_scope.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

#define ROWS(list) (int)(sizeof(list) / sizeof((list)[0]))
#define ONE(text) { (const char *[]) { text }, 1 }

/*
 * everyone <- staff <- boss, and everyone <- apps; apps excepts app-old.
 * lax: a second one for the boss beside it. by-net: for a network.
 */
static struct netblock office;
static struct throttle rules[] = {
	{ .name = "boss", .users = ONE("boss"), .replaces = "staff" },
	{ .name = "everyone" },
	{ .name = "staff", .users = ONE("staff-*"), .replaces = "everyone" },
	{ .name = "apps", .users = ONE("app-*"), .except_users =
	    ONE("app-old"), .replaces = "everyone" },
	{ .name = "chief", .users = ONE("chief"), .replaces = "staff" },
	{ .name = "board", .users = ONE("chief"), .replaces = "everyone" },
	{ .name = "net", .clients = { &office, 1 }, .replaces = "everyone" },
	{ .name = "other", .listeners = ONE("relay"),
	    .replaces = "everyone" },
};
static struct listener listener = { .name = "submission" };
static struct config config = { .throttles = rules,
	.nthrottles = ROWS(rules), .listeners = &listener, .nlisteners = 1 };

static void
begin(void)
{
	ck_assert_int_eq(netblock_parse("192.0.2.0/24", &office), 0);
	for (int i = 0; i < ROWS(rules); i++) {
		rules[i].what = LIMIT_RECIPIENTS;
		rules[i].by[0] = LIMIT_BY_USER;
		rules[i].nby = 1;
		rules[i].except_clients = (struct netblocks) { NULL, 0 };
	}
	listener.exempt_clients = (struct netblocks) { NULL, 0 };
}

static struct facts
facts_of(const char *user, const char *client)
{
	struct facts facts = { .listener = "submission", .user = user };

	ck_assert_int_eq(netaddr_parse(client, &facts.client), 0);
	return facts;
}

/* "everyone=staff staff": replaced by which, in force, or excepted (-). */
static const char *
told(const struct facts *facts, char text[256])
{
	struct limit_scoped list[LIMIT_SCOPE_MAX];
	unsigned n = limit_scope(&config, facts, 1U << LIMIT_RECIPIENTS,
	    list);
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < n; i++) {
		bool replaced = list[i].scope == LIMIT_REPLACED;

		used += (size_t)snprintf(text + used, 256 - used, "%s%s%s%s%s",
		    i > 0 ? " " : "", list[i].scope == LIMIT_EXCEPTED ? "-" :
		    "", list[i].throttle->name, replaced ? "=" : "",
		    replaced ? list[i].by->name : "");
	}
	return text;
}

static const struct {
	const char *user, *client, *listener, *want;
} sessions[] = {
	{ "al", "198.51.100.1", "submission", "everyone" },
	{ NULL, "198.51.100.1", "submission", "" }, /* no key: skipped */
	{ "staff-bo", "198.51.100.1", "submission", "everyone=staff staff" },
	/* in no pattern of staff: what staff replaces is replaced too */
	{ "boss", "198.51.100.1", "submission", "boss everyone=boss" },
	/* two for the same one: both hold, the first is named */
	{ "chief", "198.51.100.1", "submission",
	    "everyone=chief chief board" },
	{ "app-1", "198.51.100.1", "submission", "everyone=apps apps" },
	/* excepted from what would stand in: the other holds */
	{ "app-old", "198.51.100.1", "submission", "everyone -apps" },
	{ "al", "192.0.2.7", "submission", "everyone=net net" },
	{ "staff-bo", "192.0.2.7", "submission", "everyone=staff staff net" },
	{ "al", "198.51.100.1", "relay", "everyone=other other" },
	{ "al", "198.51.100.1", "Relay", "everyone" }, /* another name */
};

START_TEST(seed_5_1_limit_scope_says_what_holds_for_whom)
{
	struct facts facts = facts_of(sessions[_i].user, sessions[_i].client);
	char text[256];

	facts.listener = sessions[_i].listener;
	ck_assert_str_eq(told(&facts, text), sessions[_i].want);
}
END_TEST

/* staff takes in the boss as well: one chain of three, in any order. */
START_TEST(limit_scope_follows_a_chain_whatever_the_order)
{
	struct throttle all[ROWS(rules)];
	struct facts facts = facts_of("boss", "198.51.100.1");
	char text[256];

	memcpy(all, rules, sizeof(all));
	rules[2].users = (struct strings) ONE("*");
	ck_assert_str_eq(told(&facts, text),
	    "boss everyone=boss staff=boss");
	for (int i = 0; i < ROWS(rules); i++)
		rules[i] = all[ROWS(rules) - 1 - i];
	rules[ROWS(rules) - 1 - 2].users = (struct strings) ONE("*");
	ck_assert_str_eq(told(&facts, text),
	    "staff=boss everyone=boss boss");
	memcpy(rules, all, sizeof(all));
}
END_TEST

START_TEST(limit_scope_without_its_key_stands_in_for_nothing)
{
	struct facts facts = facts_of("staff-bo", "198.51.100.1");
	char text[256];

	rules[2].by[0] = LIMIT_BY_RECIPIENT_DOMAIN;
	ck_assert_str_eq(told(&facts, text), "everyone");
	facts.recipient = "r@example.org";
	ck_assert_str_eq(told(&facts, text), "everyone=staff staff");
}
END_TEST

/* exempt_clients: rules by client alone; except_clients: any rule. */
START_TEST(limit_scope_exempts_rules_by_client_alone)
{
	struct facts facts = facts_of("al", "192.0.2.7");
	char text[256];

	listener.exempt_clients = (struct netblocks) { &office, 1 };
	ck_assert_str_eq(told(&facts, text), "everyone=net net");
	rules[6].by[0] = LIMIT_BY_CLIENT;
	ck_assert_str_eq(told(&facts, text), "everyone -net");
	rules[6].by[1] = LIMIT_BY_USER;
	rules[6].nby = 2;
	ck_assert_str_eq(told(&facts, text), "everyone=net net");
	rules[6].except_clients = (struct netblocks) { &office, 1 };
	ck_assert_str_eq(told(&facts, text), "everyone -net");
	facts.listener = "other"; /* which exempts nobody */
	rules[6].except_clients = (struct netblocks) { NULL, 0 };
	rules[6].nby = 1;
	ck_assert_str_eq(told(&facts, text), "everyone=net net");
}
END_TEST

START_TEST(limit_scope_keeps_kinds_apart)
{
	struct facts facts = facts_of("staff-bo", "198.51.100.1");
	struct limit_scoped list[LIMIT_SCOPE_MAX];

	rules[1].what = LIMIT_MESSAGES;
	ck_assert_uint_eq(limit_scope(&config, &facts,
	    1U << LIMIT_RECIPIENTS, list), 1);
	ck_assert_str_eq(list[0].throttle->name, "staff");
	ck_assert_uint_eq(limit_scope(&config, &facts, 1U << LIMIT_MESSAGES,
	    list), 1);
	ck_assert_int_eq(list[0].scope, LIMIT_APPLIES);
	ck_assert_uint_eq(limit_scope(&config, &facts, 0, list), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("limit_scope");
	TCase *tcase = tcase_create("limit_scope");

	tcase_add_checked_fixture(tcase, begin, NULL);
	tcase_add_loop_test(tcase,
	    seed_5_1_limit_scope_says_what_holds_for_whom, 0, ROWS(sessions));
	tcase_add_test(tcase,
	    limit_scope_follows_a_chain_whatever_the_order);
	tcase_add_test(tcase,
	    limit_scope_without_its_key_stands_in_for_nothing);
	tcase_add_test(tcase, limit_scope_exempts_rules_by_client_alone);
	tcase_add_test(tcase, limit_scope_keeps_kinds_apart);
	suite_add_tcase(suite, tcase);
	return suite;
}
