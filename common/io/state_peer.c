/*
 * One client of the state: its bytes, its answers, and when it must wait.
 *
 * One wake-up (state_peer_wake) serves requests until there is none left
 * whole, the client's share of time is used up or it has to wait, then sends
 * what was answered and decides what to listen for. Nothing frees a peer but
 * that and the loop's own callbacks, so a handler never sees its peer vanish;
 * whatever goes wrong in between only marks it.
 */
#include "io/state_peer.h"

#include "core/text.h"
#include "io/clock.h"
#include "io/loop.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	WAKEUP_REQUESTS = 64, /* of one client before others have theirs */
	WAKEUP_US = 1000,
	UNREAD_MAX =
	    65536, /* answers a client may leave unread and be served */
};

static const struct resp_limits request_limits = {
	.elements = WIRE_ARGS_MAX,
	.bytes = WIRE_PENDING_MAX,
};

static void
doom(struct state_peer *peer, const char *why)
{
	if (peer->why[0] == '\0')
		(void)text_escape(
		    peer->why, sizeof(peer->why), why, strlen(why));
}

/* Wakes the client when those of lower priority have had their turn. */
static void
wake_again(struct state_peer *peer)
{
	static const struct timeval at_once = { 0 };
	struct state_server *server = peer->server;

	if (peer->again)
		return;
	peer->again = true;
	TAILQ_INSERT_TAIL(&server->again, peer, again_link);
	if (!event_pending(server->turn, EV_TIMEOUT, NULL))
		(void)event_add(server->turn, &at_once);
}

/* --- answers --- */

static struct resp_out *
answer(struct state_peer *peer)
{
	assert(!peer->note && !peer->answered && peer->ticket == 0);
	peer->answered = true;
	if (!peer->awake)
		wake_again(peer);
	return &peer->out;
}

void
state_reply_status(struct state_peer *peer, const char *text)
{
	resp_put_line(answer(peer), '+', text);
}

void
state_reply_ok(struct state_peer *peer)
{
	state_reply_status(peer, "OK");
}

void
state_reply_error(struct state_peer *peer, const char *error)
{
	if (peer->note)
		doom(peer, error);
	else
		resp_put_line(answer(peer), '-', error);
}

void
state_reply_bulk(struct state_peer *peer, const char *bytes, size_t len)
{
	resp_put_bulk(answer(peer), bytes, len);
}

void
state_reply_strings(
    struct state_peer *peer, const char *const *list, size_t count)
{
	resp_put_strings(answer(peer), count, list);
}

uint64_t
state_suspend(struct state_peer *peer)
{
	assert(!peer->note && !peer->answered && peer->ticket == 0);
	peer->ticket = ++peer->server->tickets;
	return peer->ticket;
}

/* One that has only said all it had to say (SHUT_WR) still listens. */
bool
state_peer_left(struct state_peer *peer)
{
	struct pollfd look = { .fd = peer->fd };

	if (poll(&look, 1, 0) == 1)
		peer->gone = true;
	return peer->gone;
}

struct state_peer *
state_resume(struct state_server *server, uint64_t ticket)
{
	struct state_peer *peer = TAILQ_FIRST(&server->peers);

	while (peer != NULL && peer->ticket != ticket)
		peer = TAILQ_NEXT(peer, link);
	if (peer == NULL || ticket == 0)
		return NULL;
	peer->ticket = 0;
	/* while it waited nobody listened whether it is still there */
	if (!state_peer_left(peer))
		return peer;
	wake_again(peer);
	return NULL;
}

const char *
state_peer_instance(const struct state_peer *peer)
{
	return peer->instance;
}

unsigned
state_peer_roles(const struct state_peer *peer)
{
	return peer->roles & peer->lowered;
}

void
state_peer_close(struct state_peer *peer)
{
	struct state_server *server = peer->server;

	TAILQ_REMOVE(&server->peers, peer, link);
	if (peer->again)
		TAILQ_REMOVE(&server->again, peer, again_link);
	event_free(peer->readable);
	event_free(peer->writable);
	(void)close(peer->fd);
	server->readers -= peer->counted;
	acceptor_gone(server->acceptor);
	if (peer->instance[0] != '\0' && server->settings.instance_down != NULL)
		server->settings.instance_down(
		    server->settings.ctx, peer->instance);
	resp_free(&peer->resp);
	resp_out_clear(&peer->out);
	free(peer);
}

static void
read_some(struct state_peer *peer)
{
	char bytes[RESP_FEED_MAX];
	ssize_t len = recv(peer->fd, bytes, sizeof(bytes), 0);

	if (len > 0)
		resp_feed(peer->resp, bytes, (size_t)len);
	else if (len == 0 || (errno != EAGAIN && errno != EINTR))
		peer->gone = true;
}

