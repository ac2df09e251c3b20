/*
 * Homes of connectors and users; io/home_check.h has the rules.
 */
#include "io/config_load.h"
#include "io/home_check.h"

#include "core/nearest.h"

#include <string.h>

static bool
is_given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static bool
has_affinity(const struct connector *connector)
{
	return connector->balance == BALANCE_AFFINITY;
}

static const char *
member_name(const struct config *config, const struct connector *connector,
    size_t member)
{
	size_t host = connector->members[member].host;

	return host < config->nhosts ? config->hosts[host].name : NULL;
}

static void
check_default(struct loader *l, const struct connector *connector,
    const config_setting_t *group)
{
	const char *names[MEMBERS_MAX], *home = connector->default_home;
	char value[SHOWN_MAX], hint[NEAREST_HINT_MAX];
	size_t n = 0;

	if (!has_affinity(connector)) {
		report_in(l, group, "default_home", "is for connectors with "
		    "balance = \"affinity\", where a login keeps one host");
		return;
	}
	if (home_is_member(l->config, connector, home))
		return;
	for (size_t i = 0; i < connector->nmembers; i++) {
		names[n] = member_name(l->config, connector, i);
		n += names[n] != NULL;
	}
	report_in(l, group, "default_home", "%s should be a member of this "
	    "connector%s", shown(home, value),
	    nearest_hint(home, names, n, hint));
}

void
check_homes(struct loader *l)
{
	const struct config *config = l->config;
	config_setting_t *connectors = config_lookup(&l->given, "connectors");
	config_setting_t *users = config_lookup(&l->given, "identities.users");
	struct home_check *check = home_check_new(config);
	char why[HOME_WHY_MAX];

	for (size_t i = 0; i < config->nconnectors; i++) {
		if (is_given(config->connectors[i].default_home))
			check_default(l, &config->connectors[i],
			    config_setting_get_elem(connectors, (unsigned)i));
	}
	for (size_t i = 0; i < config->identities.nusers; i++) {
		const struct identity_user *user =
		    &config->identities.users[i];

		if (is_given(user->home) &&
		    home_check_ask(check, user->user, user->home, why) == -1)
			report_in(l, config_setting_get_elem(users,
			    (unsigned)i), "home", "%s", why);
	}
	home_check_free(&check);
}
