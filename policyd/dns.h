/*
 * c-ares on a libevent loop: it tells which descriptors it waits for and how
 * long, we tell it when something is there. What is asked, and what an answer
 * means, is resolver.c's.
 *
 * A channel of c-ares keeps the name servers it began with. The system's
 * resolv.conf may have changed since, as machines change their networks, so a
 * channel can be stale: whoever asks makes a new one, with nothing under way.
 */
#ifndef WEIR_POLICYD_DNS_H
#define WEIR_POLICYD_DNS_H

#include "core/config.h"

#include <ares.h>
#include <event2/event.h>

struct dns;

struct dns *dns_new(struct event_base *);

/* What is under way is told ARES_EDESTRUCTION before it returns. */
void dns_free(struct dns **);

/*
 * As in the configuration; none: the system's. For the next channel: the one
 * there is becomes stale.
 */
void dns_set_servers(struct dns *, const struct strings *servers);

void dns_set_stale(struct dns *);
bool dns_is_stale(const struct dns *);

/* A new channel, with nothing under way; stale still when it cannot be made. */
void dns_renew(struct dns *);

/* For questions; dns_asked after them. NULL: none could be made. */
ares_channel dns_channel(const struct dns *);
void dns_asked(struct dns *);

/* Why not, in plain words that last. */
const char *dns_why_not(const struct dns *);

#endif
