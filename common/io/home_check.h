/*
 * May a smart host be the home of a login? It must be one that balance =
 * "affinity" may give him, by every route that names him; else the home would
 * do nothing, and the operator would not know. (Routes that do not name him may
 * lead to other connectors.) Where no connector has affinity, homes wait for
 * one that has, and weirctl doctor says so. For weir.conf and for tables.
 */
#ifndef WEIR_IO_HOME_CHECK_H
#define WEIR_IO_HOME_CHECK_H

#include "core/config.h"

enum { HOME_WHY_MAX = 400 };

struct home_check;

/* The configuration, which may still have mistakes, is borrowed. */
struct home_check *home_check_new(const struct config *);
void home_check_free(struct home_check **);

/* 0, or -1 and what is wrong and would be right. user may be NULL. */
int home_check_ask(const struct home_check *, const char *user,
    const char *home, char why_r[HOME_WHY_MAX]);

/* Is the host a member of the connector? */
bool home_is_member(const struct config *, const struct connector *,
    const char *host);

#endif
