/* Metrics as text, in both formats. */
#include "core/openmetrics.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

static struct textbuf out;
static struct metrics m;

static void
begin(bool plain)
{
	textbuf_clear(&out);
	m = (struct metrics) { .out = &out, .plain = plain };
}

static void
assert_text(const char *want)
{
	textbuf_add(&out, "", 1);
	ck_assert_str_eq(out.bytes, want);
	textbuf_clear(&out);
}

static void
counter_and_gauge(bool plain)
{
	begin(plain);
	metrics_family(&m, METRICS_COUNTER, "weir_requests", "", "Requests.");
	metrics_row(&m, "");
	metrics_label(&m, "host", "isp-a");
	metrics_label(&m, "stage", "tcp");
	metrics_number(&m, UINT64_MAX);
	metrics_family(&m, METRICS_GAUGE, "weir_uptime_seconds", "seconds",
	    "Since the start.");
	metrics_row(&m, "");
	metrics_seconds(&m, 1500000);
	metrics_end(&m);
}

START_TEST(open_metrics)
{
	counter_and_gauge(false);
	assert_text("# TYPE weir_requests counter\n"
	    "# HELP weir_requests Requests.\n"
	    "weir_requests_total{host=\"isp-a\",stage=\"tcp\"} "
	    "18446744073709551615\n"
	    "# TYPE weir_uptime_seconds gauge\n"
	    "# UNIT weir_uptime_seconds seconds\n"
	    "# HELP weir_uptime_seconds Since the start.\n"
	    "weir_uptime_seconds 1.5\n"
	    "# EOF\n");
}
END_TEST

START_TEST(plain_text)
{
	counter_and_gauge(true);
	assert_text("# TYPE weir_requests_total counter\n"
	    "# HELP weir_requests_total Requests.\n"
	    "weir_requests_total{host=\"isp-a\",stage=\"tcp\"} "
	    "18446744073709551615\n"
	    "# TYPE weir_uptime_seconds gauge\n"
	    "# HELP weir_uptime_seconds Since the start.\n"
	    "weir_uptime_seconds 1.5\n");
}
END_TEST

START_TEST(info_is_a_gauge_in_plain_text)
{
	for (int plain = 0; plain < 2; plain++) {
		begin(plain);
		metrics_family(&m, METRICS_INFO, "weir_build", "", "Us.");
		metrics_row(&m, "");
		metrics_label(&m, "version", "1");
		metrics_number(&m, 1);
		assert_text(plain ? "# TYPE weir_build_info gauge\n"
		    "# HELP weir_build_info Us.\n"
		    "weir_build_info{version=\"1\"} 1\n" :
		    "# TYPE weir_build info\n"
		    "# HELP weir_build Us.\n"
		    "weir_build_info{version=\"1\"} 1\n");
	}
}
END_TEST

START_TEST(histogram_rows_have_their_own_suffix)
{
	begin(true);
	metrics_family(&m, METRICS_HISTOGRAM, "weir_turn", "", "Turns.");
	metrics_row(&m, "_bucket");
	metrics_label(&m, "le", "+Inf");
	metrics_number(&m, 3);
	metrics_row(&m, "_count");
	metrics_number(&m, 3);
	assert_text("# TYPE weir_turn histogram\n# HELP weir_turn Turns.\n"
	    "weir_turn_bucket{le=\"+Inf\"} 3\nweir_turn_count 3\n");
}
END_TEST

static const struct {
	const char *value, *want;
} labels[] = {
	{ "", "" },
	{ "plain", "plain" },
	{ "\"", "\\\"" },
	{ "a\\b", "a\\\\b" },
	{ "a\nb\n", "a\\nb\\n" },
	{ "\\n", "\\\\n" },
	{ "\xC3\xA4{},=", "\xC3\xA4{},=" },
};

START_TEST(label_values_are_escaped)
{
	char want[64];

	begin(false);
	metrics_family(&m, METRICS_GAUGE, "x", "", "X.");
	out.len = 0;
	metrics_row(&m, "");
	metrics_label(&m, "l", labels[_i].value);
	metrics_number(&m, 0);
	(void)snprintf(want, sizeof(want), "x{l=\"%s\"} 0\n", labels[_i].want);
	assert_text(want);
}
END_TEST

static const struct {
	int64_t us;
	const char *want;
} seconds[] = {
	{ 0, "x 0\n" },
	{ 1, "x 0.000001\n" },
	{ 1000000, "x 1\n" },
	{ 10000000, "x 10\n" },
	{ -1500000, "x -1.5\n" },
	{ INT64_C(1764000000123456), "x 1764000000.123456\n" },
	{ INT64_MIN, "x -9223372036854.775808\n" },
};

START_TEST(seconds_are_exact)
{
	begin(false);
	metrics_family(&m, METRICS_GAUGE, "x", "", "X.");
	out.len = 0;
	metrics_row(&m, "");
	metrics_seconds(&m, seconds[_i].us);
	assert_text(seconds[_i].want);
}
END_TEST

START_TEST(a_text_may_be_long)
{
	begin(false);
	metrics_family(&m, METRICS_GAUGE, "x", "", "X.");
	out.len = 0;
	for (int i = 0; i < 100000; i++) {
		metrics_row(&m, "");
		metrics_number(&m, 17);
	}
	ck_assert_uint_eq(out.len, 100000 * strlen("x 17\n"));
	ck_assert_int_eq(memcmp(out.bytes + out.len - 5, "x 17\n", 5), 0);
	textbuf_clear(&out);
	ck_assert_ptr_null(out.bytes);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("openmetrics");
	TCase *tcase = tcase_create("openmetrics");

	tcase_add_test(tcase, open_metrics);
	tcase_add_test(tcase, plain_text);
	tcase_add_test(tcase, info_is_a_gauge_in_plain_text);
	tcase_add_test(tcase, histogram_rows_have_their_own_suffix);
	tcase_add_loop_test(tcase, label_values_are_escaped, 0,
	    sizeof(labels) / sizeof(labels[0]));
	tcase_add_loop_test(tcase, seconds_are_exact, 0,
	    sizeof(seconds) / sizeof(seconds[0]));
	tcase_add_test(tcase, a_text_may_be_long);
	suite_add_tcase(suite, tcase);
	return suite;
}
