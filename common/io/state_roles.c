/*
 * Names are looked up when the configuration is loaded, not when a client
 * comes: a directory service that does not answer must not stop the loop.
 */
#include "io/state_roles.h"

#include "io/log.h"
#include "io/state_server.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

static uid_t *
look_up(const struct strings *names, const char *setting, size_t *count_r)
{
	uid_t *uids = calloc(names->count + 1, sizeof(*uids));

	if (uids == NULL)
		abort();
	*count_r = 0;
	for (size_t i = 0; i < names->count; i++) {
		const struct passwd *user = getpwnam(names->list[i]);

		if (user != NULL)
			uids[(*count_r)++] = user->pw_uid;
		else
			log_warning(
			    "%s: there is no user %s", setting, names->list[i]);
	}
	return uids;
}

void
state_roles_init(struct state_roles *roles, const struct config *config)
{
	roles->own = geteuid();
	roles->admins =
	    look_up(&config->state.admins, "state.admins", &roles->nadmins);
	roles->daemons =
	    look_up(&config->state.daemons, "state.daemons", &roles->ndaemons);
}

void
state_roles_clear(struct state_roles *roles)
{
	free(roles->admins);
	free(roles->daemons);
	*roles = (struct state_roles){ 0 };
}

static bool
is_among(uid_t uid, const uid_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == uid)
			return true;
	return false;
}

unsigned
state_roles_of(const struct state_roles *roles, uid_t uid)
{
	if (uid == 0 || is_among(uid, roles->admins, roles->nadmins))
		return STATE_READ | STATE_REPORT | STATE_OPERATE;
	if (uid == roles->own || is_among(uid, roles->daemons, roles->ndaemons))
		return STATE_READ | STATE_REPORT;
	return STATE_READ;
}
