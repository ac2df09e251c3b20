/* Lines of smtp(8), recorded and made up, and what they say of a host. */
#include "core/maillog.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

#define HEAD "Nov 23 12:00:00 mx postfix/smtp[77]: "

/*
 * "hard tcp ECONNREFUSED 127.0.0.9:21098", "good data 127.0.0.2:21002 final",
 * "-" or "- final": a verdict as the sample file writes it.
 */
static const char *
verdict_format(const struct maillog_verdict *verdict, char buf[512])
{
	static const char *const grades[] = { "good", "soft", "hard" };
	char ip[NETADDR_TEXT_MAX];
	const struct evidence *evidence = &verdict->evidence;
	const char *end = verdict->final ? " final" : "";

	if (!verdict->relevant) {
		(void)snprintf(buf, 512, "-%s", end);
		return buf;
	}
	netaddr_format(&verdict->ip, ip);
	(void)snprintf(buf, 512, "%s %s %s%s%s:%u%s", grades[evidence->grade],
	    stage_name(evidence->stage), evidence->error,
	    evidence->error[0] != '\0' ? " " : "",
	    verdict->ip.family != 0 ? ip : verdict->name, verdict->port, end);
	return buf;
}

static const char *
verdict_of(const char *line, char buf[512])
{
	struct maillog_verdict verdict;

	maillog_parse(line, strlen(line), &verdict);
	ck_assert_int_eq(verdict.evidence.source, EVIDENCE_DELIVERY);
	return verdict_format(&verdict, buf);
}

/*
 * Every line of every recorded sample. In the file a line "= VERDICT" stands
 * before the log line it is about.
 */
START_TEST(recorded_samples)
{
	char path[1024], expected[512] = "", line[4096], got[512];
	const char *top = getenv("top_srcdir");
	FILE *file;
	int checked = 0, wrong = 0;

	(void)snprintf(path, sizeof(path), "%s/tests/data/maillog-samples.txt",
	    top != NULL ? top : ".");
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s: cannot be read", path);
	while (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '=') {
			(void)snprintf(expected, sizeof(expected), "%.400s",
			    line + 2);
			continue;
		}
		if (line[0] == '#' || line[0] == '\0')
			continue;
		ck_assert_msg(expected[0] != '\0', "no verdict: %s", line);
		if (strcmp(verdict_of(line, got), expected) != 0) {
			printf("%s\n  is %s\n  not %s\n", line, got, expected);
			wrong++;
		}
		expected[0] = '\0';
		checked++;
	}
	(void)fclose(file);
	ck_assert_int_eq(wrong, 0);
	ck_assert_int_eq(checked, 143);
}
END_TEST

