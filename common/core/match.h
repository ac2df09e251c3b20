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
bool match_any(const struct strings *patterns, const char *text);

/* No patterns: is it one of these names, letter for letter? */
bool match_name(const struct strings *names, const char *name);

/*
 * An address pattern: "a@b", "@domain" for that domain, "@.domain" for its
 * subdomains, but not itself; '*' in each of them. "<>" is the null sender,
 * which is "" and matched by nothing else but "*".
 */
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
