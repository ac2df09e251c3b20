/*
 * weirctl reload: both daemons read their configuration anew, and the operator
 * is told when each of them has put it to use, or why not.
 *
 * weir-policyd goes first. A milter learns from the generation in every answer,
 * or within a second when it is idle, that there is a new configuration, reads
 * its own file and says what came of it (APPLIED, core/wire.h).
 *
 * The answer: {ok, generation, programs: [{program, instance, ok, mistakes}],
 * changes: [{setting, before, after}], restart: [settings that need one]}.
 */
#ifndef WEIR_POLICYD_RELOAD_ORDER_H
#define WEIR_POLICYD_RELOAD_ORDER_H

#include "daemon.h"
#include "io/config_file.h"

struct reload_orders;

struct reload_orders *reload_orders_new(struct daemon *);

/* Without a word to those who wait. */
void reload_orders_free(struct reload_orders **);

/* Starts a reload; the peer is suspended until its end, and answered then. */
void reload_orders_add(struct reload_orders *, struct state_peer *);

/* A milter put this generation to use, or (with mistakes) did not. */
void reload_orders_milter(struct reload_orders *, const char *instance,
    uint64_t generation, const char *const *mistakes, size_t count);

/* --- how a reload of ours ended (reload.c, daemon.c) --- */

void reload_orders_refused(struct reload_orders *, uint64_t run,
    const struct config_errors *);

/* Before the old configuration goes. */
void reload_orders_applied(struct reload_orders *, uint64_t run,
    const struct config *before, const struct config *after);

#endif
