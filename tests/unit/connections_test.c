/* Connection caps: the vectors of the requirements, one row each. */
#include "core/connections.h"

#include "check_main.h"

static const struct {
	const char *row;
	uint32_t max, per_source, percent;
	uint32_t all, own;
	bool exempt;
	bool admitted;
	enum reason reason;
	uint32_t limit, by_source, by_percent;
} rows[] = {
	{ "2.30: 5000 free, 30 % -> 1500", 5000, UNLIMITED, 30, 0, 0, false,
	    true, REASON_OK, 1500, UNLIMITED, 1500 },
	{ "2.30: the 1500th", 5000, UNLIMITED, 30, 1499, 1499, false,
	    true, REASON_OK, 1500, UNLIMITED, 1500 },
	{ "2.31: the 1501st", 5000, UNLIMITED, 30, 1500, 1500, false,
	    false, REASON_CONNECTIONS_PERCENT, 1500, UNLIMITED, 1500 },
	{ "3.6: 5000, 2 %: the 100th", 5000, UNLIMITED, 2, 99, 99, false,
	    true, REASON_OK, 100, UNLIMITED, 100 },
	{ "3.6: the 101st is refused", 5000, UNLIMITED, 2, 100, 100, false,
	    false, REASON_CONNECTIONS_PERCENT, 100, UNLIMITED, 100 },
	{ "3.6: another source is not", 5000, UNLIMITED, 2, 100, 0, false,
	    true, REASON_OK, 98, UNLIMITED, 98 },
	{ "3.11: 2700 open, 100 % -> 2300", 5000, UNLIMITED, 100, 2700, 0,
	    false, true, REASON_OK, 2300, UNLIMITED, 2300 },
	{ "3.11: 2 % -> 46", 5000, UNLIMITED, 2, 2700, 0, false,
	    true, REASON_OK, 46, UNLIMITED, 46 },
	{ "3.11: the 46th of its own", 5000, UNLIMITED, 2, 2745, 45, false,
	    true, REASON_OK, 46, UNLIMITED, 46 },
	{ "3.11: the 47th", 5000, UNLIMITED, 2, 2746, 46, false,
	    false, REASON_CONNECTIONS_PERCENT, 46, UNLIMITED, 46 },
	{ "3.11: never below 1", 5000, UNLIMITED, 2, 4999, 0, false,
	    true, REASON_OK, 1, UNLIMITED, 1 },
	{ "3.11: nor above it", 5000, UNLIMITED, 2, 4999, 1, false,
	    false, REASON_CONNECTIONS_PERCENT, 1, UNLIMITED, 1 },
	{ "3.12: per source 100", 5000, 100, UNLIMITED, 99, 99, false,
	    true, REASON_OK, 100, 100, UNLIMITED },
	{ "3.12: the 101st", 5000, 100, UNLIMITED, 100, 100, false,
	    false, REASON_CONNECTIONS_SOURCE, 100, 100, UNLIMITED },
	{ "3.14: the smaller holds, per source", 5000, 20, 2, 20, 20, false,
	    false, REASON_CONNECTIONS_SOURCE, 20, 20, 100 },
	{ "3.14: the smaller holds, percent", 1000, 100, 2, 20, 20, false,
	    false, REASON_CONNECTIONS_PERCENT, 20, 100, 20 },
	{ "3.14: equal: per source is named", 5000, 100, 2, 100, 100, false,
	    false, REASON_CONNECTIONS_SOURCE, 100, 100, 100 },
	{ "the last of all", 5000, 100, 2, 4999, 0, false,
	    true, REASON_OK, 1, 100, 1 },
	{ "full", 5000, 100, 2, 5000, 0, false,
	    false, REASON_CONNECTIONS_TOTAL, 5000, 100, 1 },
	{ "full is named before the source", 5000, 100, 2, 5000, 100, false,
	    false, REASON_CONNECTIONS_TOTAL, 5000, 100, 2 },
	{ "lowered below what is open", 100, UNLIMITED, 50, 300, 10, false,
	    false, REASON_CONNECTIONS_TOTAL, 100, UNLIMITED, 1 },
	{ "no percent at all leaves the first", 5000, 100, 0, 3, 0, false,
	    true, REASON_OK, 1, 100, 1 },
	{ "and no second", 5000, 100, 0, 4, 1, false,
	    false, REASON_CONNECTIONS_PERCENT, 1, 100, 1 },
	{ "exempt: not per source", 5000, 100, 2, 3000, 3000, true,
	    true, REASON_OK, UNLIMITED, UNLIMITED, UNLIMITED },
	{ "exempt: held to the total", 5000, 100, 2, 5000, 3000, true,
	    false, REASON_CONNECTIONS_TOTAL, 5000, UNLIMITED, UNLIMITED },
	{ "a percentage of unlimited is unlimited", UNLIMITED, UNLIMITED, 2,
	    100000, 100000, false, true, REASON_OK, UNLIMITED, UNLIMITED,
	    UNLIMITED },
	{ "unlimited in all, limited per source", UNLIMITED, 3, 2, 70000, 3,
	    false, false, REASON_CONNECTIONS_SOURCE, 3, 3, UNLIMITED },
	{ "numbers that would overflow 32 bits", UNLIMITED - 1, UNLIMITED,
	    100, 0, 0, false, true, REASON_OK, UNLIMITED - 1, UNLIMITED,
	    UNLIMITED - 1 },
};

START_TEST(seed_2_30_2_31_3_6_3_11_3_12_3_14_caps)
{
	struct listener listener = {
		.name = "default",
		.max_connections = rows[_i].max,
		.max_connections_per_source = rows[_i].per_source,
		.max_connections_per_source_percent = rows[_i].percent,
	};
	struct connections_answer answer = connections_ask(&listener,
	    rows[_i].all, rows[_i].own, rows[_i].exempt);

	ck_assert_msg(answer.admitted == rows[_i].admitted &&
		answer.reason == rows[_i].reason &&
		answer.limit == rows[_i].limit &&
		answer.by_source == rows[_i].by_source &&
		answer.by_percent == rows[_i].by_percent &&
		answer.used == (answer.reason == REASON_CONNECTIONS_TOTAL ?
		    rows[_i].all : rows[_i].own),
	    "%s: got %s %s limit %u source %u percent %u", rows[_i].row,
	    answer.admitted ? "admitted" : "refused",
	    reason_tag(answer.reason), answer.limit, answer.by_source,
	    answer.by_percent);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("connections");
	TCase *tcase = tcase_create("connections");

	tcase_add_loop_test(tcase, seed_2_30_2_31_3_6_3_11_3_12_3_14_caps, 0,
	    sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
