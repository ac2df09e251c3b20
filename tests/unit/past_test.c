/* The ring of past decisions. */
#include "core/past.h"

#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
put(struct past *past, int64_t at, const char *queue_id, const char *ref,
    size_t size)
{
	char *filler = calloc(1, size + 1);

	memset(filler, 'x', size);
	past_begin(past, (struct wall) { at }, queue_id, ref);
	past_put_number(past, "number", at);
	past_put(past, "filler", filler);
	past_end(past);
	free(filler);
}

/* The value of a key, "" when the record does not have it. */
static const char *
value_of(const struct past_record *record, const char *wanted)
{
	const char *key, *value;
	size_t at = 0;

	while (past_pair(record, &at, &key, &value)) {
		if (strcmp(key, wanted) == 0)
			return value;
	}
	return "";
}

START_TEST(found_by_queue_id_and_by_ref)
{
	struct past *past = past_new(2 * PAST_RECORD_MAX);
	struct past_record record = { .bytes = NULL };

	put(past, 1, "A1", "", 10);
	put(past, 2, "B2", "7F3A2C", 10);
	put(past, 3, "A1", "00BEEF", 10);
	ck_assert(past_next(past, "A1", &record));
	ck_assert_int_eq(record.at.us, 1);
	ck_assert_str_eq(value_of(&record, "number"), "1");
	ck_assert(past_next(past, "A1", &record));
	ck_assert_int_eq(record.at.us, 3);
	ck_assert(!past_next(past, "A1", &record));
	record.bytes = NULL;
	ck_assert(past_next(past, "7f3a2c", &record)); /* as typed */
	ck_assert_str_eq(value_of(&record, "queue_id"), "B2");
	record.bytes = NULL;
	ck_assert(!past_next(past, "a1", &record)); /* queue ids have a case */
	ck_assert(!past_next(past, "", &record));
	ck_assert(!past_next(past, "2", &record)); /* a value of another key */
	past_free(&past);
}
END_TEST

START_TEST(without_a_name_nothing_is_kept)
{
	struct past *past = past_new(2 * PAST_RECORD_MAX);
	struct wall since;

	put(past, 1, "", NULL, 10);
	ck_assert(!past_since(past, &since));
	put(past, 2, "", "0A0B0C", 10);
	ck_assert(past_since(past, &since));
	ck_assert_int_eq(since.us, 2);
	past_free(&past);
	past_free(&past);
}
END_TEST

START_TEST(what_does_not_fit_is_left_out)
{
	struct past *past = past_new(2 * PAST_RECORD_MAX);
	struct past_record record = { .bytes = NULL };

	past_begin(past, (struct wall) { 1 }, "A", NULL);
	for (int i = 0; i < PAST_RECORD_MAX; i++)
		past_put_number(past, "n", i);
	past_put(past, "reason", "");
	past_end(past);
	ck_assert(past_next(past, "A", &record));
	ck_assert_uint_le(record.len, PAST_RECORD_MAX);
	ck_assert_str_eq(value_of(&record, "n"), "0");
	past_free(&past);
}
END_TEST

/* Records of any size: always the newest that fit, whole and in order. */
START_TEST(the_newest_stay)
{
	enum { RECORDS = 3000, ROOM = 3 * PAST_RECORD_MAX };
	struct past *past = past_new(ROOM);
	struct past_record record;
	unsigned seed = 1;
	size_t most = 0;
	struct wall since;

	for (int64_t i = 1; i <= RECORDS; i++) {
		size_t size = (size_t)rand_r(&seed) % (i % 150 == 0 ?
		    PAST_RECORD_MAX - 200 : 300);
		int64_t expected;

		put(past, i, "Q", NULL, size + 1);
		if (i % 7 != 0)
			continue;
		ck_assert(past_since(past, &since));
		expected = since.us;
		record.bytes = NULL;
		for (; past_next(past, "Q", &record); expected++) {
			ck_assert_int_eq(record.at.us, expected);
			ck_assert_int_eq(strtoll(value_of(&record, "number"),
			    NULL, 10), expected);
		}
		ck_assert_int_eq(expected, i + 1);
		if ((size_t)(i - since.us) > most)
			most = (size_t)(i - since.us);
	}
	/* three of the largest always fit; of small ones many do */
	ck_assert_uint_gt(most, 100);
	past_free(&past);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("past");
	TCase *tcase = tcase_create("past");

	tcase_add_test(tcase, found_by_queue_id_and_by_ref);
	tcase_add_test(tcase, without_a_name_nothing_is_kept);
	tcase_add_test(tcase, what_does_not_fit_is_left_out);
	tcase_add_test(tcase, the_newest_stay);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}
