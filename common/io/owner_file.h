/*
 * A table of owners from a file: the source postmap(1) would read, or the LMDB
 * file it writes. Read whole, in one go and as one version, or not at all;
 * nothing stays open or mapped, so whatever happens to the file afterwards
 * happens to the file alone.
 */
#ifndef WEIR_IO_OWNER_FILE_H
#define WEIR_IO_OWNER_FILE_H

#include "core/owners.h"
#include "io/config_file.h"

#include <sys/types.h>
#include <time.h>

enum { OWNER_FILE_MAX = 512 << 20 }; /* bytes */

struct owner_stamp { /* which version of a file it is */
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed; /* content */
	struct timespec touched; /* content, name or mode */
};

/* 0, or -1 with errno: there is no such file. */
int owner_stamp_get(const char *path, struct owner_stamp *stamp_r);
bool owner_stamp_same(const struct owner_stamp *, const struct owner_stamp *);

enum owner_loaded {
	OWNER_LOADED,
	OWNER_MISTAKEN, /* errors tell */
	OWNER_UNREAD, /* it cannot be had now, errors tell: try again */
	OWNER_CHANGING, /* somebody writes it: try again */
};

/*
 * One reference in *owners_r, or NULL unless it was LOADED; and the version it
 * was read from, zero when UNREAD. lmdb: else it is text. Mistakes go behind
 * those errors has.
 */
enum owner_loaded owner_file_load(const struct config *, const char *path,
    bool lmdb, struct config_errors *errors, struct owners **owners_r,
    struct owner_stamp *stamp_r);

#endif
