/*
 * Connections of what Postfix asks: what stays, what is closed, and that none
 * harms another.
 */
#include "service.h"

#include "check_main.h"
#include "core/policy.h"
#include "io/log.h"
#include "io/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CLIENTS_MAX = 4, STALL_MS = 120 };

#define REQUEST(instance)                                                     \
	"request=smtpd_access_policy\nprotocol_state=DATA\n"                  \
	"instance=" instance "\n\n"

static struct event_base *base;
static struct service *service;
static char path[64];
static char long_action[4000];

/* The action is the instance; "long" is a long one. */
static void
answer_cb(void *ctx, const char *bytes, size_t len,
    struct service_answer *answer)
{
	struct policy_request request;
	const char *action = request.instance;

	(void)ctx;
	switch (policy_parse(bytes, len, &request, &answer->used,
	    &answer->why)) {
	case POLICY_PARSE_MORE:
		answer->result = SERVICE_MORE;
		return;
	case POLICY_PARSE_BAD:
		answer->result = SERVICE_BAD;
		return;
	case POLICY_PARSE_DONE:
		break;
	}
	if (strcmp(action, "long") == 0)
		action = long_action;
	answer->result = SERVICE_DONE;
	answer->len = (size_t)sprintf(answer->text, "action=%s\n\n", action);
}

static const struct service_protocol protocol = {
	.name = "test",
	.request_max = POLICY_REQUEST_MAX,
	.answer_max = sizeof(long_action) + 32,
	.stall = { STALL_MS * 1000 },
	.answer = answer_cb,
};

static void
setup(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	log_open("test", LOG_LEVEL_ERROR);
	memset(long_action, 'x', sizeof(long_action) - 1);
	(void)snprintf(path, sizeof(path), "/tmp/weir-policy-%ld.sock",
	    (long)getpid());
	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	base = loop_new();
	service = service_new(base, CLIENTS_MAX, &protocol, NULL);
	service_listen(service, fd, "unix:test");
}

static void
teardown(void)
{
	service_free(&service);
	event_base_free(base);
	(void)unlink(path);
}

/* --- clients --- */

