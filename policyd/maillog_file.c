/*
 * inotify wakes us: for the file itself when it grows or moves, for its folder
 * when another takes its name. A slow timer looks too, since a folder may not
 * be there yet and inotify may be exhausted or blind (network file systems).
 */
#include "maillog_file.h"

#include "core/maillog.h"
#include "io/log.h"
#include "io/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOK_SECONDS = 1 };

struct maillog_file {
	maillog_line_fn line_fn;
	void *ctx;
	char path[PATH_MAX];
	char folder[PATH_MAX];

	int fd; /* -1: not open */
	off_t offset; /* where the next read begins */
	bool from_start; /* the next file opened is new to us */
	int last_errno; /* of open, said once a change */

	int inotify; /* -1: only the timer looks */
	int file_watch; /* -1: none */
	int folder_watch;
	struct event *woken; /* inotify is readable */
	struct event *look; /* the timer */
	struct event *more; /* there is more to read */

	char line[MAILLOG_LINE_MAX];
	size_t len;
	bool cut; /* the rest of a line too long is passed over */
};

static void
add_to_line(struct maillog_file *file, const char *bytes, size_t len)
{
	size_t room = sizeof(file->line) - file->len;

	if (file->cut)
		return;
	file->cut = len > room;
	if (file->cut)
		len = room;
	memcpy(file->line + file->len, bytes, len);
	file->len += len;
}

static void
end_line(struct maillog_file *file)
{
	file->line_fn(file->ctx, file->line, file->len);
	file->len = 0;
	file->cut = false;
}

static void
take_bytes(struct maillog_file *file, const char *bytes, size_t len)
{
	const char *newline;

	while ((newline = memchr(bytes, '\n', len)) != NULL) {
		size_t part = (size_t)(newline - bytes);

		add_to_line(file, bytes, part);
		end_line(file);
		bytes += part + 1;
		len -= part + 1;
	}
	add_to_line(file, bytes, len);
}

static void
close_file(struct maillog_file *file)
{
	if (file->fd != -1)
		(void)close(file->fd);
	file->fd = -1;
	file->len = 0;
	file->cut = false;
	if (file->file_watch != -1)
		(void)inotify_rm_watch(file->inotify, file->file_watch);
	file->file_watch = -1;
}

static void
say_open_error(struct maillog_file *file, int error)
{
	if (error != file->last_errno && error != 0)
		log_warning("mail log %s: %s; waiting for it", file->path,
		    strerror(error));
	else if (error == 0 && file->last_errno != 0)
		log_info("mail log %s: reading it now", file->path);
	file->last_errno = error;
}

/* Opens what has the name now. */
static void
open_file(struct maillog_file *file)
{
	struct stat st;
	int fd, error = 0;

	/* O_NONBLOCK: a FIFO must not hold the loop */
	fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1) {
		error = errno;
	} else if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		error = EINVAL;
		(void)close(fd);
	}
	say_open_error(file, error);
	if (fd == -1 || error != 0) {
		/* not there at the start: all of it is news when it comes */
		if (error == ENOENT || error == EINVAL)
			file->from_start = true;
		return;
	}
	file->fd = fd;
	file->offset = file->from_start ? 0 : st.st_size;
	file->from_start = true;
	if (file->inotify != -1)
		file->file_watch = inotify_add_watch(file->inotify, file->path,
		    IN_MODIFY | IN_MOVE_SELF | IN_ATTRIB);
}

/* Has another file taken the name? No file at all is not another one. */
static bool
renamed(const struct maillog_file *file)
{
	struct stat named, ours;

	return stat(file->path, &named) == 0 && fstat(file->fd, &ours) == 0 &&
	    (named.st_ino != ours.st_ino || named.st_dev != ours.st_dev);
}

static void
restart_when_truncated(struct maillog_file *file)
{
	struct stat st;

	if (fstat(file->fd, &st) == -1 || st.st_size >= file->offset)
		return;
	log_info("mail log %s: it was truncated, reading from its start",
	    file->path);
	file->offset = 0;
	file->len = 0;
	file->cut = false;
}

