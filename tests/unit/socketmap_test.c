/* Lookup requests as trivial-rewrite(8) sends them. */
#include "core/socketmap.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *wire;
	enum socketmap_parse result;
	const char *name;
	const char *key;
} requests[] = {
	{ "20:sender a@example.com,", SOCKETMAP_PARSE_DONE, "sender",
	    "a@example.com" },
	{ "24:sender User+X@Example.COM,", SOCKETMAP_PARSE_BAD, NULL, NULL },
	{ "25:sender User+X@Example.COM,", SOCKETMAP_PARSE_DONE, "sender",
	    "User+X@Example.COM" },
	{ "9:sender <>,", SOCKETMAP_PARSE_DONE, "sender", "" },
	{ "11:sender \"<>\",", SOCKETMAP_PARSE_DONE, "sender", "" },
	{ "11:recipient *,", SOCKETMAP_PARSE_DONE, "recipient", "*" },
	{ "7:sender ,", SOCKETMAP_PARSE_DONE, "sender", "*" },
	{ "19:sender a b@c.example,x", SOCKETMAP_PARSE_BAD, NULL, NULL },
	{ "18:sender a@b.example,", SOCKETMAP_PARSE_DONE, "sender",
	    "a@b.example" },
	{ "", SOCKETMAP_PARSE_MORE, NULL, NULL },
	{ "2", SOCKETMAP_PARSE_MORE, NULL, NULL },
	{ "20:sender a@exam", SOCKETMAP_PARSE_MORE, NULL, NULL },
	{ "20:sender a@example.com", SOCKETMAP_PARSE_MORE, NULL, NULL },
	{ "20:sender a@example.com;", SOCKETMAP_PARSE_BAD, NULL, NULL },
	{ ":", SOCKETMAP_PARSE_BAD, NULL, NULL },
	{ "1x:", SOCKETMAP_PARSE_BAD, NULL, NULL },
	{ "99999:", SOCKETMAP_PARSE_BAD, NULL, NULL },
	{ "9999:", SOCKETMAP_PARSE_BAD, NULL, NULL },
	{ "0:,", SOCKETMAP_PARSE_BAD, NULL, NULL },
	{ "6:sender,", SOCKETMAP_PARSE_BAD, NULL, NULL },
	{ "2: x,", SOCKETMAP_PARSE_BAD, NULL, NULL },
	{ "request=smtpd_access_policy\n", SOCKETMAP_PARSE_BAD, NULL, NULL },
};

START_TEST(socketmap_reads_requests)
{
	struct socketmap_request request;
	const char *why = NULL;
	size_t used = 0;
	enum socketmap_parse result = socketmap_parse(requests[_i].wire,
	    strlen(requests[_i].wire), &request, &used, &why);

	ck_assert_int_eq(result, requests[_i].result);
	ck_assert_int_eq(why != NULL, result == SOCKETMAP_PARSE_BAD);
	if (result != SOCKETMAP_PARSE_DONE)
		return;
	ck_assert_uint_eq(used, strlen(requests[_i].wire));
	ck_assert_str_eq(request.name, requests[_i].name);
	ck_assert_str_eq(request.key, requests[_i].key);
}
END_TEST

START_TEST(socketmap_waits_for_the_whole)
{
	const char wire[] = "20:sender a@example.com,9:sender <>,";
	struct socketmap_request request;
	const char *why;
	size_t used;

	for (size_t len = 0; len < 24; len++)
		ck_assert_int_eq(socketmap_parse(wire, len, &request, &used,
		    &why), SOCKETMAP_PARSE_MORE);
	ck_assert_int_eq(socketmap_parse(wire, sizeof(wire) - 1, &request,
	    &used, &why), SOCKETMAP_PARSE_DONE);
	ck_assert_uint_eq(used, 24);
	ck_assert_int_eq(socketmap_parse(wire + used, sizeof(wire) - 1 - used,
	    &request, &used, &why), SOCKETMAP_PARSE_DONE);
	ck_assert_str_eq(request.key, "");
}
END_TEST

START_TEST(socketmap_key_too_long_is_unknown)
{
	char wire[600];
	struct socketmap_request request;
	const char *why;
	size_t used;

	(void)snprintf(wire, sizeof(wire), "507:sender %0500d,", 0);
	ck_assert_int_eq(socketmap_parse(wire, strlen(wire), &request, &used,
	    &why), SOCKETMAP_PARSE_DONE);
	ck_assert_str_eq(request.key, "*");
}
END_TEST

START_TEST(socketmap_refuses_a_nul)
{
	const char wire[] = "10:sender a\0b,";
	struct socketmap_request request;
	const char *why;
	size_t used;

	ck_assert_int_eq(socketmap_parse(wire, sizeof(wire) - 1, &request,
	    &used, &why), SOCKETMAP_PARSE_BAD);
}
END_TEST

