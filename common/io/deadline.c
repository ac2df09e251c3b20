/*
 * Waiting for a socket, but not beyond a point in time.
 */
#include "io/deadline.h"

#include "io/clock.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

static struct span
time_left(struct mono deadline)
{
	return mono_since(deadline, clock_now().mono);
}

int
deadline_wait(int fd, short events, struct mono deadline)
{
	struct pollfd pollfd = { .fd = fd, .events = events };
	int ready;

	do {
		struct span left = time_left(deadline);
		struct timespec wait = { .tv_sec = left.us / SPAN_SECOND,
			.tv_nsec = left.us % SPAN_SECOND * 1000 };

		if (left.us <= 0)
			break;
		ready = ppoll(&pollfd, 1, &wait, NULL);
		if (ready > 0)
			return 0;
	} while (ready == 0 || errno == EINTR);
	return -1;
}

/*
 * A Unix socket whose backlog is full does not say EINPROGRESS but EAGAIN,
 * and there is nothing to poll for; a blocking connect heeds SO_SNDTIMEO. One
 * of TCP that a signal interrupted goes on, and says EALREADY when asked again.
 */
int
deadline_connect(int fd, const struct sockaddr *address, socklen_t len,
    struct mono deadline)
{
	struct span left;

	while ((left = time_left(deadline)).us > 0) {
		struct timeval wait = { .tv_sec = left.us / SPAN_SECOND,
			.tv_usec = left.us % SPAN_SECOND };

		if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait,
		    sizeof(wait)) == -1)
			return -1;
		if (connect(fd, address, len) == 0)
			return 0;
		if (errno != EINTR && errno != EAGAIN && errno != EINPROGRESS &&
		    errno != EALREADY)
			return -1;
	}
	errno = ETIMEDOUT;
	return -1;
}
