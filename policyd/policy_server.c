/*
 * Policy connections. What was read is answered at once, as much as fits one
 * wake-up; answers to requests in a row leave in one write. While answers wait
 * to be read nothing more is taken from that client.
 */
#include "policy_server.h"

#include "core/choose.h"
#include "io/acceptor.h"
#include "io/clock.h"
#include "io/log.h"
#include "io/loop.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	REQUESTS_A_WAKEUP = 32,
	SWEEP_SECONDS = 5,
	ANSWER_MAX = ACTION_TEXT_MAX + 16, /* "action=", two newlines */
	ANSWERS_PENDING = 2 * ANSWER_MAX,
	SERVER_SOCKETS_MAX = 64,
};

struct client {
	LIST_ENTRY(client) entry;
	struct policy_server *server;
	struct acceptor *acceptor;
	const char *name; /* of the socket it came in by */
	struct event *readable;
	struct event *writable; /* pending while answers wait */
	bool stalled; /* half a request or an answer waits */
	struct mono stalled_since;
	size_t in_len, out_len;
	char in[POLICY_REQUEST_MAX];
	char out[ANSWERS_PENDING];
};

struct door { /* one listening socket */
	struct policy_server *server;
	struct acceptor *acceptor;
	const char *name;
};

struct policy_server {
	struct event_base *base;
	policy_answer_fn answer;
	void *ctx;
	uint32_t max_clients;
	struct event *sweep;
	size_t ndoors;
	struct door doors[SERVER_SOCKETS_MAX];
	LIST_HEAD(, client) clients;
};

static void
client_free(struct client *client)
{
	int fd = event_get_fd(client->readable);

	LIST_REMOVE(client, entry);
	event_free(client->readable);
	event_free(client->writable);
	(void)close(fd);
	acceptor_gone(client->acceptor);
	free(client);
}

static void
client_close(struct client *client, const char *why)
{
	log_warning("policy client on %s closed: %s", client->name, why);
	client_free(client);
}

/* Sends what there is. 0, or -1 when the client is gone. */
static int
flush(struct client *client)
{
	ssize_t sent = send(event_get_fd(client->readable), client->out,
	    client->out_len, MSG_NOSIGNAL);

	if (sent == -1) {
		if (errno != EAGAIN && errno != EINTR)
			return -1;
		sent = 0;
	}
	client->out_len -= (size_t)sent;
	if (client->out_len == 0)
		return 0;
	memmove(client->out, client->out + sent, client->out_len);
	(void)event_del(client->readable);
	(void)event_add(client->writable, NULL);
	return 0;
}

static void
put_answer(struct client *client, const char *action)
{
	client->out_len += (size_t)snprintf(client->out + client->out_len,
	    ANSWER_MAX, "action=%s\n\n", action);
}

static void
set_stalled(struct client *client, bool stalled)
{
	if (stalled && !client->stalled)
		client->stalled_since = clock_now().mono;
	client->stalled = stalled;
}

/*
 * Answers requests from the buffer until one is not whole, there is no room
 * for an answer, or others must have their turn. What remains is moved to the
 * front. NULL, or why the client must go.
 */
static const char *
serve(struct client *client)
{
	struct policy_server *server = client->server;
	struct policy_request request;
	enum policy_parse parsed = POLICY_PARSE_DONE;
	const char *why = NULL;
	size_t at = 0, used;

	for (int turn = 0; at < client->in_len; turn++) {
		if (turn == REQUESTS_A_WAKEUP ||
		    client->out_len + ANSWER_MAX > sizeof(client->out)) {
			event_active(client->readable, EV_TIMEOUT, 0);
			break;
		}
		parsed = policy_parse(client->in + at, client->in_len - at,
		    &request, &used, &why);
		if (parsed == POLICY_PARSE_BAD)
			return why;
		if (parsed == POLICY_PARSE_MORE)
			break;
		put_answer(client, server->answer(server->ctx, &request));
		at += used;
	}
	client->in_len -= at;
	if (at != 0)
		memmove(client->in, client->in + at, client->in_len);
	if (at != 0)
		client->stalled = false;
	set_stalled(client, parsed == POLICY_PARSE_MORE);
	return NULL;
}

