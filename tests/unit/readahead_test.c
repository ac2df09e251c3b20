/*
 * What libmilter is given in the place of accept, poll, read and close: it must
 * see of a session's socket what it would have seen of the system's own.
 */
#include "check_main.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LONG_MS = 10000, SHORT_MS = 20, LARGE = 200000 };

static int listener, client, session;

/* An abstract address of the kernel's choice (unix(7), autobind). */
static void
come(void)
{
	struct sockaddr_un address;
	socklen_t len = sizeof(address);

	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address,
	    &len), 0);
	client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&address, len), 0);
	session = accept(listener, NULL, NULL);
	ck_assert_int_ge(session, 0);
}

static void
setup(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address,
	    sizeof(address.sun_family)), 0);
	ck_assert_int_eq(listen(listener, 5), 0);
	come();
}

static void
leave(void)
{
	(void)close(session);
	(void)close(client);
}

static void
teardown(void)
{
	leave();
	(void)close(listener);
}

static void
say(const char *text)
{
	size_t len = strlen(text);

	ck_assert_int_eq(send(client, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

static int
await(int fd, int ms)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN, .revents = -1 };
	int ready = poll(&pollfd, 1, ms);

	ck_assert_int_eq(pollfd.revents & ~(POLLIN | POLLHUP), 0);
	ck_assert_int_eq((pollfd.revents & POLLIN) != 0, ready == 1);
	return ready;
}

ssize_t read_checked(int, void *, size_t, size_t) __asm__("__read_chk");

/* As libmilter calls it, in both ways that a compiler may choose. */
__attribute__((noinline)) static ssize_t
take(int fd, void *buf, size_t size)
{
	static bool checked;

	checked = !checked;
	return checked ? read_checked(fd, buf, size, size) :
	    read(fd, buf, size);
}

static int
in_kernel(int fd)
{
	int count = -1;

	ck_assert_int_eq(ioctl(fd, FIONREAD, &count), 0);
	return count;
}

static void
expect(const char *text)
{
	char got[64] = "";
	size_t len = strlen(text);

	ck_assert_int_eq(await(session, LONG_MS), 1);
	ck_assert_int_eq(take(session, got, len), (ssize_t)len);
	ck_assert_str_eq(got, text);
}

START_TEST(frames_that_came_together_are_read_once)
{
	say("abcdefgh");
	expect("abc");
	ck_assert_int_eq(in_kernel(session), 0);
	expect("de");
	expect("fgh");
	ck_assert_int_eq(await(session, 0), 0);
	say("ijk");
	expect("ijk");
}
END_TEST

START_TEST(a_read_returns_what_there_is_when_that_is_less)
{
	char got[8];

	say("abc");
	ck_assert_int_eq(await(session, LONG_MS), 1);
	say("def");
	ck_assert_int_eq(take(session, got, sizeof(got)), 3);
	ck_assert_int_eq(take(session, got, sizeof(got)), 3);
	ck_assert_int_eq(memcmp(got, "def", 3), 0);
}
END_TEST

START_TEST(more_than_is_read_at_once_comes_whole_and_in_order)
{
	static char sent[LARGE], got[LARGE];
	size_t have = 0, out = 0;

	for (size_t i = 0; i < LARGE; i++)
		sent[i] = (char)(i * 31 + i / 251);
	while (have < LARGE) {
		ssize_t len = out == LARGE ? 0 : send(client, sent + out,
		    LARGE - out, MSG_NOSIGNAL | MSG_DONTWAIT);

		out += len > 0 ? (size_t)len : 0;
		ck_assert_int_eq(await(session, LONG_MS), 1);
		len = take(session, got + have, LARGE - have);
		ck_assert_int_gt(len, 0);
		have += (size_t)len;
	}
	ck_assert_int_eq(memcmp(sent, got, LARGE), 0);
}
END_TEST

START_TEST(waiting_ends_in_time_and_can_be_changed)
{
	ck_assert_int_eq(await(session, SHORT_MS), 0);
	ck_assert_int_eq(await(session, 0), 0);
	ck_assert_int_eq(await(session, SHORT_MS / 2), 0);
	say("a");
	ck_assert_int_eq(await(session, -1), 1);
	expect("a");
	ck_assert_int_eq(await(session, SHORT_MS), 0);
}
END_TEST

START_TEST(the_end_is_readable_and_stays)
{
	char byte;

	say("a");
	ck_assert_int_eq(shutdown(client, SHUT_WR), 0);
	expect("a");
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(await(session, LONG_MS), 1);
		ck_assert_int_eq(take(session, &byte, 1), 0);
	}
}
END_TEST

