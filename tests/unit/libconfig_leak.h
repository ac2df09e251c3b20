/*
 * libconfig 1.5 loses the string it has just read when a syntax error follows
 * it: some bytes a failed load. Not ours to mend, so the leak checker of the
 * address sanitizer is told; tests/valgrind.supp says the same.
 */
#ifndef WEIR_TESTS_LIBCONFIG_LEAK_H
#define WEIR_TESTS_LIBCONFIG_LEAK_H

const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

#endif
