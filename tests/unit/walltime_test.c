/* Times as RFC 3339 in UTC. */
#include "core/walltime.h"

#include "check_main.h"

static const struct {
	int64_t seconds;
	int ms;
	const char *text;
} rows[] = {
	{ 0, 0, "1970-01-01T00:00:00.000Z" },
	{ 86399, 999, "1970-01-01T23:59:59.999Z" },
	{ 951782400, 0, "2000-02-29T00:00:00.000Z" },
	{ 951868800, 0, "2000-03-01T00:00:00.000Z" },
	{ 1769860800, 123, "2026-01-31T12:00:00.123Z" },
	{ 1798761599, 0, "2026-12-31T23:59:59.000Z" },
	{ 1709164800, 0, "2024-02-29T00:00:00.000Z" },
	{ 4107542400, 0, "2100-03-01T00:00:00.000Z" },
	{ 253402300799, 999, "9999-12-31T23:59:59.999Z" },
	{ 253402300800, 0, "9999-12-31T23:59:59.999Z" },
	{ -1, 0, "1970-01-01T00:00:00.000Z" },
};

START_TEST(wall_format_is_rfc3339)
{
	struct wall wall = { rows[_i].seconds * SPAN_SECOND +
		rows[_i].ms * 1000 };
	char buf[WALL_TEXT_MAX];

	ck_assert_str_eq(wall_format(wall, buf), rows[_i].text);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("walltime");
	TCase *tcase = tcase_create("walltime");

	tcase_add_loop_test(tcase, wall_format_is_rfc3339, 0,
	    sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
