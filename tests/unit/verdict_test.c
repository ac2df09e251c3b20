/* What clients are told. */
#include "core/verdict.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

static const struct {
	struct verdict verdict;
	const char *reply;
} rows[] = {
	{ { .action = ACTION_DEFER, .reason = REASON_LIMIT,
	      .rule = "per-user-hour", .key = "alice@example.com",
	      .what = LIMIT_RECIPIENTS, .used = 200, .limit = 200,
	      .period = { 3600000000 }, .wait = { 311000001 },
	      .ref = "7F3A2C" },
	    "451 4.7.1 limit per-user-hour: 200 recipients/1h used, "
	    "try again in 312 s (weir 7F3A2C)" },
	{ { .action = ACTION_REJECT, .reason = REASON_LIMIT, .rule = "one",
	      .what = LIMIT_MESSAGES, .used = 1, .limit = 1,
	      .period = { 90000000 }, .wait = { 1 }, .ref = "000001" },
	    "550 5.7.1 limit one: 1 message/90s used, try again in 1 s "
	    "(weir 000001)" },
	{ { .action = ACTION_DISCONNECT, .reason = REASON_LIMIT, .rule = "d",
	      .what = LIMIT_MESSAGES, .used = 7, .limit = 5,
	      .period = { 60000000 } },
	    "421 4.7.0 limit d: 5 messages/1m used" },
	{ { .action = ACTION_DEFER, .reason = REASON_CONNECTIONS_SOURCE,
	      .rule = "submission", .key = "192.0.2.1", .used = 100,
	      .limit = 100, .ref = "ABCDEF" },
	    "451 4.7.1 too many connections from your network: 100 of 100 "
	    "open (weir ABCDEF)" },
	{ { .action = ACTION_DISCONNECT,
	      .reason = REASON_CONNECTIONS_TOTAL, .used = 5000,
	      .limit = 5000 },
	    "421 4.7.0 too many connections to this service: 5000 of 5000 "
	    "open" },
	{ { .action = ACTION_DEFER, .reason = REASON_CONNECTIONS_PERCENT,
	      .used = 46, .limit = 46, .ref = "00000A" },
	    "451 4.7.1 too large a share of the connections left: 46 of 46 "
	    "open (weir 00000A)" },
	{ { .action = ACTION_REJECT, .reason = REASON_SENDER_NOT_OWNED,
	      .subject = "ceo@example.com", .ref = "123456" },
	    "550 5.7.1 not allowed to send as this address: ceo@example.com "
	    "(weir 123456)" },
	{ { .action = ACTION_REJECT, .reason = REASON_FROM_MISSING },
	    "550 5.7.1 the message has no From header" },
	{ { .action = ACTION_DEFER, .reason = REASON_STATE_AWAY },
	    "451 4.3.0 limits cannot be checked, try again later" },
	{ { .action = ACTION_REJECT, .reason = REASON_SENDER_NOT_OWNED,
	      .subject = "a%s\r\nb\xC3\xA9\x7F@x" },
	    "550 5.7.1 not allowed to send as this address: a?s??b???@x" },
};

START_TEST(verdict_reply_says_what_and_how_long)
{
	struct reply reply;
	char line[600];

	memset(&reply, 'x', sizeof(reply));
	verdict_reply(&rows[_i].verdict, &reply);
	(void)snprintf(line, sizeof(line), "%s %s %s", reply.code,
	    reply.enhanced, reply.text);
	ck_assert_str_eq(line, rows[_i].reply);
}
END_TEST

/* RFC 5321 4.5.3.1.5: a reply line has 512 octets with its CRLF. */
START_TEST(verdict_reply_fits_a_reply_line)
{
	for (int reason = REASON_OK; reason < REASON_COUNT; reason++) {
		struct verdict verdict;
		struct reply reply;

		verdict_accept(&verdict);
		verdict.action = ACTION_DEFER;
		verdict.reason = (enum reason)reason;
		verdict.what = LIMIT_RECIPIENTS;
		verdict.limit = verdict.used = UINT32_MAX;
		verdict.period = verdict.wait = span_us(INT64_MAX / 2);
		memset(verdict.rule, 'r', sizeof(verdict.rule) - 1);
		memset(verdict.key, 'k', sizeof(verdict.key) - 1);
		memset(verdict.subject, 's', sizeof(verdict.subject) - 1);
		memset(verdict.ref, 'F', 6);
		verdict_reply(&verdict, &reply);
		ck_assert_uint_eq(strlen(reply.code), 3);
		ck_assert_uint_le(strlen(reply.code) + 1 +
		    strlen(reply.enhanced) + 1 + strlen(reply.text), 510);
		ck_assert_ptr_nonnull(strstr(reply.text, "(weir FFFFFF)"));
		ck_assert_ptr_null(strchr(reply.text, '%'));
	}
}
END_TEST

START_TEST(verdict_accept_clears)
{
	struct verdict verdict;

	memset(&verdict, 'x', sizeof(verdict));
	verdict_accept(&verdict);
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert_int_eq(verdict.reason, REASON_OK);
	ck_assert_str_eq(verdict.key, "");
	ck_assert_str_eq(verdict.subject, "");
	ck_assert_int_eq(verdict.wait.us, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("verdict");
	TCase *tcase = tcase_create("verdict");

	tcase_add_loop_test(tcase, verdict_reply_says_what_and_how_long, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, verdict_reply_fits_a_reply_line);
	tcase_add_test(tcase, verdict_accept_clears);
	suite_add_tcase(suite, tcase);
	return suite;
}
