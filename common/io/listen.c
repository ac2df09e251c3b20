/*
 * Listening sockets: passed to us, else opened here.
 */
#include "io/listen.h"

#include "core/netaddr.h"
#include "core/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

/* Descriptors passed to us and not asked for yet; -1 where taken. */
static int passed[LISTEN_MAX];
static int npassed = -1; /* -1: the environment was not read yet */

/* Paths that are of this process, and which files they were. */
static struct bound {
	char path[LISTEN_PATH_MAX];
	struct stat was;
} bound[LISTEN_MAX];
static size_t nbound;

/* --- names --- */

static int
parse_inet(const char *text, struct listen_address *address,
    const char **why_r)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon == NULL ? 0 : (size_t)(colon - text);
	unsigned char bytes[16];

	*why_r = "should be \"inet:ADDRESS:PORT\" with a numeric address and "
	         "a port from 1 to 65535";
	if (colon == NULL || port_parse(colon + 1, &address->port) == -1)
		return -1;
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (text_copy_n(address->host, sizeof(address->host), text, len) == -1)
		return -1;
	if (inet_pton(AF_INET, address->host, bytes) != 1 &&
	    inet_pton(AF_INET6, address->host, bytes) != 1)
		return -1;
	return 0;
}

int
listen_parse(const char *text, struct listen_address *address,
    const char **why_r)
{
	memset(address, 0, sizeof(*address));
	if (strncmp(text, "inet:", 5) == 0)
		return parse_inet(text + 5, address, why_r);
	if (strncmp(text, "unix:", 5) != 0) {
		*why_r = "should begin with \"unix:\" or \"inet:\"";
		return -1;
	}
	address->is_unix = true;
	if (text[5] != '/') {
		*why_r = "should name an absolute path after \"unix:\"";
		return -1;
	}
	if (text_copy(address->path, sizeof(address->path), text + 5) == -1) {
		*why_r = "should have a path of at most 103 characters";
		return -1;
	}
	return 0;
}

socklen_t
listen_sockaddr(const struct listen_address *address,
    union listen_sockaddr *any)
{
	memset(any, 0, sizeof(*any));
	if (address->is_unix) {
		any->un.sun_family = AF_UNIX;
		(void)text_copy(any->un.sun_path, sizeof(any->un.sun_path),
		    address->path);
		return sizeof(any->un);
	}
	if (inet_pton(AF_INET, address->host, &any->in.sin_addr) == 1) {
		any->in.sin_family = AF_INET;
		any->in.sin_port = htons(address->port);
		return sizeof(any->in);
	}
	(void)inet_pton(AF_INET6, address->host, &any->in6.sin6_addr);
	any->in6.sin6_family = AF_INET6;
	any->in6.sin6_port = htons(address->port);
	return sizeof(any->in6);
}

/* --- passed to us --- */

/*
 * sd_listen_fds(3): LISTEN_PID must be ours, so that a child that inherits the
 * environment does not take its parent's sockets.
 */
static void
read_environment(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *fds = getenv("LISTEN_FDS");
	long count;

	npassed = 0;
	if (pid == NULL || fds == NULL || strtol(pid, NULL, 10) != getpid())
		return;
	count = strtol(fds, NULL, 10);
	for (int i = 0; i < count && i < LISTEN_MAX; i++) {
		passed[i] = LISTEN_FIRST_FD + i;
		(void)fcntl(passed[i], F_SETFD, FD_CLOEXEC);
		npassed++;
	}
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
}

static bool
bound_to(int fd, const union listen_sockaddr *want)
{
	union listen_sockaddr have;
	socklen_t len = sizeof(have);

	memset(&have, 0, sizeof(have));
	if (getsockname(fd, &have.sa, &len) == -1 ||
	    have.sa.sa_family != want->sa.sa_family)
		return false;
	switch (want->sa.sa_family) {
	case AF_UNIX:
		return strcmp(have.un.sun_path, want->un.sun_path) == 0;
	case AF_INET:
		return have.in.sin_port == want->in.sin_port &&
		    have.in.sin_addr.s_addr == want->in.sin_addr.s_addr;
	default:
		return have.in6.sin6_port == want->in6.sin6_port &&
		    memcmp(&have.in6.sin6_addr, &want->in6.sin6_addr,
		    sizeof(have.in6.sin6_addr)) == 0;
	}
}

