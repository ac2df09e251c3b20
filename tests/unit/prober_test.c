/*
 * Probes against a server that follows a script: S text is sent, C text must
 * come in.
 */
#include "prober.h"

#include "check_main.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct script {
	const char *name;
	enum probe_level level;
	const char *steps[12]; /* "S..." send, "C..." expect, "Z" close,
	                          "W" wait for the client to leave */
	enum evidence_grade grade;
	enum stage stage;
	int code;
	const char *error;
	const char *text;
};

#define EHLO "Cehlo probe.example.com\r\n"
#define QUIT "CQUIT\r\n"

static const struct script scripts[] = {
	{ "good", PROBE_EHLO, { "S220 hello\r\n", EHLO,
	    "S250-mx\r\n250-SIZE 1000\r\n250 HELP\r\n", QUIT, "S221 bye\r\n",
	    "Z" }, EVIDENCE_GOOD, STAGE_EHLO, 0, "", "" },
	{ "good, split anywhere", PROBE_EHLO, { "S22", "S0-he", "Sllo\r",
	    "S\n220 second line\r\n", EHLO, "S250-m", "Sx\r\n250", "S \r\n",
	    QUIT, "Z" }, EVIDENCE_GOOD, STAGE_EHLO, 0, "", "" },
	{ "tcp is enough", PROBE_TCP, { "W" }, EVIDENCE_GOOD, STAGE_TCP, 0,
	    "", "" },
	{ "banner is enough", PROBE_BANNER, { "S220 hello\r\n", QUIT, "Z" },
	    EVIDENCE_GOOD, STAGE_BANNER, 0, "", "" },
	{ "bare newline, no text", PROBE_BANNER, { "S220\n", QUIT, "Z" },
	    EVIDENCE_GOOD, STAGE_BANNER, 0, "", "" },
	{ "closed before the banner", PROBE_EHLO, { "Z" }, EVIDENCE_HARD,
	    STAGE_BANNER, 0, "closed",
	    "connection closed before the banner" },
	{ "no banner in time", PROBE_EHLO, { "W" }, EVIDENCE_HARD,
	    STAGE_BANNER, ETIMEDOUT, "ETIMEDOUT",
	    "timed out waiting for the banner" },
	{ "banner 421", PROBE_EHLO, { "S421 4.3.2 too busy\r\n", QUIT, "Z" },
	    EVIDENCE_HARD, STAGE_BANNER, 421, "smtp_421", "4.3.2 too busy" },
	{ "banner 554", PROBE_BANNER, { "S554-go\r\n554 away\x1b[2J\r\n",
	    QUIT, "Z" }, EVIDENCE_HARD, STAGE_BANNER, 554, "smtp_554",
	    "away\\x1B[2J" },
	{ "not SMTP", PROBE_EHLO, { "SHTTP/1.1 400 Bad Request\r\n", "W" },
	    EVIDENCE_HARD, STAGE_BANNER, 0, "not_smtp",
	    "not an SMTP reply" },
	{ "EHLO not known, HELO is", PROBE_EHLO, { "S220 old\r\n", EHLO,
	    "S502 what?\r\n", "Chelo probe.example.com\r\n", "S250 hi\r\n",
	    QUIT, "Z" }, EVIDENCE_GOOD, STAGE_EHLO, 0, "", "" },
	{ "EHLO and HELO refused", PROBE_EHLO, { "S220 old\r\n", EHLO,
	    "S550 no\r\n", "Chelo probe.example.com\r\n", "S550 no no\r\n",
	    QUIT, "Z" }, EVIDENCE_HARD, STAGE_EHLO, 550, "smtp_550",
	    "no no" },
	{ "EHLO 421", PROBE_EHLO, { "S220 hi\r\n", EHLO,
	    "S421 shutting down\r\n", QUIT, "Z" }, EVIDENCE_HARD, STAGE_EHLO,
	    421, "smtp_421", "shutting down" },
	{ "closed at EHLO", PROBE_EHLO, { "S220 hi\r\n", EHLO, "Z" },
	    EVIDENCE_HARD, STAGE_EHLO, 0, "closed",
	    "connection closed before the answer to EHLO" },
	{ "hangs at EHLO", PROBE_EHLO, { "S220 hi\r\n", EHLO, "W" },
	    EVIDENCE_HARD, STAGE_EHLO, ETIMEDOUT, "ETIMEDOUT",
	    "timed out waiting for the answer to EHLO" },
	{ "it is we", PROBE_STARTTLS, { "S220 hi\r\n", EHLO,
	    "S250-ME.example.com hello\r\n250 STARTTLS\r\n", QUIT, "Z" },
	    EVIDENCE_HARD, STAGE_EHLO, 0, "loop", "it answers by our own "
	    "name: mail would come back to us" },
	{ "our name elsewhere", PROBE_EHLO, { "S220 me.example.com\r\n", EHLO,
	    "S250-mx me.example.com\r\n250 me.example.com\r\n", QUIT, "Z" },
	    EVIDENCE_GOOD, STAGE_EHLO, 0, "", "" },
	{ "trickles", PROBE_EHLO, { "T" }, EVIDENCE_HARD, STAGE_BANNER,
	    ETIMEDOUT, "ETIMEDOUT", "timed out waiting for the banner" },
	{ "line too long", PROBE_EHLO, { "L" }, EVIDENCE_HARD, STAGE_BANNER,
	    0, "not_smtp", "a reply line too long" },
	{ "too many lines", PROBE_EHLO, { "M" }, EVIDENCE_HARD, STAGE_BANNER,
	    0, "not_smtp", "a reply of too many lines" },
};

