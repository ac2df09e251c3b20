/*
 * Settings that stay as they were at the start, whatever a reload says: sockets
 * and the store stay as they were opened.
 */
#ifndef WEIR_CORE_RESTART_H
#define WEIR_CORE_RESTART_H

#include "core/config.h"

enum { RESTART_POLICYD = 1, RESTART_MILTER = 2 };
enum { RESTART_MAX = 16 };

/*
 * The names of those that are not the same, of any of the programs (a mask).
 * How many.
 */
size_t restart_needed(const struct config *before, const struct config *after,
    unsigned programs, const char *list_r[RESTART_MAX]);

/* Whose restart that setting takes: "weir-milter", "both daemons". */
const char *restart_of(const char *name);

#endif
