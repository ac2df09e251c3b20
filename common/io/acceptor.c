/*
 * Accepting with a cap and without spinning.
 *
 * A listening socket stays readable while clients wait, so whatever keeps us
 * from taking them (the cap, no descriptors left) must also take the socket
 * out of the loop: until one leaves, or for a moment.
 */
#include "io/acceptor.h"

#include "io/clock.h"
#include "io/log.h"
#include "io/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACCEPTS_A_WAKEUP = 16 };

static const struct timeval pause_length = { .tv_usec = 100000 };

struct acceptor {
	struct event *listening;
	struct event *pause;
	int fd;
	uint32_t open, max;
	char *name;
	void (*accepted)(void *ctx, int fd);
	void *ctx;
	struct mono complain_after; /* not before */
};

static bool
may_complain(struct acceptor *acceptor)
{
	struct mono now = clock_now().mono;

	if (mono_before(now, acceptor->complain_after))
		return false;
	acceptor->complain_after = mono_add(now, span_s(60));
	return true;
}

static void
stop_at_cap(struct acceptor *acceptor)
{
	(void)event_del(acceptor->listening);
	if (may_complain(acceptor))
		log_warning("%s: %u clients are open, new ones wait",
		    acceptor->name, acceptor->open);
}

static void
rest(struct acceptor *acceptor, int why)
{
	(void)event_del(acceptor->listening);
	(void)event_add(acceptor->pause, &pause_length);
	if (may_complain(acceptor))
		log_error("%s: cannot accept: %s; clients wait", acceptor->name,
		    strerror(why));
}

/* The client may have left again, which is no error of ours (accept(2)). */
static bool
is_passing(int error)
{
	return error == EINTR || error == ECONNABORTED || error == EPROTO;
}

static void
listening_cb(evutil_socket_t fd, short what, void *arg)
{
	struct acceptor *acceptor = arg;

	(void)what;
	for (int i = 0; i < ACCEPTS_A_WAKEUP; i++) {
		int client;

		if (acceptor->open >= acceptor->max) {
			stop_at_cap(acceptor);
			return;
		}
		client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (client == -1 && is_passing(errno))
			continue;
		if (client == -1) {
			if (errno != EAGAIN && errno != EWOULDBLOCK)
				rest(acceptor, errno);
			return;
		}
		acceptor->open++;
		acceptor->accepted(acceptor->ctx, client);
	}
}

static void
pause_cb(evutil_socket_t fd, short what, void *arg)
{
	struct acceptor *acceptor = arg;

	(void)fd;
	(void)what;
	(void)event_add(acceptor->listening, NULL);
}

struct acceptor *
acceptor_new(struct event_base *base, int fd, uint32_t max, const char *name,
    void (*accepted)(void *ctx, int fd), void *ctx)
{
	struct acceptor *acceptor = calloc(1, sizeof(*acceptor));

	if (acceptor == NULL)
		abort();
	*acceptor = (struct acceptor){ .fd = fd,
		.max = max,
		.name = strdup(name),
		.accepted = accepted,
		.ctx = ctx };
	acceptor->listening = loop_event_new(base, LOOP_PRIORITY_POLICY, fd,
	    EV_READ | EV_PERSIST, listening_cb, acceptor);
	acceptor->pause = loop_event_new(base, LOOP_PRIORITY_POLICY, -1, 0,
	    pause_cb, acceptor);
	if (acceptor->name == NULL)
		abort();
	(void)event_add(acceptor->listening, NULL);
	return acceptor;
}

void
acceptor_free(struct acceptor **acceptorp)
{
	struct acceptor *acceptor = *acceptorp;

	if (acceptor == NULL)
		return;
	event_free(acceptor->listening);
	event_free(acceptor->pause);
	(void)close(acceptor->fd);
	free(acceptor->name);
	free(acceptor);
	*acceptorp = NULL;
}

void
acceptor_gone(struct acceptor *acceptor)
{
	bool was_full = acceptor->open >= acceptor->max;

	acceptor->open--;
	if (was_full && !event_pending(acceptor->pause, EV_TIMEOUT, NULL))
		(void)event_add(acceptor->listening, NULL);
}

uint32_t
acceptor_open(const struct acceptor *acceptor)
{
	return acceptor->open;
}

const char *
acceptor_name(const struct acceptor *acceptor)
{
	return acceptor->name;
}