enum { TIMEOUT_MS = 30000, HANG_MS = 300 };

static struct event_base *base;
static struct probe_kit *kit;
static unsigned results;
static struct evidence result;
static int listener;
static struct probe_target target;

/* --- the server, in a thread --- */

static int server_failed;
static bool hung; /* the probe came as far as it was to come */

static void
expect(int fd, const char *want)
{
	char got[128] = "";
	size_t len = 0;

	while (len < strlen(want)) {
		ssize_t n = recv(fd, got + len, strlen(want) - len, 0);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	got[len] = '\0';
	if (strcasecmp(got, want) != 0)
		server_failed = 1;
}

static void
send_all(int fd, const char *text)
{
	(void)send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void
wait_for_end(int fd)
{
	char bytes[256];

	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		continue;
}

static void
send_until_gone(int fd, const char *text, useconds_t pause)
{
	while (send(fd, text, strlen(text), MSG_NOSIGNAL) != -1)
		(void)usleep(pause);
}

static void
step(int fd, const char *what)
{
	switch (what[0]) {
	case 'S':
		send_all(fd, what + 1);
		break;
	case 'C':
		expect(fd, what + 1);
		break;
	case 'W':
		hung = true;
		wait_for_end(fd);
		break;
	case 'T': /* a byte now and then, for ever */
		hung = true;
		send_until_gone(fd, "2", 20000);
		break;
	case 'L':
		send_all(fd, "220 ");
		send_until_gone(fd, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 0);
		break;
	case 'M':
		send_until_gone(fd, "220-and another line\r\n", 0);
		break;
	default:
		break;
	}
}

static void *
serve(void *ctx)
{
	const struct script *script = ctx;
	int one = 1, fd = accept(listener, NULL, NULL);

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
	    sizeof(one));
	for (int i = 0; i < 12 && script->steps[i] != NULL; i++)
		step(fd, script->steps[i]);
	(void)close(fd);
	return NULL;
}

static void
listen_somewhere(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&in, sizeof(in)),
	    0);
	ck_assert_int_eq(listen(listener, 5), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&in, &len),
	    0);
	memset(&target, 0, sizeof(target));
	ck_assert_int_eq(netaddr_parse("127.0.0.1", &target.ip), 0);
	target.port = ntohs(in.sin_port);
	target.timeout = span_ms(TIMEOUT_MS);
	target.as = EVIDENCE_HEARTBEAT;
	target.level = PROBE_EHLO;
	(void)snprintf(target.host, sizeof(target.host), "isp-a");
	(void)snprintf(target.own_name, sizeof(target.own_name),
	    "me.example.com");
}

/* --- tests --- */

static void
probe_cb(void *ctx, const struct probe_target *about,
    const struct probe_report *report)
{
	(void)ctx;
	ck_assert_str_eq(about->host, "isp-a");
	result = report->evidence;
	results++;
}

static void
setup(void)
{
	static struct config_errors errors;
	struct config *config = config_new();

	kit = probe_kit_new(config, &errors);
	config_unref(&config);
	base = event_base_new();
	results = 0;
	listen_somewhere();
}

static void
teardown(void)
{
	event_base_free(base);
	probe_kit_unref(&kit);
	(void)close(listener);
}

/* Runs one probe to its end; it holds no event afterwards. */
static void
probe(void)
{
	struct prober *prober = prober_new(base, "probe.example.com",
	    kit, probe_cb, NULL);

	ck_assert(prober_start(prober, &target));
	ck_assert_uint_eq(results, 0);
	(void)event_base_dispatch(base);
	ck_assert_uint_eq(results, 1);
	prober_free(&prober);
}