static const struct {
	const char *line, *verdict;
} frames[] = {
	/* time stamps */
	{ "Nov  3 12:00:00 mx postfix/smtp[1]: "
	  "connect to h[192.0.2.1]:25: Connection refused",
	    "hard tcp ECONNREFUSED 192.0.2.1:25" },
	{ "2026-11-23T12:01:16.123456+00:00 mx postfix/smtp[1]: "
	  "connect to h[192.0.2.1]:25: Connection refused",
	    "hard tcp ECONNREFUSED 192.0.2.1:25" },
	{ "2026-11-23T12:01:16Z mx postfix/smtp[1]: "
	  "connect to h[192.0.2.1]:25: Connection refused",
	    "hard tcp ECONNREFUSED 192.0.2.1:25" },
	/* names of programs */
	{ "Nov 23 12:00:00 mx postfix-out/smtp[1]: "
	  "connect to h[192.0.2.1]:25: Connection refused",
	    "hard tcp ECONNREFUSED 192.0.2.1:25" },
	{ "Nov 23 12:00:00 mx postfix/hop1/smtp[1]: "
	  "connect to h[192.0.2.1]:25: Connection refused",
	    "hard tcp ECONNREFUSED 192.0.2.1:25" },
	{ "Nov 23 12:00:00 mx postfix/smtpd[1]: "
	  "connect to h[192.0.2.1]:25: Connection refused", "-" },
	{ "Nov 23 12:00:00 mx postfix/lmtp[1]: "
	  "connect to h[192.0.2.1]:25: Connection refused", "-" },
	{ "Nov 23 12:00:00 mx smtp[1]: "
	  "connect to h[192.0.2.1]:25: Connection refused", "-" },
	{ "Nov 23 12:00:00 mx /smtp[1]: "
	  "connect to h[192.0.2.1]:25: Connection refused", "-" },
	{ "Nov 23 12:00:00 mx postfix/smtp: "
	  "connect to h[192.0.2.1]:25: Connection refused", "-" },
	{ "Nov 23 12:00:00 mx postfix/smtp[x]: "
	  "connect to h[192.0.2.1]:25: Connection refused", "-" },
	{ "Nov 23 12:00:00 mx evil[9]: postfix/smtp[1]: "
	  "connect to h[192.0.2.1]:25: Connection refused", "-" },
	{ "Nov 23 12:00:00 mx evil: x postfix/smtp[1]: "
	  "connect to h[192.0.2.1]:25: Connection refused", "-" },
	/* addresses */
	{ HEAD "connect to h[2001:db8::1]:587: Connection refused",
	    "hard tcp ECONNREFUSED 2001:db8::1:587" },
	{ HEAD "connect to h[::ffff:192.0.2.1]:587: Connection refused",
	    "hard tcp ECONNREFUSED 192.0.2.1:587" },
	{ HEAD "connect to h[192.0.2.1]:99999: Connection refused", "-" },
	{ HEAD "connect to h[nonsense]:25: Connection refused", "-" },
	{ HEAD "connect to h[]:25: Connection refused", "-" },
	{ HEAD "connect to h[192.0.2.1", "-" },
	{ HEAD "connect to h", "-" },
	{ HEAD "connect to ", "-" },
	{ HEAD "", "-" },
	/* connect errors of any kind */
	{ HEAD "connect to h[192.0.2.1]:25: Network is unreachable",
	    "hard tcp ENETUNREACH 192.0.2.1:25" },
	{ HEAD "connect to h[192.0.2.1]:25: Connection reset by peer",
	    "hard tcp ECONNRESET 192.0.2.1:25" },
	{ HEAD "connect to h[192.0.2.1]:25: Something quite new",
	    "hard tcp connect 192.0.2.1:25" },
	/* names; a resolver that is away is not the host's fault */
	{ HEAD "ABCDEF01: to=<a@b.c>, relay=none, delay=0, delays=0/0/0/0, "
	       "dsn=5.4.4, status=bounced (unable to look up host "
	       "r.example.net: Name or service not known)",
	    "hard dns name_not_found r.example.net:0 final" },
	{ HEAD "ABCDEF01: to=<a@b.c>, relay=none, delay=0, delays=0/0/0/0, "
	       "dsn=4.4.3, status=deferred (unable to look up host "
	       "r.example.net: Temporary failure in name resolution)",
	    "- final" },
	{ HEAD "ABCDEF01: to=<a@b.c>, relay=none, delay=0, delays=0/0/0/0, "
	       "dsn=5.4.4, status=bounced (Host or domain name not found. "
	       "Name service error for name=r.example.net type=A: "
	       "Host not found)",
	    "hard dns name_not_found r.example.net:0 final" },
	{ HEAD "ABCDEF01: to=<a@b.c>, relay=none, delay=0, delays=0/0/0/0, "
	       "dsn=4.4.3, status=deferred (Host or domain name not found. "
	       "Name service error for name=r.example.net type=A: "
	       "Host not found, try again)", "- final" },
	/* certificates, logins */
	{ HEAD "ABCDEF01: to=<a@b.c>, relay=h[192.0.2.1]:25, delay=0, "
	       "delays=0/0/0/0, dsn=4.7.5, status=deferred (Server "
	       "certificate not trusted)",
	    "hard tls tls_certificate 192.0.2.1:25 final" },
	{ HEAD "ABCDEF01: Server certificate not verified", "-" },
	/* it is Postfix itself */
	{ HEAD "ABCDEF01: to=<a@b.c>, relay=h[192.0.2.1]:25, delay=0, "
	       "delays=0/0/0/0, dsn=5.4.6, status=bounced (mail for [h]:25, "
	       "[i]:587 loops back to myself)",
	    "hard ehlo loop 192.0.2.1:25 final" },
	{ HEAD "ABCDEF01: to=<a@b.c>, relay=none, delay=0, delays=0/0/0/0, "
	       "dsn=5.4.6, status=bounced (mail for h loops back to myself)",
	    "- final" },
	{ HEAD "ABCDEF01: to=<a@b.c>, relay=h[192.0.2.1]:25, delay=0, "
	       "delays=0/0/0/0, dsn=5.4.6, status=bounced (mail for h)",
	    "- final" },
	{ HEAD "ABCDEF01: SASL authentication failed; cannot authenticate to "
	       "server h[192.0.2.1]: no mechanism available",
	    "hard auth auth_impossible 192.0.2.1:0" },
	{ HEAD "ABCDEF01: lost connection with h[192.0.2.1] while sending "
	       "QUIT command", "-" },
	/* what others chose is not read as a line of ours */
	{ HEAD "ABCDEF01: to=<\"x>, relay=e[192.0.2.9]:25, status=sent (\"@e."
	       "example>, relay=h[192.0.2.1]:25, delay=0, delays=0/0/0/0, "
	       "dsn=4.4.2, status=deferred (lost connection with h[192.0.2.1] "
	       "while performing the EHLO handshake)",
	    "hard ehlo lost_connection 192.0.2.1:25 final" },
	{ HEAD "ABCDEF01: to=<\"\\\">, relay=e[192.0.2.9]:25\"@e.example>, "
	       "relay=h[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, "
	       "status=sent (250 ok)", "good data 192.0.2.1:25 final" },
	{ HEAD "ABCDEF01: to=<a@b.c>, relay=h[192.0.2.1]:25, delay=0, "
	       "delays=0/0/0/0, dsn=5.0.0, status=bounced (host h[192.0.2.1] "
	       "said: 550 no (in reply to EHLO command) (in reply to RCPT TO "
	       "command))", "- final" },
	{ HEAD "ABCDEF01: to=<a@b.c>, relay=h[192.0.2.1]:25, delay=0, "
	       "delays=0/0/0/0, dsn=2.0.0, status=sent (250 connect to "
	       "h[192.0.2.2]:25: Connection refused)",
	    "good data 192.0.2.1:25 final" },
	{ HEAD "ABCDEF01: to=<\"open@e.example>, relay=h[192.0.2.1]:25, "
	       "delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 ok)",
	    "-" },
	/* a text about another address than relay= : no port is known */
	{ HEAD "ABCDEF01: to=<a@b.c>, relay=h[192.0.2.1]:25, delay=0, "
	       "delays=0/0/0/0, dsn=4.4.2, status=deferred (lost connection "
	       "with g[192.0.2.2] while performing the EHLO handshake)",
	    "hard ehlo lost_connection 192.0.2.2:0 final" },
	{ HEAD "ABCDEF01: to=<a@b.c>, relay=none, delay=0, delays=0/0/0/0, "
	       "dsn=4.4.1, status=deferred (delivery temporarily suspended: "
	       "connect to h[192.0.2.1]:25: Connection refused)", "- final" },
	/* words are not queue ids */
	{ HEAD "warning: connect to h[192.0.2.1]:25: Connection refused",
	    "-" },
	{ HEAD "error: host h[192.0.2.1] refused to talk to me: 421 no", "-" },
	/* replies that are none */
	{ HEAD "ABCDEF01: host h[192.0.2.1] said: hello (in reply to MAIL "
	       "FROM command)", "-" },
	{ HEAD "ABCDEF01: host h[192.0.2.1] said: 451 cut short", "-" },
	{ HEAD "ABCDEF01: host h[192.0.2.1] refused to talk to me: gibberish",
	    "hard ehlo smtp_000 192.0.2.1:0" },
};

