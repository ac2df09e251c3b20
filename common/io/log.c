/*
 * Log lines on stderr: "weir-policyd[123]: warning: text". Whoever started us
 * adds the time (the journal does; --supervise and a plain file do not, so a
 * line written to anything but the journal begins with it).
 *
 * And if whoever reads them is too slow? A daemon waits for no reader: a line
 * that cannot be written at once is dropped, and the next one that can says
 * how many were.
 */
#include "io/log.h"

#include "io/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 2048 };

static const char *program_name = "weir";
/* A reload sets it while others log. */
static _Atomic enum log_level threshold = LOG_LEVEL_INFO;
static bool with_time = true;
static atomic_uint dropped;

void
log_open(const char *program, enum log_level level)
{
	program_name = program;
	threshold = level;
	with_time = getenv("JOURNAL_STREAM") == NULL;
}

void
log_set_level(enum log_level level)
{
	threshold = level;
}

/*
 * The journal is a socket, which has a flag for it; a pipe that is ready takes
 * a line whole, since it is shorter than PIPE_BUF (pipe(7)).
 */
static bool
put(const char *line, size_t len)
{
	struct pollfd ready = { .fd = STDERR_FILENO, .events = POLLOUT };
	ssize_t sent = send(STDERR_FILENO, line, len,
	    MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent == -1 && errno == ENOTSOCK) {
		if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0)
			return false;
		sent = write(STDERR_FILENO, line, len);
	}
	return sent != -1;
}

static void
put_or_count(const char *line, size_t len)
{
	char text[128];
	unsigned lost = atomic_exchange(&dropped, 0);
	int used;

	if (lost != 0) {
		used = snprintf(text, sizeof(text), "%s[%ld]: warning: %u log "
		    "lines were lost, their reader is too slow\n",
		    program_name, (long)getpid(), lost);
		if (!put(text, (size_t)used)) {
			atomic_fetch_add(&dropped, lost + 1);
			return;
		}
	}
	if (!put(line, len))
		atomic_fetch_add(&dropped, 1);
}

static void write_line(const char *mark, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

static void
write_line(const char *mark, const char *fmt, va_list args)
{
	char line[LINE_MAX_BYTES], at[WALL_TEXT_MAX] = "";
	int used, more;

	if (with_time)
		wall_format(clock_now().wall, at);
	used = snprintf(line, sizeof(line) - 1, "%s%s%s[%ld]: %s", at,
	    with_time ? " " : "", program_name, (long)getpid(), mark);
	more = vsnprintf(line + used, sizeof(line) - 1 - (size_t)used, fmt,
	    args);
	if (more < 0)
		return;
	used = (int)strlen(line);
	line[used] = '\n';
	put_or_count(line, (size_t)used + 1);
}

#define LOG_FUNCTION(name, level, mark)                                       \
	void name(const char *fmt, ...)                                       \
	{                                                                     \
		va_list args;                                                 \
                                                                              \
		if (threshold < (level))                                      \
			return;                                               \
		va_start(args, fmt);                                          \
		write_line(mark, fmt, args);                                  \
		va_end(args);                                                 \
	}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR, "error: ")
LOG_FUNCTION(log_warning, LOG_LEVEL_WARNING, "warning: ")
LOG_FUNCTION(log_info, LOG_LEVEL_INFO, "")
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG, "debug: ")

void
log_event(void *ctx, const struct notice *event)
{
	char line[EVENT_LINE_MAX];

	(void)ctx;
	log_info("%s", notice_format(event, line));
}
