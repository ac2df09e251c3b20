/*
 * Which routes are worth a look for a message: those that ask for its sender's
 * domain or one above it, those that ask for its login, both found by hash,
 * and those that ask for neither by name. Made when a configuration is loaded,
 * for a thousand routes are too many to look through for every message.
 */
#ifndef WEIR_CORE_ROUTE_INDEX_H
#define WEIR_CORE_ROUTE_INDEX_H

#include "core/config.h"

struct route_index;

/* Belongs to the arena; the routes may not change afterwards. */
struct route_index *route_index_new(struct arena *, const struct route *,
    size_t count);

/*
 * The first route that holds, in the order of the configuration, or SIZE_MAX.
 * Asked are no more than those whose patterns can match; domain is that of the
 * sender (match_domain); either may be NULL, when there is none.
 */
size_t route_index_find(const struct route_index *, const char *domain,
    const char *user, bool (*holds)(void *ctx, size_t route),
    void *ctx);

#endif
