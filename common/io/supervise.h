/*
 * --supervise: a small parent that holds the listening sockets and starts the
 * worker again when it dies, so that a client meets a queue instead of a
 * refused connection.
 */
#ifndef WEIR_IO_SUPERVISE_H
#define WEIR_IO_SUPERVISE_H

#include "io/listen.h"

struct supervised_socket {
	struct listen_address address;
	struct listen_access access;
};

/*
 * Opens the sockets, then runs argv (the same program without --supervise)
 * with them passed, again and again: at once after a worker that lived a
 * second, else after a pause that grows from 100 ms to 1 s. TERM and INT end
 * both; HUP, USR1 and USR2 are passed on. The worker ends with its parent. Unix
 * sockets opened here are removed at the end. Returns the exit status for main:
 * EX_OSERR when a socket cannot be had, that of a worker that refused to start
 * (EX_USAGE to EX_CONFIG), else 0 after TERM or INT.
 */
int supervise(const struct supervised_socket *, size_t count,
    char *const argv[]);

#endif
