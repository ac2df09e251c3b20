/*
 * The journal of a directory of our own, written by systemd-journal-remote
 * from its export format. Without that program there is nothing to test.
 */
#include "maillog_journal.h"

#include "core/maillog.h"
#include "io/log.h"

#include "check_main.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WRITER "/lib/systemd/systemd-journal-remote"

static struct event_base *base;
static struct maillog_journal *reader;
static char folder[64], seen[MAILLOG_LINE_MAX + 1];
static const char *uid = "_UID=0\n"; /* whose the entries are */
static unsigned nseen, wanted;

static void
line_cb(void *ctx, const char *line, size_t len)
{
	(void)ctx;
	memcpy(seen, line, len);
	seen[len] = '\0';
	if (++nseen == wanted)
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
	static const struct timeval patience = { 10, 0 };

	wanted = count;
	(void)event_add(late, &patience);
	if (nseen < wanted)
		(void)event_base_dispatch(base);
	event_free(late);
	ck_assert_uint_eq(nseen, count);
}

/* Entries of a program, added to a journal file of the folder. */
static void
write_entries(const char *file, const char *comm, const char *identifier,
    const char *message, unsigned count)
{
	static uint64_t at = 1700000000000000;
	char command[160];
	FILE *pipe;

	(void)snprintf(command, sizeof(command),
	    WRITER " -o %s/%s.journal - >/dev/null 2>&1", folder, file);
	pipe = popen(command, "w");
	ck_assert_ptr_nonnull(pipe);
	for (unsigned i = 0; i < count; i++, at += 1000)
		(void)fprintf(pipe, "__REALTIME_TIMESTAMP=%llu\n"
		    "__MONOTONIC_TIMESTAMP=%llu\n"
		    "_BOOT_ID=0123456789abcdef0123456789abcdef\n"
		    "%s_COMM=%s\nSYSLOG_IDENTIFIER=%s\nSYSLOG_PID=4711\n"
		    "MESSAGE=%s\n\n", (unsigned long long)at,
		    (unsigned long long)at, uid, comm, identifier, message);
	ck_assert_int_eq(pclose(pipe), 0);
}

static void
setup(void)
{
	log_open("test", LOG_LEVEL_ERROR);
	(void)snprintf(folder, sizeof(folder), "/tmp/weir-journal-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	nseen = 0;
	uid = "_UID=0\n";
	base = event_base_new();
}

static void
teardown(void)
{
	char command[96];

	maillog_journal_free(&reader);
	event_base_free(base);
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static uid_t
daemon_uid(void)
{
	const struct passwd *daemon = getpwnam("daemon");

	ck_assert_ptr_nonnull(daemon);
	return daemon->pw_uid;
}

static void
start(void)
{
	static uid_t list[1];
	static const struct users users = { list, 1 };

	list[0] = daemon_uid();
	reader = maillog_journal_new(base, folder, &users, line_cb, NULL);
}

START_TEST(begins_at_the_end)
{
	write_entries("a", "smtp", "postfix/smtp", "old", 3);
	start();
	write_entries("a", "smtp", "postfix/smtp", "new", 1);
	await(1);
	ck_assert_str_eq(seen,
	    "Jan  1 00:13:20 journal postfix/smtp[4711]: new");
}
END_TEST

START_TEST(a_journal_without_entries_is_waited_for)
{
	start();
	write_entries("a", "smtp", "postfix/smtp", "first", 1);
	await(1);
}
END_TEST

START_TEST(only_smtp_is_read)
{
	start();
	write_entries("a", "qmgr", "postfix/qmgr", "no", 1);
	write_entries("a", "logger", "somebody", "no", 1);
	write_entries("a", "smtp", "hop1/smtp", "other syslog_name", 1);
	write_entries("a", "", "postfix/smtp", "process unknown", 1);
	write_entries("a", "", "postfix/relay/smtp", "process unknown", 1);
	await(3);
	ck_assert_ptr_nonnull(strstr(seen, "postfix/relay/smtp[4711]: "));
}
END_TEST

/* Anyone may log as postfix/smtp, and name his program smtp. */
START_TEST(only_what_postfix_wrote_is_read)
{
	char of_daemon[32];

	(void)snprintf(of_daemon, sizeof(of_daemon), "_UID=%lu\n",
	    (unsigned long)daemon_uid());
	start();
	uid = "_UID=1000\n";
	write_entries("a", "smtp", "postfix/smtp", "forged", 1);
	write_entries("a", "logger", "postfix/smtp", "forged", 1);
	write_entries("a", "", "postfix/relay/smtp", "forged", 1);
	uid = ""; /* of nobody that journald knew */
	write_entries("a", "smtp", "postfix/smtp", "forged", 1);
	uid = of_daemon;
	write_entries("a", "smtp", "postfix/smtp", "of the user", 1);
	uid = "_UID=0\n";
	write_entries("a", "", "postfix/smtp", "of root", 1);
	await(2);
	ck_assert_ptr_nonnull(strstr(seen, ": of root"));
}
END_TEST

START_TEST(a_new_file_is_read_too)
{
	write_entries("a", "smtp", "postfix/smtp", "old", 1);
	start();
	write_entries("b", "smtp", "postfix/smtp", "new", 1);
	await(1);
}
END_TEST

START_TEST(a_burst_is_read_whole)
{
	start();
	write_entries("a", "smtp", "postfix/smtp", "burst", 1000);
	await(1000);
}
END_TEST

START_TEST(the_parser_understands_it)
{
	struct maillog_verdict verdict;

	start();
	write_entries("a", "smtp", "postfix/smtp", "connect to "
	    "relay.example[192.0.2.1]:25: Connection refused", 1);
	await(1);
	maillog_parse(seen, strlen(seen), &verdict);
	ck_assert(verdict.relevant);
	ck_assert_int_eq(verdict.evidence.stage, STAGE_TCP);
	ck_assert_uint_eq(verdict.pid, 4711);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("maillog_journal");
	TCase *tcase = tcase_create("maillog_journal");

	suite_add_tcase(suite, tcase);
	if (access(WRITER, X_OK) == -1)
		return suite;
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, begins_at_the_end);
	tcase_add_test(tcase, a_journal_without_entries_is_waited_for);
	tcase_add_test(tcase, only_smtp_is_read);
	tcase_add_test(tcase, only_what_postfix_wrote_is_read);
	tcase_add_test(tcase, a_new_file_is_read_too);
	tcase_add_test(tcase, a_burst_is_read_whole);
	tcase_add_test(tcase, the_parser_understands_it);
	return suite;
}
