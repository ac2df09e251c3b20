/*
 * Questions and what their answers mean together.
 *
 * The system's resolv.conf is read again after a failure, which takes a new
 * channel (dns.h). So from a failure on questions wait until those under way
 * have their answer: else many names that nobody answers for would keep all of
 * them with a name server that is gone.
 */
#include "resolver.h"

#include "core/text.h"
#include "dns.h"
#include "io/loop.h"
#include "own_failure.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

enum { CLASS_IN = 1, TYPE_MX = 15 }; /* RFC 1035, 3.2 */

/*
 * A and AAAA are asked for one by one: asked together, an error for the one
 * and "no data" for the other come back as "no such name".
 */
struct question {
	struct query *query;
	uint8_t family; /* 4 or 6 */
	enum resolved result;
};

struct query {
	LIST_ENTRY(query) entry;
	struct resolver *resolver;
	char *name;
	bool mx;
	bool waits; /* for another channel; not asked yet */
	struct mx_list exchangers;
	unsigned open; /* questions not answered yet */
	struct question questions[2];
	int ttl;
	struct resolution resolution;
};

struct resolver {
	struct event_base *base;
	resolved_fn done;
	void *ctx;
	struct dns *dns;
	struct event *deliver;
	LIST_HEAD(, query) queries;
};

static void
query_free(struct query *query)
{
	free(query->name);
	free(query);
}

static bool
address_of(const struct sockaddr *sa, struct netaddr *ip_r)
{
	const struct sockaddr_in *in = (const void *)sa;
	const struct sockaddr_in6 *in6 = (const void *)sa;

	memset(ip_r, 0, sizeof(*ip_r));
	if (sa->sa_family == AF_INET) {
		ip_r->family = 4;
		memcpy(ip_r->bytes, &in->sin_addr, 4);
	} else if (sa->sa_family == AF_INET6) {
		ip_r->family = 6;
		memcpy(ip_r->bytes, &in6->sin6_addr, 16);
	}
	return ip_r->family != 0;
}

static struct span
bounded_ttl(int64_t seconds)
{
	if (seconds * SPAN_SECOND < RESOLVER_TTL_MIN.us)
		return RESOLVER_TTL_MIN;
	if (seconds * SPAN_SECOND > RESOLVER_TTL_MAX.us)
		return RESOLVER_TTL_MAX;
	return span_s(seconds);
}

/*
 * No answer, or not even a question? c-ares says "connection refused" when it
 * gets no socket: is there one to be had?
 */
static enum resolved
no_answer(struct resolver *resolver, const char **text)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	dns_set_stale(resolver->dns);
	if (fd == -1 && is_own_failure(errno)) {
		*text = "no descriptor is left to ask DNS by";
		return RESOLVED_UNASKED;
	}
	if (fd != -1)
		(void)close(fd);
	if (dns_channel(resolver->dns) != NULL)
		return RESOLVED_AWAY;
	*text = dns_why_not(resolver->dns);
	return RESOLVED_UNASKED;
}

bool
resolution_has(const struct resolution *resolution, const struct netaddr *ip)
{
	for (unsigned i = 0; i < resolution->naddresses; i++) {
		if (netaddr_equal(&resolution->addresses[i], ip))
			return true;
	}
	return false;
}

static void
take_addresses(struct query *query, const struct ares_addrinfo *info)
{
	struct resolution *resolution = &query->resolution;
	const struct ares_addrinfo_node *node;
	struct netaddr ip;

	for (node = info->nodes; node != NULL &&
	     resolution->naddresses < HOST_ADDRESSES_MAX;
	     node = node->ai_next) {
		if (!address_of(node->ai_addr, &ip) ||
		    resolution_has(resolution, &ip))
			continue;
		resolution->addresses[resolution->naddresses++] = ip;
		if (node->ai_ttl < query->ttl)
			query->ttl = node->ai_ttl;
	}
}

