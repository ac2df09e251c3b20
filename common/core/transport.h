/*
 * Is a recipient for Postfix's default transport? Only then may FILTER take
 * the message (FILTER overrides local and virtual delivery alike).
 */
#ifndef WEIR_CORE_TRANSPORT_H
#define WEIR_CORE_TRANSPORT_H

#include <stdbool.h>

enum { TRANSPORT_MAX = 255 };

struct transport { /* "relay:[h]:25" -> mailer "relay", host "[h]:25" */
	char mailer[TRANSPORT_MAX + 1];
	char host[TRANSPORT_MAX + 1]; /* "": the recipient's domain */
};

/* default_transport and relayhost as postconf prints them. 0 or -1. */
int transport_parse(const char *default_transport, const char *relayhost,
    struct transport *transport_r);

/*
 * What the recipients so far have in common, with one more (the first of them:
 * first). A mailer of "" is common to none, a host of "" differs.
 */
void transport_narrow(struct transport *, bool first, const char *mailer,
    const char *host);

/* Equal means the same mailer, and the same host where the default has one. */
bool transport_is(const struct transport *, const char *mailer,
    const char *host);

#endif
