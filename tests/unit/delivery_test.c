/* Lines of the mail log count for the host they are about, and once. */
#include "delivery.h"

#include "check_main.h"
#include "site.h"

#include "io/clock.h"

#define PREFIX "Nov 23 12:02:35 mx postfix/smtp"
#define REFUSED1                                                              \
	PREFIX "[100]: connect to a[192.0.2.1]:587: Connection refused"
#define REFUSED1_BY(transport)                                                \
	"Nov 23 12:02:35 mx postfix/" transport "/smtp[100]: connect to "     \
	"a[192.0.2.1]:587: Connection refused"
#define DEFERRED1                                                             \
	PREFIX "[100]: F12A6A842B4: to=<x@example.org>, relay=none, delay=0, " \
	       "delays=0/0/0/0, dsn=4.4.1, status=deferred (connect to "      \
	       "a[192.0.2.1]:587: Connection refused)"
#define SAID_421                                                              \
	PREFIX "[100]: F12A6A842B4: host a[192.0.2.1] said: 421 4.7.0 slow "  \
	       "down (in reply to MAIL FROM command)"
#define LOST                                                                  \
	PREFIX "[100]: F12A6A842B4: lost connection with a[192.0.2.1] while " \
	       "sending RCPT TO"
#define LOST_NEXT                                                             \
	PREFIX "[100]: A2C07A84066: lost connection with a[192.0.2.1] while " \
	       "sending RCPT TO"
#define LOST_OTHER                                                            \
	PREFIX "[101]: F12A6A842B4: lost connection with a[192.0.2.1] while " \
	       "sending RCPT TO"
#define SENT(to)                                                              \
	PREFIX "[100]: F12A6A842B4: to=<" to ">, "                            \
	       "relay=b[192.0.2.2]:587, delay=0.1, delays=0/0/0/0, "          \
	       "dsn=2.0.0, status=sent (250 2.0.0 Ok)"
#define SENT_A                                                                \
	PREFIX "[100]: A2C07A84066: to=<x@example.org>, "                     \
	       "relay=a[192.0.2.1]:587, delay=0.1, delays=0/0/0/0, "          \
	       "dsn=2.0.0, status=sent (250 2.0.0 Ok)"
#define SENT_ELSEWHERE                                                        \
	PREFIX "[100]: F12A6A842B4: to=<x@example.org>, "                     \
	       "relay=b[192.0.2.2]:25, delay=0.1, delays=0/0/0/0, "           \
	       "dsn=2.0.0, status=sent (250 2.0.0 Ok)"

static const struct {
	const char *name;
	const char *lines[4];
	unsigned failed_a, delivered_b;
	bool healthy_a;
} cases[] = {
	{ "a failure is hard", { REFUSED1 }, 1, 0, false },
	{ "of the host's own transport", { REFUSED1_BY("relay") }, 1, 0,
	    false },
	{ "of a transport of other hosts", { REFUSED1_BY("bulk") }, 0, 0,
	    true },
	{ "of a transport we do not know", { REFUSED1_BY("hop1") }, 1, 0,
	    false },
	{ "its status line is an echo", { REFUSED1, DEFERRED1 }, 1, 0,
	    false },
	{ "each recipient's status too", { REFUSED1, DEFERRED1, DEFERRED1 }, 1,
	    0, false },
	{ "421 and the lost connection after it", { SAID_421, LOST }, 1, 0,
	    false },
	{ "the next message's is another", { LOST, LOST_NEXT }, 2, 0, true },
	{ "another process's is another", { LOST, LOST_OTHER }, 2, 0, true },
	{ "hard after soft is taken", { LOST, SAID_421 }, 2, 0, false },
	{ "three soft ones", { LOST, LOST_NEXT, LOST_OTHER }, 3, 0, false },
	{ "what was sent before does not heal", { REFUSED1, SENT_A }, 1, 0,
	    false },
	{ "but stands between soft ones", { LOST, LOST_NEXT, SENT_A,
	    LOST_OTHER }, 3, 0, true },
	{ "recipients are counted", { SENT("x@a.example"),
	    SENT("y@a.example") }, 0, 2, true },
	{ "another port is not ours", { SENT_ELSEWHERE }, 0, 0, true },
	{ "other lines say nothing", { "", "x",
	    PREFIX "d[100]: connect from x[192.0.2.1]" }, 0, 0, true },
};

static const uint8_t key[16] = "any";
static unsigned changes;

/* In place of the daemon's. */
void
daemon_health_changed(struct daemon *daemon)
{
	(void)daemon;
	changes++;
}