static void
probe_server(const struct script *script)
{
	pthread_t thread;

	results = 0;
	server_failed = 0;
	hung = false;
	ck_assert_int_eq(pthread_create(&thread, NULL, serve,
	    (void *)(uintptr_t)script), 0);
	probe();
	(void)pthread_join(thread, NULL);
}

/* A time-out that came before the server hung is made longer. */
static void
probe_until_it_hangs(const struct script *script)
{
	int64_t ms = HANG_MS;

	do {
		target.timeout = span_ms(ms);
		probe_server(script);
		ms *= 2;
	} while (!hung);
}

/* What is said at each level, on the port that takes the mail; then QUIT. */
START_TEST(seed_1_33_1_34_5_9_dialogue)
{
	const struct script *script = &scripts[_i];

	target.level = script->level;
	if (script->code == ETIMEDOUT)
		probe_until_it_hangs(script);
	else
		probe_server(script);
	ck_assert_msg(!server_failed, "%s: not what was to be said",
	    script->name);
	ck_assert_str_eq(result.error, script->error);
	ck_assert_str_eq(result.text, script->text);
	ck_assert_int_eq(result.grade, script->grade);
	ck_assert_int_eq(result.stage, script->stage);
	ck_assert_int_eq(result.code, script->code);
	ck_assert_int_eq(result.source, EVIDENCE_HEARTBEAT);
}
END_TEST

START_TEST(connection_refused)
{
	(void)close(listener);
	probe();
	ck_assert_int_eq(result.grade, EVIDENCE_HARD);
	ck_assert_int_eq(result.stage, STAGE_TCP);
	ck_assert_int_eq(result.code, ECONNREFUSED);
	ck_assert_str_eq(result.error, "ECONNREFUSED");
	ck_assert_str_eq(result.text, "Connection refused");
}
END_TEST

/* connect(2) fails at once: no route to the broadcast address by TCP. */
START_TEST(connect_fails_at_once)
{
	ck_assert_int_eq(netaddr_parse("255.255.255.255", &target.ip), 0);
	probe();
	ck_assert_int_eq(result.grade, EVIDENCE_HARD);
	ck_assert_int_eq(result.stage, STAGE_TCP);
	ck_assert_int_ne(result.code, 0);
}
END_TEST

/* Our descriptors are used up: that says nothing of the server. */
START_TEST(no_descriptor_left)
{
	struct rlimit before, none;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ 0, before.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	probe();
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert_int_eq(result.grade, EVIDENCE_NONE);
	ck_assert_int_eq(result.code, EMFILE);
}
END_TEST

/* A full backlog: the handshake is never finished. */
START_TEST(connect_takes_too_long)
{
	int fds[16];

	ck_assert_int_eq(listen(listener, 0), 0);
	for (int i = 0; i < 16; i++) {
		struct sockaddr_in in = { .sin_family = AF_INET,
			.sin_port = htons(target.port) };

		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fds[i], (struct sockaddr *)&in, sizeof(in));
	}
	target.timeout = span_ms(HANG_MS);
	probe();
	for (int i = 0; i < 16; i++)
		(void)close(fds[i]);
	ck_assert_int_eq(result.stage, STAGE_TCP);
	ck_assert_str_eq(result.error, "ETIMEDOUT");
	/* it is of the time when it began; a timer's clock is a coarse one */
	ck_assert_int_ge(result.age.us, HANG_MS * 1000 / 2);
}
END_TEST

START_TEST(bounded_and_freed_while_under_way)
{
	struct prober *prober = prober_new(base, "probe.example.com",
	    kit, probe_cb, NULL);

	for (int i = 0; i < PROBES_MAX; i++)
		ck_assert(prober_start(prober, &target));
	ck_assert(!prober_room(prober));
	ck_assert(!prober_start(prober, &target));
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
	prober_free(&prober);
	ck_assert_ptr_null(prober);
	ck_assert_uint_eq(results, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("prober");
	TCase *tcase = tcase_create("prober");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, seed_1_33_1_34_5_9_dialogue, 0,
	    sizeof(scripts) / sizeof(scripts[0]));
	tcase_add_test(tcase, connection_refused);
	tcase_add_test(tcase, connect_fails_at_once);
	tcase_add_test(tcase, no_descriptor_left);
	tcase_add_test(tcase, connect_takes_too_long);
	tcase_add_test(tcase, bounded_and_freed_while_under_way);
	suite_add_tcase(suite, tcase);
	return suite;
}
