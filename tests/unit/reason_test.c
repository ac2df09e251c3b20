/* The table of verdicts is whole, and each tag stands for one. */
#include "core/reason.h"

#include "check_main.h"

#include <string.h>

START_TEST(reason_rows_are_whole)
{
	const struct reason_row *row = reason_row((enum reason)_i);

	ck_assert_ptr_nonnull(row->tag);
	ck_assert_ptr_nonnull(row->text);
	ck_assert_ptr_null(strpbrk(row->text, "%\r\n"));
	ck_assert((row->code == NULL) == (row->enhanced == NULL));
	if (row->code != NULL)
		ck_assert_int_eq(row->code[0], row->enhanced[0]);
	ck_assert_int_eq(reason_by_tag(row->tag), _i);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("reason");
	TCase *tcase = tcase_create("reason");

	tcase_add_loop_test(tcase, reason_rows_are_whole, 0, REASON_COUNT);
	suite_add_tcase(suite, tcase);
	return suite;
}
