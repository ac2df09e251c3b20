/*
 * Which route a message takes: the first whose conditions all hold.
 */
#ifndef WEIR_CORE_ROUTE_H
#define WEIR_CORE_ROUTE_H

#include "core/config.h"
#include "core/facts.h"

enum { ROUTE_FIT_WORDS = (ROUTES_MAX + 63) / 64 };

/*
 * How the recipients of a message fit the routes that ask for them, so that
 * nobody has to keep the recipients: a bit a route for "some of them does" and
 * for "some of them does not". All zero: none noted yet. Of a route that
 * refuses one of them is enough: company takes nobody past it.
 */
struct route_fit {
	uint64_t generation; /* of the configuration they were held against */
	uint32_t recipients; /* noted; 0: the rest means nothing */
	uint64_t some[ROUTE_FIT_WORDS];
	uint64_t miss[ROUTE_FIT_WORDS];
	uint16_t refused; /* 1 + the number of the route that refuses one */
};

/* With another configuration than before, it is never whole again. */
void route_fit_note(struct route_fit *, const struct config *,
    const char *recipient);

/*
 * The recipient in the facts, which was noted and is for the default transport:
 * would a route refuse it, were it alone?
 */
void route_fit_refuse(struct route_fit *, const struct config *,
    const struct facts *);

/* Were all of them noted, and by this configuration? */
bool route_fit_whole(const struct route_fit *, const struct config *,
    uint32_t recipients);

/* NULL when none matches. */
const struct route *route_find(const struct config *, const struct facts *);

/*
 * The same, or the route that refuses one of the recipients; with the first
 * route before it that would take some of the recipients but not all of them,
 * or asks for them when they are not known: then *doubt_r is not NULL, and
 * nothing is sure.
 */
const struct route *route_find_sure(const struct config *,
    const struct facts *, const struct route **doubt_r);

/*
 * Does it ask for what only a session knows, neither the sender alone nor the
 * recipient alone?
 */
bool route_asks_session(const struct route *);

#endif
