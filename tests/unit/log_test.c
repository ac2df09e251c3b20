/* Log lines: their shape, and a reader that is too slow. */
#include "io/log.h"

#include "check_main.h"
#include "slowness.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int reader;
static char text[1 << 20];

/* stderr is the other end from now on; Check runs each test in a process. */
static void
take_stderr(int fds[2])
{
	reader = fds[0];
	ck_assert_int_eq(fcntl(reader, F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_ne(dup2(fds[1], STDERR_FILENO), -1);
	(void)close(fds[1]);
}

static void
use_pipe(void)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	take_stderr(fds);
}

static void
use_socket(void)
{
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	take_stderr(fds);
}

static const char *
read_all(void)
{
	size_t len = 0;
	ssize_t got;

	while ((got = read(reader, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	return text;
}

START_TEST(one_line_each)
{
	char want[128];

	(void)setenv("JOURNAL_STREAM", "1:2", 1);
	use_pipe();
	log_open("weir-test", LOG_LEVEL_INFO);
	log_warning("about %d things", 3);
	log_debug("not shown");
	log_info("plain");
	(void)snprintf(want, sizeof(want), "weir-test[%ld]: warning: about 3 "
	    "things\nweir-test[%ld]: plain\n", (long)getpid(),
	    (long)getpid());
	ck_assert_str_eq(read_all(), want);
}
END_TEST

/* 10 000 lines nobody reads: none waits; the next one says so. */
static void
assert_never_waits(void)
{
	char line[1000];

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	log_open("weir-test", LOG_LEVEL_INFO);
	(void)alarm(3 * (unsigned)test_slowness());
	for (int i = 0; i < 10000; i++)
		log_info("%s", line);
	(void)alarm(0);
	(void)read_all();
	log_info("after");
	ck_assert_ptr_nonnull(strstr(read_all(), "log lines were lost"));
	ck_assert_ptr_nonnull(strstr(text, ": after\n"));
	log_info("and again");
	ck_assert_ptr_null(strstr(read_all(), "lost"));
}

START_TEST(slow_reader_of_a_pipe)
{
	use_pipe();
	assert_never_waits();
}
END_TEST

START_TEST(slow_reader_of_a_socket)
{
	use_socket();
	assert_never_waits();
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("log");
	TCase *tcase = tcase_create("log");

	tcase_add_test(tcase, one_line_each);
	tcase_add_test(tcase, slow_reader_of_a_pipe);
	tcase_add_test(tcase, slow_reader_of_a_socket);
	suite_add_tcase(suite, tcase);
	return suite;
}
