/*
 * Listening sockets that outlive their daemon.
 *
 * Whoever starts us may hold them: systemd's socket units, or our own
 * --supervise parent (io/supervise.h). Both pass them as LISTEN_PID and
 * LISTEN_FDS (sd_listen_fds(3)); each is recognised by its address, so no
 * names are agreed upon. What is not passed is opened here.
 */
#ifndef WEIR_IO_LISTEN_H
#define WEIR_IO_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

enum {
	LISTEN_MAX = 32,
	LISTEN_PATH_MAX = 104, /* with its NUL; libmilter takes no more */
	LISTEN_HOST_MAX = 64,
	LISTEN_FIRST_FD = 3, /* of those passed: SD_LISTEN_FDS_START */
};

struct listen_address { /* "unix:PATH" or "inet:HOST:PORT" */
	bool is_unix;
	char path[LISTEN_PATH_MAX];
	char host[LISTEN_HOST_MAX]; /* numeric, "[::1]" without brackets */
	uint16_t port;
};

struct listen_access { /* of a Unix socket; inet ones have none */
	mode_t mode;
	gid_t group; /* (gid_t)-1: leave it */
};

/* 0, or -1 and *why_r says what would be right. */
int listen_parse(const char *text, struct listen_address *address_r,
    const char **why_r);

union listen_sockaddr {
	struct sockaddr sa;
	struct sockaddr_un un;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* The same for bind(2) and connect(2); its length. */
socklen_t listen_sockaddr(const struct listen_address *,
    union listen_sockaddr *sockaddr_r);

/*
 * A listening, non-blocking, close-on-exec descriptor: the one passed to us,
 * else a new one. A Unix socket left behind by a dead process is replaced; one
 * that a live process holds (a lock beside it, PATH.lock, tells) is not: -1
 * with errno EADDRINUSE. *passed_r (may be NULL) says which it was.
 */
int listen_get(const struct listen_address *, const struct listen_access *,
    bool *passed_r);

/*
 * The path of a Unix socket is one that this process has bound; listen_get
 * knows of its own. What somebody else has put there meanwhile is not.
 */
void listen_bound(const struct listen_address *);

/*
 * Removes the path of a Unix socket this process has bound, while it is still
 * that one: a folder that was removed took the lock along, and another process
 * may serve there now. To be called before the socket is closed, or its inode
 * may be another's.
 */
void listen_remove(const struct listen_address *);

/* Closes passed descriptors nobody asked for, when all have asked. */
void listen_close_rest(void);

#endif
