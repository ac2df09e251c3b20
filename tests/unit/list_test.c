/* Lists of main.cf: what is one element, which is ours, and without it. */
#include "ctl/list.h"

#include "check_main.h"

#include <string.h>

static const char *const ours[] = { "unix:weir/policy.sock",
	"unix:weir/milter.sock", "socketmap:unix:weir/map.sock:sender", NULL };

/* The elements, each in <>. */
static const struct {
	const char *list, *items;
} splits[] = {
	{ "", "" },
	{ " , ", "" },
	{ "a", "<a>" },
	{ "a,b c\t,  d", "<a><b><c><d>" },
	{ "{ a, b } c", "<{ a, b }><c>" },
	{ "x{ a b }y z", "<x{ a b }y><z>" },
	{ "{ a, { b = c d } }, e", "<{ a, { b = c d } }><e>" },
	{ "{ never closed, a", "<{ never closed, a>" },
	{ "} a", "<}><a>" },
};

START_TEST(list_is_split)
{
	const char *rest = splits[_i].list;
	struct list_item item;
	char items[200] = "";

	while (list_next(&rest, &item)) {
		(void)strcat(items, "<");
		(void)strncat(items, item.text, item.len);
		(void)strcat(items, ">");
	}
	ck_assert_str_eq(items, splits[_i].items);
}
END_TEST

static const struct {
	const char *item, *endpoint, *action; /* default_action */
} elements[] = {
	{ "unix:a", "unix:a", "" },
	{ "{unix:a}", "unix:a", "" },
	{ "{ unix:a, default_action=accept }", "unix:a", "accept" },
	{ "{unix:a,timeout=5s,default_action=DUNNO}", "unix:a", "DUNNO" },
	{ "{ unix:a { default_action = REJECT try later } }", "unix:a",
	    "REJECT try later" },
	{ "{ unix:a, { default_action=x } default_action=y }", "unix:a", "y" },
	{ "{ unix:a, default_action_x=y, x=default_action }", "unix:a", "" },
	{ "{}", "", "" },
	{ "{ default_action }", "default_action", "" },
};

START_TEST(element_is_taken_apart)
{
	struct list_item item = { elements[_i].item,
		strlen(elements[_i].item) };
	struct list_item endpoint = list_endpoint(&item);
	struct list_item action = list_attribute(&item, "default_action");

	ck_assert_uint_eq(endpoint.len, strlen(elements[_i].endpoint));
	ck_assert(memcmp(endpoint.text, elements[_i].endpoint,
	    endpoint.len) == 0);
	ck_assert_uint_eq(action.len, strlen(elements[_i].action));
	ck_assert(memcmp(action.text, elements[_i].action, action.len) == 0);
}
END_TEST

static const struct {
	const char *list;
	int before; /* elements before ours, -1: not there */
	const char *without;
} finds[] = {
	{ "", -1, "" },
	{ "permit", -1, "permit" },
	{ "check_policy_service unix:other", -1,
	    "check_policy_service unix:other" },
	{ "check_policy_service { unix:weir/policy.sock, timeout=5s }", 0, "" },
	{ "check_policy_service unix:weir/policy.sock, permit", 0, "permit" },
	{ "permit, check_policy_service {unix:weir/policy.sock}", 1,
	    "permit" },
	{ "a b, check_policy_service,{unix:weir/policy.sock} c, d", 2,
	    "a b, c, d" },
	{ "inet:x, { unix:weir/milter.sock, default_action=accept }, inet:y",
	    1, "inet:x, inet:y" },
	{ "unix:weir/milter.sock unix:weir/milter.sock", 0, "" },
	{ "socketmap:unix:weir/map.sock:sender, hash:/etc/x", 0,
	    "hash:/etc/x" },
	{ "unix:weir/milter.socket", -1, "unix:weir/milter.socket" },
};

START_TEST(ours_is_found_and_cut)
{
	struct list_place place;
	bool found = list_find(finds[_i].list, ours, &place);
	char *without = list_without(finds[_i].list, ours);

	ck_assert_int_eq(found ? (int)place.before : -1, finds[_i].before);
	ck_assert_str_eq(without, finds[_i].without);
	free(without);
}
END_TEST

static const struct {
	const char *list, *compact; /* NULL: it cannot be */
} compacts[] = {
	{ "", "" },
	{ "a", "a" },
	{ " a, b  c ", "a,b,c" },
	{ "{ unix:a, timeout=5s }, b", "{unix:a,timeout=5s},b" },
	{ "x { a }", "x,{a}" },
	{ "{ a, {b=c} }", "{a,{b=c}}" },
	{ "{ a, { b = c d } }", NULL },
};

START_TEST(list_is_written_without_blanks)
{
	char *compact = list_compact(compacts[_i].list);

	if (compacts[_i].compact == NULL)
		ck_assert_ptr_null(compact);
	else
		ck_assert_str_eq(compact, compacts[_i].compact);
	free(compact);
}
END_TEST

START_TEST(words_are_whole)
{
	ck_assert(list_has("j {daemon_name} v", "{daemon_name}"));
	ck_assert(!list_has("j {daemon_name} v", "{daemon_names}"));
	ck_assert(!list_has("", "j"));
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *
suite(void)
{
	Suite *suite = suite_create("list");
	TCase *tc = tcase_create("list");

	tcase_add_loop_test(tc, list_is_split, 0, ROWS(splits));
	tcase_add_loop_test(tc, element_is_taken_apart, 0, ROWS(elements));
	tcase_add_loop_test(tc, ours_is_found_and_cut, 0, ROWS(finds));
	tcase_add_loop_test(tc, list_is_written_without_blanks,
	    0, ROWS(compacts));
	tcase_add_test(tc, words_are_whole);
	suite_add_tcase(suite, tc);
	return suite;
}