START_TEST(frames_and_forgeries)
{
	char got[512];

	ck_assert_str_eq(verdict_of(frames[_i].line, got),
	    frames[_i].verdict);
}
END_TEST

START_TEST(what_ties_the_lines)
{
	static const char line[] =
	    "Nov 23 12:34:55 mx postfix/hop1/smtp[25771]: 4jY54H5mYFz1c6LP: "
	    "host 127.0.0.4[127.0.0.4] refused to talk to me: 421 4.3.2 "
	    "closing \"now\" \x1b[31m\xff";
	struct maillog_verdict verdict;

	maillog_parse(line, sizeof(line) - 1, &verdict);
	ck_assert_uint_eq(verdict.pid, 25771);
	ck_assert_str_eq(verdict.queue_id, "4jY54H5mYFz1c6LP");
	ck_assert_int_eq(verdict.evidence.code, 421);
	ck_assert_str_eq(verdict.evidence.error, "smtp_421");
	ck_assert_str_eq(verdict.evidence.text,
	    "421 4.3.2 closing \"now\" ?[31m?");
}
END_TEST

START_TEST(status_texts_lose_their_bracket)
{
	static const char line[] = HEAD "ABCDEF01: to=<a@b.c>, "
	    "relay=h[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=4.3.1, "
	    "status=deferred (host h[192.0.2.1] said: 452 full (in reply to "
	    "MAIL FROM command))";
	struct maillog_verdict verdict;

	maillog_parse(line, sizeof(line) - 1, &verdict);
	ck_assert_str_eq(verdict.evidence.text,
	    "452 full (in reply to MAIL FROM command)");
}
END_TEST