/* Of a session that comes after the one that is closed. */
static void
expect_only_new(void)
{
	ck_assert_int_eq(close(client), 0);
	come();
	ck_assert_int_eq(await(session, 0), 0);
	say("new");
	expect("new");
}

/* The next session gets the lowest number free: that of the last one. */
START_TEST(nothing_is_left_for_the_next_session)
{
	int before = session;

	say("left behind");
	expect("left");
	ck_assert_int_eq(close(session), 0);
	ck_assert_int_eq(take(before, &before, 1), -1);
	ck_assert_int_eq(errno, EBADF);
	expect_only_new();
}
END_TEST

static void *
end_session(void *fd)
{
	(void)close(*(int *)fd);
	return NULL;
}

/* Whoever closes it. */
START_TEST(nothing_is_left_when_another_thread_closes)
{
	pthread_t thread;

	say("left behind");
	expect("left");
	ck_assert_int_eq(pthread_create(&thread, NULL, end_session, &session),
	    0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	expect_only_new();
}
END_TEST

START_TEST(other_descriptors_are_the_systems)
{
	int fds[2], number = session;
	char byte;

	leave();
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert(fds[0] == number || fds[1] == number || fds[0] < number);
	ck_assert_int_eq(write(fds[1], "ab", 2), 2);
	ck_assert_int_eq(await(fds[0], LONG_MS), 1);
	ck_assert_int_eq(in_kernel(fds[0]), 2);
	ck_assert_int_eq(take(fds[0], &byte, 1), 1);
	ck_assert_int_eq(in_kernel(fds[0]), 1);
	(void)close(fds[0]);
	(void)close(fds[1]);
	come();
}
END_TEST

/* As libmilter's controller does with sessions that are idle. */
START_TEST(looking_at_several_reads_nothing)
{
	struct pollfd fds[2] = { { .fd = listener, .events = POLLIN },
		{ .fd = session, .events = POLLIN } };

	say("abc");
	ck_assert_int_eq(poll(fds, 2, LONG_MS), 1);
	ck_assert_int_eq(fds[1].revents, POLLIN);
	ck_assert_int_eq(in_kernel(session), 3);
	expect("abc");
}
END_TEST

START_TEST(writing_waits_for_room_as_long_as_poll_would)
{
	struct pollfd out = { .fd = session, .events = POLLOUT };
	char bytes[4096] = "";

	while (send(session, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		continue;
	ck_assert_int_eq(poll(&out, 1, 0), 0);
	ck_assert_int_eq(poll(&out, 1, SHORT_MS), 1);
	ck_assert_int_eq(out.revents, POLLOUT);
	ck_assert_int_eq(write(session, bytes, sizeof(bytes)), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_gt(recv(client, bytes, sizeof(bytes), MSG_WAITALL), 0);
	while (poll(&out, 1, 0) == 0) /* it makes room by halves */
		ck_assert_int_gt(recv(client, bytes, sizeof(bytes), 0), 0);
	ck_assert_int_eq(poll(&out, 1, -1), 1);
	ck_assert_int_gt(write(session, bytes, sizeof(bytes)), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("readahead");
	TCase *tc = tcase_create("readahead");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, frames_that_came_together_are_read_once);
	tcase_add_test(tc, a_read_returns_what_there_is_when_that_is_less);
	tcase_add_test(tc, more_than_is_read_at_once_comes_whole_and_in_order);
	tcase_add_test(tc, waiting_ends_in_time_and_can_be_changed);
	tcase_add_test(tc, the_end_is_readable_and_stays);
	tcase_add_test(tc, nothing_is_left_for_the_next_session);
	tcase_add_test(tc, nothing_is_left_when_another_thread_closes);
	tcase_add_test(tc, other_descriptors_are_the_systems);
	tcase_add_test(tc, looking_at_several_reads_nothing);
	tcase_add_test(tc, writing_waits_for_room_as_long_as_poll_would);
	suite_add_tcase(s, tc);
	return s;
}
