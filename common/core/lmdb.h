/*
 * The rows of an LMDB file, as postmap(1) of Postfix writes it, read from its
 * bytes. Nothing in them is believed: liblmdb maps such a file and follows
 * its numbers, and of 200 damaged tables it crashed on 128 and took 20 for
 * shorter ones. Here every page, node and count is checked, so a file is read
 * whole or refused.
 *
 * Format: LMDB 0.9 (data version 1) of 64-bit machines: pages of one size, two
 * of which describe the last two commits; a B+tree of branch and leaf pages,
 * large values in pages of their own.
 */
#ifndef WEIR_CORE_LMDB_H
#define WEIR_CORE_LMDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lmdb_text { /* neither ends with a NUL */
	const char *bytes;
	size_t len;
};

/* One row, in key order; false ends the reading. */
typedef bool (*lmdb_row_fn)(void *ctx, struct lmdb_text key,
    struct lmdb_text value);

/*
 * 0 when all rows were given, or when fn ended it; -1 with static words in
 * *why_r when the file is none, or damaged; rows may have been given then.
 */
int lmdb_read(const void *bytes, size_t len, lmdb_row_fn fn, void *ctx,
    const char **why_r);

/*
 * Number of the last commit; 0: it cannot be told. The first LMDB_HEAD_MAX
 * bytes of the file say it. When it is the same before and after the file was
 * read, what was read is one commit: LMDB writes no page of the last one.
 */
enum { LMDB_HEAD_MAX = 32768 + 256 };
uint64_t lmdb_commit(const void *bytes, size_t len);

#endif
