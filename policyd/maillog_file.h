/*
 * Follows Postfix's log file and hands out its lines.
 *
 * It begins at the end of the file there is. A file renamed away is read to
 * its end before the new one is begun at its start; a file that shrank was
 * truncated and is read from its start; a file that is not there yet, or may
 * not be read, is waited for. A line is handed out when its newline is there.
 *
 * One wake-up reads at most MAILLOG_FILE_CHUNK bytes, so that a burst delays
 * nobody; the rest follows at once, after whoever else waits.
 */
#ifndef WEIR_POLICYD_MAILLOG_FILE_H
#define WEIR_POLICYD_MAILLOG_FILE_H

#include <event2/event.h>

enum { MAILLOG_FILE_CHUNK = 16384 };

struct maillog_file;

/* The line is without its newline, holds any bytes, and is borrowed. */
typedef void (*maillog_line_fn)(void *ctx, const char *line, size_t len);

/* path: copied, shorter than PATH_MAX, as the loader sees to. */
struct maillog_file *maillog_file_new(struct event_base *, const char *path,
    maillog_line_fn, void *ctx);
void maillog_file_free(struct maillog_file **);

#endif
