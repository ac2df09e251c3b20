/*
 * Homes: the smart host a login keeps must be one that balance = affinity may
 * give him, by every route that names him; else the setting would do nothing,
 * and the operator would not know. (Routes that do not name him may lead to
 * other connectors.)
 */
#include "io/config_load.h"

#include "core/match.h"
#include "core/nearest.h"

#include <stdlib.h>
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

static bool
is_host(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->nhosts; i++) {
		if (config->hosts[i].name != NULL &&
		    strcmp(config->hosts[i].name, name) == 0)
			return true;
	}
	return false;
}

static const char *
member_name(const struct config *config, const struct connector *connector,
    size_t member)
{
	size_t host = connector->members[member].host;

	return host < config->nhosts ? config->hosts[host].name : NULL;
}

static bool
is_member(const struct config *config, const struct connector *connector,
    const char *home)
{
	for (size_t i = 0; i < connector->nmembers; i++) {
		const char *name = member_name(config, connector, i);

		if (name != NULL && strcmp(name, home) == 0)
			return true;
	}
	return false;
}

static void
check_default(struct loader *l, const struct connector *connector,
    const config_setting_t *group)
{
	const char *names[MEMBERS_MAX], *near, *home = connector->default_home;
	char value[SHOWN_MAX];
	size_t n = 0;

	if (!has_affinity(connector)) {
		report_in(l, group, "default_home", "is for connectors with "
		    "balance = \"affinity\", where a login keeps one host");
		return;
	}
	if (is_member(l->config, connector, home))
		return;
	for (size_t i = 0; i < connector->nmembers; i++) {
		names[n] = member_name(l->config, connector, i);
		n += names[n] != NULL;
	}
	near = nearest_word(home, names, n);
	report_in(l, group, "default_home", "%s should be a member of this "
	    "connector%s%s%s", shown(home, value),
	    near == NULL ? "" : "; did you mean \"", near == NULL ? "" : near,
	    near == NULL ? "" : "\"?");
}

static void
report_no_host(struct loader *l, const config_setting_t *group,
    const char *home)
{
	const struct config *config = l->config;
	const char *names[HOSTS_MAX], *near;
	char value[SHOWN_MAX];
	size_t n = 0;

	for (size_t i = 0; i < config->nhosts && n < HOSTS_MAX; i++) {
		names[n] = config->hosts[i].name;
		n += names[n] != NULL;
	}
	near = nearest_word(home, names, n);
	report_in(l, group, "home", "there is no smart host %s%s%s%s",
	    shown(home, value), near == NULL ? "" : "; did you mean \"",
	    near == NULL ? "" : near, near == NULL ? "" : "\"?");
}

/* Routes that name a login and lead to a connector with homes. */
static size_t
named_routes(const struct config *config, const struct route **list_r)
{
	size_t n = 0;

	for (size_t i = 0; i < config->nroutes; i++) {
		const struct route *route = &config->routes[i];

		if (route->user.count > 0 && route->name != NULL &&
		    route->target == ROUTE_CONNECTOR &&
		    route->connector < config->nconnectors &&
		    has_affinity(&config->connectors[route->connector]))
			list_r[n++] = route;
	}
	return n;
}

static void
check_routes_of(struct loader *l, const struct identity_user *user,
    const config_setting_t *group, const struct route *const *routes,
    size_t nroutes)
{
	for (size_t i = 0; i < nroutes; i++) {
		const struct connector *connector =
		    &l->config->connectors[routes[i]->connector];

		if (connector->name == NULL || user->user == NULL ||
		    !match_any(&routes[i]->user, user->user) ||
		    is_member(l->config, connector, user->home))
			continue;
		report_in(l, group, "home", "\"%s\" is no member of connector "
		    "\"%s\", to which route \"%s\" leads this login; make it "
		    "one, or name one of its members", user->home,
		    connector->name, routes[i]->name);
		return;
	}
}

static void
check_user_home(struct loader *l, const struct identity_user *user,
    const config_setting_t *group, const struct route *const *routes,
    size_t nroutes)
{
	if (!is_host(l->config, user->home))
		report_no_host(l, group, user->home);
	else if (!config_is_home(l->config, user->home))
		report_in(l, group, "home", "\"%s\" is no member of a connector "
		    "with balance = \"affinity\"; only there a login keeps one "
		    "host", user->home);
	else
		check_routes_of(l, user, group, routes, nroutes);
}

void
check_homes(struct loader *l)
{
	const struct config *config = l->config;
	config_setting_t *connectors = config_lookup(&l->given, "connectors");
	config_setting_t *users = config_lookup(&l->given, "identities.users");
	const struct route **routes =
	    calloc(config->nroutes + 1, sizeof(*routes));
	size_t nroutes;

	if (routes == NULL)
		abort();
	nroutes = named_routes(config, routes);
	for (size_t i = 0; i < config->nconnectors; i++) {
		if (is_given(config->connectors[i].default_home))
			check_default(l, &config->connectors[i],
			    config_setting_get_elem(connectors, (unsigned)i));
	}
	for (size_t i = 0; i < config->identities.nusers; i++) {
		const struct identity_user *user =
		    &config->identities.users[i];

		if (is_given(user->home))
			check_user_home(l, user, config_setting_get_elem(users,
			    (unsigned)i), routes, nroutes);
	}
	free(routes);
}
