/* Log lines: their shape, and a reader that is too slow. */
#define TEST_NEEDS_FORK /* stderr and the target are the process's */

#include "io/log.h"
#include "io/log_target.h"

#include "check_main.h"

#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
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
	(void)alarm(50);
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

/* --- targets and formats --- */

static char place[] = "/tmp/weir-log-XXXXXX";
static char path[128];

static const char *
in_place(const char *name)
{
	if (strchr(place, 'X') != NULL)
		ck_assert_ptr_nonnull(mkdtemp(place));
	(void)snprintf(path, sizeof(path), "%s/%s", place, name);
	return path;
}

static const char *
read_file(const char *name)
{
	FILE *file = fopen(name, "r");
	size_t len;

	ck_assert_ptr_nonnull(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	(void)fclose(file);
	return text;
}

static void
remove_place(const char *name)
{
	(void)unlink(name);
	(void)rmdir(place);
}

START_TEST(json_lines)
{
	const struct log_settings json = { .format = LOG_FORMAT_JSON,
		.level = LOG_LEVEL_INFO };
	struct notice notice;
	json_t *line;
	char *next;

	use_pipe();
	log_open("weir-test", LOG_LEVEL_INFO);
	ck_assert_int_eq(log_use(&json), 0);
	log_warning("said \"%s\" \xff", "so");
	notice_init(&notice, EVENT_DRAINED, (struct wall) { 0 });
	notice_add(&notice, "host", "isp-a\n\"x");
	log_event(NULL, &notice);
	(void)read_all();
	next = strchr(text, '\n');
	line = json_loadb(text, (size_t)(next - text), 0, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(line, "level")),
	    "warning");
	ck_assert_str_eq(json_string_value(json_object_get(line, "program")),
	    "weir-test");
	ck_assert_str_eq(json_string_value(json_object_get(line, "text")),
	    "said \"so\" \\xFF");
	json_decref(line);
	line = json_loads(next + 1, 0, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(line, "event")),
	    "Drained");
	ck_assert_str_eq(json_string_value(json_object_get(line, "time")),
	    "1970-01-01T00:00:00.000Z");
	ck_assert_str_eq(json_string_value(json_object_get(line, "host")),
	    "isp-a\\x0A\"x");
	json_decref(line);
}
END_TEST

/* Moved away as logrotate does: a second later lines are in a new one. */
START_TEST(file_is_followed)
{
	struct log_settings file = { .target = LOG_TARGET_FILE,
		.path = in_place("log"), .level = LOG_LEVEL_INFO };
	char moved[sizeof(path) + 8];
	struct pollfd never = { .fd = -1 };

	(void)snprintf(moved, sizeof(moved), "%s.1", path);
	log_open("weir-test", LOG_LEVEL_INFO);
	ck_assert_int_eq(log_use(&file), 0);
	log_info("first");
	ck_assert_int_eq(rename(path, moved), 0);
	while (access(path, F_OK) == -1) {
		log_info("second");
		(void)poll(&never, 0, 20);
	}
	ck_assert_ptr_nonnull(strstr(read_file(moved), "]: first\n"));
	ck_assert_ptr_nonnull(strstr(read_file(path), "]: second\n"));
	ck_assert_int_eq(text[4], '-'); /* the time comes first */
	(void)unlink(moved);
	remove_place(path);
}
END_TEST

/* A limit of the file's size cuts a line as a full disk does. */
START_TEST(no_line_goes_on_behind_half_a_one)
{
	struct log_settings file = { .target = LOG_TARGET_FILE,
		.path = in_place("log"), .level = LOG_LEVEL_INFO };
	struct rlimit before, short_of;
	const char *half;

	(void)signal(SIGXFSZ, SIG_IGN);
	log_open("weir-test", LOG_LEVEL_INFO);
	ck_assert_int_eq(log_use(&file), 0);
	log_info("first");
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	short_of = before;
	short_of.rlim_cur = strlen(read_file(path)) + 10;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &short_of), 0);
	log_info("second");
	log_info("third");
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	log_info("fourth");
	half = strstr(read_file(path), "]: first\n");
	ck_assert_ptr_nonnull(half);
	half += strlen("]: first\n");
	ck_assert_int_eq(half[10], '\n');
	ck_assert_ptr_nonnull(strstr(half, "2 log lines were lost"));
	ck_assert_ptr_null(strstr(half, "third"));
	ck_assert_ptr_nonnull(strstr(half, "]: fourth\n"));
	remove_place(path);
}
END_TEST

START_TEST(target_that_cannot_be_had)
{
	struct log_settings file = { .target = LOG_TARGET_FILE,
		.path = "/nonexistent/weir.log", .format = LOG_FORMAT_JSON };
	static struct config_errors errors;

	use_pipe();
	log_open("weir-test", LOG_LEVEL_INFO);
	ck_assert_int_eq(log_try(&file, &errors), -1);
	ck_assert_str_eq(errors.list[0], "log.target: /nonexistent/weir.log: "
	    "No such file or directory");
	ck_assert_int_eq(log_use(&file), -1);
	log_info("still here");
	ck_assert_ptr_nonnull(strstr(read_all(), "error: log.target: "
	    "/nonexistent/weir.log: No such file"));
	ck_assert_ptr_nonnull(strstr(text, "]: still here\n"));
}
END_TEST

static int
syslogd_new(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	(void)unlink(path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address,
	    sizeof(address)), 0);
	return fd;
}

/* A syslogd that is started anew hears the next line. */
START_TEST(syslog_frames)
{
	const struct log_settings settings = { .target = LOG_TARGET_SYSLOG,
		.level = LOG_LEVEL_INFO };
	char want[64];

	log_target_syslog_at(in_place("devlog"));
	reader = syslogd_new();
	log_open("weir-test", LOG_LEVEL_INFO);
	ck_assert_int_eq(log_use(&settings), 0);
	log_warning("a %s", "line");
	(void)snprintf(want, sizeof(want), " weir-test[%ld]: warning: a line",
	    (long)getpid());
	(void)read_all();
	ck_assert_int_eq(strncmp(text, "<20>", 4), 0); /* mail.warning */
	ck_assert_str_eq(text + 4 + strlen("Nov 25 15:30:00"), want);
	(void)close(reader);
	log_info("nobody hears");
	reader = syslogd_new();
	log_info("somebody does");
	ck_assert_ptr_nonnull(strstr(read_all(), "somebody does"));
	(void)close(reader);
	remove_place(path);
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
	tcase_add_test(tcase, json_lines);
	tcase_add_test(tcase, file_is_followed);
	tcase_add_test(tcase, no_line_goes_on_behind_half_a_one);
	tcase_add_test(tcase, target_that_cannot_be_had);
	tcase_add_test(tcase, syslog_frames);
	suite_add_tcase(suite, tcase);
	return suite;
}
