/*
 * Next hops without brackets: a domain is the addresses of its mail exchangers
 * together, the least preference first (RFC 5321, 5.1). Without an MX record
 * the domain is its own exchanger; one with a null MX (RFC 7505) takes no
 * mail and is as good as gone.
 *
 * All goes by the resolver (resolver.h), and what holds there holds here: that
 * DNS does not answer is evidence of nothing.
 */
#ifndef WEIR_POLICYD_EXCHANGERS_H
#define WEIR_POLICYD_EXCHANGERS_H

#include "resolver.h"

struct exchangers;

/*
 * Answers with resolution.mx are of domains, with their exchangers; the others
 * of names. Among these may be some nobody asked for.
 */
struct exchangers *exchangers_new(struct event_base *, resolved_fn,
    void *ctx);
void exchangers_free(struct exchangers **);

/* As resolver_set_servers. */
void exchangers_set_servers(struct exchangers *, const struct strings *servers);

/* The addresses of a name, or (mx) of the exchangers of a domain. */
void exchangers_ask(struct exchangers *, const char *name, bool mx);

#endif