static int
join(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void
turn(void)
{
	for (int i = 0; i < 20; i++)
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
}

static void
say(int fd, const char *bytes, size_t len)
{
	ck_assert_int_eq(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
	turn();
}

static void
say_text(int fd, const char *text)
{
	say(fd, text, strlen(text));
}

static void
assert_heard(int fd, const char *want)
{
	char heard[8192];
	ssize_t got = recv(fd, heard, sizeof(heard) - 1, 0);

	ck_assert_int_ge(got, 0);
	heard[got] = '\0';
	ck_assert_str_eq(heard, want);
}

static void
assert_silent(int fd)
{
	char byte;

	ck_assert_int_eq(recv(fd, &byte, 1, MSG_PEEK), -1);
	ck_assert_int_eq(errno, EAGAIN);
}

static void
assert_closed(int fd)
{
	char bytes[256];
	ssize_t got;

	turn();
	got = recv(fd, bytes, sizeof(bytes), 0);
	ck_assert(got == 0 || (got == -1 && errno != EAGAIN));
	(void)close(fd);
}

static void
wait_ms(int ms)
{
	struct timeval tv = { .tv_usec = ms * 1000 };

	(void)event_base_loopexit(base, &tv);
	(void)event_base_dispatch(base);
}

/* --- tests --- */

START_TEST(many_requests_in_turn)
{
	int fd = join();

	for (int i = 0; i < 3; i++) {
		say_text(fd, REQUEST("one"));
		assert_heard(fd, "action=one\n\n");
		say_text(fd, REQUEST("two"));
		assert_heard(fd, "action=two\n\n");
	}
	(void)close(fd);
	turn();
	ck_assert_uint_eq(service_clients(service), 0);
}
END_TEST

START_TEST(byte_by_byte)
{
	static const char text[] = REQUEST("one");
	int fd = join();

	for (size_t i = 0; i < sizeof(text) - 2; i++) {
		say(fd, text + i, 1);
		assert_silent(fd);
	}
	say(fd, "\n", 1);
	assert_heard(fd, "action=one\n\n");
	(void)close(fd);
}
END_TEST

START_TEST(pipelined)
{
	int fd = join();

	say_text(fd, REQUEST("one") REQUEST("two") REQUEST("three")
	    "request=smtpd_acc");
	assert_heard(fd, "action=one\n\naction=two\n\naction=three\n\n");
	say_text(fd, "ess_policy\ninstance=four\n\n");
	assert_heard(fd, "action=four\n\n");
	(void)close(fd);
}
END_TEST

/* More answers than fit: they wait for the client, and none is lost. */
START_TEST(client_that_reads_late)
{
	enum { REQUESTS = 300 };
	int fd = join();
	size_t sent = 0, heard = 0, want;
	char all[REQUESTS * sizeof(REQUEST("long"))], bytes[4096];

	for (int i = 0; i < REQUESTS; i++)
		memcpy(all + (size_t)i * (sizeof(REQUEST("long")) - 1),
		    REQUEST("long"), sizeof(REQUEST("long")) - 1);
	want = REQUESTS * (strlen(long_action) + sizeof("action=\n\n") - 1);
	for (int i = 0; i < 10000 && heard < want; i++) {
		size_t rest = REQUESTS * (sizeof(REQUEST("long")) - 1) - sent;
		ssize_t n = send(fd, all + sent, rest, MSG_NOSIGNAL);

		sent += n > 0 ? (size_t)n : 0;
		turn();
		n = recv(fd, bytes, i < 100 ? 1 : sizeof(bytes), 0);
		heard += n > 0 ? (size_t)n : 0;
	}
	ck_assert_uint_eq(heard, want);
	(void)close(fd);
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
} garbage[] = {
	{ "GET / HTTP/1.1\r\n", 16 },
	{ "\n", 1 },
	{ "\0\0\0\0", 4 },
	{ "request=smtpd_access_policy\nno sign here\n", 41 },
	{ "\x16\x03\x01\x02\n", 5 },
};

START_TEST(garbage_closes_that_connection_alone)
{
	int bad = join(), good = join();

	say_text(good, "request=smtpd_access");
	say(bad, garbage[_i].bytes, garbage[_i].len);
	assert_closed(bad);
	say_text(good, "_policy\ninstance=one\n\n");
	assert_heard(good, "action=one\n\n");
	(void)close(good);
}
END_TEST

START_TEST(request_too_long)
{
	static char big[POLICY_REQUEST_MAX + 1000];
	int fd = join();
	size_t sent = 0;

	memset(big, 'x', sizeof(big));
	while (sent < sizeof(big)) {
		ssize_t n = send(fd, big + sent, 1000, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		sent += (size_t)n;
		turn();
	}
	assert_closed(fd);
}
END_TEST

/* Postfix keeps its connections; half a request is another matter. */
START_TEST(idle_stays_half_a_request_does_not)
{
	int idle = join(), half = join();

	say_text(half, "request=smtpd_access_policy\n");
	turn();
	wait_ms(2 * STALL_MS);
	assert_closed(half);
	say_text(idle, REQUEST("one"));
	assert_heard(idle, "action=one\n\n");
	wait_ms(2 * STALL_MS);
	say_text(idle, REQUEST("two"));
	assert_heard(idle, "action=two\n\n");
	(void)close(idle);
}
END_TEST

START_TEST(beyond_the_cap_clients_wait)
{
	int fds[CLIENTS_MAX], late;

	for (int i = 0; i < CLIENTS_MAX; i++)
		fds[i] = join();
	turn();
	ck_assert_uint_eq(service_clients(service), CLIENTS_MAX);
	late = join();
	say_text(late, REQUEST("late"));
	assert_silent(late);
	(void)close(fds[0]);
	turn();
	assert_heard(late, "action=late\n\n");
	for (int i = 1; i < CLIENTS_MAX; i++)
		(void)close(fds[i]);
	(void)close(late);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("service");
	TCase *tcase = tcase_create("service");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, many_requests_in_turn);
	tcase_add_test(tcase, byte_by_byte);
	tcase_add_test(tcase, pipelined);
	tcase_add_test(tcase, client_that_reads_late);
	tcase_add_loop_test(tcase, garbage_closes_that_connection_alone, 0,
	    sizeof(garbage) / sizeof(garbage[0]));
	tcase_add_test(tcase, request_too_long);
	tcase_add_test(tcase, idle_stays_half_a_request_does_not);
	tcase_add_test(tcase, beyond_the_cap_clients_wait);
	suite_add_tcase(suite, tcase);
	return suite;
}
