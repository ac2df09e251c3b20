/*
 * A probe's connection: plain by events of our own, so that it is known what
 * came with the same read; from TLS on by libevent's bufferevent.
 */
#include "probe.h"

#include "io/loop.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MAX_LEN = 1024, READ_MAX = 4096 };

/* --- plain --- */

static void
read_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct probe *probe = ctx;
	char bytes[READ_MAX];
	ssize_t got = recv(fd, bytes, sizeof(bytes), 0);

	(void)what;
	if (got > 0)
		probe_on_bytes(probe, bytes, (size_t)got);
	else if (got == 0)
		probe_on_closed(probe);
	else if (errno != EAGAIN && errno != EINTR)
		probe_on_errno(probe, errno);
}

static void
wait_for(struct probe *probe, short what, event_callback_fn fn)
{
	if (probe->io != NULL)
		event_free(probe->io);
	probe->io = loop_event_new(probe_base(probe), LOOP_PRIORITY_REST,
	    probe->fd, (short)(what | EV_PERSIST), fn, probe);
	(void)event_add(probe->io, NULL);
}

static void
connected_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct probe *probe = ctx;
	socklen_t len = sizeof(int);
	int error = 0;

	(void)what;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		error = errno;
	if (error != 0) {
		probe_on_errno(probe, error);
		return;
	}
	wait_for(probe, EV_READ, read_cb);
	probe_on_connected(probe);
}

static socklen_t
sockaddr_of(const struct netaddr *ip, uint16_t port,
    struct sockaddr_storage *address_r)
{
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)address_r;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)address_r;

	memset(address_r, 0, sizeof(*address_r));
	if (ip->family == 4) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, ip->bytes, 4);
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	memcpy(&in6->sin6_addr, ip->bytes, 16);
	return sizeof(*in6);
}

static int
begin(struct probe *probe)
{
	const struct probe_target *target = &probe->target;
	struct sockaddr_storage address;
	socklen_t len = sockaddr_of(&target->from, 0, &address);

	probe->fd = socket(target->ip.family == 4 ? AF_INET : AF_INET6,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (probe->fd == -1)
		return errno;
	if (target->from.family != 0 &&
	    bind(probe->fd, (struct sockaddr *)&address, len) == -1)
		return errno;
	len = sockaddr_of(&target->ip, target->port, &address);
	if (connect(probe->fd, (struct sockaddr *)&address, len) == -1 &&
	    errno != EINPROGRESS)
		return errno;
	return 0;
}

void
probe_begin(struct probe *probe)
{
	probe->begin_error = begin(probe);
	if (probe->begin_error == 0)
		wait_for(probe, EV_WRITE, connected_cb);
	else /* told from the loop: the caller is still in prober_start */
		event_active(probe->deadline, EV_TIMEOUT, 0);
}

/* --- TLS --- */

static void
tls_read_cb(struct bufferevent *tls, void *ctx)
{
	char bytes[READ_MAX]; /* no less than the mark in probe_start_tls */
	size_t got = bufferevent_read(tls, bytes, sizeof(bytes));

	if (got > 0)
		probe_on_bytes(ctx, bytes, got);
}

/* The library's own word for it, or the system's. */
static void
tls_failed(struct probe *probe, int error)
{
	unsigned long code = bufferevent_get_openssl_error(probe->tls);
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	if (probe->phase == PHASE_HANDSHAKE && (reason != NULL || error == 0))
		probe_on_handshake_error(probe,
		    reason != NULL ? reason : "no reason is known");
	else if (error != 0)
		probe_on_errno(probe, error);
	else
		probe_on_closed(probe);
}

static void
tls_event_cb(struct bufferevent *tls, short what, void *ctx)
{
	int error = EVUTIL_SOCKET_ERROR();

	(void)tls;
	if ((what & BEV_EVENT_CONNECTED) != 0)
		probe_on_secure(ctx);
	else if ((what & BEV_EVENT_EOF) != 0)
		probe_on_closed(ctx);
	else if ((what & BEV_EVENT_ERROR) != 0)
		tls_failed(ctx, error);
}

void
probe_start_tls(struct probe *probe)
{
	SSL *ssl = probe_tls_new(probe_kit_tls(probe->kit),
	    probe->target.tls_name, &probe->seen);

	ERR_clear_error();
	event_free(probe->io);
	probe->io = NULL;
	probe->phase = PHASE_HANDSHAKE;
	probe->tls = bufferevent_openssl_socket_new(probe_base(probe),
	    probe->fd, ssl, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
	if (probe->tls == NULL)
		abort();
	probe->fd = -1;
	bufferevent_setwatermark(probe->tls, EV_READ, 0, READ_MAX);
	bufferevent_setcb(probe->tls, tls_read_cb, NULL, tls_event_cb, probe);
	(void)bufferevent_priority_set(probe->tls,
	    event_get_priority(probe->deadline));
	(void)bufferevent_enable(probe->tls, EV_READ | EV_WRITE);
}

/* --- both --- */

static void
wipe_cb(const void *bytes, size_t len, void *ctx)
{
	explicit_bzero((void *)(uintptr_t)bytes, len);
	free(ctx);
}

static int
say_secure(struct probe *probe, const char *line, size_t len)
{
	char *copy = malloc(len);

	if (copy == NULL)
		abort();
	memcpy(copy, line, len);
	if (evbuffer_add_reference(bufferevent_get_output(probe->tls), copy,
	    len, wipe_cb, copy) == -1)
		abort();
	return 0;
}

/* A line fits an empty socket buffer whole, or the peer is gone. */
static int
say_plain(const struct probe *probe, const char *line, size_t len)
{
	ssize_t sent = send(probe->fd, line, len, MSG_NOSIGNAL);

	if (sent == -1)
		return errno;
	return (size_t)sent == len ? 0 : EPIPE;
}

int
probe_say(struct probe *probe, const char *line)
{
	char bytes[LINE_MAX_LEN];
	int len = snprintf(bytes, sizeof(bytes), "%s\r\n", line), error;

	if ((size_t)len >= sizeof(bytes))
		return EMSGSIZE;
	error = probe->tls != NULL ?
	    say_secure(probe, bytes, (size_t)len) :
	    say_plain(probe, bytes, (size_t)len);
	explicit_bzero(bytes, sizeof(bytes));
	return error;
}

/* With a word of farewell where there is TLS (RFC 8446 6.1). */
void
probe_close(struct probe *probe)
{
	if (probe->secure) {
		SSL *ssl = bufferevent_openssl_get_ssl(probe->tls);

		SSL_set_shutdown(ssl, SSL_RECEIVED_SHUTDOWN);
		(void)SSL_shutdown(ssl);
		ERR_clear_error();
	}
	if (probe->tls != NULL)
		bufferevent_free(probe->tls);
	if (probe->io != NULL)
		event_free(probe->io);
	if (probe->fd != -1)
		(void)close(probe->fd);
}
