/*
 * Channel, descriptors and timer.
 */
#include "dns.h"

#include "core/netaddr.h"
#include "io/loop.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

enum { DNS_PORT = 53, QUERY_TIMEOUT_MS = 2000, QUERY_TRIES = 3 };

struct watch { /* one descriptor of c-ares */
	LIST_ENTRY(watch) entry;
	struct dns *dns;
	evutil_socket_t fd;
	struct event *event;
};

struct server {
	struct netaddr ip;
	uint16_t port;
};

struct dns {
	struct event_base *base;
	ares_channel channel; /* NULL: could not be made, tried again */
	const char *why_not; /* it could not */
	struct server servers[NAME_SERVERS_MAX];
	unsigned nservers; /* 0: the system's */
	bool stale;
	struct event *timeout;
	LIST_HEAD(, watch) watches;
};

void
dns_asked(struct dns *dns)
{
	struct timeval tv, *next = NULL;

	if (dns->channel != NULL)
		next = ares_timeout(dns->channel, NULL, &tv);
	if (next != NULL)
		(void)event_add(dns->timeout, next);
	else
		(void)event_del(dns->timeout);
}

static void
watch_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct dns *dns = ((struct watch *)ctx)->dns;

	ares_process_fd(dns->channel,
	    (what & EV_READ) != 0 ? fd : ARES_SOCKET_BAD,
	    (what & EV_WRITE) != 0 ? fd : ARES_SOCKET_BAD);
	dns_asked(dns);
}

static void
timeout_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct dns *dns = ctx;

	(void)fd;
	(void)what;
	ares_process_fd(dns->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	dns_asked(dns);
}

static struct watch *
watch_find(struct dns *dns, evutil_socket_t fd)
{
	struct watch *watch;

	LIST_FOREACH(watch, &dns->watches, entry) {
		if (watch->fd == fd)
			return watch;
	}
	watch = calloc(1, sizeof(*watch));
	if (watch == NULL)
		abort();
	watch->dns = dns;
	watch->fd = fd;
	LIST_INSERT_HEAD(&dns->watches, watch, entry);
	return watch;
}

/* c-ares: what it wants of a descriptor from now on; nothing: it closes it. */
static void
socket_cb(void *ctx, ares_socket_t fd, int readable, int writable)
{
	struct dns *dns = ctx;
	struct watch *watch = watch_find(dns, fd);
	short what = (short)((readable ? EV_READ : 0) |
	    (writable ? EV_WRITE : 0));

	if (watch->event != NULL)
		event_free(watch->event);
	watch->event = NULL;
	if (what == 0) {
		LIST_REMOVE(watch, entry);
		free(watch);
		return;
	}
	watch->event = loop_event_new(dns->base, LOOP_PRIORITY_REST, fd,
	    (short)(what | EV_PERSIST), watch_cb, watch);
	(void)event_add(watch->event, NULL);
}

/* --- channels --- */

/* Ours instead of the system's, if there are any. An ares_status. */
static int
use_servers(struct dns *dns)
{
	struct ares_addr_port_node nodes[NAME_SERVERS_MAX] = { 0 };

	for (unsigned i = 0; i < dns->nservers; i++) {
		const struct server *server = &dns->servers[i];
		struct ares_addr_port_node *node = &nodes[i];

		node->family = server->ip.family == 4 ? AF_INET : AF_INET6;
		memcpy(&node->addr, server->ip.bytes, sizeof(node->addr));
		node->udp_port = node->tcp_port = server->port;
		if (i > 0)
			nodes[i - 1].next = node;
	}
	return dns->nservers == 0 ? ARES_SUCCESS
	    : ares_set_servers_ports(dns->channel, nodes);
}

static void
close_channel(struct dns *dns)
{
	if (dns->channel != NULL)
		ares_destroy(dns->channel);
	dns->channel = NULL;
}

/* Names are asked for as written, without search domains, as smtp(8) does. */
static void
open_channel(struct dns *dns)
{
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH,
		.timeout = QUERY_TIMEOUT_MS,
		.tries = QUERY_TRIES,
		.sock_state_cb = socket_cb,
		.sock_state_cb_data = dns,
	};
	int status;

	status = ares_init_options(&dns->channel, &options,
	    ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
	    ARES_OPT_SOCK_STATE_CB);
	if (status != ARES_SUCCESS)
		dns->channel = NULL; /* nothing is said of it then */
	else
		status = use_servers(dns);
	if (status != ARES_SUCCESS)
		close_channel(dns);
	dns->stale = status != ARES_SUCCESS;
	dns->why_not = ares_strerror(status);
}

void
dns_renew(struct dns *dns)
{
	close_channel(dns);
	open_channel(dns);
}

void
dns_set_servers(struct dns *dns, const struct strings *servers)
{
	dns->nservers = 0;
	for (size_t i = 0; i < servers->count && i < NAME_SERVERS_MAX; i++) {
		struct server *server = &dns->servers[dns->nservers];

		server->port = DNS_PORT;
		if (netaddr_parse_port(servers->list[i], &server->ip,
		    &server->port) == 0)
			dns->nservers++;
	}
	dns->stale = true;
}

void
dns_set_stale(struct dns *dns)
{
	dns->stale = true;
}

bool
dns_is_stale(const struct dns *dns)
{
	return dns->stale;
}

ares_channel
dns_channel(const struct dns *dns)
{
	return dns->channel;
}

const char *
dns_why_not(const struct dns *dns)
{
	return dns->why_not;
}

/* --- life --- */

struct dns *
dns_new(struct event_base *base)
{
	struct dns *dns = calloc(1, sizeof(*dns));

	if (dns == NULL)
		abort();
	dns->base = base;
	LIST_INIT(&dns->watches);
	dns->timeout = loop_event_new(base, LOOP_PRIORITY_REST, -1, 0,
	    timeout_cb, dns);
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		abort();
	open_channel(dns);
	return dns;
}

void
dns_free(struct dns **dns)
{
	if (*dns == NULL)
		return;
	close_channel(*dns);
	event_free((*dns)->timeout);
	ares_library_cleanup();
	free(*dns);
	*dns = NULL;
}