START_TEST(socketmap_writes_replies)
{
	char buf[32];

	ck_assert_uint_eq(socketmap_reply(buf, sizeof(buf), "OK", "smtp:[a]"),
	    strlen("11:OK smtp:[a],"));
	ck_assert_str_eq(buf, "11:OK smtp:[a],");
	ck_assert_uint_ne(socketmap_reply(buf, sizeof(buf), "NOTFOUND", ""), 0);
	ck_assert_str_eq(buf, "9:NOTFOUND ,");
	ck_assert_uint_eq(socketmap_reply(buf, 10, "OK", "smtp:[a]"), 0);
}
END_TEST

/* --- as the one that asks --- */

static const struct {
	const char *bytes;
	enum socketmap_parse parsed;
	enum socketmap_status status;
	const char *value; /* or why it is bad */
} answers[] = {
	{ "9:NOTFOUND ,", SOCKETMAP_PARSE_DONE, SOCKETMAP_NOTFOUND, "" },
	{ "8:NOTFOUND,", SOCKETMAP_PARSE_DONE, SOCKETMAP_NOTFOUND, "" },
	{ "6:OK a@b,", SOCKETMAP_PARSE_DONE, SOCKETMAP_OK, "a@b" },
	{ "11:OK a@b, c@d,", SOCKETMAP_PARSE_DONE, SOCKETMAP_OK, "a@b, c@d" },
	{ "3:OK ,", SOCKETMAP_PARSE_DONE, SOCKETMAP_OK, "" },
	{ "8:TEMP why,", SOCKETMAP_PARSE_DONE, SOCKETMAP_FAILED, "why" },
	{ "11:TIMEOUT why,", SOCKETMAP_PARSE_DONE, SOCKETMAP_FAILED, "why" },
	{ "8:PERM why,", SOCKETMAP_PARSE_DONE, SOCKETMAP_FAILED, "why" },
	{ "", SOCKETMAP_PARSE_MORE, SOCKETMAP_OK, NULL },
	{ "100000", SOCKETMAP_PARSE_MORE, SOCKETMAP_OK, NULL },
	{ "100000:OK", SOCKETMAP_PARSE_MORE, SOCKETMAP_OK, NULL },
	{ "6:OK a@b", SOCKETMAP_PARSE_MORE, SOCKETMAP_OK, NULL },
	{ "100001:OK", SOCKETMAP_PARSE_BAD, SOCKETMAP_OK, "too long" },
	{ "1000000", SOCKETMAP_PARSE_BAD, SOCKETMAP_OK, "too long" },
	{ ":OK,", SOCKETMAP_PARSE_BAD, SOCKETMAP_OK, "no netstring" },
	{ "HTTP", SOCKETMAP_PARSE_BAD, SOCKETMAP_OK, "no netstring" },
	{ "6:OK a@bX", SOCKETMAP_PARSE_BAD, SOCKETMAP_OK, "comma" },
	{ "0:,", SOCKETMAP_PARSE_BAD, SOCKETMAP_OK, "no status" },
	{ "6:ok a@b,", SOCKETMAP_PARSE_BAD, SOCKETMAP_OK, "no status" },
	{ "7:OKAY a@,", SOCKETMAP_PARSE_BAD, SOCKETMAP_OK, "no status" },
};

START_TEST(socketmap_answers_are_taken_apart)
{
	struct socketmap_answer answer;
	const char *why;
	size_t used, len = strlen(answers[_i].bytes);

	ck_assert_int_eq(socketmap_answer_parse(answers[_i].bytes, len,
	    &answer, &used, &why), answers[_i].parsed);
	if (answers[_i].parsed == SOCKETMAP_PARSE_BAD)
		ck_assert_ptr_nonnull(strstr(why, answers[_i].value));
	if (answers[_i].parsed != SOCKETMAP_PARSE_DONE)
		return;
	ck_assert_int_eq(answer.status, answers[_i].status);
	ck_assert_uint_eq(used, len);
	ck_assert_uint_eq(answer.len, strlen(answers[_i].value));
	ck_assert_int_eq(memcmp(answer.value, answers[_i].value, answer.len),
	    0);
}
END_TEST

START_TEST(socketmap_questions)
{
	char buf[16];

	ck_assert_uint_eq(socketmap_ask(buf, sizeof(buf), "map", "alice"), 12);
	ck_assert_str_eq(buf, "9:map alice,");
	ck_assert_uint_eq(socketmap_ask(buf, sizeof(buf), "map",
	    "alice@example.com"), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("socketmap");
	TCase *tcase = tcase_create("socketmap");

	tcase_add_loop_test(tcase, socketmap_reads_requests, 0,
	    sizeof(requests) / sizeof(requests[0]));
	tcase_add_test(tcase, socketmap_waits_for_the_whole);
	tcase_add_test(tcase, socketmap_key_too_long_is_unknown);
	tcase_add_test(tcase, socketmap_refuses_a_nul);
	tcase_add_test(tcase, socketmap_writes_replies);
	tcase_add_loop_test(tcase, socketmap_answers_are_taken_apart, 0,
	    sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(tcase, socketmap_questions);
	suite_add_tcase(suite, tcase);
	return suite;
}
