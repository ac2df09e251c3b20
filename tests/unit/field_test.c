/* Times in the words of weirctl, and fields that may be missing. */
#include "ctl/field.h"

#include "check_main.h"

static const struct {
	int64_t seconds;
	const char *words;
} spans[] = {
	{ -5, "0 s" },
	{ 0, "0 s" },
	{ 59, "59 s" },
	{ 60, "1 min" },
	{ 61, "1 min 1 s" },
	{ 3599, "59 min 59 s" },
	{ 3600, "1 h" },
	{ 11520, "3 h 12 min" },
	{ 86400, "1 d" },
	{ 86400 * 2 + 3600 * 4 + 60, "2 d 4 h" },
};

START_TEST(spans_have_two_units_at_most)
{
	char buf[SPAN_WORDS_MAX];

	ck_assert_str_eq(span_words(spans[_i].seconds, buf),
	    spans[_i].words);
}
END_TEST

static const struct {
	const char *time;
	const char *words;
} instants[] = { /* at 2026-01-31T12:00:00Z */
	{ "2026-01-31T12:00:42.500Z", "in 42 s (12:00:42Z)" },
	{ "2026-01-31T12:00:00.000Z", "now (12:00:00Z)" },
	{ "2026-01-31T11:55:00.000Z", "5 min ago (11:55:00Z)" },
	{ "2026-02-02T12:00:00.000Z", "in 2 d (12:00:00Z)" },
	{ "soon", "soon" },
	{ "", "" },
};

START_TEST(instants_are_told_from_now)
{
	char buf[INSTANT_WORDS_MAX];

	ck_assert_str_eq(instant_words(instants[_i].time, 1769860800, buf),
	    instants[_i].words);
}
END_TEST

START_TEST(missing_fields_read_as_nothing)
{
	json_t *object = json_pack("{s:s, s:i, s:n}", "a", "x", "b", 7, "c");

	ck_assert_str_eq(field_text(object, "a"), "x");
	ck_assert_str_eq(field_text(object, "b"), "");
	ck_assert_str_eq(field_text(NULL, "a"), "");
	ck_assert_int_eq(field_number(object, "b"), 7);
	ck_assert_int_eq(field_number(object, "z"), 0);
	ck_assert(field_null(object, "c"));
	ck_assert(field_null(object, "z"));
	ck_assert(!field_null(object, "a"));
	json_decref(object);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("field");
	TCase *tcase = tcase_create("field");

	tcase_add_loop_test(tcase, spans_have_two_units_at_most, 0,
	    sizeof(spans) / sizeof(spans[0]));
	tcase_add_loop_test(tcase, instants_are_told_from_now, 0,
	    sizeof(instants) / sizeof(instants[0]));
	tcase_add_test(tcase, missing_fields_read_as_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}
