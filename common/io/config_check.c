/*
 * What no single setting can tell: which name means what, and what must or must
 * not stand together. Runs after the walk, also when that found mistakes, so a
 * field may be NULL here. The elements of an array of struct config are those
 * of the list in the file, in its order, until the end of check_config.
 */
#include "io/config_load.h"

#include "core/identity.h"
#include "core/route_index.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

static size_t
find_host(struct loader *l, const config_setting_t *group, const char *name)
{
	return find_name(l, group, "host", name, "smart host", l->config->hosts,
	    l->config->nhosts, sizeof(struct smart_host));
}

/* --- smart hosts and connectors --- */

static void
check_hosts(struct loader *l)
{
	struct config *config = l->config;
	config_setting_t *list = config_lookup(&l->given, "smart_hosts");

	check_unique(l, "smart_hosts", "name", config->hosts, config->nhosts,
	    sizeof(struct smart_host));
	for (size_t i = 0; i < config->nhosts; i++) {
		struct smart_host *host = &config->hosts[i];
		config_setting_t *one =
		    config_setting_get_elem(list, (unsigned)i);

		if (string_in(one, "probe") == NULL)
			host->probe = config->health.probe;
		if (host->probe == PROBE_AUTH && host->auth != NULL &&
		    host->auth[0] == '\0')
			report(l, one, "is probed with a login (probe = "
			    "\"auth\") and needs auth = \"file:PATH\"");
		if (host->probe == PROBE_AUTH && host->mx &&
		    host->tls_verify && host->tls_name != NULL &&
		    host->tls_name[0] == '\0')
			report(l, one, "is probed with a login, and DNS alone "
			    "says who gets it; give tls_name, or put the "
			    "next hop in brackets");
	}
}

static void
check_sources(struct loader *l)
{
	const struct strings *sources = &l->config->health.source_address;
	struct netaddr a, b;

	if (sources->count == 2 && netaddr_parse(sources->list[0], &a) == 0 &&
	    netaddr_parse(sources->list[1], &b) == 0 && a.family == b.family)
		report(l, config_lookup(&l->given, "health.source_address"),
		    "has two addresses of one family; keep one IPv4 and one "
		    "IPv6 address");
}

static void
check_member(struct loader *l, struct connector *connector, size_t at,
    const config_setting_t *group)
{
	struct member *member = &connector->members[at];
	const char *name = string_in(group, "host");
	size_t host;

	if (name == NULL)
		return;
	host = find_host(l, group, name);
	if (host == l->config->nhosts) {
		member->host = UINT16_MAX;
		return;
	}
	member->host = (uint16_t)host;
	if (member->weight == 0)
		member->weight = l->config->hosts[host].weight;
	for (size_t i = 0; i < at; i++) {
		if (connector->members[i].host == host)
			report_in(l, group, "host", "is a member already");
	}
}

static void
check_connectors(struct loader *l)
{
	struct config *config = l->config;
	config_setting_t *list = config_lookup(&l->given, "connectors");

	check_unique(l, "connectors", "name", config->connectors,
	    config->nconnectors, sizeof(struct connector));
	for (size_t i = 0; i < config->nconnectors; i++) {
		struct connector *connector = &config->connectors[i];
		config_setting_t *one =
		    config_setting_get_elem(list, (unsigned)i);
		config_setting_t *members =
		    connector->nmembers == 0 ? NULL
		        : config_setting_get_member(one, "members");

		if (connector->name != NULL &&
		    (strcmp(connector->name, "direct") == 0 ||
		    strcmp(connector->name, "postfix") == 0))
			report_in(l, one, "name", "\"%s\" is built in; choose "
			    "another name", connector->name);
		for (size_t j = 0; j < connector->nmembers; j++)
			check_member(l, connector, j,
			    config_setting_get_elem(members, (unsigned)j));
	}
}

/* --- routes --- */

static void
route_to_connector(struct loader *l, struct route *route,
    const config_setting_t *group, const char *name)
{
	const struct config *config = l->config;
	size_t at;

	if (strcmp(name, "direct") == 0 || strcmp(name, "postfix") == 0) {
		route->target = name[0] == 'd' ? ROUTE_DIRECT : ROUTE_POSTFIX;
		return;
	}
	at = find_name(l, group, "connector", name, "connector",
	    config->connectors, config->nconnectors, sizeof(struct connector));
	route->target = ROUTE_CONNECTOR;
	route->connector = (uint16_t)at;
}

/* A host leaves by the transport of the first connector that has it. */
static void
route_to_host(struct loader *l, struct route *route,
    const config_setting_t *group, const char *name)
{
	const struct config *config = l->config;
	size_t host = find_host(l, group, name);

	route->target = ROUTE_HOST;
	route->host = (uint16_t)host;
	for (size_t i = 0; i < config->nconnectors; i++) {
		for (size_t j = 0; j < config->connectors[i].nmembers; j++) {
			if (config->connectors[i].members[j].host != host)
				continue;
			route->connector = (uint16_t)i;
			return;
		}
	}
	if (host < config->nhosts)
		report_in(l, group, "host", "is no member of any connector, so "
		    "it has no transport; make it a member of one");
}

