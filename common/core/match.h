/*
 * Patterns of the configuration.
 */
#ifndef WEIR_CORE_MATCH_H
#define WEIR_CORE_MATCH_H

#include "core/config.h"

#include <stdbool.h>

/* '*' stands for any run of characters; linear time, no recursion. */
bool match_glob(const char *pattern, const char *text);
bool match_any(const struct strings *, const char *text);

/*
 * An address pattern: "a@b" (with '*'), "@domain" for that domain,
 * "@.domain" for its subdomains. "<>" is the null sender, which is "".
 */
bool match_address(const char *pattern, const char *address);
bool match_any_address(const struct strings *, const char *address);
bool match_networks(const struct netblocks *, const struct netaddr *);

#endif
