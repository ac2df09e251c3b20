/* Large blocks stay mapped by themselves, whatever was freed before. */
#include "io/memory.h"

#include "check_main.h"

#include <malloc.h>
#include <stdlib.h>

enum { LARGE = 16 << 20, SMALLER = 8 << 20 };

START_TEST(a_large_block_freed_changes_nothing)
{
	void *block;
	size_t mapped;

	memory_map_large();
	block = malloc(LARGE);
	ck_assert_ptr_nonnull(block);
	if (mallinfo2().hblkhd == 0) { /* a malloc of valgrind's or ASan's */
		free(block);
		return;
	}
	free(block);
	mapped = mallinfo2().hblkhd;
	block = malloc(SMALLER);
	ck_assert_ptr_nonnull(block);
	ck_assert_uint_ge(mallinfo2().hblkhd, mapped + SMALLER);
	free(block);
	ck_assert_uint_eq(mallinfo2().hblkhd, mapped);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("memory");
	TCase *tcase = tcase_create("memory");

	tcase_add_test(tcase, a_large_block_freed_changes_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}
