/*
 * Connections of HTTP: read a head, make an answer, write it, wait for the
 * client to close.
 */
#include "http_server.h"

#include "core/span.h"
#include "io/acceptor.h"
#include "io/clock.h"
#include "io/complaints.h"
#include "io/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEAD_TEXT_MAX = 1024, DATE_MAX = 40, SPARE_CLIENTS = 32 };

/*
 * Nothing but our own files, no script or style within the page, no frame
 * around it. What it shows is of now and of nobody else's business.
 */
static const char headers[] =
    "Cache-Control: no-store\r\n"
    "Connection: close\r\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; "
    "style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n";

enum phase { READING, MAKING, WRITING, LINGERING };

struct client {
	TAILQ_ENTRY(client) entry;
	struct http_server *server;
	struct event *readable;
	struct event *writable;
	struct event *deadline;
	enum phase phase;
	bool head; /* the body is not sent */
	struct http_answer answer;
	char head_text[HEAD_TEXT_MAX];
	size_t head_len;
	size_t sent; /* of head and body together */
	size_t lingered;
	size_t in_len;
	char in[HTTP_HEAD_MAX];
};

TAILQ_HEAD(client_list, client);

struct http_server {
	struct event_base *base;
	struct acceptor *acceptor;
	struct complaints *complaints;
	http_fn answer;
	void *ctx;
	uint64_t requests;
	struct client_list reading; /* the one that came first is first */
	struct client_list served;
};

static void
client_free(struct client *client)
{
	struct http_server *server = client->server;
	int fd = event_get_fd(client->readable);

	TAILQ_REMOVE(client->phase == READING ? &server->reading :
	    &server->served, client, entry);
	if (client->answer.drop != NULL)
		client->answer.drop(&client->answer);
	textbuf_clear(&client->answer.body);
	event_free(client->readable);
	event_free(client->writable);
	event_free(client->deadline);
	(void)close(fd);
	acceptor_gone(server->acceptor);
	free(client);
}

static void
set_deadline(struct client *client, struct span within)
{
	struct timeval tv = { .tv_sec = within.us / SPAN_SECOND,
		.tv_usec = within.us % SPAN_SECOND };

	(void)event_add(client->deadline, &tv);
}

/* --- writing --- */

/* IMF-fixdate (RFC 9110 5.6.7); a daemon of ours has the C locale. */
static const char *
format_date(char buf[DATE_MAX])
{
	time_t now = (time_t)(clock_now().wall.us / SPAN_SECOND);
	struct tm tm;

	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(buf, DATE_MAX, "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
		buf[0] = '\0';
	return buf;
}

static void
format_head(struct client *client)
{
	const struct http_answer *answer = &client->answer;
	char date[DATE_MAX];

	client->head_len = (size_t)snprintf(client->head_text, HEAD_TEXT_MAX,
	    "HTTP/1.1 %u %s\r\n"
	    "Date: %s\r\n"
	    "Content-Type: %s\r\n"
	    "Content-Length: %zu\r\n"
	    "%s%s\r\n", answer->status, http_status_text(answer->status),
	    format_date(date), answer->type, answer->body.len,
	    answer->status == 405 ? "Allow: GET, HEAD\r\n" : "", headers);
	_Static_assert(sizeof(headers) + 256 < HEAD_TEXT_MAX, "it fits");
}

/*
 * To close while the client still sends would make its system throw our answer
 * away (RFC 9112 9.6), so what it sends is read for a while.
 */
static void
linger(struct client *client)
{
	client->phase = LINGERING;
	(void)event_del(client->writable);
	(void)shutdown(event_get_fd(client->readable), SHUT_WR);
	(void)event_add(client->readable, NULL);
	set_deadline(client, HTTP_HEAD_WITHIN);
}

static void
write_some(struct client *client)
{
	const struct textbuf *body = &client->answer.body;
	size_t head = client->head_len;
	size_t all = head + (client->head ? 0 : body->len);
	bool in_head = client->sent < head;
	const char *at = in_head ? client->head_text + client->sent
	                         : body->bytes + (client->sent - head);
	size_t len = (in_head ? head : all) - client->sent;
	ssize_t sent = send(event_get_fd(client->readable), at, len,
	    MSG_NOSIGNAL | (in_head && all > head ? MSG_MORE : 0));

	if (sent == -1 && errno != EAGAIN && errno != EINTR) {
		client_free(client);
		return;
	}
	client->sent += sent > 0 ? (size_t)sent : 0;
	if (client->sent == all)
		linger(client);
}

static void
writable_cb(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	write_some(ctx);
}

static void
begin_to_write(struct client *client)
{
	client->phase = WRITING;
	format_head(client);
	(void)event_add(client->writable, NULL);
}

/* --- making --- */

/* Where no handler had anything to say. */
static void
add_status_text(struct http_answer *answer)
{
	if (answer->body.len != 0)
		return;
	answer->type = "text/plain; charset=utf-8";
	textbuf_puts(&answer->body, http_status_text(answer->status));
	textbuf_puts(&answer->body, "\n");
}

static void
make_some(struct client *client)
{
	struct http_answer *answer = &client->answer;

	if (answer->more != NULL &&
	    answer->more(client->server->ctx, answer)) {
		event_active(client->readable, EV_TIMEOUT, 0);
		return;
	}
	add_status_text(answer);
	begin_to_write(client);
}

/* The request is known, or what is wrong with it: no more is read. */
static void
begin_to_make(struct client *client)
{
	struct http_server *server = client->server;

	(void)event_del(client->readable);
	TAILQ_REMOVE(&server->reading, client, entry);
	client->phase = MAKING;
	TAILQ_INSERT_TAIL(&server->served, client, entry);
	set_deadline(client, HTTP_ANSWER_WITHIN);
	server->requests++;
}

static void
refuse(struct client *client, unsigned status)
{
	char why[64];

	(void)snprintf(why, sizeof(why), "%u %s", status,
	    http_status_text(status));
	http_server_complain(client->server, why);
	begin_to_make(client);
	client->answer.status = status;
	make_some(client);
}

/* --- reading --- */

static void
parse(struct client *client)
{
	struct http_server *server = client->server;
	struct http_request request;
	unsigned status;

	switch (http_parse(client->in, client->in_len, &request, &status)) {
	case HTTP_PARSE_MORE:
		break;
	case HTTP_PARSE_BAD:
		refuse(client, status);
		break;
	case HTTP_PARSE_DONE:
		begin_to_make(client);
		client->head = request.head;
		server->answer(server->ctx, &request, &client->answer);
		make_some(client);
		break;
	}
}

static void
read_head(struct client *client, int fd)
{
	ssize_t got = recv(fd, client->in + client->in_len,
	    sizeof(client->in) - client->in_len, 0);

	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		client_free(client);
		return;
	}
	client->in_len += (size_t)got;
	parse(client);
}

