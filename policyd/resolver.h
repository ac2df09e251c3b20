/*
 * Addresses of smart hosts by name, A and AAAA, and the mail exchangers of a
 * domain (whose addresses exchangers.h finds), kept fresh by their TTL
 * (RESOLVER_TTL_MIN to RESOLVER_TTL_MAX). Never blocking.
 *
 * And if DNS is away? A time-out, a refusal or SERVFAIL changes nothing: the
 * last addresses stay, and it is tried again after RESOLVER_TTL_MIN. Only
 * "there is no such name" and "it has no address" are evidence. Where we could
 * not even ask, for want of a descriptor, that is told apart: it is no fault of
 * any DNS.
 */
#ifndef WEIR_POLICYD_RESOLVER_H
#define WEIR_POLICYD_RESOLVER_H

#include "core/hosts.h"
#include "mx_reply.h"

#include <event2/event.h>

#define RESOLVER_TTL_MIN span_s(30)
#define RESOLVER_TTL_MAX span_s(3600)

enum resolved {
	RESOLVED_OK, /* addresses follow */
	RESOLVED_GONE, /* no such name, or no address */
	RESOLVED_AWAY, /* no answer: nothing is known */
	RESOLVED_UNASKED, /* we could not ask: nothing is known */
};

static inline bool
resolved_unknown(enum resolved result)
{
	return result == RESOLVED_AWAY || result == RESOLVED_UNASKED;
}

struct resolution {
	const char *name; /* as it was asked for */
	enum resolved result;
	struct netaddr addresses[HOST_ADDRESSES_MAX];
	unsigned naddresses;
	uint8_t unknown; /* OK, but nothing was heard of this family (4, 6) */

	bool mx; /* it is a domain: what its exchangers have together */
	bool partial; /* OK, but not all of them were heard of */
	const struct mx_list *exchangers; /* of resolver_ask_mx */
	uint8_t exchanger[HOST_ADDRESSES_MAX]; /* index: whose address it is */

	struct span ttl; /* within the bounds: when to ask again */
	const char *text; /* not OK: why, plain words */
};

bool resolution_has(const struct resolution *, const struct netaddr *);

/* Called from the loop, never from within resolver_ask. */
typedef void (*resolved_fn)(void *ctx, const struct resolution *);

struct resolver;

struct resolver *resolver_new(struct event_base *, resolved_fn, void *ctx);
void resolver_free(struct resolver **);

/* From the next question on; none: the system's. As in the configuration. */
void resolver_set_servers(struct resolver *, const struct strings *servers);

/* Asks for a name; nothing when that question is under way. */
void resolver_ask(struct resolver *, const char *name);

/*
 * The same for the mail exchangers of a domain: the resolution has mx true, no
 * address, and exchangers, of which there may be none: "it has no MX record"
 * is an answer.
 */
void resolver_ask_mx(struct resolver *, const char *domain);

#endif