START_TEST(lines_of_one_delivery)
{
	struct daemon daemon = { 0 };
	struct delivery *delivery;
	struct connector connectors[2];
	struct site site;

	changes = 0;
	site_init(&site, 2);
	site.config.health.ladder.rungs[0].step = span_s(60);
	site.config.health.ladder.rungs[0].times = 1;
	site.config.health.ladder.count = 1;
	connectors[0] = site.connector;
	connectors[1] = (struct connector) { .name = "bulk",
		.transport = "bulk", .members = &site.members[1],
		.nmembers = 1 };
	site.config.connectors = connectors;
	site.config.nconnectors = 2;
	daemon.config = &site.config;
	daemon.model.senders = senders_new(key);
	hosts_init(&daemon.model.hosts, &site.config, NULL,
	    (struct mono) { 0 });
	delivery = delivery_new(&daemon);
	for (int i = 0; i < 4 && cases[_i].lines[i] != NULL; i++)
		delivery_line(delivery, cases[_i].lines[i],
		    strlen(cases[_i].lines[i]));
	ck_assert_msg(daemon.model.hosts.list[0].failed ==
	    cases[_i].failed_a, "%s: %u failures", cases[_i].name,
	    (unsigned)daemon.model.hosts.list[0].failed);
	ck_assert((changes != 0) ==
	    (cases[_i].failed_a + cases[_i].delivered_b != 0));
	ck_assert_uint_eq(daemon.model.hosts.list[1].delivered,
	    cases[_i].delivered_b);
	ck_assert_msg(host_healthy(&daemon.model.hosts.list[0]) ==
	    cases[_i].healthy_a, "%s", cases[_i].name);
	delivery_free(&delivery);
	senders_free(&daemon.model.senders);
	hosts_clear(&daemon.model.hosts);
}
END_TEST

/* As by weirctl probe, which is no line of the log. */
static void
heal_by_probe(struct hosts *hosts, const struct health_settings *settings)
{
	struct host *host = &hosts->list[0];
	const struct evidence good = { .grade = EVIDENCE_GOOD,
		.source = EVIDENCE_OPERATOR, .stage = STAGE_EHLO };

	host_address_on(hosts, host, &host->addresses[0], settings, &good,
	    clock_now());
}

START_TEST(what_is_seen_after_it_healed_is_no_echo)
{
	struct daemon daemon = { 0 };
	struct delivery *delivery;
	struct site site;

	site_init(&site, 1);
	site.config.health.ladder.rungs[0].step = span_s(60);
	site.config.health.ladder.rungs[0].times = 1;
	site.config.health.ladder.count = 1;
	daemon.config = &site.config;
	daemon.model.senders = senders_new(key);
	hosts_init(&daemon.model.hosts, &site.config, NULL,
	    (struct mono) { 0 });
	delivery = delivery_new(&daemon);
	for (unsigned i = 1; i <= 3; i++) {
		delivery_line(delivery, REFUSED1, strlen(REFUSED1));
		ck_assert(!host_healthy(&daemon.model.hosts.list[0]));
		ck_assert_uint_eq(daemon.model.hosts.list[0].failed, i);
		heal_by_probe(&daemon.model.hosts, &site.config.health);
		ck_assert(host_healthy(&daemon.model.hosts.list[0]));
	}
	delivery_free(&delivery);
	senders_free(&daemon.model.senders);
	hosts_clear(&daemon.model.hosts);
}
END_TEST

/*
 * A letter a message, by host a: D a recipient denied relaying, d another one
 * of the same message, S one taken of the same message, U an unknown user.
 */
static const struct {
	const char *story;
	unsigned soft;
} denied[] = {
	{ "DDDD", 0 },
	{ "DDDDD", 1 },
	{ "DdDdDdDdDd", 1 },
	{ "DDDDDDDDD", 1 },
	{ "DDDDDDDDDD", 2 },
	{ "DddddddddD", 0 },
	{ "UUUUUUUUUU", 0 },
	/* one of two was taken */
	{ "DSDSDSDSDSDSDSDS", 0 },
	{ "DDDDSD", 0 },
	{ "DDDDSDD", 1 },
};

START_TEST(relay_denied_to_five_messages_is_one_soft_failure)
{
	static const char *const ends[] = {
		['D'] = "bounced (host a[192.0.2.1] said: 554 5.7.1 <x@b.c>: "
		        "Relay access denied (in reply to RCPT TO command))",
		['U'] = "bounced (host a[192.0.2.1] said: 550 5.1.1 <x@b.c>: "
		        "User unknown (in reply to RCPT TO command))",
		['S'] = "sent (250 2.0.0 Ok)",
	};
	struct daemon daemon = { 0 };
	struct delivery *delivery;
	struct site site;
	unsigned message = 0;

	site_init(&site, 1);
	daemon.config = &site.config;
	daemon.model.senders = senders_new(key);
	hosts_init(&daemon.model.hosts, &site.config, NULL,
	    (struct mono) { 0 });
	delivery = delivery_new(&daemon);
	for (const char *p = denied[_i].story; *p != '\0'; p++) {
		char line[512];

		message += *p == 'D' || *p == 'U';
		(void)snprintf(line, sizeof(line), PREFIX "[100]: ABCDEF%02u: "
		    "to=<x@b.c>, relay=a[192.0.2.1]:587, delay=0, "
		    "delays=0/0/0/0, dsn=5.7.1, status=%s", message,
		    ends[*p == 'd' ? 'D' : (unsigned char)*p]);
		delivery_line(delivery, line, strlen(line));
	}
	ck_assert_uint_eq(daemon.model.hosts.list[0].failed, denied[_i].soft);
	ck_assert(host_healthy(&daemon.model.hosts.list[0]));
	delivery_free(&delivery);
	senders_free(&daemon.model.senders);
	hosts_clear(&daemon.model.hosts);
}
END_TEST

