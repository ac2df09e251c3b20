/* Patterns of users, addresses and networks. */
#include "core/match.h"

#include "check_main.h"

#include <string.h>

static const struct {
	const char *pattern, *text;
	bool match;
} globs[] = {
	{ "alice", "alice", true },
	{ "alice", "alicea", false },
	{ "alice", "alic", false },
	{ "Alice", "alice", true },
	{ "alice", "ALICE", true },
	{ "", "", true },
	{ "", "a", false },
	{ "*", "", true },
	{ "*", "anything", true },
	{ "app-*", "app-erp", true },
	{ "app-*", "app-", true },
	{ "app-*", "app", false },
	{ "app-*", "xapp-erp", false },
	{ "*-app", "my-app", true },
	{ "*-app", "my-app-2", false },
	{ "a*b*c", "abc", true },
	{ "a*b*c", "axbxbxc", true },
	{ "a*b*c", "acb", false },
	{ "a**c", "abc", true },
	{ "*a*a*a*", "aa", false },
	{ "*aab", "aaaab", true },
	{ "*AAB", "aaaab", true },
	{ "*aab", "ab", false },
	{ "ab*b", "ab", false },
	{ "ab*b", "abb", true },
	{ "*a*aab", "aab", false },
	{ "a?c", "abc", false },
	{ "a.c", "abc", false },
	{ "[a]", "a", false },
};

static bool
match_glob(const char *pattern, const char *text)
{
	const struct strings one = { &pattern, 1 };

	return match_any(&one, text);
}

START_TEST(glob_knows_only_the_star)
{
	ck_assert_msg(match_glob(globs[_i].pattern, globs[_i].text) ==
	    globs[_i].match, "%s ~ %s", globs[_i].pattern, globs[_i].text);
}
END_TEST

static const struct {
	const char *pattern, *address;
	bool match;
} addresses[] = {
	{ "a@b.example", "a@b.example", true },
	{ "a@B.example", "a@b.example", true },
	{ "a@b.example", "aa@b.example", false },
	{ "*@b.example", "x@b.example", true },
	{ "a@*.example", "a@b.example", true },
	{ "@b.example", "x@b.example", true },
	{ "@b.example", "x@sub.b.example", false },
	{ "@b.example", "x@ab.example", false },
	{ "@b.example", "x@b.example.evil", false },
	{ "@b.example", "@b.example@evil.example", false },
	{ "@b.example", "\"x@evil\"@b.example", true },
	{ "@b-*.example", "x@b-1.example", true },
	{ "@.b.example", "x@sub.b.example", true },
	{ "@.b.example", "x@deep.sub.b.example", true },
	{ "@.b.example", "x@b.example", false },
	{ "@.b.example", "x@.b.example", false },
	{ "@.b.example", "x@ab.example", false },
	{ "@.B.example", "x@sub.b.example", true },
	{ "@.b-*.example", "x@sub.b-1.example", true },
	{ "@.b-*.example", "x@b-1.example", false },
	{ "@.*", "x@b.example", true },
	{ "@.b-*.example", "x@.b-1.example", false },
	{ "@b.example", "", false },
	{ "@*", "", false },
	{ "@", "x@", true },
	{ "@b.example", "b.example", false },
	{ "<>", "", true },
	{ "<>", "<>", false },
	{ "<>", "a@b.example", false },
	{ "*", "", true },
	{ "*", "a@b.example", true },
	{ "", "a@b.example", false },
};

START_TEST(address_patterns)
{
	const char *list[] = { "no@match", addresses[_i].pattern };
	struct strings patterns = { list, 2 };

	ck_assert_msg(match_any_address(&patterns, addresses[_i].address) ==
	    addresses[_i].match, "%s ~ %s", addresses[_i].pattern,
	    addresses[_i].address);
}
END_TEST

START_TEST(names_are_no_patterns)
{
	const char *list[] = { "submission", "a*" };
	struct strings names = { list, 2 };

	ck_assert(match_name(&names, "submission"));
	ck_assert(match_name(&names, "a*"));
	ck_assert(!match_name(&names, "Submission"));
	ck_assert(!match_name(&names, "ab"));
	ck_assert(!match_name(&names, ""));
}
END_TEST

START_TEST(no_pattern_matches_nothing)
{
	struct strings none = { NULL, 0 };
	struct netblocks nowhere = { NULL, 0 };
	struct netaddr ip;

	ck_assert_int_eq(netaddr_parse("192.0.2.1", &ip), 0);
	ck_assert(!match_any(&none, "a"));
	ck_assert(!match_any_address(&none, "a@b"));
	ck_assert(!match_networks(&nowhere, &ip));
}
END_TEST

/* 10^5 characters against stars: done at once, or the runner's limit hits. */
START_TEST(long_texts_end)
{
	static char text[100001];

	memset(text, 'a', sizeof(text) - 1);
	ck_assert(!match_glob("*a*a*a*a*a*a*a*ab", text));
	ck_assert(match_glob("*a*a*a*a*a*a*a*a", text));
}
END_TEST

START_TEST(networks)
{
	struct netblock list[2];
	struct netblocks blocks = { list, 2 };
	struct netaddr ip;

	ck_assert_int_eq(netblock_parse("192.0.2.0/24", &list[0]), 0);
	ck_assert_int_eq(netblock_parse("2001:db8::/32", &list[1]), 0);
	ck_assert_int_eq(netaddr_parse("192.0.2.77", &ip), 0);
	ck_assert(match_networks(&blocks, &ip));
	ck_assert_int_eq(netaddr_parse("2001:db8::1", &ip), 0);
	ck_assert(match_networks(&blocks, &ip));
	ck_assert_int_eq(netaddr_parse("192.0.3.1", &ip), 0);
	ck_assert(!match_networks(&blocks, &ip));
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("match");
	TCase *tcase = tcase_create("match");

	tcase_add_loop_test(tcase, glob_knows_only_the_star, 0,
	    sizeof(globs) / sizeof(globs[0]));
	tcase_add_loop_test(tcase, address_patterns, 0,
	    sizeof(addresses) / sizeof(addresses[0]));
	tcase_add_test(tcase, names_are_no_patterns);
	tcase_add_test(tcase, no_pattern_matches_nothing);
	tcase_add_test(tcase, long_texts_end);
	tcase_add_test(tcase, networks);
	suite_add_tcase(suite, tcase);
	return suite;
}
