/*
 * A Weir built without libsystemd: the configuration refuses the journal.
 */
#include "maillog_journal.h"

#include <stddef.h>

struct maillog_journal *
maillog_journal_new(struct event_base *base, const char *directory,
    const struct users *users, maillog_line_fn line_fn, void *ctx)
{
	(void)base;
	(void)directory;
	(void)users;
	(void)line_fn;
	(void)ctx;
	return NULL;
}

void
maillog_journal_free(struct maillog_journal **journal)
{
	(void)journal;
}