#define CONNECT(why) PREFIX "[100]: connect to a[192.0.2.1]:587: " why
#define UNFOUND(why)                                                          \
	PREFIX "[100]: F12A6A842B4: to=<x@example.org>, relay=none, delay=0, " \
	       "delays=0/0/0/0, dsn=5.4.4, status=deferred (" why ")"

static const char *const connect_errors[] = {
	CONNECT("Connection refused"),
	CONNECT("No route to host"),
	CONNECT("Network is unreachable"),
	CONNECT("Connection timed out"),
	CONNECT("Connection reset by peer"),
	CONNECT("Something no table knows"),
	UNFOUND("unable to look up host a.example: Name or service not known"),
	UNFOUND("Host or domain name not found. Name service error for "
	        "name=a.example type=A: Host not found"),
};

START_TEST(seed_4_10_any_connection_error_marks)
{
	struct daemon daemon = { 0 };
	struct delivery *delivery;
	struct site site;

	site_init(&site, 1);
	if (strstr(connect_errors[_i], "a.example") != NULL)
		site.hosts[0].host = "a.example";
	daemon.config = &site.config;
	daemon.model.senders = senders_new(key);
	hosts_init(&daemon.model.hosts, &site.config, NULL,
	    (struct mono) { 0 });
	delivery = delivery_new(&daemon);
	delivery_line(delivery, connect_errors[_i],
	    strlen(connect_errors[_i]));
	ck_assert_msg(!host_healthy(&daemon.model.hosts.list[0]), "%s",
	    connect_errors[_i]);
	delivery_free(&delivery);
	senders_free(&daemon.model.senders);
	hosts_clear(&daemon.model.hosts);
}
END_TEST

/*
 * What each smart host puts off is about the one who wrote it: he takes one of
 * them out. A letter a message: of mallory at host a, b or c (upper case), or
 * of somebody nobody knows (lower case).
 */
static const struct {
	const char *story;
	const char *sick;
} poison[] = {
	{ "AAA", "a" },
	{ "ABCABCABC", "a" },
	{ "AAABBBCCC", "a" },
	{ "BABABA", "b" },
	{ "AAABBBbbb", "ab" },
	{ "abcabcabc", "abc" },
};

START_TEST(one_sender_takes_one_host_out)
{
	static const struct facts facts = { .user = "mallory@example.com" };
	struct daemon daemon = { 0 };
	struct delivery *delivery;
	struct site site;
	char sick[4] = "";
	unsigned message = 0;

	site_init(&site, 3);
	daemon.config = &site.config;
	daemon.model.senders = senders_new(key);
	hosts_init(&daemon.model.hosts, &site.config, NULL,
	    (struct mono) { 0 });
	delivery = delivery_new(&daemon);
	for (const char *p = poison[_i].story; *p != '\0'; p++) {
		char line[512], id[16];
		bool known = *p < 'a';
		unsigned host = (unsigned)(*p - (known ? 'A' : 'a'));

		(void)snprintf(id, sizeof(id), "ABCDEF%02u", ++message);
		if (known)
			senders_note(daemon.model.senders, &site.config, id,
			    &facts);
		(void)snprintf(line, sizeof(line), PREFIX "[%u]: %s: host "
		    "x[192.0.2.%u] said: 451 4.7.1 not this (in reply to end "
		    "of DATA command)", message, id, host + 1);
		delivery_line(delivery, line, strlen(line));
	}
	for (unsigned i = 0; i < 3; i++) {
		if (!host_healthy(&daemon.model.hosts.list[i]))
			(void)strcat(sick, daemon.model.hosts.list[i].name);
	}
	ck_assert_str_eq(sick, poison[_i].sick);
	delivery_free(&delivery);
	senders_free(&daemon.model.senders);
	hosts_clear(&daemon.model.hosts);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("delivery");
	TCase *tcase = tcase_create("delivery");

	tcase_add_loop_test(tcase, lines_of_one_delivery, 0,
	    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tcase, what_is_seen_after_it_healed_is_no_echo);
	tcase_add_loop_test(tcase, seed_4_10_any_connection_error_marks, 0,
	    sizeof(connect_errors) / sizeof(connect_errors[0]));
	tcase_add_loop_test(tcase,
	    relay_denied_to_five_messages_is_one_soft_failure, 0,
	    sizeof(denied) / sizeof(denied[0]));
	tcase_add_loop_test(tcase, one_sender_takes_one_host_out, 0,
	    sizeof(poison) / sizeof(poison[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
