/*
 * What libmilter asks of the system, asked less often.
 *
 * libmilter 8.17 takes each frame in two pieces, its length and the rest, and
 * calls poll(2) before either and before the frame: five system calls,
 * seventeen times a message, where Postfix sends most frames several at once.
 * Half of its time went there. Its calls go through the dynamic linker, which
 * takes the program's own functions before the C library's (as in io/loop.c):
 * those below. Waiting for a session's socket reads what has come, whole; what
 * is read then comes from memory. Whether there is room for an answer is not
 * asked either: writing waits for it, as long as poll would have.
 *
 * Only sockets that accept(2) gave are treated so, and in this process nobody
 * but libmilter accepts. It hands a session from one thread to another only
 * when nothing was there to be read (mi_engine), so what was read ahead belongs
 * to the thread. That it never reaches the next session of the same descriptor
 * does not rest on that: each has a number of its own. Descriptors beyond
 * AHEAD_FDS, and all others, are left to the system.
 *
 * The C library's own calls are reached by other names: accept4, ppoll, recv
 * and syscall.
 */
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
	AHEAD_MAX = 65536, /* a body comes in frames of as much */
	AHEAD_FDS = 65536,
};

/* descriptor -> what it is, or SESSION + how many ms the kernel waits on it */
enum { NO_SESSION, SESSION };
static _Atomic int waits[AHEAD_FDS];
static _Atomic unsigned closed[AHEAD_FDS]; /* how many sessions were */

static _Thread_local struct {
	int fd;
	unsigned session; /* of that descriptor */
	size_t start, end;
	char bytes[AHEAD_MAX];
} ahead;

static bool
is_session(int fd)
{
	return fd >= 0 && fd < AHEAD_FDS && waits[fd] != NO_SESSION;
}

static bool
has_some(int fd)
{
	return ahead.fd == fd && ahead.session == closed[fd] &&
	    ahead.start < ahead.end;
}

/*
 * The kernel keeps the time, so waiting and reading are one call, and waiting
 * and writing are. To it 0 is without end, which to poll is what is below 0.
 */
static int
be_patient(int fd, int ms)
{
	struct timeval wait;

	if (ms < 0)
		ms = 0;
	if (waits[fd] == SESSION + ms)
		return 0;
	wait = (struct timeval) { .tv_sec = ms / 1000,
		.tv_usec = (suseconds_t)(ms % 1000) * 1000 };
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait,
	    sizeof(wait)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == -1)
		return -1;
	waits[fd] = SESSION + ms;
	return 0;
}

/* As poll(2): 1 also when the end or an error is what there is to be read. */
static int
wait_and_read(int fd, int ms)
{
	ssize_t len;

	if (ms != 0 && be_patient(fd, ms) == -1)
		return -1;
	len = recv(fd, ahead.bytes, sizeof(ahead.bytes),
	    ms == 0 ? MSG_DONTWAIT : 0);
	if (len == -1 && errno == EINTR)
		return -1;
	if (len == -1 && errno == EAGAIN)
		return 0;
	ahead.fd = fd;
	ahead.session = closed[fd];
	ahead.start = 0;
	ahead.end = len > 0 ? (size_t)len : 0;
	return 1;
}

/* --- in the place of the C library's --- */

int
accept(int listener, struct sockaddr *address, socklen_t *len)
{
	int fd = accept4(listener, address, len, 0);

	if (fd >= 0 && fd < AHEAD_FDS)
		waits[fd] = SESSION;
	return fd;
}

int
close(int fd)
{
	if (is_session(fd)) {
		waits[fd] = NO_SESSION;
		closed[fd]++;
	}
	return (int)syscall(SYS_close, fd);
}

/* Its own declaration says that it only writes to what it is given. */
int poll_ahead(struct pollfd *, nfds_t, int) __asm__("poll");

int
poll_ahead(struct pollfd *fds, nfds_t count, int ms)
{
	struct timespec wait = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000L };
	bool writes = fds->events & POLLOUT;
	int ready = 1;

	if (count != 1 || !is_session(fds->fd) ||
	    (writes && (ms == 0 || be_patient(fds->fd, ms) == -1)))
		return ppoll(fds, count, ms < 0 ? NULL : &wait, NULL);
	if (writes) {
		fds->revents = POLLOUT;
		return 1;
	}
	if (!has_some(fds->fd))
		ready = wait_and_read(fds->fd, ms);
	fds->revents = ready == 1 ? POLLIN : 0;
	return ready;
}

ssize_t
read(int fd, void *buf, size_t size)
{
	size_t len;

	if (!is_session(fd))
		return syscall(SYS_read, fd, buf, size);
	if (!has_some(fd))
		return recv(fd, buf, size, 0);
	len = ahead.end - ahead.start < size ? ahead.end - ahead.start : size;
	memcpy(buf, ahead.bytes + ahead.start, len);
	ahead.start += len;
	return (ssize_t)len;
}

/*
 * Where libmilter was built with _FORTIFY_SOURCE and its compiler saw how large
 * the buffer is, it calls this one. A poll that reads ahead and a read that
 * does not would lose what the client said, hence both, whatever the build.
 */
ssize_t read_checked(int, void *, size_t, size_t) __asm__("__read_chk");

ssize_t
read_checked(int fd, void *buf, size_t size, size_t room)
{
	if (size > room)
		abort();
	return read(fd, buf, size);
}
