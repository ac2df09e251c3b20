/*
 * A server that does nothing: the floor weir-policyd is measured against. It
 * looks for the end of a request and says DUNNO, or NOTFOUND.
 *
 * null_server policy|map unix:PATH | inet:127.0.0.1:PORT
 */
#include "io/listen.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct protocol {
	const char *name, *end, *answer;
};

static const struct protocol protocols[] = {
	{ "policy", "\n\n", "action=DUNNO\n\n" },
	{ "map", ",", "9:NOTFOUND ," },
};
static const struct protocol *protocol;

struct client {
	struct event *event;
	size_t len;
	char in[16384];
};

static void
client_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct client *client = ctx;
	ssize_t got = recv(fd, client->in + client->len,
	    sizeof(client->in) - client->len, 0);
	size_t end = strlen(protocol->end);

	(void)what;
	if (got <= 0) {
		event_free(client->event);
		(void)close(fd);
		free(client);
		return;
	}
	client->len += (size_t)got;
	if (client->len < end || memcmp(client->in + client->len - end,
	    protocol->end, end) != 0)
		return;
	client->len = 0;
	(void)send(fd, protocol->answer, strlen(protocol->answer),
	    MSG_NOSIGNAL);
}

static void
accept_cb(evutil_socket_t fd, short what, void *ctx)
{
	int taken = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *client;

	(void)what;
	if (taken == -1)
		return;
	client = malloc(sizeof(*client));
	if (client == NULL)
		abort();
	client->len = 0;
	client->event = event_new(ctx, taken, EV_READ | EV_PERSIST, client_cb,
	    client);
	(void)event_add(client->event, NULL);
}

int
main(int argc, char *argv[])
{
	const struct listen_access access = { 0666, (gid_t)-1 };
	struct event_base *base = event_base_new();
	struct listen_address address;
	struct event *event;
	const char *why;
	int fd;

	for (size_t i = 0; argc == 3 && i < 2; i++) {
		if (strcmp(protocols[i].name, argv[1]) == 0)
			protocol = &protocols[i];
	}
	if (protocol == NULL || listen_parse(argv[2], &address, &why) != 0 ||
	    (fd = listen_get(&address, &access, NULL)) == -1) {
		(void)fprintf(stderr,
		    "usage: null_server policy|map ADDRESS\n");
		return 2;
	}
	event = event_new(base, fd, EV_READ | EV_PERSIST, accept_cb, base);
	(void)event_add(event, NULL);
	return event_base_dispatch(base);
}
