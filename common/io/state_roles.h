/*
 * Who may do what on the state socket, by user (SO_PEERCRED).
 */
#ifndef WEIR_IO_STATE_ROLES_H
#define WEIR_IO_STATE_ROLES_H

#include "io/users.h"

struct state_roles {
	uid_t own;
	struct users admins, daemons;
};

/*
 * Looks the names of a configuration up (users_find: not from an event loop);
 * the daemon's own user is the one it runs as now. To be cleared.
 */
void state_roles_init(struct state_roles *, const struct config *);
void state_roles_clear(struct state_roles *);

/* A set of enum state_role (io/state_server.h). */
unsigned state_roles_of(const struct state_roles *, uid_t);

#endif
