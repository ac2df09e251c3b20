/*
 * Owners from a socketmap: what it answers has the form of a value in the other
 * tables (io/owner_rows.h). Answers are kept for identities.table_cache, those
 * that say there is no such login too, at most OWNER_MAP_MAX of them; the one
 * longest unused leaves.
 *
 * It is asked for the login with its realm, then, if that is identities.realm,
 * without; never for "*": whoever answers can tell by the login. A home in an
 * answer is checked like any other but not used, since the event loop of
 * weir-policyd, which takes homes, cannot wait.
 *
 * Thread-safe. Several threads that want one login ask several times.
 */
#ifndef WEIR_IO_OWNER_MAP_H
#define WEIR_IO_OWNER_MAP_H

#include "core/owners.h"
#include "io/table_spec.h"

enum { OWNER_MAP_MAX = 10000 };

struct owner_map;

/* The configuration is borrowed; shown too. */
struct owner_map *owner_map_new(const struct config *,
    const struct table_spec *, const char *shown);
void owner_map_free(struct owner_map **);

enum owner_map_answer {
	OWNER_MAP_FOUND, /* *owners_r has one reference, and his row */
	OWNER_MAP_NONE,
	OWNER_MAP_AWAY, /* not known now */
};

/* Waits, but not beyond the deadline. */
enum owner_map_answer owner_map_ask(struct owner_map *, const char *user,
    struct mono deadline, struct owners **owners_r);

#endif
