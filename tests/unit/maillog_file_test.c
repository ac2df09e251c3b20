/* The mail log is followed whatever happens to the file. */
#include "maillog_file.h"

#include "core/maillog.h"
#include "io/log.h"

#include "check_main.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINES_KEPT = 16 };

static struct event_base *base;
static struct maillog_file *follower;
static char folder[64], path[96], other[96];
static char seen[LINES_KEPT][MAILLOG_LINE_MAX + 1];
static unsigned nseen, wanted;
static uint64_t sum; /* of numbers in the lines of the burst */

static void
line_cb(void *ctx, const char *line, size_t len)
{
	char *kept = seen[nseen++ % LINES_KEPT];

	(void)ctx;
	memcpy(kept, line, len);
	kept[len] = '\0';
	sum += strtoull(kept, NULL, 10);
	if (nseen == wanted)
		(void)event_base_loopbreak(base);
}

static void
late_cb(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx;
	ck_abort_msg("%u lines seen, %u wanted", nseen, wanted);
}

/* Runs the loop until that many lines have been seen in all. */
static void
await(unsigned count)
{
	struct event *late = evtimer_new(base, late_cb, NULL);
	static const struct timeval patience = { 5, 0 };

	wanted = count;
	(void)event_add(late, &patience);
	if (nseen < wanted)
		(void)event_base_dispatch(base);
	event_free(late);
	ck_assert_uint_eq(nseen, count);
}

/* What is ready now, and no more. */
static void
turn(void)
{
	for (int i = 0; i < 10; i++)
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
}

static void
append(const char *to, const char *text)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_APPEND, 0600);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	(void)close(fd);
}

static void
follow(void)
{
	follower = maillog_file_new(base, path, line_cb, NULL);
}

static void
setup(void)
{
	log_open("test", LOG_LEVEL_ERROR);
	(void)snprintf(folder, sizeof(folder), "/tmp/weir-maillog-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/mail.log", folder);
	(void)snprintf(other, sizeof(other), "%s/mail.log.1", folder);
	base = event_base_new();
	nseen = wanted = 0;
	sum = 0;
}

static void
teardown(void)
{
	maillog_file_free(&follower);
	event_base_free(base);
	(void)unlink(path);
	(void)unlink(other);
	(void)rmdir(folder);
}

START_TEST(begins_at_the_end)
{
	append(path, "old 1\nold 2\n");
	follow();
	append(path, "new\n");
	await(1);
	ck_assert_str_eq(seen[0], "new");
}
END_TEST

START_TEST(partial_line_waits_for_its_rest)
{
	append(path, "");
	follow();
	append(path, "one ");
	turn();
	ck_assert_uint_eq(nseen, 0);
	append(path, "line\nand ");
	await(1);
	append(path, "another\n");
	await(2);
	ck_assert_str_eq(seen[0], "one line");
	ck_assert_str_eq(seen[1], "and another");
}
END_TEST

START_TEST(file_not_there_yet)
{
	follow();
	turn();
	append(path, "first\n");
	await(1);
	ck_assert_str_eq(seen[0], "first");
}
END_TEST

START_TEST(renamed_file_is_read_to_its_end)
{
	append(path, "");
	follow();
	append(path, "1\n");
	await(1);
	/* the writer goes on with the old one until it is told */
	ck_assert_int_eq(rename(path, other), 0);
	append(other, "2\n");
	append(path, "3\n");
	await(3);
	ck_assert_str_eq(seen[1], "2");
	ck_assert_str_eq(seen[2], "3");
	append(path, "4\n");
	await(4);
}
END_TEST

START_TEST(deleted_file_comes_back)
{
	append(path, "");
	follow();
	append(path, "1\n");
	await(1);
	ck_assert_int_eq(unlink(path), 0);
	turn();
	append(path, "2\n");
	await(2);
	ck_assert_str_eq(seen[1], "2");
}
END_TEST

START_TEST(truncated_file_is_read_from_its_start)
{
	append(path, "");
	follow();
	append(path, "a long first line\n");
	await(1);
	ck_assert_int_eq(truncate(path, 0), 0);
	turn();
	append(path, "2\n");
	await(2);
	ck_assert_str_eq(seen[1], "2");
}
END_TEST

START_TEST(line_too_long_is_cut)
{
	static char big[3 * MAILLOG_LINE_MAX];

	append(path, "");
	follow();
	memset(big, 'x', sizeof(big) - 2);
	strcpy(big + sizeof(big) - 2, "\n");
	append(path, big);
	append(path, "next\n");
	await(2);
	ck_assert_uint_eq(strlen(seen[0]), MAILLOG_LINE_MAX);
	ck_assert_str_eq(seen[1], "next");
}
END_TEST

START_TEST(folder_is_no_log)
{
	ck_assert_int_eq(mkdir(path, 0700), 0);
	follow();
	turn();
	ck_assert_uint_eq(nseen, 0);
	ck_assert_int_eq(rmdir(path), 0);
	append(path, "1\n");
	await(1);
}
END_TEST

static void
write_burst(unsigned from, unsigned to)
{
	FILE *file = fopen(path, "a");

	ck_assert_ptr_nonnull(file);
	for (unsigned i = from; i < to; i++)
		(void)fprintf(file, "%u postfix/smtp[1]: and some more text "
		    "as such lines have it, up to a usual length\n", i);
	(void)fclose(file);
}

/* 50 000 lines over a rotation: none lost, none twice. */
START_TEST(burst_without_loss)
{
	append(path, "");
	follow();
	write_burst(0, 25000);
	ck_assert_int_eq(rename(path, other), 0);
	write_burst(25000, 50000);
	await(50000);
	ck_assert_uint_eq(sum, UINT64_C(49999) * 50000 / 2);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("maillog_file");
	TCase *tcase = tcase_create("maillog_file");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, begins_at_the_end);
	tcase_add_test(tcase, partial_line_waits_for_its_rest);
	tcase_add_test(tcase, file_not_there_yet);
	tcase_add_test(tcase, renamed_file_is_read_to_its_end);
	tcase_add_test(tcase, deleted_file_comes_back);
	tcase_add_test(tcase, truncated_file_is_read_from_its_start);
	tcase_add_test(tcase, line_too_long_is_cut);
	tcase_add_test(tcase, folder_is_no_log);
	tcase_add_test(tcase, burst_without_loss);
	suite_add_tcase(suite, tcase);
	return suite;
}
