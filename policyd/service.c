/*
 * Connections of a service. What was read is answered at once, as much as
 * fits one wake-up; answers to requests in a row leave in one write. While
 * answers wait to be read nothing more is taken from that client.
 */
#include "service.h"

#include "io/acceptor.h"
#include "io/clock.h"
#include "io/complaints.h"
#include "io/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	REQUESTS_A_WAKEUP = 32,
	SWEEPS_A_STALL = 6,
	ANSWERS_PENDING = 2,
	SERVICE_SOCKETS_MAX = 64,
};

struct client {
	LIST_ENTRY(client) entry;
	struct service *service;
	struct acceptor *acceptor; /* of the socket it came in by */
	struct event *readable;
	struct event *writable; /* pending while answers wait */
	bool stalled; /* half a request or an answer waits */
	struct mono stalled_since;
	size_t in_len, out_len;
	char *out; /* behind what is read */
	char in[];
};

struct door { /* one listening socket */
	struct service *service;
	struct acceptor *acceptor;
};

struct service {
	struct event_base *base;
	const struct service_protocol *protocol;
	void *ctx;
	uint32_t max_clients;
	struct span stall;
	size_t out_size;
	struct complaints *complaints;
	struct event *sweep;
	size_t ndoors;
	struct door doors[SERVICE_SOCKETS_MAX];
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
	complaints_add(client->service->complaints, "client on %s closed: %s",
	    acceptor_name(client->acceptor), why);
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
	struct service *service = client->service;
	const struct service_protocol *protocol = service->protocol;
	struct service_answer answer = { .result = SERVICE_DONE };
	size_t at = 0;

	for (int turn = 0; at < client->in_len; turn++) {
		if (turn == REQUESTS_A_WAKEUP || client->out_len +
		    protocol->answer_max > service->out_size) {
			event_active(client->readable, EV_TIMEOUT, 0);
			break;
		}
		answer = (struct service_answer) {
			.text = client->out + client->out_len };
		protocol->answer(service->ctx, client->in + at,
		    client->in_len - at, &answer);
		if (answer.result == SERVICE_BAD)
			return answer.why;
		if (answer.result == SERVICE_MORE)
			break;
		client->out_len += answer.len;
		at += answer.used;
	}
	client->in_len -= at;
	if (at != 0)
		memmove(client->in, client->in + at, client->in_len);
	if (at != 0)
		client->stalled = false;
	set_stalled(client, answer.result == SERVICE_MORE);
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
	size_t room =
	    client->service->protocol->request_max - client->in_len;
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
	struct service *service = door->service;
	size_t in_size = service->protocol->request_max;
	struct client *client =
	    malloc(sizeof(*client) + in_size + service->out_size);

	if (client == NULL)
		abort();
	/* the buffers need no zeros */
	memset(client, 0, sizeof(*client));
	client->service = service;
	client->out = client->in + in_size;
	client->acceptor = door->acceptor;
	client->readable = loop_event_new(service->base, LOOP_PRIORITY_POLICY,
	    fd, EV_READ | EV_PERSIST, readable_cb, client);
	client->writable = loop_event_new(service->base, LOOP_PRIORITY_POLICY,
	    fd, EV_WRITE | EV_PERSIST, writable_cb, client);
	(void)event_add(client->readable, NULL);
	LIST_INSERT_HEAD(&service->clients, client, entry);
}

static void
sweep_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct service *service = ctx;
	struct mono now = clock_now().mono;
	struct client *client = LIST_FIRST(&service->clients), *next;

	(void)fd;
	(void)what;
	for (; client != NULL; client = next) {
		next = LIST_NEXT(client, entry);
		if (client->stalled && mono_since(now,
		    client->stalled_since).us > service->stall.us)
			client_close(client, client->out_len != 0 ?
			    "it does not read its answer" :
			    "half a request and no more");
	}
}

struct service *
service_new(struct event_base *base, uint32_t max_clients,
    const struct service_protocol *protocol, void *ctx)
{
	struct service *service = calloc(1, sizeof(*service));
	struct timeval often;

	if (service == NULL)
		abort();
	service->base = base;
	service->protocol = protocol;
	service->out_size = ANSWERS_PENDING * protocol->answer_max;
	service->complaints = complaints_new(base, protocol->name,
	    "clients closed");
	service->ctx = ctx;
	service->max_clients = max_clients;
	service->stall = protocol->stall.us != 0 ? protocol->stall :
	    SERVICE_STALL;
	often.tv_sec = service->stall.us / SWEEPS_A_STALL / SPAN_SECOND;
	often.tv_usec = service->stall.us / SWEEPS_A_STALL % SPAN_SECOND;
	LIST_INIT(&service->clients);
	service->sweep = loop_event_new(base, LOOP_PRIORITY_REST, -1,
	    EV_PERSIST, sweep_cb, service);
	(void)event_add(service->sweep, &often);
	return service;
}

void
service_listen(struct service *service, int fd, const char *name)
{
	struct door *door = &service->doors[service->ndoors++];

	door->service = service;
	door->acceptor = acceptor_new(service->base, fd, service->max_clients,
	    name, accepted_cb, door);
}

void
service_free(struct service **service)
{
	if (*service == NULL)
		return;
	/* client_free takes it out of the list, which the analyzer forgets */
	while (!LIST_EMPTY(&(*service)->clients)) /* NOLINTNEXTLINE(*.Malloc) */
		client_free(LIST_FIRST(&(*service)->clients));
	for (size_t i = 0; i < (*service)->ndoors; i++)
		acceptor_free(&(*service)->doors[i].acceptor);
	event_free((*service)->sweep);
	complaints_free(&(*service)->complaints);
	free(*service);
	*service = NULL;
}

uint32_t
service_clients(const struct service *service)
{
	uint32_t clients = 0;

	for (size_t i = 0; i < service->ndoors; i++)
		clients += acceptor_open(service->doors[i].acceptor);
	return clients;
}
