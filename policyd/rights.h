/*
 * The tables of identities (io/tables.h) on the event loop: the set that
 * decisions take homes from and explain shows. It is exchanged here, between
 * two events, when the tables' thread says that there is a new one.
 */
#ifndef WEIR_POLICYD_RIGHTS_H
#define WEIR_POLICYD_RIGHTS_H

#include "core/choose.h"
#include "io/tables.h"

#include <event2/event.h>

struct rights;

/* Takes over the tables and begins to watch them. */
struct rights *rights_new(struct event_base *, struct tables *);
void rights_free(struct rights **);

/* Other tables, of a new configuration. */
void rights_use(struct rights *, struct tables *);

struct tables *rights_tables(struct rights *);

/* For the chooser; ctx is the struct rights. */
struct home_source rights_homes(struct rights *);

/* The row that names a user's home, as core/owners.h has it. */
const struct identity_user *rights_home(const struct rights *,
    const struct identities *, const char *user, const char **source_r);

#endif