static void
send_some(struct state_peer *peer)
{
	struct resp_out *out = &peer->out;
	ssize_t len;

	if (resp_out_pending(out) == 0)
		return;
	if (resp_out_pending(out) > WIRE_OUTPUT_MAX) {
		doom(peer, "answers too large to keep");
		return;
	}
	len = send(peer->fd, out->bytes + out->start, resp_out_pending(out),
	    MSG_NOSIGNAL);
	if (len > 0)
		resp_out_sent(out, (size_t)len);
	else if (errno != EAGAIN && errno != EINTR)
		peer->gone = true;
}

static bool
must_wait(const struct state_peer *peer)
{
	return peer->gone || peer->why[0] != '\0' || peer->ticket != 0 ||
	       resp_out_pending(&peer->out) > UNREAD_MAX;
}

/*
 * Serves what is there, reading once, as long as this client's share lasts and
 * it need not wait. False when there is nothing more to serve.
 */
static bool
serve_some(struct state_peer *peer, int64_t since_us)
{
	struct resp_frame frame;
	bool has_read = false;
	int served = 0;

	while (!must_wait(peer)) {
		switch (resp_next(peer->resp, &frame)) {
		case RESP_BAD:
			doom(peer, resp_why(peer->resp));
			break;
		case RESP_MORE:
			if (has_read)
				return false;
			has_read = true;
			read_some(peer);
			break;
		case RESP_FRAME:
			state_server_request(peer, &frame);
			if (++served == WAKEUP_REQUESTS ||
			    clock_now().mono.us - since_us > WAKEUP_US)
				return true;
			break;
		}
	}
	return true;
}

static void
listen_for(struct event *event, bool wanted)
{
	bool listening = event_pending(event, EV_READ | EV_WRITE, NULL) != 0;

	if (wanted && !listening)
		(void)event_add(event, NULL);
	else if (!wanted && listening)
		(void)event_del(event);
}

/* What the client waits for, or its end. */
static void
settle(struct state_peer *peer)
{
	if (peer->why[0] != '\0')
		complaints_add(peer->server->complaints,
		    "closed a client (pid %ld, uid %lu): %s",
		    (long)peer->user.pid, (unsigned long)peer->user.uid,
		    peer->why);
	if (peer->gone || peer->why[0] != '\0') {
		state_peer_close(peer);
		return;
	}
	listen_for(peer->readable, !peer->again && !must_wait(peer));
	listen_for(peer->writable, resp_out_pending(&peer->out) > 0);
}

void
state_peer_wake(struct state_peer *peer)
{
	struct state_server *server = peer->server;
	int64_t since_us = clock_now().mono.us;
	bool more = true;

	peer->awake = true;
	if (server->spent_us < STATE_TURN_US)
		more = serve_some(peer, since_us);
	send_some(peer);
	peer->awake = false;
	if (more && !must_wait(peer))
		wake_again(peer);
	server->spent_us += clock_now().mono.us - since_us;
	settle(peer);
}

static void
readable_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	state_peer_wake(arg);
}

/* With its answers read a client may be served again. */
static void
writable_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	state_peer_wake(arg);
}

static struct event *
new_event(struct state_peer *peer, short what, event_callback_fn fn)
{
	return loop_event_new(peer->server->base, LOOP_PRIORITY_STATE,
	    peer->fd, what, fn, peer);
}

/* Who cannot be told is nobody: (uid_t)-1 may read. */
static struct ucred
user_of(int fd)
{
	struct ucred user = { -1, (uid_t)-1, (gid_t)-1 };
	socklen_t size = sizeof(user);

	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &size);
	return user;
}

static void
turn_away(struct state_server *server, int fd)
{
	complaints_add(server->complaints,
	    "client closed: %u who may only read are open", server->readers);
	(void)close(fd);
	acceptor_gone(server->acceptor);
}

void
state_peer_open(struct state_server *server, int fd)
{
	struct ucred user = user_of(fd);
	unsigned roles = state_roles_of(&server->roles, user.uid);
	struct state_peer *peer;

	if (roles == STATE_READ && server->readers >= STATE_READERS_MAX) {
		turn_away(server, fd);
		return;
	}
	peer = calloc(1, sizeof(*peer));
	if (peer == NULL)
		abort();
	peer->server = server;
	peer->fd = fd;
	peer->user = user;
	peer->roles = roles;
	peer->counted = roles == STATE_READ;
	server->readers += peer->counted;
	peer->lowered = ~0U;
	peer->resp = resp_new(&request_limits);
	peer->readable = new_event(peer, EV_READ | EV_PERSIST, readable_cb);
	peer->writable = new_event(peer, EV_WRITE | EV_PERSIST, writable_cb);
	TAILQ_INSERT_TAIL(&server->peers, peer, link);
	(void)event_add(peer->readable, NULL);
}
