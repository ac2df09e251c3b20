/*
 * What each fuzzer is: a function that takes whatever bytes there are
 * (libFuzzer and replay.c call it), and aborts where something does not hold of
 * them.
 */
#ifndef WEIR_TESTS_FUZZ_H
#define WEIR_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
check(bool holds)
{
	if (!holds)
		abort();
}

#endif
