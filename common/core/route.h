/*
 * Which route a message takes: the first whose conditions all hold.
 */
#ifndef WEIR_CORE_ROUTE_H
#define WEIR_CORE_ROUTE_H

#include "core/config.h"
#include "core/facts.h"

/* NULL when none matches. */
const struct route *route_find(const struct config *, const struct facts *);

/* Does it ask for what only a session knows, and no sender alone tells? */
bool route_asks_session(const struct route *);

#endif
