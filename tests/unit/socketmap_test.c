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
	suite_add_tcase(suite, tcase);
	return suite;
}
