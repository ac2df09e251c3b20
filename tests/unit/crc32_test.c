/*
 * CRC-32 against its published check value, and against changes.
 */
#include "core/crc32.h"

#include "check_main.h"

#include <string.h>

START_TEST(the_check_value)
{
	ck_assert_uint_eq(crc32_add(0, "123456789", 9), 0xCBF43926);
	ck_assert_uint_eq(crc32_add(0, "", 0), 0);
}
END_TEST

START_TEST(it_goes_on)
{
	uint32_t crc = crc32_add(0, "1234", 4);

	ck_assert_uint_eq(crc32_add(crc, "56789", 5), 0xCBF43926);
}
END_TEST

START_TEST(each_flipped_bit_is_seen)
{
	char bytes[64] = "a record";
	uint32_t good = crc32_add(0, bytes, sizeof(bytes));

	for (size_t bit = 0; bit < sizeof(bytes) * 8; bit++) {
		bytes[bit / 8] ^= (char)(1 << bit % 8);
		ck_assert_uint_ne(crc32_add(0, bytes, sizeof(bytes)), good);
		bytes[bit / 8] ^= (char)(1 << bit % 8);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("crc32");
	TCase *tcase = tcase_create("crc32");

	tcase_add_test(tcase, the_check_value);
	tcase_add_test(tcase, it_goes_on);
	tcase_add_test(tcase, each_flipped_bit_is_seen);
	suite_add_tcase(suite, tcase);
	return suite;
}
