/*
 * Connections of HTTP: answers in slices, who gives way, and that a deadline
 * is one.
 */
#include "http_server.h"

#include "check_main.h"
#include "io/log.h"
#include "io/loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SLICES = 50, CLIENTS = HTTP_CLIENTS_MAX + 20 };

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static struct event_base *base;
static struct http_server *server;
static struct sockaddr_in address;
static unsigned made, dropped;

/* A letter a slice. */
static bool
more_cb(void *ctx, struct http_answer *answer)
{
	(void)ctx;
	textbuf_puts(&answer->body, "x");
	made++;
	return ++answer->step < SLICES;
}

static void
drop_cb(struct http_answer *answer)
{
	dropped++;
	free(answer->scratch);
}

static void
answer_cb(void *ctx, const struct http_request *request,
    struct http_answer *answer)
{
	(void)ctx;
	if (strcmp(request->path, "/slices") != 0)
		return;
	answer->status = 200;
	answer->type = "text/plain";
	answer->scratch = malloc(1);
	answer->more = more_cb;
	answer->drop = drop_cb;
}

static void
setup(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof(address);

	log_open("test", LOG_LEVEL_ERROR);
	address = (struct sockaddr_in) { .sin_family = AF_INET };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	ck_assert_int_eq(listen(fd, 1024), 0);
	base = loop_new();
	server = http_server_new(base, fd, "test", answer_cb, NULL);
	made = dropped = 0;
}

static void
teardown(void)
{
	http_server_free(&server);
	event_base_free(base);
}

static void
turn(void)
{
	for (int i = 0; i < 20; i++)
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
}

static int
join(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address,
	    sizeof(address)), 0);
	ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	turn();
	return fd;
}

static void
say(int fd, const char *text)
{
	ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL),
	    (ssize_t)strlen(text));
	turn();
}

static const char *
heard(int fd)
{
	static char bytes[4096];
	size_t len = 0;
	ssize_t got;

	while ((got = recv(fd, bytes + len, sizeof(bytes) - 1 - len, 0)) > 0)
		len += (size_t)got;
	bytes[len] = '\0';
	return bytes;
}

static bool
is_closed(int fd)
{
	char byte;

	turn();
	return recv(fd, &byte, 1, MSG_PEEK) != -1 || errno != EAGAIN;
}

START_TEST(an_answer_in_slices_is_whole)
{
	int fd = join();
	const char *text;

	say(fd, GET("/slices"));
	text = heard(fd);
	ck_assert_ptr_nonnull(strstr(text, "HTTP/1.1 200 OK\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "Content-Length: 50\r\n"));
	ck_assert_uint_eq(strlen(strstr(text, "\r\n\r\nx") + 4), SLICES);
	ck_assert_uint_eq(made, SLICES);
	(void)close(fd);
	turn();
	ck_assert_uint_eq(dropped, 1);
	ck_assert_uint_eq(http_server_clients(server), 0);
}
END_TEST

/* The first slices of the one do not keep the other waiting. */
START_TEST(others_are_served_between_slices)
{
	int slow = join(), quick = join();
	static const char text[] = GET("/slices");

	ck_assert_int_eq(send(slow, text, sizeof(text) - 1, 0),
	    (ssize_t)sizeof(text) - 1);
	ck_assert_int_eq(send(quick, GET("/"), strlen(GET("/")), 0),
	    (ssize_t)strlen(GET("/")));
	while (made == 0)
		(void)event_base_loop(base, EVLOOP_ONCE);
	turn();
	ck_assert_ptr_nonnull(strstr(heard(quick), "404 Not Found"));
	ck_assert_ptr_nonnull(strstr(heard(slow), "200 OK"));
	(void)close(slow);
	(void)close(quick);
}
END_TEST

START_TEST(a_client_that_leaves_frees_what_was_made)
{
	int fd = join();

	say(fd, GET("/slices"));
	ck_assert_uint_eq(http_server_clients(server), 1);
	http_server_free(&server);
	ck_assert_uint_eq(dropped, 1);
	(void)close(fd);
}
END_TEST

START_TEST(half_a_request_gives_way_when_many_come)
{
	int fds[CLIENTS];

	for (int i = 0; i < CLIENTS; i++)
		fds[i] = join();
	ck_assert_uint_le(http_server_clients(server), HTTP_CLIENTS_MAX);
	ck_assert(is_closed(fds[0]));
	ck_assert(!is_closed(fds[CLIENTS - 1]));
	say(fds[CLIENTS - 1], GET("/slices"));
	ck_assert_ptr_nonnull(strstr(heard(fds[CLIENTS - 1]), "200 OK"));
	for (int i = 0; i < CLIENTS; i++)
		(void)close(fds[i]);
}
END_TEST

/* It goes on sending, and reads our answer all the same. */
START_TEST(a_refused_client_reads_why)
{
	static char big[HTTP_HEAD_MAX + 20000];
	int fd = join();

	memset(big, 'x', sizeof(big) - 1);
	say(fd, big);
	ck_assert_ptr_nonnull(strstr(heard(fd), "HTTP/1.1 431 "));
	say(fd, "and more");
	ck_assert_uint_eq(http_server_clients(server), 1);
	(void)shutdown(fd, SHUT_WR);
	turn();
	ck_assert_uint_eq(http_server_clients(server), 0);
	(void)close(fd);
}
END_TEST

START_TEST(one_that_sends_for_ever_is_closed)
{
	static char big[HTTP_LINGER_MAX];
	int fd = join();

	memset(big, 'x', sizeof(big));
	say(fd, GET("/"));
	for (int i = 0; i < 100 && http_server_clients(server) > 0; i++) {
		(void)send(fd, big, sizeof(big), MSG_NOSIGNAL);
		turn();
	}
	ck_assert_uint_eq(http_server_clients(server), 0);
	(void)close(fd);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("http_server");
	TCase *tcase = tcase_create("http_server");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, an_answer_in_slices_is_whole);
	tcase_add_test(tcase, others_are_served_between_slices);
	tcase_add_test(tcase, a_client_that_leaves_frees_what_was_made);
	tcase_add_test(tcase, half_a_request_gives_way_when_many_come);
	tcase_add_test(tcase, a_refused_client_reads_why);
	tcase_add_test(tcase, one_that_sends_for_ever_is_closed);
	suite_add_tcase(suite, tcase);
	return suite;
}
