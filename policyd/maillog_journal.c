/*
 * libsystemd on a libevent loop: its descriptor wakes us, a slow timer looks
 * too, since inotify may be exhausted, and opens a journal that could not be.
 *
 * Entries are found by the name of the process, so that syslog_name may be
 * anything, and by the usual identifiers where journald could not tell the
 * process. Both are the writer's to choose; whose entry it is, is not. The
 * journal is searched for all three, so that what others write costs nothing.
 */
#include "maillog_journal.h"

#include "core/maillog.h"
#include "io/log.h"
#include "io/loop.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>

enum { LOOK_SECONDS = 1, PROGRAM_SHOWN_MAX = 128, PID_SHOWN_MAX = 16,
	UID_MATCH_MAX = 24 };

struct maillog_journal {
	struct event_base *base;
	maillog_line_fn line_fn;
	void *ctx;
	const char *directory;
	const struct users *users; /* whose entries are read, and root's */
	sd_journal *journal; /* NULL: could not be opened */
	struct event *woken; /* its descriptor is readable */
	struct event *look; /* the timer */
	struct event *more; /* there is more to read */
	int last_error; /* said once a change */
};

static void
close_journal(struct maillog_journal *journal)
{
	if (journal->woken != NULL)
		event_free(journal->woken);
	journal->woken = NULL;
	if (journal->journal != NULL)
		sd_journal_close(journal->journal);
	journal->journal = NULL;
}

/* error: 0 or a negative errno. */
static void
say(struct maillog_journal *journal, int error)
{
	if (error == journal->last_error)
		return;
	if (error == -EACCES)
		log_warning("the journal cannot be read: is there one, and is "
		    "this daemon's user in the group systemd-journal?");
	else if (error < 0)
		log_warning("the journal cannot be read: %s",
		    strerror(-error));
	else
		log_info("reading the journal now");
	journal->last_error = error;
}

/* --- one entry --- */

/* The value of a field; false when the entry has none. */
static bool
get_field(sd_journal *journal, const char *name, const char **value_r,
    size_t *len_r)
{
	const void *data;
	size_t len, prefix = strlen(name) + 1; /* "NAME=" */

	if (sd_journal_get_data(journal, name, &data, &len) < 0 ||
	    len < prefix)
		return false;
	*value_r = (const char *)data + prefix;
	*len_r = len - prefix;
	return true;
}

static int
copy_field(sd_journal *journal, const char *name, char *buf, size_t size)
{
	const char *value;
	size_t len;

	if (!get_field(journal, name, &value, &len) || len >= size)
		return -1;
	memcpy(buf, value, len);
	buf[len] = '\0';
	return 0;
}

/*
 * As a log file has it. Of the time only what a log line is asked for is told:
 * minutes and seconds (core/maillog.h).
 */
static void
hand_out(struct maillog_journal *journal)
{
	char line[MAILLOG_LINE_MAX], program[PROGRAM_SHOWN_MAX];
	char pid[PID_SHOWN_MAX];
	const char *message;
	uint64_t us;
	unsigned second;
	size_t len;
	int used;

	if (sd_journal_get_realtime_usec(journal->journal, &us) < 0)
		return;
	second = (unsigned)(us / SPAN_SECOND % 3600);
	if (copy_field(journal->journal, "SYSLOG_IDENTIFIER", program,
	    sizeof(program)) == -1 ||
	    (copy_field(journal->journal, "SYSLOG_PID", pid,
	    sizeof(pid)) == -1 && copy_field(journal->journal, "_PID", pid,
	    sizeof(pid)) == -1))
		return;
	used = snprintf(line, sizeof(line),
	    "Jan  1 00:%02u:%02u journal %s[%s]: ", second / 60, second % 60,
	    program, pid);
	if (!get_field(journal->journal, "MESSAGE", &message, &len))
		return;
	if (len > sizeof(line) - (size_t)used)
		len = sizeof(line) - (size_t)used;
	memcpy(line + used, message, len);
	journal->line_fn(journal->ctx, line, (size_t)used + len);
}

/* --- following it --- */

static void
follow(struct maillog_journal *journal)
{
	int result = sd_journal_process(journal->journal);

	for (int i = 0; result >= 0 && i < MAILLOG_JOURNAL_ENTRIES; i++) {
		result = sd_journal_next(journal->journal);
		if (result == 0)
			return;
		if (result > 0)
			hand_out(journal);
	}
	if (result < 0) {
		say(journal, result);
		close_journal(journal);
		return;
	}
	event_active(journal->more, EV_TIMEOUT, 0);
}

