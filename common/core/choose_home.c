/*
 * The smart host a login keeps (requirements 0.2, 0.4, 0.9).
 */
#include "core/choose_scene.h"
#include "core/identity.h"

#include <string.h>

/* The member of that name, count when there is none; name may be NULL. */
static size_t
find_member(const struct scene *scene, const char *name)
{
	size_t i = 0;

	if (name == NULL || name[0] == '\0')
		return scene->count;
	while (i < scene->count &&
	    strcmp(scene_host(scene, i)->name, name) != 0)
		i++;
	return i;
}

const char *
chooser_home(const struct chooser *chooser, const struct config *config,
    const char *user)
{
	const struct identities *ids = &config->identities;
	struct owner owner;

	if (chooser->homes.find != NULL)
		return chooser->homes.find(chooser->homes.ctx, ids, user);
	identity_owner(ids, user, &owner);
	return identity_home(&owner);
}

/*
 * A home beats cost and shares: the operator gave it to this one login. One
 * that is away is nobody's: the login goes where its hash says, not to the
 * default, or all logins of a sick home would meet there.
 */
size_t
scene_home(const struct scene *scene, const struct connector *connector,
    enum reason *reason)
{
	size_t home;

	if (connector->balance != BALANCE_AFFINITY || scene->user == NULL ||
	    !connector->prefer_home || scene->members == &scene->single)
		return scene->count;
	home = find_member(scene, chooser_home(scene->chooser, scene->config,
	    scene->user));
	*reason = REASON_HOME;
	if (home == scene->count) {
		home = find_member(scene, connector->default_home);
		*reason = REASON_DEFAULT_HOME;
	}
	if (home < scene->count && scene_usable(scene, home))
		return home;
	*reason = REASON_CHOSEN;
	return scene->count;
}
