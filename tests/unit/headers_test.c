/*
 * What of a message's headers matters to weir-milter.
 */
#include "milter/headers.h"

#include "core/from.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

static struct headers headers;

static void
setup(void)
{
	memset(&headers, 0, sizeof(headers));
}

static void
teardown(void)
{
	headers_clear(&headers);
}

static struct author_header list[AUTHOR_HEADERS_MAX];

static void
check_author(size_t at, enum author kind, const char *value)
{
	ck_assert_uint_gt(headers_authors(&headers, list), at);
	ck_assert_int_eq(list[at].kind, kind);
	ck_assert_uint_eq(list[at].len, strlen(value));
	ck_assert_mem_eq(list[at].value, value, list[at].len);
}

START_TEST(authors_are_found_in_any_case)
{
	headers_add(&headers, "Subject", "From: x@example.com");
	headers_add(&headers, "fRoM", " a@example.com");
	headers_add(&headers, "SENDER", "b@example.com");
	headers_add(&headers, "resent-from", "c@example.com");
	headers_add(&headers, "Resent-Sender", "");
	ck_assert_uint_eq(headers_authors(&headers, list), 4);
	check_author(0, AUTHOR_FROM, " a@example.com");
	check_author(1, AUTHOR_SENDER, "b@example.com");
	check_author(2, AUTHOR_RESENT_FROM, "c@example.com");
	check_author(3, AUTHOR_RESENT_SENDER, "");
}
END_TEST

START_TEST(blanks_behind_a_name_do_not_hide_it)
{
	headers_add(&headers, "From ", "a@example.com");
	headers_add(&headers, "From \t ", "b@example.com");
	ck_assert_uint_eq(headers_authors(&headers, list), 2);
}
END_TEST

START_TEST(likenesses_of_from_are_not_it)
{
	headers_add(&headers, "X-From", "a@example.com");
	headers_add(&headers, "From x", "a@example.com");
	headers_add(&headers, "Fro", "a@example.com");
	headers_add(&headers, "Froms", "a@example.com");
	headers_add(&headers, "Resent-Reply-To", "a@example.com");
	headers_add(&headers, "Reply-To", "a@example.com");
	ck_assert_uint_eq(headers_authors(&headers, list), 0);
}
END_TEST

static const struct {
	const char *value;
	bool broken;
} breaks[] = {
	{ "plain", false },
	{ "folded\n here", false },
	{ "folded\r\n here", false },
	{ "at the end\r", false },
	{ "x\rFrom: bob@example.com", true },
	{ "x\r\n y\r\rFrom: bob@example.com", true },
	{ "\rFrom: bob@example.com", true },
};

START_TEST(a_lone_cr_may_begin_another_header)
{
	headers_add(&headers, "Subject", breaks[_i].value);
	headers_add(&headers, "From", "a@example.com");
	ck_assert_int_eq(headers.broken, breaks[_i].broken);
	headers_reset(&headers);
	ck_assert(!headers.broken);
}
END_TEST

START_TEST(every_author_is_kept_in_order)
{
	static char value[1000];

	memset(value, 'a', sizeof(value) - 1);
	headers_add(&headers, "From", "a@example.com");
	headers_add(&headers, "Sender", value); /* more than the room so far */
	headers_add(&headers, "FROM", "b@example.com");
	check_author(0, AUTHOR_FROM, "a@example.com");
	check_author(1, AUTHOR_SENDER, value);
	check_author(2, AUTHOR_FROM, "b@example.com");
}
END_TEST

START_TEST(the_next_message_starts_empty)
{
	headers_add(&headers, "From", "someone-with-a-long-name@example.com");
	headers_add(&headers, "Weir-Identity", "forged");
	headers_reset(&headers);
	ck_assert_uint_eq(headers_authors(&headers, list), 0);
	ck_assert_uint_eq(headers.nforged, 0);
	headers_add(&headers, "From", "b@x");
	check_author(0, AUTHOR_FROM, "b@x");
}
END_TEST

START_TEST(an_author_is_bounded)
{
	static char value[FROM_VALUE_MAX + 2];

	memset(value, 'a', FROM_VALUE_MAX);
	headers_add(&headers, "From", value);
	ck_assert(!headers.authors_too_large);
	check_author(0, AUTHOR_FROM, value);
	headers_reset(&headers);
	value[FROM_VALUE_MAX] = 'a';
	headers_add(&headers, "From", value);
	ck_assert(headers.authors_too_large);
}
END_TEST