#define SENT(time, fields)                                                   \
	time " mx postfix/smtp[77]: ABCDEF01: to=<a@b.c>, "                   \
	     "relay=h[192.0.2.1]:25, " fields ", dsn=2.0.0, "                 \
	     "status=sent (250 ok)"
#define AT(time) SENT(time, "delay=1, delays=9/9/0/0")
#define TOOK(fields) SENT("Nov 23 12:00:00", fields)
#define RFC3339 "2026-11-23T"

/* Read 40.5 s into a quarter of an hour; rounding comes on top. */
static const struct {
	const char *line;
	int64_t age_ms;
	enum stage first;
} ages[] = {
	{ AT("Nov 23 12:00:40"), 0, STAGE_DNS },
	{ AT("Nov 23 12:00:39"), 500, STAGE_DNS },
	{ AT("Nov 23 12:00:00"), 39500, STAGE_DNS },
	{ AT("Nov 23 11:59:59"), 40500, STAGE_DNS },
	/* whatever the time zone */
	{ AT("Nov 23 17:30:39"), 500, STAGE_DNS },
	{ AT("Nov 22 05:45:39"), 500, STAGE_DNS },
	{ AT("Nov 24 00:45:39"), 500, STAGE_DNS },
	{ AT(RFC3339 "12:00:39+05:30"), 500, STAGE_DNS },
	{ AT(RFC3339 "12:00:39"), 500, STAGE_DNS },
	{ AT(RFC3339 "12:00:39.999999+00:00"), 500, STAGE_DNS },
	{ AT(RFC3339 "12:00:40.3+00:00"), 200, STAGE_DNS },
	{ AT(RFC3339 "12:00:38.25Z"), 2250, STAGE_DNS },
	/* a clock ahead of ours; a leap second */
	{ AT("Nov 23 12:00:45"), 0, STAGE_DNS },
	{ AT("Nov 23 12:01:35"), 0, STAGE_DNS },
	{ AT("Nov 23 11:59:60"), 39500, STAGE_DNS },
	/* of another day */
	{ AT("Nov  3 12:00:00"), 0, STAGE_DNS },
	{ AT("Oct 23 12:00:00"), 0, STAGE_DNS },
	{ AT("Nov 21 12:00:00"), 0, STAGE_DNS },
	{ AT("Nov 25 12:00:00"), 0, STAGE_DNS },
	{ AT("2026-10-23T12:00:00Z"), 0, STAGE_DNS },
	/* no clock at all */
	{ AT("Nov 23 nonsense"), 0, STAGE_DNS },
	{ AT("Nov 23 12:61:00"), 0, STAGE_DNS },
	{ AT("Nie 23 12:00:00"), 0, STAGE_DNS },
	{ AT("1"), 0, STAGE_DNS },
	{ AT(RFC3339), 0, STAGE_DNS },
	/* what smtp(8) did itself */
	{ TOOK("delay=1, delays=5/5/0.12/0.01"), 39500 + 143, STAGE_DNS },
	{ TOOK("delay=1, delays=5/5/2.5/31"), 39500 + 36850, STAGE_DNS },
	{ TOOK("delay=1, delays=0/0/0/300"), 39500 + 330000, STAGE_DNS },
	/* over a connection that was there */
	{ TOOK("conn_use=2, delay=1, delays=5/5/0/1"), 39500 + 1100,
	    STAGE_MAIL },
};