/* Reads one chunk. True when there may be more. */
static bool
read_chunk(struct maillog_file *file)
{
	char bytes[MAILLOG_FILE_CHUNK];
	ssize_t got = pread(file->fd, bytes, sizeof(bytes), file->offset);

	if (got <= 0)
		return false;
	file->offset += got;
	take_bytes(file, bytes, (size_t)got);
	return true;
}

static void
follow(struct maillog_file *file)
{
	bool was_renamed;

	if (file->fd == -1) {
		open_file(file);
		if (file->fd == -1)
			return;
	}
	restart_when_truncated(file);
	/*
	 * Asked before the read: what the writer put into the old file came
	 * before it began the new one, so at its end there is no more.
	 */
	was_renamed = renamed(file);
	if (!read_chunk(file)) {
		if (!was_renamed)
			return;
		close_file(file);
	}
	event_active(file->more, EV_TIMEOUT, 0);
}

static void
more_cb(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	follow(ctx);
}

static void
watch_folder(struct maillog_file *file)
{
	if (file->inotify != -1 && file->folder_watch == -1)
		file->folder_watch = inotify_add_watch(file->inotify,
		    file->folder, IN_CREATE | IN_MOVED_TO);
}

static void
look_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct maillog_file *file = ctx;

	(void)fd;
	(void)what;
	watch_folder(file);
	follow(file);
}

/*
 * What happened does not matter, only that something did; IN_IGNORED tells
 * that a watch has left with its file or folder.
 */
static void
woken_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct maillog_file *file = ctx;
	char bytes[4096] __attribute__((aligned(8)));
	const struct inotify_event *event;
	ssize_t got = read(fd, bytes, sizeof(bytes));

	(void)what;
	for (ssize_t at = 0; at < got;
	     at += (ssize_t)(sizeof(*event) + event->len)) {
		event = (const struct inotify_event *)(void *)(bytes + at);
		if ((event->mask & IN_IGNORED) == 0)
			continue;
		if (event->wd == file->folder_watch)
			file->folder_watch = -1;
		if (event->wd == file->file_watch)
			file->file_watch = -1;
	}
	follow(file);
}

static int
set_paths(struct maillog_file *file, const char *path)
{
	char copy[PATH_MAX];

	if (strlen(path) >= sizeof(file->path))
		return -1;
	(void)snprintf(file->path, sizeof(file->path), "%s", path);
	(void)snprintf(copy, sizeof(copy), "%s", path);
	(void)snprintf(file->folder, sizeof(file->folder), "%s",
	    dirname(copy));
	return 0;
}

struct maillog_file *
maillog_file_new(struct event_base *base, const char *path,
    maillog_line_fn line_fn, void *ctx)
{
	static const struct timeval look = { LOOK_SECONDS, 0 };
	struct maillog_file *file = calloc(1, sizeof(*file));

	if (file == NULL || set_paths(file, path) == -1)
		abort();
	file->line_fn = line_fn;
	file->ctx = ctx;
	file->fd = file->file_watch = file->folder_watch = -1;
	file->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	file->look = loop_event_new(base, LOOP_PRIORITY_REST, -1, EV_PERSIST,
	    look_cb, file);
	file->more = loop_event_new(base, LOOP_PRIORITY_REST, -1, 0, more_cb,
	    file);
	(void)event_add(file->look, &look);
	if (file->inotify != -1) {
		file->woken = loop_event_new(base, LOOP_PRIORITY_REST,
		    file->inotify, EV_READ | EV_PERSIST, woken_cb, file);
		(void)event_add(file->woken, NULL);
	}
	watch_folder(file);
	follow(file);
	return file;
}

void
maillog_file_free(struct maillog_file **file)
{
	if (*file == NULL)
		return;
	close_file(*file);
	event_free((*file)->look);
	event_free((*file)->more);
	if ((*file)->woken != NULL)
		event_free((*file)->woken);
	if ((*file)->inotify != -1)
		(void)close((*file)->inotify);
	free(*file);
	*file = NULL;
}
