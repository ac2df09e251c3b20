/*
 * Programs of Postfix that we run: their output, line by line. Blocks, and is
 * for one thread at a time.
 */
#ifndef WEIR_IO_CHILD_H
#define WEIR_IO_CHILD_H

#include "core/span.h"

/* The line is without its newline and borrowed; longer ones are cut off. */
typedef void (*child_line_fn)(void *ctx, const char *line);

enum { CHILD_LINE_MAX = 1 << 20 };

/*
 * Runs argv[0], found in PATH or in /usr/sbin, and hands out what it writes on
 * descriptor 1 or 2; the other one is thrown away. Its exit status, or -1: it
 * could not be run, was killed by a signal, or was not done at until (then it
 * is killed). SIGCHLD has its default action afterwards.
 */
int child_run(const char *const *argv, int descriptor, struct mono until,
    child_line_fn, void *ctx);

#endif
