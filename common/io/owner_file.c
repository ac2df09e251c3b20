/*
 * Tables of owners from files.
 *
 * LMDB files are read from their bytes (core/lmdb.h says why). Keys are those
 * of postmap: in lower case, with a NUL behind them or without, as are values.
 * One with the realm counts before one without it.
 */
#include "io/owner_file.h"

#include "core/lmdb.h"
#include "io/owner_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct content {
	char *bytes; /* for free() */
	size_t len;
};

/* --- versions --- */

static struct owner_stamp
stamp_of(const struct stat *st)
{
	return (struct owner_stamp) { st->st_dev, st->st_ino, st->st_size,
		st->st_mtim, st->st_ctim };
}

int
owner_stamp_get(const char *path, struct owner_stamp *stamp)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return -1;
	*stamp = stamp_of(&st);
	return 0;
}

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool
owner_stamp_same(const struct owner_stamp *a, const struct owner_stamp *b)
{
	return a->device == b->device && a->inode == b->inode &&
	    a->size == b->size && same_time(&a->changed, &b->changed) &&
	    same_time(&a->touched, &b->touched);
}

/* --- bytes --- */

/* Non-blocking: a pipe in the file's place must not hold us. */
static int
open_file(const char *path, struct owner_rows *rows, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *wrong = NULL;

	if (fd == -1 || fstat(fd, st) == -1)
		wrong = strerror(errno);
	else if (!S_ISREG(st->st_mode))
		wrong = "it is no regular file";
	else if (st->st_size > OWNER_FILE_MAX)
		wrong = "it is larger than 512 MiB";
	if (wrong == NULL)
		return fd;
	owner_rows_mistake(rows, 0, "cannot be read: %s", wrong);
	if (fd != -1)
		(void)close(fd);
	return -1;
}

/* False when there is less of it than its size said: it was cut meanwhile. */
static bool
read_bytes(int fd, struct content *content, size_t size)
{
	content->bytes = malloc(size + 1);
	if (content->bytes == NULL)
		abort();
	for (content->len = 0; content->len < size;) {
		ssize_t n = read(fd, content->bytes + content->len,
		    size - content->len);

		if (n <= 0 && !(n == -1 && errno == EINTR))
			return false;
		content->len += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* LMDB says itself whether a commit came in between. */
static bool
is_one_version(int fd, const struct content *content, bool lmdb,
    const struct stat *before)
{
	struct owner_stamp then = stamp_of(before), now;
	char head[LMDB_HEAD_MAX];
	struct stat st;
	ssize_t len;

	if (fstat(fd, &st) == -1)
		return false;
	now = stamp_of(&st);
	if (!lmdb)
		return owner_stamp_same(&then, &now);
	len = pread(fd, head, sizeof(head), 0);
	return len >= 0 && lmdb_commit(head, (size_t)len) ==
	    lmdb_commit(content->bytes, content->len);
}

/* --- LMDB --- */

struct lmdb_rows {
	struct owner_rows *rows;
	bool with_realm; /* these keys, else the others */
};

static size_t
without_nul(struct lmdb_text text)
{
	return text.len > 0 && text.bytes[text.len - 1] == '\0' ? text.len - 1
	                                                        : text.len;
}

static bool
lmdb_row_cb(void *ctx, struct lmdb_text key, struct lmdb_text value)
{
	struct lmdb_rows *turn = ctx;
	size_t len = without_nul(key);
	bool with_realm = memchr(key.bytes, '@', len) != NULL;

	if (with_realm == turn->with_realm)
		owner_rows_value(turn->rows, key.bytes, len, value.bytes,
		    without_nul(value), !with_realm);
	return true;
}

static void
read_lmdb(struct owner_rows *rows, const struct content *content)
{
	const char *why;

	for (int i = 0; i < 2; i++) {
		struct lmdb_rows turn = { rows, i == 0 };

		if (lmdb_read(content->bytes, content->len, lmdb_row_cb,
		    &turn, &why) == -1) {
			owner_rows_mistake(rows, 0, "is no sound table (%s); "
			    "make it anew with postmap", why);
			return;
		}
	}
}

/* --- the whole --- */

enum owner_loaded
owner_file_load(const struct config *config, const char *path, bool lmdb,
    struct config_errors *errors, struct owners **owners_r,
    struct owner_stamp *stamp_r)
{
	struct owner_rows *rows = owner_rows_new(config, path, errors);
	struct content content = { NULL, 0 };
	struct stat st;
	int fd = open_file(path, rows, &st);
	bool whole = false;

	memset(stamp_r, 0, sizeof(*stamp_r));
	if (fd != -1) {
		*stamp_r = stamp_of(&st);
		whole = read_bytes(fd, &content, (size_t)st.st_size) &&
		    is_one_version(fd, &content, lmdb, &st);
		(void)close(fd);
	}
	if (whole && lmdb)
		read_lmdb(rows, &content);
	else if (whole)
		owner_rows_file(rows, content.bytes, content.len);
	free(content.bytes);
	*owners_r = owner_rows_end(&rows);
	if (fd == -1)
		return OWNER_UNREAD;
	if (!whole) {
		owners_unref(owners_r);
		return OWNER_CHANGING;
	}
	return *owners_r == NULL ? OWNER_MISTAKEN : OWNER_LOADED;
}