static void
read_on(struct client *client, int fd)
{
	ssize_t got = recv(fd, client->in, sizeof(client->in), 0);

	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	client->lingered += got > 0 ? (size_t)got : 0;
	if (got <= 0 || client->lingered > HTTP_LINGER_MAX)
		client_free(client);
}

static void
readable_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct client *client = ctx;

	(void)what;
	switch (client->phase) {
	case READING:
		read_head(client, fd);
		break;
	case MAKING: /* by event_active */
		make_some(client);
		break;
	case LINGERING:
		read_on(client, fd);
		break;
	case WRITING:
		break;
	}
}

static void
deadline_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct client *client = ctx;

	(void)fd;
	(void)what;
	if (client->phase == READING && client->in_len > 0)
		refuse(client, 408);
	else
		client_free(client);
}

/* --- the server --- */

static struct event *
new_event(struct client *client, int fd, short what, event_callback_fn fn)
{
	return loop_event_new(client->server->base, LOOP_PRIORITY_REST, fd,
	    what, fn, client);
}

static void
make_room(struct http_server *server)
{
	if (acceptor_open(server->acceptor) > HTTP_CLIENTS_MAX &&
	    !TAILQ_EMPTY(&server->reading)) {
		http_server_complain(server, "it said nothing for the longest "
		    "time while many wait");
		client_free(TAILQ_FIRST(&server->reading));
	}
}

static void
accepted_cb(void *ctx, int fd)
{
	struct http_server *server = ctx;
	struct client *client = malloc(sizeof(*client));

	if (client == NULL)
		abort();
	make_room(server);
	memset(client, 0, offsetof(struct client, in)); /* in needs no zeros */
	client->server = server;
	client->answer.status = 404;
	client->readable = new_event(client, fd, EV_READ | EV_PERSIST,
	    readable_cb);
	client->writable = new_event(client, fd, EV_WRITE | EV_PERSIST,
	    writable_cb);
	client->deadline = new_event(client, -1, 0, deadline_cb);
	TAILQ_INSERT_TAIL(&server->reading, client, entry);
	(void)event_add(client->readable, NULL);
	set_deadline(client, HTTP_HEAD_WITHIN);
}

struct http_server *
http_server_new(struct event_base *base, int fd, const char *name,
    http_fn answer, void *ctx)
{
	struct http_server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		abort();
	server->base = base;
	server->answer = answer;
	server->ctx = ctx;
	TAILQ_INIT(&server->reading);
	TAILQ_INIT(&server->served);
	server->complaints = complaints_new(base, "http", "clients refused");
	server->acceptor = acceptor_new(base, fd,
	    HTTP_CLIENTS_MAX + SPARE_CLIENTS, name, accepted_cb, server);
	return server;
}

void
http_server_free(struct http_server **serverp)
{
	struct http_server *server = *serverp;

	if (server == NULL)
		return;
	/* client_free takes it out of its list, which the analyzer forgets */
	while (!TAILQ_EMPTY(&server->reading)) /* NOLINTNEXTLINE(*.Malloc) */
		client_free(TAILQ_FIRST(&server->reading));
	while (!TAILQ_EMPTY(&server->served)) /* NOLINTNEXTLINE(*.Malloc) */
		client_free(TAILQ_FIRST(&server->served));
	acceptor_free(&server->acceptor);
	complaints_free(&server->complaints);
	free(server);
	*serverp = NULL;
}

uint32_t
http_server_clients(const struct http_server *server)
{
	return acceptor_open(server->acceptor);
}

uint64_t
http_server_requests(const struct http_server *server)
{
	return server->requests;
}

void
http_server_complain(struct http_server *server, const char *why)
{
	complaints_add(server->complaints, "client on %s refused: %s",
	    acceptor_name(server->acceptor), why);
}