static void
check_routes(struct loader *l)
{
	struct config *config = l->config;
	config_setting_t *list = config_lookup(&l->given, "routes");

	check_unique(l, "routes", "name", config->routes, config->nroutes,
	    sizeof(struct route));
	for (size_t i = 0; i < config->nroutes; i++) {
		struct route *route = &config->routes[i];
		config_setting_t *one =
		    config_setting_get_elem(list, (unsigned)i);
		const char *connector = string_in(one, "connector");
		const char *host = string_in(one, "host");
		const char *reject = string_in(one, "reject");

		if (!config_setting_is_group(one))
			continue;
		check_listener_names(l, one, "listener", &route->listener);
		if ((connector != NULL) + (host != NULL) +
		    (reject != NULL) != 1)
			report(l, one, "should have one of connector, host and "
			    "reject");
		else if (connector != NULL)
			route_to_connector(l, route, one, connector);
		else if (host != NULL)
			route_to_host(l, route, one, host);
		else
			route->target = ROUTE_REJECT;
	}
}

/* --- identities --- */

static void
check_clients(struct loader *l)
{
	const struct identities *ids = &l->config->identities;
	config_setting_t *list = config_lookup(&l->given, "identities.clients");

	for (size_t i = 0; i < ids->nclients; i++) {
		const struct netblock *block = &ids->clients[i].network;

		for (size_t j = 0; j < i && block->base.family != 0; j++) {
			const struct netblock *other = &ids->clients[j].network;

			if (other->prefix == block->prefix &&
			    netaddr_equal(&other->base, &block->base))
				report_in(l, config_setting_get_elem(list,
				    (unsigned)i), "network", "is given twice");
		}
	}
}

/*
 * explain names the place a right comes from. libconfig has one string a file,
 * and users of one file mostly follow each other: so do we.
 */
static const char *
file_of(const config_setting_t *list, size_t i)
{
	return config_setting_source_file(
	    config_setting_get_elem((config_setting_t *)list, (unsigned)i));
}

static void
note_places(struct loader *l)
{
	struct identities *ids = &l->config->identities;
	const config_setting_t *list =
	    config_lookup(&l->given, "identities.users");
	struct strings *files = &ids->files;
	size_t count = ids->nusers > 0;
	char path[PATH_MAX];

	for (size_t i = 1; i < ids->nusers; i++)
		count += file_of(list, i) != file_of(list, i - 1);
	files->list = arena_array(l->config->arena, count,
	    sizeof(files->list[0]));
	for (size_t i = 0; i < ids->nusers; i++) {
		const char *file = file_of(list, i);

		if (i == 0 || file != file_of(list, i - 1))
			files->list[files->count++] = arena_copy(
			    l->config->arena, shown_file(l, file, path));
		ids->users[i].file = (uint32_t)files->count - 1;
		ids->users[i].line = config_setting_source_line(
		    config_setting_get_elem(list, (unsigned)i));
	}
}

/* "weir.conf:12"; the file's own name where it is not given. */
static const char *
place_of(struct loader *l, const config_setting_t *at)
{
	char file[PATH_MAX], name[PATH_MAX], place[PATH_MAX + 16];
	const char *shown = shown_file(l,
	    at == NULL ? NULL : config_setting_source_file(at), file);

	text_escape(name, sizeof(name), shown, strlen(shown));
	if (at == NULL)
		return arena_copy(l->config->arena, name);
	(void)snprintf(place, sizeof(place), "%s:%u", name,
	    config_setting_source_line(at));
	return arena_copy(l->config->arena, place);
}

/* What these hold is looked at later, by who may read it. */
static void
note_files(struct loader *l)
{
	struct config *config = l->config;
	config_setting_t *hosts = config_lookup(&l->given, "smart_hosts");

	config->health.ca_file_at = place_of(l,
	    config_lookup(&l->given, "health.ca_file"));
	for (size_t i = 0; i < config->nhosts; i++)
		config->hosts[i].auth_at = place_of(l,
		    config_setting_get_member(config_setting_get_elem(hosts,
		    (unsigned)i), "auth"));
}

/* --- all of it --- */

void
check_config(struct loader *l)
{
	struct config *config = l->config;
	struct identities *ids = &config->identities;

	check_sockets(l);
	check_sources(l);
	check_hosts(l);
	check_connectors(l);
	check_none_healthy(l);
	check_listeners(l);
	check_routes(l);
	check_throttles(l);
	check_unique(l, "identities.users", "user", ids->users, ids->nusers,
	    sizeof(struct identity_user));
	check_clients(l);
	check_homes(l);
	if (l->errors->count != 0)
		return;
	settle_listeners(l);
	config->route_index = route_index_new(config->arena, config->routes,
	    config->nroutes);
	note_places(l);
	note_files(l);
	identity_settle(ids);
}