/* Both questions are answered: what does it mean together? */
static void
conclude(struct query *query)
{
	struct resolution *resolution = &query->resolution;
	enum resolved worst = RESOLVED_GONE;

	for (int i = 0; i < 2; i++) {
		const struct question *question = &query->questions[i];

		if (!resolved_unknown(question->result))
			continue;
		if (question->result > worst)
			worst = question->result;
		resolution->unknown = question->family;
	}
	resolution->result = resolution->naddresses > 0 ? RESOLVED_OK : worst;
	/* answers, but without any address */
	if (resolution->result != RESOLVED_OK && resolution->text == NULL)
		resolution->text = ares_strerror(ARES_ENODATA);
	resolution->ttl = worst == RESOLVED_GONE &&
	    resolution->result == RESOLVED_OK ? bounded_ttl(query->ttl) :
	    RESOLVER_TTL_MIN;
	event_active(query->resolver->deliver, EV_TIMEOUT, 0);
}

static void
answered_cb(void *ctx, int status, int timeouts, struct ares_addrinfo *info)
{
	struct question *question = ctx;
	struct query *query = question->query;
	const char *text = ares_strerror(status);

	(void)timeouts;
	if (status == ARES_SUCCESS) {
		question->result = RESOLVED_OK;
		take_addresses(query, info);
	} else if (status == ARES_ENOTFOUND || status == ARES_ENODATA ||
	    status == ARES_EBADNAME) {
		question->result = RESOLVED_GONE;
	} else {
		question->result = no_answer(query->resolver, &text);
	}
	/* the more telling text stays: what failed, before what is not there */
	if (status != ARES_SUCCESS && (query->resolution.text == NULL ||
	    resolved_unknown(question->result)))
		query->resolution.text = text;
	ares_freeaddrinfo(info);
	if (--query->open == 0)
		conclude(query);
}

static void
ask(struct query *query, struct question *question, uint8_t family)
{
	const struct ares_addrinfo_hints hints = {
		.ai_flags = ARES_AI_NOSORT,
		.ai_family = family == 4 ? AF_INET : AF_INET6,
		.ai_socktype = SOCK_STREAM,
	};
	ares_channel channel = dns_channel(query->resolver->dns);

	*question = (struct question) { .query = query, .family = family };
	if (channel == NULL)
		answered_cb(question, ARES_ENOTINITIALIZED, 0, NULL);
	else
		ares_getaddrinfo(channel, query->name, NULL, &hints,
		    answered_cb, question);
}

/*
 * RFC 6761, 6.3: "localhost" is the loopback addresses, whatever DNS says.
 * c-ares says so too, but 1.18 loses a little memory each time.
 */
static bool
answer_localhost(struct query *query)
{
	struct resolution *resolution = &query->resolution;

	if (!text_equal_nocase(query->name, "localhost"))
		return false;
	resolution->addresses[0] = (struct netaddr) { .family = 4,
		.bytes = { 127, 0, 0, 1 } };
	resolution->addresses[1] = (struct netaddr) { .family = 6,
		.bytes = { [15] = 1 } };
	resolution->naddresses = 2;
	query->open = 0;
	conclude(query);
	return true;
}

/* A name without MX records is no failure; one that is not there is. */
static void
mx_answered_cb(void *ctx, int status, int timeouts, unsigned char *packet,
    int len)
{
	struct query *query = ctx;
	struct resolution *resolution = &query->resolution;
	const char *text;

	(void)timeouts;
	if (status == ARES_SUCCESS && mx_reply_parse(packet, (size_t)len,
	    &query->exchangers) == -1)
		status = ARES_EBADRESP;
	text = ares_strerror(status);
	if (status == ARES_SUCCESS || status == ARES_ENODATA) {
		resolution->result = RESOLVED_OK;
	} else if (status == ARES_ENOTFOUND || status == ARES_EBADNAME) {
		resolution->result = RESOLVED_GONE;
	} else {
		resolution->result = no_answer(query->resolver, &text);
	}
	if (resolution->result != RESOLVED_OK)
		resolution->text = text;
	resolution->ttl = status == ARES_SUCCESS ?
	    bounded_ttl(query->exchangers.ttl) : RESOLVER_TTL_MIN;
	query->open = 0;
	event_active(query->resolver->deliver, EV_TIMEOUT, 0);
}

