/*
 * A file is made beside, brought to disk, and takes the place of the old one;
 * then its folder is brought to disk too, so that what is written after it is
 * never there without it.
 */
#include "content.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int
read_all(int fd, struct content *content)
{
	ssize_t got;

	content->text = malloc(CONTENT_MAX + 1);
	if (content->text == NULL)
		abort();
	while ((got = read(fd, content->text + content->len,
	    CONTENT_MAX - content->len)) != 0) {
		if (got == -1 && errno != EINTR)
			return -1;
		content->len += got > 0 ? (size_t)got : 0;
	}
	if (content->len == CONTENT_MAX) {
		errno = EFBIG;
		return -1;
	}
	content->text[content->len] = '\0';
	return 0;
}

int
content_read(const char *path, struct content *content_r)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), result, error;

	content_r->text = NULL;
	content_r->len = 0;
	if (fd == -1)
		return -1;
	result = read_all(fd, content_r);
	error = errno;
	(void)close(fd);
	if (result == -1) {
		free(content_r->text);
		content_r->text = NULL;
	}
	errno = error;
	return result;
}

static int
write_all(int fd, const struct content *content)
{
	size_t at = 0;

	while (at < content->len) {
		ssize_t wrote =
		    write(fd, content->text + at, content->len - at);

		if (wrote == -1 && errno != EINTR)
			return -1;
		at += wrote > 0 ? (size_t)wrote : 0;
	}
	return fsync(fd);
}

/* Owner and mode of what it replaces. */
static int
take_after(int fd, const char *path, mode_t mode)
{
	struct stat status;

	if (stat(path, &status) == 0)
		return fchown(fd, status.st_uid, status.st_gid) == 0 &&
		    fchmod(fd, status.st_mode & 07777) == 0 ? 0 : -1;
	return errno == ENOENT ? fchmod(fd, mode) : -1;
}

static int
fill(int fd, const char *path, const struct content *content, mode_t mode)
{
	int result = take_after(fd, path, mode);

	if (result == 0)
		result = write_all(fd, content);
	return close(fd) == 0 ? result : -1;
}

/* path is cut short. Not every file system can do it. */
static int
sync_folder(char *path)
{
	int fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (fd == -1)
		return -1;
	result = fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP ? 0 : -1;
	(void)close(fd);
	return result;
}

int
content_write(const char *path, const struct content *content, mode_t mode)
{
	char target[PATH_MAX], beside[PATH_MAX + 8];
	int fd, error;

	if (realpath(path, target) == NULL &&
	    (errno != ENOENT || snprintf(target, sizeof(target), "%s", path) >=
	    (int)sizeof(target)))
		return -1;
	(void)snprintf(beside, sizeof(beside), "%s.XXXXXX", target);
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd == -1)
		return -1;
	if (fill(fd, target, content, mode) == 0 && rename(beside, target) == 0)
		return sync_folder(target);
	error = errno;
	(void)unlink(beside);
	errno = error;
	return -1;
}
