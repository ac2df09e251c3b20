/*
 * And if the target is away? A file that cannot be opened again after a
 * rotation is tried once a second, and lines go to the old one meanwhile. A
 * syslog that is not there loses lines (they are counted, io/log.c); each line
 * tries it anew.
 */
#include "io/log_target.h"

#include "io/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <paths.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define LOOK_EACH span_s(1)

static _Atomic enum log_target target = LOG_TARGET_STDERR;
static atomic_int own = -1; /* of a file or a socket, made once */
static atomic_bool torn; /* the file ends in half a line */
static _Atomic(const char *) file; /* its path; never freed: others may read */
static _Atomic int64_t looked_at;
static const char *syslog_path = _PATH_LOG;

/* --- opening --- */

static int
open_file(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY |
	    O_CLOEXEC | O_NONBLOCK, 0640);
}

static int
open_syslog(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s",
	    syslog_path);
	if (fd != -1 && connect(fd, (struct sockaddr *)&address,
	    sizeof(address)) == -1) {
		int saved = errno;

		(void)close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

static int
open_target(const struct log_settings *settings)
{
	return settings->target == LOG_TARGET_FILE ?
	    open_file(settings->path) : open_syslog();
}

/* fd takes the place of what was written to. */
static void
put_in_place(int fd)
{
	int expected = -1, place = own;

	if (place == -1 && atomic_compare_exchange_strong(&own, &expected, fd))
		return;
	(void)dup3(fd, own, O_CLOEXEC);
	(void)close(fd);
}

int
log_target_try(const struct log_settings *settings, const char **why_r)
{
	int fd;

	if (settings->target == LOG_TARGET_STDERR)
		return 0;
	fd = open_target(settings);
	if (fd == -1) {
		*why_r = strerror(errno);
		return -1;
	}
	(void)close(fd);
	return 0;
}

int
log_target_use(const struct log_settings *settings, const char **why_r)
{
	const char *before = file;
	int fd;

	if (settings->target != LOG_TARGET_STDERR) {
		fd = open_target(settings);
		if (fd == -1) {
			*why_r = strerror(errno);
			return -1;
		}
		put_in_place(fd);
	}
	if (settings->target == LOG_TARGET_FILE &&
	    (before == NULL || strcmp(before, settings->path) != 0)) {
		file = strdup(settings->path);
		if (file == NULL)
			abort();
	}
	target = settings->target;
	return 0;
}

void
log_target_syslog_at(const char *path)
{
	syslog_path = path;
}

/* --- following --- */

/* Another file stands under the name, or none. */
static bool
was_rotated(void)
{
	struct stat now, ours;

	return stat(file, &now) == -1 || fstat(own, &ours) == -1 ||
	    now.st_ino != ours.st_ino || now.st_dev != ours.st_dev;
}

static void
follow_file(void)
{
	int64_t now = clock_now().mono.us, before = looked_at;
	int fd;

	if (now - before < LOOK_EACH.us ||
	    !atomic_compare_exchange_strong(&looked_at, &before, now) ||
	    !was_rotated())
		return;
	fd = open_file(file);
	if (fd != -1)
		put_in_place(fd);
}

/* --- writing --- */

bool
log_target_adds_time(void)
{
	return target == LOG_TARGET_STDERR && getenv("JOURNAL_STREAM") != NULL;
}

bool
log_target_is_syslog(void)
{
	return target == LOG_TARGET_SYSLOG;
}

size_t
log_target_frame(char *buf, size_t size, enum log_level level,
    const char *program, struct wall at)
{
	static const int severities[] = { [LOG_LEVEL_ERROR] = LOG_ERR,
		[LOG_LEVEL_WARNING] = LOG_WARNING, [LOG_LEVEL_INFO] = LOG_INFO,
		[LOG_LEVEL_DEBUG] = LOG_DEBUG };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr",
		"May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t seconds = at.us / SPAN_SECOND;
	struct tm tm;
	int len;

	if (localtime_r(&seconds, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	len = snprintf(buf, size, "<%d>%s %2d %02d:%02d:%02d %s[%ld]: ",
	    LOG_MAIL | severities[level], months[tm.tm_mon], tm.tm_mday,
	    tm.tm_hour, tm.tm_min, tm.tm_sec, program, (long)getpid());
	return len < 0 || (size_t)len >= size ? 0 : (size_t)len;
}

/*
 * The journal is a socket, which has a flag for it; a pipe that is ready takes
 * a line whole, since it is shorter than PIPE_BUF (pipe(7)); a file is always
 * ready.
 */
static ssize_t
put(int fd, const char *line, size_t len)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	ssize_t sent = send(fd, line, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent == -1 && errno == ENOTSOCK) {
		if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0)
			return -1;
		sent = write(fd, line, len);
	}
	return sent;
}

/* A disk may be full in the middle of a line: the next one begins below it. */
static bool
put_file(const char *line, size_t len)
{
	ssize_t written;

	follow_file();
	if (torn && put(own, "\n", 1) == 1)
		torn = false;
	written = torn ? -1 : put(own, line, len);
	if (written > 0 && (size_t)written < len)
		torn = true;
	return written == (ssize_t)len;
}

/* A datagram without its newline; once more when the daemon was restarted. */
static bool
put_syslog(const char *line, size_t len)
{
	int fd;

	if (put(own, line, len - 1) != -1)
		return true;
	if (errno == EAGAIN)
		return false;
	fd = open_syslog();
	if (fd == -1)
		return false;
	put_in_place(fd);
	return put(own, line, len - 1) != -1;
}

bool
log_target_put(const char *line, size_t len)
{
	enum log_target now = target; /* clang switches over no atomic */

	switch (now) {
	case LOG_TARGET_SYSLOG:
		return put_syslog(line, len);
	case LOG_TARGET_FILE:
		return put_file(line, len);
	case LOG_TARGET_STDERR:
		break;
	}
	return put(STDERR_FILENO, line, len) != -1;
}
