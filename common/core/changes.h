/*
 * What a reload changes: two configurations as their files gave them, setting
 * by setting.
 */
#ifndef WEIR_CORE_CHANGES_H
#define WEIR_CORE_CHANGES_H

#include "core/config.h"

/*
 * path as in mistakes ("connectors[outbound].members[isp-a].cost"), values as
 * written; before NULL: it was not given, after NULL: it is no longer.
 */
typedef void (*change_fn)(void *ctx, const char *path, const char *before,
    const char *after);

/* Calls fn (NULL: none) for each change, in order of the paths. How many. */
size_t config_changes(const struct config *before, const struct config *after,
    change_fn, void *ctx);

#endif
