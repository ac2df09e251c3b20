/*
 * SMTP replies: what a server offers after EHLO. How replies come in pieces,
 * and their bounds, are in prober_test.c.
 */
#include "core/smtp.h"

#include "check_main.h"

#include <string.h>

enum { NONE = 0, TLS = SMTP_OFFERS_STARTTLS, AUTH = SMTP_OFFERS_AUTH,
	PLAIN = SMTP_OFFERS_PLAIN, LOGIN = SMTP_OFFERS_LOGIN };

static const struct {
	const char *reply;
	unsigned offers;
} rows[] = {
	{ "250 mx.example.com\r\n", NONE },
	{ "250-mx\r\n250 STARTTLS\r\n", TLS },
	{ "250-mx\r\n250-starttls\r\n250 HELP\r\n", TLS },
	{ "250-mx\r\n250 AUTH PLAIN LOGIN\r\n", AUTH | PLAIN | LOGIN },
	{ "250-mx\r\n250 auth login\r\n", AUTH | LOGIN },
	{ "250-mx\r\n250 AUTH CRAM-MD5\r\n", AUTH },
	{ "250-mx\r\n250 AUTH=PLAIN\r\n", AUTH | PLAIN },
	{ "250-mx\r\n250-AUTH  PLAIN\r\n250 STARTTLS\r\n", AUTH | PLAIN | TLS },
	{ "250-mx\r\n250 AUTH\r\n", NONE },
	/* the first line is the server's name and greeting */
	{ "250 STARTTLS\r\n", NONE },
	{ "250-AUTH PLAIN\r\n250 SIZE\r\n", NONE },
	/* only whole words */
	{ "250-mx\r\n250 STARTTLSX\r\n", NONE },
	{ "250-mx\r\n250 XSTARTTLS\r\n", NONE },
	{ "250-mx\r\n250 START\r\n", NONE },
	{ "250-mx\r\n250 AUTH PLAINX XLOGIN\r\n", AUTH },
	{ "250-mx\r\n250-\r\n250\r\n", NONE },
};

START_TEST(offers)
{
	struct smtp_reply reply = { 0 };
	const char *why = "";
	size_t used;

	ck_assert_int_eq(smtp_reply_feed(&reply, rows[_i].reply,
	    strlen(rows[_i].reply), &used, &why), SMTP_FEED_DONE);
	ck_assert_msg(reply.offers == rows[_i].offers, "%s: %u",
	    rows[_i].reply, reply.offers);
}
END_TEST

/* What was offered before TLS is forgotten with the next reply. */
START_TEST(next_reply_forgets)
{
	struct smtp_reply reply = { 0 };
	const char *bytes = "250-mx\r\n250 STARTTLS\r\n", *why;
	size_t used;

	(void)smtp_reply_feed(&reply, bytes, strlen(bytes), &used, &why);
	ck_assert_uint_eq(reply.offers, SMTP_OFFERS_STARTTLS);
	bytes = "220 go ahead\r\n";
	(void)smtp_reply_feed(&reply, bytes, strlen(bytes), &used, &why);
	ck_assert_uint_eq(reply.offers, 0);
	ck_assert_int_eq(reply.code, 220);
}
END_TEST

/* How many bytes were the reply's: what lies behind is known. */
START_TEST(says_what_it_used)
{
	struct smtp_reply reply = { 0 };
	const char *bytes = "220 go\r\n250 injected\r\n", *why;
	size_t used;

	ck_assert_int_eq(smtp_reply_feed(&reply, bytes, strlen(bytes), &used,
	    &why), SMTP_FEED_DONE);
	ck_assert_uint_eq(used, strlen("220 go\r\n"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("smtp");
	TCase *tcase = tcase_create("smtp");

	tcase_add_loop_test(tcase, offers, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, next_reply_forgets);
	tcase_add_test(tcase, says_what_it_used);
	suite_add_tcase(suite, tcase);
	return suite;
}
