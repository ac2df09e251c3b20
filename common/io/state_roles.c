/*
 * Names are looked up when the configuration is loaded, not when a client
 * comes: a directory service that does not answer must not stop the loop.
 */
#include "io/state_roles.h"

#include "io/state_server.h"

#include <unistd.h>

void
state_roles_init(struct state_roles *roles, const struct config *config)
{
	roles->own = geteuid();
	users_find(&roles->admins, &config->state.admins, "state.admins");
	users_find(&roles->daemons, &config->state.daemons, "state.daemons");
}

void
state_roles_clear(struct state_roles *roles)
{
	users_clear(&roles->admins);
	users_clear(&roles->daemons);
}

unsigned
state_roles_of(const struct state_roles *roles, uid_t uid)
{
	if (uid == 0 || users_have(&roles->admins, uid))
		return STATE_READ | STATE_REPORT | STATE_OPERATE;
	if (uid == roles->own || users_have(&roles->daemons, uid))
		return STATE_READ | STATE_REPORT;
	return STATE_READ;
}
