/*
 * main() of a Check program: include it once, after suite() is defined.
 */
#ifndef WEIR_TESTS_CHECK_MAIN_H
#define WEIR_TESTS_CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

static Suite *suite(void);

int
main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