static void
step(struct client *client)
{
	const char *why = serve(client);

	if (why != NULL)
		client_close(client, why);
	else if (client->out_len != 0 && flush(client) == -1)
		client_free(client);
	else if (client->out_len != 0)
		set_stalled(client, true);
}

static void
readable_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct client *client = ctx;
	size_t room = sizeof(client->in) - client->in_len;
	ssize_t got;

	/* EV_TIMEOUT: requests are left from the last turn; they come first */
	if ((what & EV_TIMEOUT) == 0) {
		got = recv(fd, client->in + client->in_len, room, 0);
		if (got == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			client_free(client);
			return;
		}
		client->in_len += (size_t)got;
	}
	step(client);
}

static void
writable_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct client *client = ctx;

	(void)fd;
	(void)what;
	(void)event_del(client->writable);
	client->stalled = false;
	(void)event_add(client->readable, NULL);
	if (flush(client) == -1) {
		client_free(client);
		return;
	}
	if (client->out_len != 0)
		set_stalled(client, true);
	else
		step(client);
}

static void
accepted_cb(void *ctx, int fd)
{
	struct door *door = ctx;
	struct policy_server *server = door->server;
	struct client *client = malloc(sizeof(*client));

	if (client == NULL)
		abort();
	/* the buffers need no zeros */
	memset(client, 0, offsetof(struct client, in));
	client->server = server;
	client->acceptor = door->acceptor;
	client->name = door->name;
	client->readable = event_new(server->base, fd, EV_READ | EV_PERSIST,
	    readable_cb, client);
	client->writable = event_new(server->base, fd, EV_WRITE | EV_PERSIST,
	    writable_cb, client);
	if (client->readable == NULL || client->writable == NULL)
		abort();
	loop_set_priority(client->readable, LOOP_PRIORITY_POLICY);
	loop_set_priority(client->writable, LOOP_PRIORITY_POLICY);
	(void)event_add(client->readable, NULL);
	LIST_INSERT_HEAD(&server->clients, client, entry);
}

static void
sweep_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct policy_server *server = ctx;
	struct mono now = clock_now().mono;
	struct client *client = LIST_FIRST(&server->clients), *next;

	(void)fd;
	(void)what;
	for (; client != NULL; client = next) {
		next = LIST_NEXT(client, entry);
		if (client->stalled && mono_since(now,
		    client->stalled_since).us > POLICY_STALL.us)
			client_close(client, client->out_len != 0 ?
			    "it does not read its answer" :
			    "half a request and no more");
	}
}

struct policy_server *
policy_server_new(struct event_base *base, uint32_t max_clients,
    policy_answer_fn answer, void *ctx)
{
	static const struct timeval often = { SWEEP_SECONDS, 0 };
	struct policy_server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		abort();
	server->base = base;
	server->answer = answer;
	server->ctx = ctx;
	server->max_clients = max_clients;
	LIST_INIT(&server->clients);
	server->sweep = event_new(base, -1, EV_PERSIST, sweep_cb, server);
	if (server->sweep == NULL)
		abort();
	loop_set_priority(server->sweep, LOOP_PRIORITY_REST);
	(void)event_add(server->sweep, &often);
	return server;
}

void
policy_server_listen(struct policy_server *server, int fd, const char *name)
{
	struct door *door = &server->doors[server->ndoors++];

	door->server = server;
	door->name = name;
	door->acceptor = acceptor_new(server->base, fd, server->max_clients,
	    name, accepted_cb, door);
}

void
policy_server_free(struct policy_server **server)
{
	if (*server == NULL)
		return;
	while (!LIST_EMPTY(&(*server)->clients))
		client_free(LIST_FIRST(&(*server)->clients));
	for (size_t i = 0; i < (*server)->ndoors; i++)
		acceptor_free(&(*server)->doors[i].acceptor);
	event_free((*server)->sweep);
	free(*server);
	*server = NULL;
}

uint32_t
policy_server_clients(const struct policy_server *server)
{
	uint32_t clients = 0;

	for (size_t i = 0; i < server->ndoors; i++)
		clients += acceptor_open(server->doors[i].acceptor);
	return clients;
}
