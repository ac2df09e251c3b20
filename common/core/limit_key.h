/*
 * By which key a rule counts a session.
 */
#ifndef WEIR_CORE_LIMIT_KEY_H
#define WEIR_CORE_LIMIT_KEY_H

#include "core/config.h"
#include "core/facts.h"
#include "core/verdict.h"

enum {
	LIMIT_IPV6_PREFIX = 64, /* what one customer is given (RFC 6177) */
	SOURCE_TEXT_MAX = NETBLOCK_TEXT_MAX,
};

/* The bits of an IPv6 address that all counting by source looks at. */
uint8_t limit_prefix(const struct config *);

/* The client's network, as all counting by source sees it, and as text. */
struct netaddr limit_source(const struct netaddr *client, uint8_t prefix);
const char *limit_source_text(const struct netaddr *client, uint8_t prefix,
    char buf[SOURCE_TEXT_MAX]);

/* Does the session have every part of the rule's key? */
bool limit_has_key(const struct throttle *, const struct facts *);

/*
 * The canonical key: the parts in the order of 'by', joined by '|'. A sender
 * counts without its +tag, which he may choose anew each time; the domain of
 * the null sender is "<>", that of an address without one "(none)". In a key
 * of several parts a '|' or '\' inside one becomes \xHH, so that no part can
 * pretend to be two; a key that would be longer than LIMIT_KEY_MAX - 1 is cut
 * and ends in '~' and a hash of it all. The session has every part.
 */
void limit_key(const struct config *, const struct throttle *,
    const struct facts *, char key_r[LIMIT_KEY_MAX]);

#endif
