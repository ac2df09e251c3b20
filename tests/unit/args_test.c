/* The command line of weirctl. */
#include "ctl/args.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

static const struct option common[] = {
	{ "config", 'c', "FILE", "" },
	{ "json", '\0', NULL, "" },
	{ NULL, '\0', NULL, NULL },
};
static const struct option own[] = {
	{ "number", 'n', "N", "" },
	{ "follow", 'f', NULL, "" },
	{ "for", '\0', "TIME", "" },
	{ NULL, '\0', NULL, NULL },
};
static const struct option *const tables[] = { common, own, NULL };

/* Words in; what was understood out, as "name=value ... | operands". */
static const struct {
	const char *words[8];
	const char *result; /* "!..." why it is refused */
} lines[] = {
	{ { NULL }, "|" },
	{ { "isp-a" }, "| isp-a" },
	{ { "isp-a", "--for", "2h" }, "for=2h | isp-a" },
	{ { "--for=2h", "isp-a" }, "for=2h | isp-a" },
	{ { "--for=", "isp-a" }, "for= | isp-a" },
	{ { "--for", "--json" }, "for=--json |" },
	{ { "-n", "5", "-f" }, "number=5 follow= |" },
	{ { "-n5f" }, "number=5f |" },
	{ { "-fn", "5" }, "follow= number=5 |" },
	{ { "-f", "--", "-n" }, "follow= | -n" },
	{ { "-" }, "| -" },
	{ { "--json", "-c", "x", "a", "b" }, "json= config=x | a b" },
	{ { "--for" }, "!--for needs a value: TIME" },
	{ { "-n" }, "!-n needs a value: N" },
	{ { "--json=1" }, "!no value is taken by --json=1" },
	{ { "--fro", "2h" },
	    "!there is no option --fro; did you mean --for?" },
	{ { "--folow" },
	    "!there is no option --folow; did you mean --follow?" },
	{ { "--zzz" }, "!there is no option --zzz" },
	{ { "-x" }, "!there is no option -x" },
	{ { "--\033[2J" }, "!there is no option --\\x1B[2J" },
};

static const char *
understood(const struct args *args, char *buf, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < args->ngiven; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s=%s ",
		    args->given[i].option->name, args->given[i].value);
	used += (size_t)snprintf(buf + used, size - used, "|");
	for (size_t i = 0; i < args->noperands; i++)
		used += (size_t)snprintf(buf + used, size - used, " %s",
		    args->operands[i]);
	return buf;
}

START_TEST(lines_are_understood_or_refused)
{
	struct args args = { .ngiven = 0 };
	char why[ARGS_WHY_MAX], buf[512];
	int count = 0, taken;

	while (count < 8 && lines[_i].words[count] != NULL)
		count++;
	taken = args_parse(&args, tables, count,
	    (char *const *)lines[_i].words, true, why);
	if (lines[_i].result[0] == '!') {
		ck_assert_int_eq(taken, -1);
		ck_assert_str_eq(why, lines[_i].result + 1);
	} else {
		ck_assert_int_eq(taken, count);
		ck_assert_str_eq(understood(&args, buf, sizeof(buf)),
		    lines[_i].result);
	}
}
END_TEST

START_TEST(common_options_end_at_the_command)
{
	static const char *const words[] = { "-c", "x", "events", "-f" };
	struct args args = { .ngiven = 0 };
	char why[ARGS_WHY_MAX];

	ck_assert_int_eq(args_parse(&args, tables, 4, (char *const *)words,
	    false, why), 2);
	ck_assert_uint_eq(args.noperands, 0);
}
END_TEST

START_TEST(the_last_value_counts)
{
	static const char *const words[] = { "-n", "1", "--number=2" };
	struct args args = { .ngiven = 0 };
	char why[ARGS_WHY_MAX];

	ck_assert_int_eq(args_parse(&args, tables, 3, (char *const *)words,
	    true, why), 3);
	ck_assert_str_eq(args_value(&args, "number", "9"), "2");
	ck_assert_str_eq(args_value(&args, "for", "9"), "9");
	ck_assert(args_given(&args, "number"));
	ck_assert(!args_given(&args, "follow"));
}
END_TEST

START_TEST(too_many_are_refused)
{
	char word[] = "-f", *words[GIVEN_MAX + 1], other[] = "x";
	struct args args = { .ngiven = 0 };
	char why[ARGS_WHY_MAX];

	for (size_t i = 0; i <= GIVEN_MAX; i++)
		words[i] = word;
	ck_assert_int_eq(args_parse(&args, tables, GIVEN_MAX + 1, words, true,
	    why), -1);
	for (size_t i = 0; i <= GIVEN_MAX; i++)
		words[i] = other;
	args.ngiven = 0;
	ck_assert_int_eq(args_parse(&args, tables, GIVEN_MAX + 1, words, true,
	    why), -1);
	ck_assert_str_eq(why, "too many arguments, from x");
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("args");
	TCase *tcase = tcase_create("args");

	tcase_add_loop_test(tcase, lines_are_understood_or_refused, 0,
	    sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(tcase, common_options_end_at_the_command);
	tcase_add_test(tcase, the_last_value_counts);
	tcase_add_test(tcase, too_many_are_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