static int
take_passed(const union listen_sockaddr *want)
{
	for (int i = 0; i < npassed; i++) {
		int fd = passed[i];

		if (fd != -1 && bound_to(fd, want)) {
			passed[i] = -1;
			return fd;
		}
	}
	return -1;
}

void
listen_close_rest(void)
{
	for (int i = 0; i < npassed; i++) {
		if (passed[i] != -1)
			(void)close(passed[i]);
		passed[i] = -1;
	}
}

/* --- opened here --- */

/*
 * Holds PATH.lock for as long as this process lives; the descriptor is left
 * open on purpose. The lock, not a trial connect, tells whether the owner of a
 * socket lives: it cannot be confused by a full backlog.
 */
static int
lock_path(const char *path)
{
	char lock[LISTEN_PATH_MAX + 8];
	int fd;

	(void)snprintf(lock, sizeof(lock), "%s.lock", path);
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		(void)close(fd);
		errno = EADDRINUSE;
		return -1;
	}
	return fd;
}

static struct bound *
find_bound(const char *path)
{
	for (size_t i = 0; i < nbound; i++) {
		if (strcmp(bound[i].path, path) == 0)
			return &bound[i];
	}
	return NULL;
}

static void
note_bound(const char *path)
{
	struct bound *one = find_bound(path);
	struct stat st;

	if (lstat(path, &st) == -1 || (one == NULL && nbound == LISTEN_MAX))
		return;
	if (one == NULL)
		one = &bound[nbound++];
	(void)text_copy(one->path, sizeof(one->path), path);
	one->was = st;
}

static int
remove_stale(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return -1;
	}
	return unlink(path);
}

/*
 * Root may do this in a folder of the daemon's user, who can put a link in the
 * socket's place at any moment: so the mode is there from the start, and what
 * is given to the group is at most the link. Nobody can connect before listen.
 */
static int
bind_unix(int fd, const union listen_sockaddr *any, socklen_t len,
    const struct listen_access *access)
{
	const char *path = any->un.sun_path;
	mode_t before;
	int result;

	if (remove_stale(path) == -1)
		return -1;
	before = umask(0777 & ~access->mode);
	result = bind(fd, &any->sa, len);
	(void)umask(before);
	if (result == -1)
		return -1;
	note_bound(path);
	if (access->group == (gid_t)-1)
		return 0;
	return lchown(path, (uid_t)-1, access->group);
}

static int
open_socket(const struct listen_address *address,
    const union listen_sockaddr *any, socklen_t len,
    const struct listen_access *access)
{
	int on = 1, saved, lock = -1;
	int fd = socket(any->sa.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	if (address->is_unix) {
		lock = lock_path(address->path);
		if (lock == -1 || bind_unix(fd, any, len, access) == -1)
			goto fail;
	} else if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
	    sizeof(on)) == -1 || bind(fd, &any->sa, len) == -1) {
		goto fail;
	}
	if (listen(fd, BACKLOG) == 0)
		return fd;
fail:
	saved = errno;
	if (lock != -1)
		(void)close(lock);
	(void)close(fd);
	errno = saved;
	return -1;
}

int
listen_get(const struct listen_address *address,
    const struct listen_access *access, bool *passed_r)
{
	union listen_sockaddr any;
	socklen_t len = listen_sockaddr(address, &any);
	int fd;

	if (npassed == -1)
		read_environment();
	fd = take_passed(&any);
	if (passed_r != NULL)
		*passed_r = fd != -1;
	if (fd == -1)
		return open_socket(address, &any, len, access);
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == -1) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

void
listen_bound(const struct listen_address *address)
{
	if (address->is_unix)
		note_bound(address->path);
}

void
listen_remove(const struct listen_address *address)
{
	const struct bound *one =
	    address->is_unix ? find_bound(address->path) : NULL;
	struct stat now;

	if (one != NULL && lstat(one->path, &now) == 0 &&
	    now.st_dev == one->was.st_dev && now.st_ino == one->was.st_ino)
		(void)unlink(one->path);
}
