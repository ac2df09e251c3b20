/*
 * Reads what smtp(8) logs from the systemd journal and hands it out as lines
 * of a log file, for the same parser.
 *
 * It begins at the end. One wake-up hands out at most MAILLOG_JOURNAL_ENTRIES,
 * so that a burst delays nobody; the rest follows after whoever else waits.
 *
 * Only entries of root and of the users that are given are read: journald puts
 * the writer's user (_UID) to each, which nobody can choose, while anyone may
 * call himself postfix/smtp.
 *
 * The journal must be readable: the daemon's user belongs in the group
 * systemd-journal. When it is not, or is damaged, that is said once, and it is
 * opened again each second.
 */
#ifndef WEIR_POLICYD_MAILLOG_JOURNAL_H
#define WEIR_POLICYD_MAILLOG_JOURNAL_H

#include "maillog_file.h"

#include "io/users.h"

enum { MAILLOG_JOURNAL_ENTRIES = 100 };

struct maillog_journal;

/*
 * directory: of journal files, for tests; NULL: the system's journal. It and
 * the users must outlive the reader. Without libsystemd NULL, and what is
 * configured never asks for it.
 */
struct maillog_journal *maillog_journal_new(struct event_base *,
    const char *directory, const struct users *, maillog_line_fn, void *ctx);
void maillog_journal_free(struct maillog_journal **);

#endif