static void
woken_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct maillog_journal *journal = ctx;

	(void)fd;
	(void)what;
	if (journal->journal != NULL)
		follow(journal);
}

/* Alternatives: OR within the identifiers, and between the two. */
static int
match_smtp(sd_journal *journal)
{
	static const char *const identifiers[] = {
		"SYSLOG_IDENTIFIER=postfix/smtp",
		"SYSLOG_IDENTIFIER=postfix/relay/smtp",
	};
	int result = sd_journal_add_match(journal, "_COMM=smtp", 0);

	if (result >= 0)
		result = sd_journal_add_disjunction(journal);
	for (size_t i = 0; result >= 0 &&
	     i < sizeof(identifiers) / sizeof(identifiers[0]); i++)
		result = sd_journal_add_match(journal, identifiers[i], 0);
	return result;
}

/*
 * AND: of one of these users, or of root: Postfix's own parent is, and whoever
 * forwards a log to it.
 */
static int
match_writers(const struct maillog_journal *journal)
{
	int result = sd_journal_add_conjunction(journal->journal);

	if (result >= 0)
		result = sd_journal_add_match(journal->journal, "_UID=0", 0);
	for (size_t i = 0; result >= 0 && i < journal->users->count; i++) {
		char match[UID_MATCH_MAX];

		(void)snprintf(match, sizeof(match), "_UID=%lu",
		    (unsigned long)journal->users->list[i]);
		result = sd_journal_add_match(journal->journal, match, 0);
	}
	return result;
}

/*
 * Behind the last entry there is. With none yet, before the first to come:
 * from the tail, libsystemd never finds one.
 */
static int
seek_end(sd_journal *journal)
{
	int result = sd_journal_seek_tail(journal);

	if (result >= 0)
		result = sd_journal_previous(journal);
	if (result == 0)
		result = sd_journal_seek_head(journal);
	return result;
}

static int
open_files(struct maillog_journal *journal)
{
	if (journal->directory != NULL)
		return sd_journal_open_directory(&journal->journal,
		    journal->directory, 0);
	return sd_journal_open(&journal->journal, SD_JOURNAL_LOCAL_ONLY);
}

/* Files that may not be read are passed over by libsystemd without a word. */
static bool
has_files(struct maillog_journal *journal)
{
	return journal->directory != NULL ||
	    sd_journal_has_persistent_files(journal->journal) > 0 ||
	    sd_journal_has_runtime_files(journal->journal) > 0;
}

static int
open_and_seek(struct maillog_journal *journal)
{
	int result = open_files(journal);

	if (result < 0) {
		journal->journal = NULL;
		return result;
	}
	if (!has_files(journal))
		return -EACCES;
	result = match_smtp(journal->journal);
	if (result >= 0)
		result = match_writers(journal);
	if (result >= 0)
		result = seek_end(journal->journal);
	/* from here on it watches */
	return result < 0 ? result : sd_journal_get_fd(journal->journal);
}

static void
open_journal(struct maillog_journal *journal)
{
	int fd = open_and_seek(journal);

	say(journal, fd < 0 ? fd : 0);
	if (fd < 0) {
		close_journal(journal);
		return;
	}
	journal->woken = loop_event_new(journal->base, LOOP_PRIORITY_REST, fd,
	    EV_READ | EV_PERSIST, woken_cb, journal);
	(void)event_add(journal->woken, NULL);
}

static void
look_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct maillog_journal *journal = ctx;

	(void)fd;
	(void)what;
	if (journal->journal == NULL)
		open_journal(journal);
	if (journal->journal != NULL)
		follow(journal);
}

struct maillog_journal *
maillog_journal_new(struct event_base *base, const char *directory,
    const struct users *users, maillog_line_fn line_fn, void *ctx)
{
	static const struct timeval look = { LOOK_SECONDS, 0 };
	struct maillog_journal *journal = calloc(1, sizeof(*journal));

	if (journal == NULL)
		abort();
	journal->base = base;
	journal->directory = directory;
	journal->line_fn = line_fn;
	journal->ctx = ctx;
	journal->users = users;
	journal->look = loop_event_new(base, LOOP_PRIORITY_REST, -1, EV_PERSIST,
	    look_cb, journal);
	journal->more = loop_event_new(base, LOOP_PRIORITY_REST, -1, 0,
	    woken_cb, journal);
	(void)event_add(journal->look, &look);
	open_journal(journal);
	return journal;
}

void
maillog_journal_free(struct maillog_journal **journal)
{
	if (*journal == NULL)
		return;
	close_journal(*journal);
	event_free((*journal)->look);
	event_free((*journal)->more);
	free(*journal);
	*journal = NULL;
}