static void
ask_mx(struct query *query)
{
	ares_channel channel = dns_channel(query->resolver->dns);

	query->open = 1;
	query->resolution.exchangers = &query->exchangers;
	if (channel == NULL)
		mx_answered_cb(query, ARES_ENOTINITIALIZED, 0, NULL, 0);
	else
		ares_query(channel, query->name, CLASS_IN, TYPE_MX,
		    mx_answered_cb, query);
}

static void
ask_addresses(struct query *query)
{
	query->ttl = INT32_MAX;
	query->open = 2;
	if (answer_localhost(query))
		return;
	ask(query, &query->questions[0], 4);
	ask(query, &query->questions[1], 6);
}

static bool
under_way(const struct resolver *resolver)
{
	const struct query *query;

	LIST_FOREACH(query, &resolver->queries, entry) {
		if (query->open != 0 && !query->waits)
			return true;
	}
	return false;
}

static void
query_ask(struct query *query)
{
	query->waits = false;
	if (query->mx)
		ask_mx(query);
	else
		ask_addresses(query);
}

/* Those that wait, as soon as nothing is under way. */
static void
ask_waiting(struct resolver *resolver)
{
	struct query *query;

	LIST_FOREACH(query, &resolver->queries, entry) {
		/* NOLINTNEXTLINE(*.Malloc): what is freed is in no list */
		if (!query->waits)
			continue;
		if (dns_is_stale(resolver->dns) && under_way(resolver))
			break;
		if (dns_is_stale(resolver->dns))
			dns_renew(resolver->dns);
		query_ask(query);
	}
	dns_asked(resolver->dns);
}

static void
deliver_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct resolver *resolver = ctx;
	struct query *query = LIST_FIRST(&resolver->queries), *next;

	(void)fd;
	(void)what;
	for (; query != NULL; query = next) {
		next = LIST_NEXT(query, entry);
		if (query->open != 0)
			continue;
		LIST_REMOVE(query, entry);
		resolver->done(resolver->ctx, &query->resolution);
		query_free(query);
	}
	ask_waiting(resolver);
}

void
resolver_set_servers(struct resolver *resolver, const struct strings *servers)
{
	dns_set_servers(resolver->dns, servers);
}

static void
query_start(struct resolver *resolver, const char *name, bool mx)
{
	struct query *query;

	LIST_FOREACH(query, &resolver->queries, entry) {
		if (query->mx == mx && text_equal_nocase(query->name, name))
			return;
	}
	query = calloc(1, sizeof(*query));
	if (query == NULL || (query->name = strdup(name)) == NULL)
		abort();
	query->resolver = resolver;
	query->mx = query->resolution.mx = mx;
	query->resolution.name = query->name;
	query->waits = true;
	query->open = 1; /* no answer yet */
	LIST_INSERT_HEAD(&resolver->queries, query, entry);
	ask_waiting(resolver);
}

void
resolver_ask(struct resolver *resolver, const char *name)
{
	query_start(resolver, name, false);
}

void
resolver_ask_mx(struct resolver *resolver, const char *domain)
{
	query_start(resolver, domain, true);
}

struct resolver *
resolver_new(struct event_base *base, resolved_fn done, void *ctx)
{
	struct resolver *resolver = calloc(1, sizeof(*resolver));

	if (resolver == NULL)
		abort();
	resolver->base = base;
	resolver->done = done;
	resolver->ctx = ctx;
	LIST_INIT(&resolver->queries);
	resolver->dns = dns_new(base);
	resolver->deliver = loop_event_new(base, LOOP_PRIORITY_REST, -1, 0,
	    deliver_cb, resolver);
	return resolver;
}

void
resolver_free(struct resolver **resolver)
{
	struct query *query;

	if (*resolver == NULL)
		return;
	dns_free(&(*resolver)->dns);
	while ((query = LIST_FIRST(&(*resolver)->queries)) != NULL) {
		LIST_REMOVE(query, entry);
		query_free(query);
	}
	event_free((*resolver)->deliver);
	free(*resolver);
	*resolver = NULL;
}
