/* UTF-8 as RFC 3629 has it, and nothing else. */
#include "core/utf8.h"

#include "check_main.h"

#include <string.h>

static const struct {
	const char *bytes;
	size_t len; /* 0: refused */
	uint32_t character;
} cases[] = {
	{ "a", 1, 'a' },
	{ "\x7F", 1, 0x7F },
	{ "\xC2\x80", 2, 0x80 },
	{ "\xDF\xBF", 2, 0x7FF },
	{ "\xE0\xA0\x80", 3, 0x800 },
	{ "\xEF\xBF\xBF", 3, 0xFFFF },
	{ "\xF0\x90\x80\x80", 4, 0x10000 },
	{ "\xF4\x8F\xBF\xBF", 4, 0x10FFFF },
	/* overlong */
	{ "\xC0\x80", 0, 0 },
	{ "\xC1\xBF", 0, 0 },
	{ "\xE0\x9F\xBF", 0, 0 },
	{ "\xF0\x8F\xBF\xBF", 0, 0 },
	/* surrogates, beyond the end, broken */
	{ "\xED\xA0\x80", 0, 0 },
	{ "\xED\xBF\xBF", 0, 0 },
	{ "\xF4\x90\x80\x80", 0, 0 },
	{ "\xF5\x80\x80\x80", 0, 0 },
	{ "\x80", 0, 0 },
	{ "\xC3", 0, 0 },
	{ "\xC3(", 0, 0 },
	{ "\xE2\x82", 0, 0 },
	{ "\xFF", 0, 0 },
};

START_TEST(utf8_next_takes_one_character)
{
	uint32_t character = 0;

	ck_assert_uint_eq(utf8_next(cases[_i].bytes, strlen(cases[_i].bytes),
	    &character), cases[_i].len);
	if (cases[_i].len != 0)
		ck_assert_uint_eq(character, cases[_i].character);
}
END_TEST

START_TEST(utf8_tells_controls_and_the_invisible)
{
	static const uint32_t controls[] = { 0, 9, 0x1F, 0x7F, 0x9F, 0x061C,
		0x200E, 0x2028, 0x202E, 0x2066, 0x2069, 0xFEFF, 0xE0001 };
	static const uint32_t plain[] = { ' ', 'a', '~', 0xA1, 0xFC, 0x4E00,
		0x1F600 };

	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		ck_assert(utf8_is_control(controls[i]));
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		ck_assert(!utf8_is_control(plain[i]));
		ck_assert(!utf8_is_invisible(plain[i]));
	}
	ck_assert(utf8_is_invisible(0x200B));
	ck_assert(utf8_is_invisible(0xAD));
	ck_assert(!utf8_is_control(0x200D));
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("utf8");
	TCase *tcase = tcase_create("utf8");

	tcase_add_loop_test(tcase, utf8_next_takes_one_character, 0,
	    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tcase, utf8_tells_controls_and_the_invisible);
	suite_add_tcase(suite, tcase);
	return suite;
}