START_TEST(when_a_delivery_began)
{
	const struct wall now = { INT64_C(1763856040500000) };
	const char *line = ages[_i].line;
	struct maillog_verdict verdict;

	maillog_parse(line, strlen(line), &verdict);
	ck_assert_msg(verdict.relevant, "%s", line);
	maillog_date(&verdict, now);
	ck_assert_msg(verdict.evidence.age.us / 1000 == ages[_i].age_ms + 10,
	    "%s: %d ms", line, (int)(verdict.evidence.age.us / 1000));
	ck_assert_int_eq(verdict.evidence.first, ages[_i].first);
}
END_TEST

/* However long it took. */
START_TEST(when_a_delivery_was_over)
{
	static const char line[] = TOOK("delay=1, delays=0/0/0/300");
	const struct wall now = { INT64_C(1763856040500000) };
	struct maillog_verdict verdict;

	maillog_parse(line, strlen(line), &verdict);
	maillog_date(&verdict, now);
	ck_assert_int_eq(verdict.evidence.over.us, 39500000);
}
END_TEST

START_TEST(delays_that_are_none_are_no_line_of_smtp)
{
	static const char *const delays[] = { "", "1", "1/2/3", "1/2/3/",
		"1/2/3/4/5", "a/b/c/d", "1/2/3/-4", "1/2/3/999999999999" };
	char line[512];

	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		struct maillog_verdict verdict;

		(void)snprintf(line, sizeof(line), HEAD "ABCDEF01: to=<a@b.c>, "
		    "relay=h[192.0.2.1]:25, delay=0, delays=%s, dsn=2.0.0, "
		    "status=sent (250 ok)", delays[i]);
		maillog_parse(line, strlen(line), &verdict);
		ck_assert_msg(!verdict.relevant, "%s", delays[i]);
	}
}
END_TEST

static const struct {
	const char *reply;
	bool denied;
} denials[] = {
	{ "554 5.7.1 <x@b.c>: Relay access denied", true },
	{ "454 4.7.1 <x@b.c>: Relay access denied", true },
	{ "550 5.7.1 <x@b.c>... Relaying denied", true },
	{ "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
	    true },
	{ "550 relay not permitted", true },
	{ "550 RELAY NOT PERMITTED", true },
	{ "550 5.1.1 <x@b.c>: User unknown", false },
	{ "550 5.7.1 <x@b.c>: you are on a list", false },
	{ "450 4.2.0 <x@b.c>: delayed, come back", false },
	/* the sender's own word for it */
	{ "550 5.1.1 <relay@b.c>: User unknown", false },
	{ "550 5.7.1 <\"> relay\"@b.c>: User unknown", false },
	{ "550 5.7.1 no user relay@b.c", false },
	{ "550 5.1.1 relay access denied", false },
	{ "250 2.7.1 relay", false },
	{ "nonsense relay", false },
};

START_TEST(relay_denied)
{
	struct maillog_verdict verdict;
	char line[512];

	(void)snprintf(line, sizeof(line), HEAD "ABCDEF01: to=<a@b.c>, "
	    "relay=h[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=5.7.1, "
	    "status=bounced (host h[192.0.2.1] said: %s (in reply to RCPT TO "
	    "command))", denials[_i].reply);
	maillog_parse(line, strlen(line), &verdict);
	ck_assert(verdict.final && !verdict.relevant);
	ck_assert_msg(verdict.denied == denials[_i].denied, "%s",
	    denials[_i].reply);
	ck_assert_uint_eq(verdict.port, 25);
}
END_TEST

