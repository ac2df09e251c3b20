/*
 * main() of a Check program: include it once. A program whose tests need a
 * process each, whatever CK_FORK says, defines TEST_NEEDS_FORK before.
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

#ifdef TEST_NEEDS_FORK
	srunner_set_fork_status(runner, CK_FORK);
#endif
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
