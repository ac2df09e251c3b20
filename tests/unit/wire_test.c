/* Verdicts on the wire: all of them there and back, and nothing else. */
#include "core/wire.h"

#include "check_main.h"

#include <string.h>

static void
to_list(const struct wire_verdict *wire, const char **list)
{
	for (unsigned i = 0; i < WIRE_VERDICT_ELEMENTS; i++)
		list[i] = wire->elements[i];
}

static struct verdict
sample(enum action action, enum reason reason)
{
	struct verdict verdict;

	verdict_accept(&verdict);
	verdict.action = action;
	verdict.reason = reason;
	strcpy(verdict.rule, "per-user-hour");
	strcpy(verdict.key, "al\"ice\x01\xC3\xA9@example.com|2001:db8::/64");
	verdict.what = LIMIT_RECIPIENTS;
	verdict.used = UINT32_MAX;
	verdict.limit = 200;
	verdict.period = span_s(3600);
	verdict.wait = span_ms(311001);
	strcpy(verdict.ref, "7F3A2C");
	return verdict;
}

/* Every action with every reason. */
START_TEST(wire_verdict_goes_there_and_back)
{
	const char *list[WIRE_VERDICT_ELEMENTS];
	struct wire_verdict wire;
	struct verdict in, out;
	uint64_t generation;

	for (int reason = 0; reason < REASON_COUNT; reason++) {
		in = sample((enum action)_i, (enum reason)reason);
		wire_verdict_put(&wire, &in, UINT64_MAX);
		to_list(&wire, list);
		ck_assert_int_eq(wire_verdict_get(list, WIRE_VERDICT_ELEMENTS,
		    &out, &generation), 0);
		ck_assert_mem_eq(&in, &out, sizeof(in));
		ck_assert(generation == UINT64_MAX);
	}
}
END_TEST

START_TEST(wire_verdict_waits_are_rounded_up)
{
	struct verdict verdict = sample(ACTION_DEFER, REASON_LIMIT);
	struct wire_verdict wire;

	verdict.wait = span_us(1);
	verdict.period = span_us(-5);
	wire_verdict_put(&wire, &verdict, 0);
	ck_assert_str_eq(wire.elements[8], "1");
	ck_assert_str_eq(wire.elements[7], "0");
}
END_TEST

static const struct {
	int element; /* to be replaced */
	const char *by;
} garbage[] = {
	{ 0, "" }, { 0, "Accept" }, { 0, "accept " }, { 0, "0" },
	{ 1, "" }, { 1, "okay" },
	{ 2, "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"
	     "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"
	     "rrrrrrrrrrrrrrrrrrrr" },
	{ 4, "" }, { 4, "octets" },
	{ 5, "" }, { 5, "-1" }, { 5, "9223372036854775808" }, { 5, "1x" },
	{ 5, " 1" }, { 5, "0x1" }, { 5, "1.0" },
	{ 6, "" }, { 6, "+1" }, { 6, "99999999999999999999999" },
	{ 7, "" }, { 7, "1s" }, { 7, "18446744073709551615" },
	{ 8, "" }, { 8, "-5" }, { 8, "9223372036854775807" },
	{ 9, "7f3a2c" }, { 9, "7F3A2C7F" }, { 9, "G" }, { 9, "7F%s" },
	{ 10, "" }, { 10, "18446744073709551616" },
};

START_TEST(wire_verdict_garbage_is_refused)
{
	const char *list[WIRE_VERDICT_ELEMENTS];
	struct verdict verdict = sample(ACTION_DEFER, REASON_LIMIT);
	struct wire_verdict wire;
	uint64_t generation;

	wire_verdict_put(&wire, &verdict, 1);
	to_list(&wire, list);
	list[garbage[_i].element] = garbage[_i].by;
	ck_assert_int_eq(wire_verdict_get(list, WIRE_VERDICT_ELEMENTS,
	    &verdict, &generation), -1);
}
END_TEST

START_TEST(wire_verdict_has_so_many_elements)
{
	const char *list[WIRE_VERDICT_ELEMENTS + 1] = { NULL };
	struct verdict verdict = sample(ACTION_DEFER, REASON_LIMIT);
	struct wire_verdict wire;
	uint64_t generation;
	char key[LIMIT_KEY_MAX + 1];

	wire_verdict_put(&wire, &verdict, 1);
	to_list(&wire, list);
	list[WIRE_VERDICT_ELEMENTS] = "";
	for (size_t n = 0; n <= WIRE_VERDICT_ELEMENTS + 1; n++)
		ck_assert_int_eq(wire_verdict_get(list, n, &verdict,
		    &generation), n == WIRE_VERDICT_ELEMENTS ? 0 : -1);
	memset(key, 'k', sizeof(key));
	key[LIMIT_KEY_MAX] = '\0';
	list[3] = key;
	ck_assert_int_eq(wire_verdict_get(list, WIRE_VERDICT_ELEMENTS,
	    &verdict, &generation), -1);
	key[LIMIT_KEY_MAX - 1] = '\0';
	ck_assert_int_eq(wire_verdict_get(list, WIRE_VERDICT_ELEMENTS,
	    &verdict, &generation), 0);
}
END_TEST

static const struct {
	const char *text;
	uint64_t max;
	int result;
	uint64_t number;
} numbers[] = {
	{ "0", 0, 0, 0 },
	{ "1", 0, -1, 0 },
	{ "42", 42, 0, 42 },
	{ "43", 42, -1, 0 },
	{ "00042", 42, 0, 42 },
	{ "420", 42, -1, 0 },
	{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
	{ "18446744073709551616", UINT64_MAX, -1, 0 },
	{ "99999999999999999999", UINT64_MAX, -1, 0 },
	{ "", 9, -1, 0 },
	{ "-1", 9, -1, 0 },
	{ "+1", 9, -1, 0 },
	{ " 1", 9, -1, 0 },
	{ "1 ", 9, -1, 0 },
	{ "1\n", 9, -1, 0 },
};

START_TEST(wire_number_takes_and_refuses)
{
	uint64_t number = 0;

	ck_assert_int_eq(wire_number(numbers[_i].text, numbers[_i].max,
	    &number), numbers[_i].result);
	ck_assert(number == numbers[_i].number);
}
END_TEST

#define ROWS(list) (int)(sizeof(list) / sizeof((list)[0]))

static Suite *
suite(void)
{
	Suite *suite = suite_create("wire");
	TCase *tcase = tcase_create("wire");

	tcase_add_loop_test(tcase, wire_verdict_goes_there_and_back, 0,
	    ACTION_TAG + 1);
	tcase_add_test(tcase, wire_verdict_waits_are_rounded_up);
	tcase_add_loop_test(tcase, wire_verdict_garbage_is_refused, 0,
	    ROWS(garbage));
	tcase_add_test(tcase, wire_verdict_has_so_many_elements);
	tcase_add_loop_test(tcase, wire_number_takes_and_refuses, 0,
	    ROWS(numbers));
	suite_add_tcase(suite, tcase);
	return suite;
}
