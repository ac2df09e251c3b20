/*
 * Which rules apply to a session, and by which key they count it.
 */
#ifndef WEIR_CORE_LIMIT_KEY_H
#define WEIR_CORE_LIMIT_KEY_H

#include "core/config.h"
#include "core/facts.h"
#include "core/verdict.h"

enum { LIMIT_IPV6_PREFIX = 64 }; /* what one customer is given (RFC 6177) */

/* The client's network, as all counting by source sees it. */
struct netaddr limit_source(const struct netaddr *client);

/*
 * The canonical key: the parts in the order of 'by', joined by '|'. A sender
 * counts without its +tag, which he may choose anew each time. False when the
 * session lacks a part. In a key of several parts a '|' or '\' inside one
 * becomes \xHH, so that no part can pretend to be two; a key that would be
 * longer than LIMIT_KEY_MAX - 1 is cut and ends in '~' and a hash of it all.
 */
bool limit_key(const struct config *, const struct throttle *,
    const struct facts *, char key_r[LIMIT_KEY_MAX]);

/* Every condition that is given holds. */
bool limit_applies(const struct config *, const struct throttle *,
    const struct facts *);

#endif
