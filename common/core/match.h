/*
 * Patterns of the configuration.
 */
#ifndef WEIR_CORE_MATCH_H
#define WEIR_CORE_MATCH_H

#include "core/config.h"

#include <stdbool.h>

/*
 * '*' stands for any run of characters, none included; everything else for
 * itself, in either case (ASCII). No recursion; at most as many steps as text
 * and pattern are long, multiplied.
 */
bool match_glob(const char *pattern, const char *text);
bool match_any(const struct strings *, const char *text);

/*
 * An address pattern: "a@b", "@domain" for that domain, "@.domain" for its
 * subdomains, but not itself; '*' in each of them. "<>" is the null sender,
 * which is "" and matched by nothing else but "*".
 */
bool match_address(const char *pattern, const char *address);
bool match_any_address(const struct strings *, const char *address);

/*
 * The same for one address against many lists, whose domain is looked for
 * once: match_domain is NULL when it has none.
 */
const char *match_domain(const char *address);
bool match_any_split(const struct strings *, const char *address,
    const char *domain);

bool match_networks(const struct netblocks *, const struct netaddr *);

#endif
