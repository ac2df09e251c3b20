/*
 * Settings that stay as they were at the start, whatever a reload says.
 */
#ifndef WEIR_POLICYD_RESTART_H
#define WEIR_POLICYD_RESTART_H

#include "core/config.h"

enum { RESTART_MAX = 16 };

/* Their names, of those that are not the same. How many. */
size_t restart_needed(const struct config *before, const struct config *after,
    const char *list_r[RESTART_MAX]);

#endif
