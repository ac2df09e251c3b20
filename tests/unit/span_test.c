/* Lengths of time and rates, as the configuration writes them. */
#include "core/span.h"

#include "check_main.h"

static const struct {
	const char *text;
	int64_t us; /* -1: refused */
} spans[] = {
	{ "30s", 30 * SPAN_SECOND },
	{ "200ms", 200000 },
	{ "5m", 300 * SPAN_SECOND },
	{ "1h", 3600 * SPAN_SECOND },
	{ "2d", 172800 * SPAN_SECOND },
	{ "10", 10 * SPAN_SECOND },
	{ "0", 0 },
	{ "0s", 0 },
	{ "", -1 },
	{ "s", -1 },
	{ "-1s", -1 },
	{ "1.5s", -1 },
	{ "5 m", -1 },
	{ "5m ", -1 },
	{ "5w", -1 },
	{ "4000d", -1 },
	{ "99999999999999999999s", -1 },
};

START_TEST(span_parse_takes_and_refuses)
{
	struct span span = { 0 };
	int result = span_parse(spans[_i].text, &span);

	ck_assert_int_eq(result, spans[_i].us == -1 ? -1 : 0);
	if (result == 0)
		ck_assert_int_eq(span.us, spans[_i].us);
}
END_TEST

START_TEST(span_format_is_shortest_exact)
{
	static const struct {
		int64_t us;
		const char *text;
	} rows[] = {
		{ 60 * SPAN_SECOND, "1m" },
		{ 90 * SPAN_SECOND, "90s" },
		{ 1500000, "1500ms" },
		{ 0, "0s" },
		{ 86400 * SPAN_SECOND, "1d" },
	};
	char buf[SPAN_TEXT_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_str_eq(span_format(span_us(rows[i].us), buf),
		    rows[i].text);
}
END_TEST

static const struct {
	const char *text;
	uint32_t limit; /* 0: refused */
	int64_t seconds;
} rates[] = {
	{ "600/m", 600, 60 },
	{ "20/2s", 20, 2 },
	{ "5000/d", 5000, 86400 },
	{ "1/s", 1, 1 },
	{ "10/15m", 10, 900 },
	{ "10/60s", 10, 60 },
	{ "10/31d", 10, 31 * 86400 },
	{ "10/32d", 0, 0 },
	{ "0/m", 0, 0 },
	{ "600", 0, 0 },
	{ "600/", 0, 0 },
	{ "600/0s", 0, 0 },
	{ "600/ms", 0, 0 },
	{ "/m", 0, 0 },
	{ "600/m/m", 0, 0 },
	{ "2147483648/m", 0, 0 },
	{ "1k/m", 0, 0 },
	{ "1/9999999999999d", 0, 0 },
};

START_TEST(rate_spec_parse_takes_and_refuses)
{
	struct rate_spec spec = { 0 };
	int result = rate_spec_parse(rates[_i].text, &spec);

	ck_assert_int_eq(result, rates[_i].limit == 0 ? -1 : 0);
	if (result == -1)
		return;
	ck_assert_uint_eq(spec.limit, rates[_i].limit);
	ck_assert_int_eq(spec.period.us, rates[_i].seconds * SPAN_SECOND);
}
END_TEST

static const struct {
	const char *text;
	uint64_t limit; /* 0: refused */
	int64_t seconds;
} bytes[] = {
	{ "1000000/h", 1000000, 3600 },
	{ "500k/m", 500 * UINT64_C(1024), 60 },
	{ "500K/m", 500 * UINT64_C(1024), 60 },
	{ "100M/h", 100 * UINT64_C(1048576), 3600 },
	{ "5G/d", 5 * UINT64_C(1073741824), 86400 },
	{ "2t/31d", UINT64_C(2) << 40, 31 * 86400 },
	{ "1024T/d", UINT64_C(1) << 50, 86400 },
	{ "1125899906842624/d", UINT64_C(1) << 50, 86400 },
	{ "1125899906842625/d", 0, 0 },
	{ "1025T/d", 0, 0 },
	{ "9999999999999999T/d", 0, 0 },
	{ "1P/d", 0, 0 },
	{ "1MM/d", 0, 0 },
	{ "1MB/d", 0, 0 },
	{ "M/d", 0, 0 },
	{ "0k/d", 0, 0 },
	{ "1 M/d", 0, 0 },
	{ "1M", 0, 0 },
	{ "1M/", 0, 0 },
	{ "1M/0d", 0, 0 },
};

START_TEST(rate_spec_parse_bytes_takes_units)
{
	struct rate_spec spec = { 0 };
	int result = rate_spec_parse_bytes(bytes[_i].text, &spec);

	ck_assert_int_eq(result, bytes[_i].limit == 0 ? -1 : 0);
	if (result == -1)
		return;
	ck_assert_uint_eq(spec.limit, bytes[_i].limit);
	ck_assert_int_eq(spec.period.us, bytes[_i].seconds * SPAN_SECOND);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("span");
	TCase *tcase = tcase_create("span");

	tcase_add_loop_test(tcase, span_parse_takes_and_refuses, 0,
	    sizeof(spans) / sizeof(spans[0]));
	tcase_add_test(tcase, span_format_is_shortest_exact);
	tcase_add_loop_test(tcase, rate_spec_parse_bytes_takes_units, 0,
	    sizeof(bytes) / sizeof(bytes[0]));
	tcase_add_loop_test(tcase, rate_spec_parse_takes_and_refuses, 0,
	    sizeof(rates) / sizeof(rates[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
