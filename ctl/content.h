/*
 * A file as a whole: read, and replaced at once.
 */
#ifndef WEIR_CTL_CONTENT_H
#define WEIR_CTL_CONTENT_H

#include <stddef.h>
#include <sys/types.h>

struct content {    /* bytes with a NUL behind them */
	char *text; /* for free(); NULL: there is none */
	size_t len;
};

enum { CONTENT_MAX = 16 << 20 };

/* 0, or -1 with errno; EFBIG beyond CONTENT_MAX. */
int content_read(const char *path, struct content *content_r);

/*
 * Puts it in place of path in one step: what is there is whole at any time, and
 * the new one on disk on return. A file that is there keeps its owner and mode,
 * a link its target; a new one gets that mode. 0, or -1 with errno.
 */
int content_write(const char *path, const struct content *, mode_t mode);

#endif
