/*
 * How much longer than usual things may take here: the factor the runner gives
 * Check for its own timeouts (valgrind), else 1.
 */
#ifndef WEIR_TESTS_SLOWNESS_H
#define WEIR_TESTS_SLOWNESS_H

#include <stdlib.h>

static inline int
test_slowness(void)
{
	const char *factor = getenv("CK_TIMEOUT_MULTIPLIER");

	return factor == NULL || atoi(factor) < 1 ? 1 : atoi(factor);
}

#endif
