/*
 * How many connections a listener takes, and how many of them one source.
 *
 * A connection of source S is admitted if
 *   all_open < max_connections, and
 *   own_open + 1 <= min(per_source,
 *       max(1, floor(percent * (max_connections - open_of_others) / 100)))
 * where open_of_others = all_open - own_open. Any of the three numbers may be
 * UNLIMITED; a percentage of unlimited is unlimited. A client the listener
 * exempts is held to max_connections only.
 */
#ifndef WEIR_CORE_CONNECTIONS_H
#define WEIR_CORE_CONNECTIONS_H

#include "core/config.h"
#include "core/verdict.h"

struct connections_answer {
	bool admitted;
	enum reason reason; /* which one refused, else REASON_OK */
	uint32_t by_source; /* the two numbers, for explain */
	uint32_t by_percent;
	uint32_t limit; /* the one that holds */
	uint32_t used; /* of it: all that are open, or the source's own */
};

struct connections_answer connections_ask(const struct listener *,
    uint32_t all_open, uint32_t own_open, bool exempt);

#endif