START_TEST(authors_together_are_bounded)
{
	static char value[FROM_VALUE_MAX + 1];

	for (int i = 0; i < AUTHOR_HEADERS_MAX; i++)
		headers_add(&headers, "Resent-From", "a@example.com");
	ck_assert(!headers.authors_too_large);
	headers_add(&headers, "From", "a@example.com");
	ck_assert(headers.authors_too_large);
	headers_reset(&headers);
	memset(value, 'a', FROM_VALUE_MAX);
	for (int i = 0; i < AUTHOR_BYTES_MAX / FROM_VALUE_MAX; i++)
		headers_add(&headers, "Resent-From", value);
	ck_assert(!headers.authors_too_large);
	headers_add(&headers, "From", "a");
	ck_assert(headers.authors_too_large);
}
END_TEST

START_TEST(the_number_of_headers_is_bounded)
{
	for (int i = 0; i < HEADERS_COUNT_MAX; i++)
		headers_add(&headers, "X", "");
	ck_assert(!headers.too_large);
	headers_add(&headers, "X", "");
	ck_assert(headers.too_large);
	headers_reset(&headers);
	ck_assert(!headers.too_large);
}
END_TEST

START_TEST(the_bytes_of_headers_are_bounded)
{
	static char value[HEADERS_BYTES_MAX];

	memset(value, 'a', sizeof(value) - 1);
	headers_add(&headers, "X", value); /* exactly the bound */
	ck_assert(!headers.too_large);
	headers_add(&headers, "Y", "");
	ck_assert(headers.too_large);
}
END_TEST

static char removed[512];

static int
note_removed(void *ctx, const char *name, unsigned index)
{
	size_t used = strlen(removed);

	(void)ctx;
	(void)snprintf(removed + used, sizeof(removed) - used, "%s:%u ", name,
	    index);
	return 0;
}

START_TEST(headers_of_ours_leave_from_the_highest_index_down)
{
	removed[0] = '\0';
	headers_add(&headers, "Weir-Identity", "1");
	headers_add(&headers, "X-Weir-Identity", "not ours");
	headers_add(&headers, "WEIR-identity", "2");
	headers_add(&headers, "weir-route", "x");
	headers_add(&headers, "Weird-Header", "not ours");
	headers_add(&headers, "Weir-Identity", "3");
	ck_assert_int_eq(headers_remove_forged(&headers, note_removed, NULL),
	    0);
	ck_assert_str_eq(removed, "Weir-Identity:3 Weir-Identity:2 "
	    "Weir-Identity:1 weir-route:1 ");
}
END_TEST

START_TEST(distinct_names_of_ours_are_bounded)
{
	char name[32];

	for (int i = 0; i < FORGED_NAMES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "Weir-%d", i);
		headers_add(&headers, name, "");
	}
	ck_assert(!headers.too_large);
	headers_add(&headers, "Weir-Last", "");
	ck_assert(headers.too_large);
}
END_TEST

START_TEST(a_name_of_ours_that_is_too_long_is_not_cut)
{
	char name[FORGED_NAME_MAX + 2] = "Weir-";

	memset(name + 5, 'x', sizeof(name) - 6);
	name[sizeof(name) - 1] = '\0';
	headers_add(&headers, name, "");
	ck_assert(headers.too_large);
	ck_assert_uint_eq(headers.nforged, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("headers");
	TCase *t = tcase_create("headers");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, authors_are_found_in_any_case);
	tcase_add_test(t, blanks_behind_a_name_do_not_hide_it);
	tcase_add_test(t, likenesses_of_from_are_not_it);
	tcase_add_loop_test(t, a_lone_cr_may_begin_another_header, 0,
	    sizeof(breaks) / sizeof(breaks[0]));
	tcase_add_test(t, every_author_is_kept_in_order);
	tcase_add_test(t, the_next_message_starts_empty);
	tcase_add_test(t, an_author_is_bounded);
	tcase_add_test(t, authors_together_are_bounded);
	tcase_add_test(t, the_number_of_headers_is_bounded);
	tcase_add_test(t, the_bytes_of_headers_are_bounded);
	tcase_add_test(t, headers_of_ours_leave_from_the_highest_index_down);
	tcase_add_test(t, distinct_names_of_ours_are_bounded);
	tcase_add_test(t, a_name_of_ours_that_is_too_long_is_not_cut);
	suite_add_tcase(s, t);
	return s;
}
