/*
 * Sockets of blocking clients, each step within a deadline of the whole: a
 * server that trickles bytes stretches no call.
 */
#ifndef WEIR_IO_DEADLINE_H
#define WEIR_IO_DEADLINE_H

#include "core/span.h"

#include <sys/socket.h>

/* Until one of the events of poll(2): 0, or -1 when the deadline came first. */
int deadline_wait(int fd, short events, struct mono deadline);

/* connect(2) of a blocking socket: 0, or -1 with errno, ETIMEDOUT too. */
int deadline_connect(int fd, const struct sockaddr *, socklen_t,
    struct mono deadline);

#endif
