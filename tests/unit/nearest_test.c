/* What weirctl and the configuration suggest for a mistyped word. */
#include "core/nearest.h"

#include "check_main.h"

#include <string.h>

static const struct {
	const char *a, *b;
	unsigned distance;
} distances[] = {
	{ "", "", 0 },
	{ "drain", "drain", 0 },
	{ "DRAIN", "drain", 0 },
	{ "", "drain", 5 },
	{ "dran", "drain", 1 }, /* left out */
	{ "drainn", "drain", 1 }, /* added */
	{ "drein", "drain", 1 }, /* changed */
	{ "drian", "drain", 1 }, /* swapped */
	{ "rdian", "drain", 2 },
	{ "hosts", "status", 4 },
};

START_TEST(distance_counts_slips)
{
	ck_assert_uint_eq(nearest_distance(distances[_i].a, distances[_i].b),
	    distances[_i].distance);
	ck_assert_uint_eq(nearest_distance(distances[_i].b, distances[_i].a),
	    distances[_i].distance);
}
END_TEST

static const char *const words[] = { "status", "hosts", "host", "drain",
	"down", "enable", "explain", "limits", "connections", "events",
	"config check" };

static const struct {
	const char *typed, *meant; /* NULL: no suggestion */
} slips[] = {
	{ "staus", "status" },
	{ "hsots", "hosts" },
	{ "hots", "hosts" }, /* the first of two equally near */
	{ "dran", "drain" },
	{ "conections", "connections" },
	{ "config chekc", "config check" },
	{ "conn", "connections" }, /* its beginning */
	{ "expl", "explain" },
	{ "frobnicate", NULL },
	{ "x", NULL },
	{ "", NULL },
};

START_TEST(nearest_is_what_was_meant)
{
	const char *found = nearest_word(slips[_i].typed, words,
	    sizeof(words) / sizeof(words[0]));

	if (slips[_i].meant == NULL)
		ck_assert_ptr_null(found);
	else
		ck_assert_str_eq(found, slips[_i].meant);
}
END_TEST

START_TEST(nearest_is_said_at_the_end_of_a_sentence)
{
	char hint[NEAREST_HINT_MAX];

	ck_assert_str_eq(nearest_hint("hsots", words, 2, hint),
	    "; did you mean \"hosts\"?");
	ck_assert_str_eq(nearest_hint("frobnicate", words, 2, hint), "");
}
END_TEST

START_TEST(a_long_word_is_near_nothing)
{
	char word[200];

	memset(word, 'a', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	ck_assert_uint_eq(nearest_distance(word, "a"), NEAREST_WORD_MAX);
	ck_assert_ptr_null(nearest_word(word, words, 1));
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("nearest");
	TCase *tcase = tcase_create("nearest");

	tcase_add_loop_test(tcase, distance_counts_slips, 0,
	    sizeof(distances) / sizeof(distances[0]));
	tcase_add_loop_test(tcase, nearest_is_what_was_meant, 0,
	    sizeof(slips) / sizeof(slips[0]));
	tcase_add_test(tcase, nearest_is_said_at_the_end_of_a_sentence);
	tcase_add_test(tcase, a_long_word_is_near_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}
