/* Strings from strangers: bounded, and harmless when shown. */
#include "core/text.h"

#include "check_main.h"

#include <string.h>

START_TEST(text_copy_is_whole_or_nothing)
{
	char buf[4] = "old";

	ck_assert_int_eq(text_copy(buf, sizeof(buf), "abc"), 0);
	ck_assert_str_eq(buf, "abc");
	ck_assert_int_eq(text_copy(buf, sizeof(buf), "abcd"), -1);
	ck_assert_str_eq(buf, "");
	ck_assert_int_eq(text_copy_n(buf, sizeof(buf), "a\0b", 3), -1);
}
END_TEST

START_TEST(text_compares_ascii_only)
{
	ck_assert(text_equal_nocase("Alice", "aLICE"));
	ck_assert(!text_equal_nocase("alice", "alice2"));
	ck_assert(!text_equal_nocase("\xC3\x84", "\xC3\xA4"));
}
END_TEST

static const struct {
	const char *in;
	const char *out;
} shown[] = {
	{ "plain text", "plain text" },
	{ "a\"b\\c", "a\\x22b\\x5Cc" },
	{ "line\nfeed\r\t", "line\\x0Afeed\\x0D\\x09" },
	{ "\x1B[31m", "\\x1B[31m" },
	{ "gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F" },
	{ "\xC3", "\\xC3" },
	{ "\xC0\xAF", "\\xC0\\xAF" },
	/* what shows nothing would make two addresses look alike */
	{ "a\xC2\xAD" "b", "a\\xC2\\xAD" "b" },
	{ "a\xE2\x80\x8B" "b", "a\\xE2\\x80\\x8B" "b" },
	{ "\xE2\x80\xAE" "abc", "\\xE2\\x80\\xAE" "abc" },
	{ "\xC2\x85", "\\xC2\\x85" },
	{ "\xE2\x80\x8B", "\\xE2\\x80\\x8B" },
	{ "\xEF\xBF\xB9", "\\xEF\\xBF\\xB9" },
	{ "\xF3\xA0\x81\xA1", "\\xF3\\xA0\\x81\\xA1" },
	{ "\xED\xA0\x80", "\\xED\\xA0\\x80" },
	{ "%s%n", "%s%n" },
	{ "", "" },
};

START_TEST(text_escape_leaves_one_harmless_line)
{
	char buf[64];

	text_escape(buf, sizeof(buf), shown[_i].in, strlen(shown[_i].in));
	ck_assert_str_eq(buf, shown[_i].out);
}
END_TEST

START_TEST(text_is_clean_but_for_its_quotes)
{
	char once[40], twice[40];

	text_clean(once, sizeof(once), "a\"b\\c\n\xFF", 7);
	ck_assert_str_eq(once, "a\"b\\c\\x0A\\xFF");
	text_clean(twice, sizeof(twice), once, strlen(once));
	ck_assert_str_eq(twice, once);
}
END_TEST

START_TEST(text_escape_cuts_with_a_mark)
{
	char buf[10];

	ck_assert_str_eq(text_escape(buf, sizeof(buf), "123456789", 9),
	    "123456789");
	ck_assert_str_eq(text_escape(buf, sizeof(buf), "1234567890", 10),
	    "123456...");
	ck_assert_str_eq(text_escape(buf, sizeof(buf), "12345\n7890", 10),
	    "12345...");
	ck_assert_str_eq(text_escape(buf, 2, "123", 3), "");
}
END_TEST

START_TEST(text_is_quoted_and_cut_to_fit)
{
	char buf[12];

	ck_assert_str_eq(text_quote(buf, sizeof(buf), "a\"b", 3),
	    "\"a\\x22b\"");
	ck_assert_str_eq(text_quote(buf, sizeof(buf), "", 0), "\"\"");
	ck_assert_str_eq(text_quote(buf, sizeof(buf), "0123456789ab", 12),
	    "\"012345...\"");
	ck_assert_str_eq(text_quote(buf, 6, "0123", 4), "\"...\"");
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("text");
	TCase *tcase = tcase_create("text");

	tcase_add_test(tcase, text_copy_is_whole_or_nothing);
	tcase_add_test(tcase, text_compares_ascii_only);
	tcase_add_loop_test(tcase, text_escape_leaves_one_harmless_line, 0,
	    sizeof(shown) / sizeof(shown[0]));
	tcase_add_test(tcase, text_is_clean_but_for_its_quotes);
	tcase_add_test(tcase, text_escape_cuts_with_a_mark);
	tcase_add_test(tcase, text_is_quoted_and_cut_to_fit);
	suite_add_tcase(suite, tcase);
	return suite;
}
