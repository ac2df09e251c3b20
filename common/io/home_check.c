/*
 * Homes against the connectors that may lead to them.
 */
#include "io/home_check.h"

#include "core/match.h"
#include "core/nearest.h"
#include "core/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SHOWN_MAX = 80 };

struct home_check {
	const struct config *config;
	/* those that name a login and lead to a connector with homes */
	const struct route **routes;
	size_t nroutes;
};

struct home_check *
home_check_new(const struct config *config)
{
	struct home_check *check = calloc(1, sizeof(*check));

	if (check == NULL)
		abort();
	check->config = config;
	check->routes = calloc(config->nroutes + 1,
	    sizeof(*check->routes)); /* NOLINT(*-sizeof-*): of a pointer */
	if (check->routes == NULL)
		abort();
	for (size_t i = 0; i < config->nroutes; i++) {
		const struct route *route = &config->routes[i];

		if (route->user.count > 0 && route->name != NULL &&
		    route->target == ROUTE_CONNECTOR &&
		    route->connector < config->nconnectors &&
		    config->connectors[route->connector].balance ==
		    BALANCE_AFFINITY)
			check->routes[check->nroutes++] = route;
	}
	return check;
}

void
home_check_free(struct home_check **check)
{
	if (*check == NULL)
		return;
	free((*check)->routes);
	free(*check);
	*check = NULL;
}

bool
home_is_member(const struct config *config, const struct connector *connector,
    const char *host)
{
	for (size_t i = 0; i < connector->nmembers; i++) {
		size_t at = connector->members[i].host;

		if (at < config->nhosts && config->hosts[at].name != NULL &&
		    strcmp(config->hosts[at].name, host) == 0)
			return true;
	}
	return false;
}

/* False, and the words, when nothing bears the name. */
static bool
is_host(const struct config *config, const char *home,
    char why[HOME_WHY_MAX])
{
	const char *names[HOSTS_MAX];
	char value[NAME_SHOWN_MAX], hint[NEAREST_HINT_MAX];
	size_t n = 0;

	for (size_t i = 0; i < config->nhosts && n < HOSTS_MAX; i++) {
		names[n] = config->hosts[i].name;
		if (names[n] != NULL && strcmp(names[n], home) == 0)
			return true;
		n += names[n] != NULL;
	}
	(void)snprintf(why, HOME_WHY_MAX, "there is no smart host \"%s\"%s",
	    text_escape(value, sizeof(value), home, strlen(home)),
	    nearest_hint(home, names, n, hint));
	return false;
}

static bool
routes_lead_there(const struct home_check *check, const char *user,
    const char *home, char why[HOME_WHY_MAX])
{
	for (size_t i = 0; i < check->nroutes; i++) {
		const struct connector *connector =
		    &check->config->connectors[check->routes[i]->connector];

		if (connector->name == NULL || user == NULL ||
		    !match_any(&check->routes[i]->user, user) ||
		    home_is_member(check->config, connector, home))
			continue;
		(void)snprintf(why, HOME_WHY_MAX, "\"%s\" is no member of "
		    "connector \"%s\", to which route \"%s\" leads this "
		    "login; make it one, or name one of its members", home,
		    connector->name, check->routes[i]->name);
		return false;
	}
	return true;
}

static bool
is_member_of_any(const struct config *config, const char *home)
{
	for (size_t i = 0; i < config->nconnectors; i++) {
		if (home_is_member(config, &config->connectors[i], home))
			return true;
	}
	return false;
}

int
home_check_ask(const struct home_check *check, const char *user,
    const char *home, char why[HOME_WHY_MAX])
{
	const struct config *config = check->config;
	bool used = config_has_homes(config);

	if (!is_host(config, home, why))
		return -1;
	if (config_is_home(config, home))
		return routes_lead_there(check, user, home, why) ? 0 : -1;
	if (!used && is_member_of_any(config, home))
		return 0;
	(void)snprintf(why, HOME_WHY_MAX, "\"%s\" is no member of a "
	    "connector%s", home, used ? " with balance = \"affinity\"; only "
	    "there a login keeps one host" : "");
	return -1;
}