/* Bytes of all kinds, every cut of a good line, lines beyond every bound. */
START_TEST(anything_else_is_irrelevant)
{
	static const char good[] = HEAD "ABCDEF01: to=<a@b.c>, "
	    "relay=h[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, "
	    "status=sent (250 ok)";
	static char big[100000];
	struct maillog_verdict verdict;

	for (size_t len = 0; len < sizeof(good) - 1; len++) {
		char *cut = malloc(len + 1);

		memcpy(cut, good, len);
		maillog_parse(cut, len, &verdict);
		free(cut);
		ck_assert(!verdict.relevant || len > strlen(good) - 8);
	}
	for (int byte = 0; byte < 256; byte++) {
		memset(big, byte, sizeof(big));
		maillog_parse(big, sizeof(big), &verdict);
		ck_assert(!verdict.relevant);
		memcpy(big, HEAD, sizeof(HEAD) - 1);
		maillog_parse(big, sizeof(big), &verdict);
		ck_assert(!verdict.relevant);
	}
	maillog_parse("", 0, &verdict);
	ck_assert(!verdict.relevant);
}
END_TEST

/* A reply of many kilobytes: the line is cut, the host still named. */
START_TEST(long_lines_are_cut)
{
	static char line[20000];
	struct maillog_verdict verdict;
	size_t len;

	(void)snprintf(line, sizeof(line), "%s", HEAD
	    "ABCDEF01: host h[192.0.2.1] refused to talk to me: 421 ");
	len = strlen(line);
	memset(line + len, 'x', sizeof(line) - len);
	maillog_parse(line, sizeof(line), &verdict);
	ck_assert(verdict.relevant);
	ck_assert_uint_eq(strlen(verdict.evidence.text), ERROR_TEXT_MAX - 1);
}
END_TEST

/*
 * A recipient address that looks like the end of a line, so long that the
 * line's own end is lost: whatever the place of the cut, the host that repeats
 * the address is not blamed.
 */
START_TEST(a_cut_line_does_not_tell_what_was_answered)
{
	static const char mark[] = "(in reply to EHLO command))";
	char line[4096], *end = line;
	struct maillog_verdict verdict;

	end += sprintf(end, "%s", HEAD "ABCDEF01: to=<a@b.c>, "
	    "relay=h[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=5.1.1, "
	    "status=bounced (host h[192.0.2.1] said: 550 5.1.1 <\"");
	while (end - line < 2200)
		end += sprintf(end, "%s", mark);
	for (size_t len = 1000; len < 2200; len++) {
		maillog_parse(line, len, &verdict);
		ck_assert_msg(!verdict.relevant, "cut at %zu", len);
	}
	(void)sprintf(end, "\"@b.c>: User unknown (in reply to RCPT TO "
	    "command))");
	maillog_parse(line, strlen(line), &verdict);
	ck_assert(!verdict.relevant);
}
END_TEST

/* What the host said in the middle of its words is no command of ours. */
START_TEST(the_command_stands_at_the_end)
{
	static const char line[] = HEAD "ABCDEF01: host h[192.0.2.1] said: "
	    "450 <(in reply to EHLO command) x@b.c>: unknown (in re";
	struct maillog_verdict verdict;

	maillog_parse(line, sizeof(line) - 1, &verdict);
	ck_assert(!verdict.relevant);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("maillog");
	TCase *tcase = tcase_create("maillog");

	tcase_add_test(tcase, recorded_samples);
	tcase_add_loop_test(tcase, frames_and_forgeries, 0,
	    sizeof(frames) / sizeof(frames[0]));
	tcase_add_loop_test(tcase, when_a_delivery_began, 0,
	    sizeof(ages) / sizeof(ages[0]));
	tcase_add_test(tcase, when_a_delivery_was_over);
	tcase_add_test(tcase, delays_that_are_none_are_no_line_of_smtp);
	tcase_add_loop_test(tcase, relay_denied, 0,
	    sizeof(denials) / sizeof(denials[0]));
	tcase_add_test(tcase, what_ties_the_lines);
	tcase_add_test(tcase, status_texts_lose_their_bracket);
	tcase_add_test(tcase, anything_else_is_irrelevant);
	tcase_add_test(tcase, long_lines_are_cut);
	tcase_add_test(tcase, a_cut_line_does_not_tell_what_was_answered);
	tcase_add_test(tcase, the_command_stands_at_the_end);
	suite_add_tcase(suite, tcase);
	return suite;
}
