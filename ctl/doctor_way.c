/*
 * The way of a message behind smtpd: transports, tables, filters.
 */
#include "doctor.h"

#include "core/nearest.h"
#include "core/transport.h"

#include <string.h>

enum { TRANSPORTS_MAX = 256 };

static const char sender_maps[] = "sender_dependent_default_transport_maps";

/* --- transports --- */

static bool
transport_there(const struct look *look, const char *name)
{
	return postfix_service(look->postfix,
	    look_text(look, "%s/unix", name)) != NULL;
}

static const char *
nearest_transport(const struct look *look, const char *name)
{
	const struct postfix_service *service = NULL;
	const char *names[TRANSPORTS_MAX], *near;
	size_t count = 0;

	while ((service = postfix_next(look->postfix, service)) != NULL) {
		if (count < TRANSPORTS_MAX &&
		    strcmp(service->type, "unix") == 0 &&
		    (strcmp(service->command, "smtp") == 0 ||
		    strcmp(service->command, "lmtp") == 0))
			names[count++] = service->name;
	}
	near = nearest_word(name, names, count);
	return near != NULL ?
	    look_text(look, "; or is \"%s\" meant?", near) : "";
}

/* {postconf} stands in the row; here is what goes behind it. */
static const char *
new_transport(const struct look *look, const char *name)
{
	return look_text(look, "-M -e '%s/unix=%s unix - - y - - smtp "
	    "-o smtp_connect_timeout=10s -o smtp_helo_timeout=30s "
	    "-o smtp_starttls_timeout=30s'%s", name,
	    name, nearest_transport(look, name));
}

static void
look_transport(const struct look *look)
{
	for (size_t i = 0; i < look->config->nconnectors; i++) {
		const struct connector *c = &look->config->connectors[i];

		if (!transport_there(look, c->transport))
			found(look, look_text(look, "connector \"%s\" names "
			    "transport \"%s\"", c->name, c->transport),
			    new_transport(look, c->transport));
	}
}

static bool
default_of(const struct look *look, struct transport *transport_r)
{
	return transport_parse(
	    postfix_value(look->postfix, NULL, "default_transport"),
	    postfix_value(look->postfix, NULL, "relayhost"), transport_r) ==
	    0;
}

static void
look_default_transport(const struct look *look)
{
	struct transport transport;

	if (default_of(look, &transport) &&
	    !transport_there(look, transport.mailer))
		found(look, transport.mailer,
		    new_transport(look, transport.mailer));
}

/* FILTER is given when each recipient is for what weir-policyd takes for it. */
static void
compare_default(const struct look *look, const char *known)
{
	struct transport ours, theirs;

	if (transport_parse(known, "", &ours) == 0 &&
	    default_of(look, &theirs) &&
	    !transport_is(&ours, theirs.mailer, theirs.host))
		found(look, known,
		    look_text(look, "%s:%s", theirs.mailer, theirs.host));
}

static bool
default_is_asked(const struct look *look)
{
	return strcmp(look->config->policy.default_transport, "auto") == 0;
}

static void
look_default_given(const struct look *look)
{
	if (!default_is_asked(look))
		compare_default(look, look->config->policy.default_transport);
}

/* It was asked, and Postfix has been told another since. */
static void
look_default_stale(const struct look *look)
{
	if (default_is_asked(look) && look->facts->transport != NULL)
		compare_default(look, look->facts->transport);
}

static bool
last_is_routed(const struct look *look)
{
	const struct route *last = config_last_route(look->config);

	return last != NULL && (last->target == ROUTE_CONNECTOR ||
	    last->target == ROUTE_HOST);
}

static void
look_way_out(const struct look *look)
{
	struct transport transport;

	if (last_is_routed(look) && default_of(look, &transport) &&
	    transport.host[0] == '\0')
		found(look, transport.mailer, NULL);
}

static void
look_timeouts(const struct look *look)
{
	static const char *const names[][2] = {
		{ "smtp_connect_timeout", "10s" },
		{ "smtp_helo_timeout", "30s" },
		{ "smtp_starttls_timeout", "30s" } };
	static const size_t count = sizeof(names) / sizeof(names[0]);

	for (size_t i = 0; i < count * look->config->nconnectors; i++) {
		const char *const *name = names[i % count];
		const struct postfix_service *service = postfix_service(
		    look->postfix, look_text(look, "%s/unix",
		    look->config->connectors[i / count].transport));
		const char *value;

		if (service == NULL || strcmp(service->command, "smtp") != 0)
			continue;
		value = postfix_value(look->postfix, service, name[0]);
		if (timeout_is_long(name[0], value))
			found(look, look_text(look, "%s of %s is %s", name[0],
			    service->id, value), look_text(look,
			    "-P -e %s/%s=%s", service->id, name[0], name[1]));
	}
}

/* --- the connector direct --- */

/* The table's "smtp:" has no next hop: Postfix takes relayhost. */
static void
look_relayhost(const struct look *look)
{
	const char *host = postfix_value(look->postfix, NULL, "relayhost");
	struct list_place place;

	if (config_routes_direct(look->config) && host[0] != '\0' &&
	    list_find(postfix_value(look->postfix, NULL, sender_maps),
	    look->endpoints->sender.names, &place))
		found(look, host, NULL);
}

static void
look_filter_nexthop(const struct look *look)
{
	const char *host = postfix_value(look->postfix, NULL,
	    "default_filter_nexthop");

	if (config_routes_direct(look->config) && host[0] != '\0' &&
	    look->config->policy.pin != PIN_NEVER)
		found(look, host, NULL);
}

/* --- pinned mail --- */

static void
look_filter(const struct look *look)
{
	const char *filter = postfix_filter(look->postfix);

	if (filter != NULL && look->config->policy.pin != PIN_NEVER)
		found(look, filter, NULL);
}

/* --- the socketmap --- */

/* The value as the resolver of the queue manager has it. */
static const char *
maps_of(const struct look *look, const char *name)
{
	return postfix_value(look->postfix,
	    postfix_service(look->postfix, "rewrite/unix"), name);
}

static bool
find_map(const struct look *look, const char *name,
    const struct endpoint *endpoint, struct list_place *place)
{
	return list_find(maps_of(look, name), endpoint->names, place);
}

static void
look_map_missing(const struct look *look)
{
	const struct endpoints *e = look->endpoints;
	struct list_place place;

	if (look->config->policy.pin != PIN_NEVER)
		return;
	if (!find_map(look, sender_maps, &e->sender, &place))
		found(look, sender_maps, "");
	if (config_routes_recipients(look->config) &&
	    !find_map(look, "transport_maps", &e->recipient, &place))
		found(look, "transport_maps", " by recipient");
}

static void
map_order(const struct look *look, const char *name,
    const struct endpoint *endpoint)
{
	struct list_place place;

	if (find_map(look, name, endpoint, &place) && place.before != 0)
		found(look, name, NULL);
}

static void
look_map_order(const struct look *look)
{
	map_order(look, sender_maps, &look->endpoints->sender);
	map_order(look, "transport_maps", &look->endpoints->recipient);
}

/* transport_maps knows the recipient, and wins over the sender's table. */
static void
look_map_shadow(const struct look *look)
{
	const char *maps = maps_of(look, "transport_maps");
	struct list_place place;

	if (find_map(look, sender_maps, &look->endpoints->sender, &place) &&
	    maps[0] != '\0' && !find_map(look, "transport_maps",
	    &look->endpoints->recipient, &place))
		found(look, maps, NULL);
}

static void
resolver_of_client(const struct look *look,
    const struct postfix_service *service)
{
	const struct postfix_service *resolver = resolver_of(look->postfix,
	    service);

	if (resolver_is_ours(look->postfix, look->endpoints, resolver))
		found(look, service->id, look->config->policy.pin ==
		    PIN_NEVER ? "" : " --socketmap");
}

static void
look_queue(const struct look *look)
{
	struct list_place place;

	if (find_map(look, sender_maps, &look->endpoints->sender, &place))
		return;
	for (size_t i = 0; i < look->config->nconnectors; i++) {
		if (look->config->connectors[i].none_healthy ==
		    NONE_HEALTHY_QUEUE)
			found(look, look->config->connectors[i].name, NULL);
	}
}

/* It says the same of all logins, so one will do. */
static void
look_home_unused(const struct look *look)
{
	const struct identities *ids = &look->config->identities;

	if (config_has_homes(look->config))
		return;
	for (size_t i = 0; i < ids->nusers; i++) {
		if (ids->users[i].home[0] == '\0')
			continue;
		found(look, ids->users[i].user, ids->users[i].home);
		return;
	}
}

const struct check checks_way[] = {
	{ "transport", FINDING_ERROR, look_transport, NULL,
	    "{1}, which master.cf does not have: mail by it waits in the queue",
	    "{postconf} {2}" },
	{ "default_transport", FINDING_ERROR, look_default_transport, NULL,
	    "default_transport names transport \"{1}\", which master.cf does "
	    "not have",
	    "{postconf} {2}" },
	{ "default_given", FINDING_ERROR, look_default_given, NULL,
	    "policy.default_transport = \"{1}\", but Postfix has {2}: nothing "
	    "will be routed",
	    "policy.default_transport = \"auto\" in weir.conf, then "
	    "weirctl reload" },
	{ "default_stale", FINDING_ERROR, look_default_stale, NULL,
	    "weir-policyd takes {1} for Postfix's default transport, but that "
	    "is {2}: nothing will be routed",
	    "weirctl reload" },
	{ "way_out", FINDING_WARNING, look_way_out, NULL,
	    "while weir-policyd is away mail goes straight to its recipients' "
	    "domains: default_transport = {1} names no smart host",
	    "{apply}" },
	{ "timeouts", FINDING_WARNING, look_timeouts, NULL,
	    "{1}: so long may a smart host that says nothing hold up each "
	    "message",
	    "{postconf} {2}" },
	{ "relayhost", FINDING_ERROR, look_relayhost, NULL,
	    "relayhost = {1}: by the socketmap the connector \"direct\" would "
	    "send there and not to the recipient's domain",
	    "{postconf} -e relayhost= and the smart hosts in "
	    "default_transport: {apply}" },
	{ "filter_nexthop", FINDING_ERROR, look_filter_nexthop, NULL,
	    "default_filter_nexthop = {1}: the connector \"direct\" would send "
	    "there and not to the recipient's domain",
	    "{postconf} -X default_filter_nexthop" },
	{ "filter", FINDING_ERROR, look_filter, NULL,
	    "{1} is set: pinned messages pass by a filter, and copies go to "
	    "the smart host with them",
	    "policy.pin = \"never\" in weir.conf, then {apply}" },
	{ "map_missing", FINDING_ERROR, look_map_missing, NULL,
	    "policy.pin = \"never\", but {1} lacks Weir's socketmap: nothing "
	    "is routed{2}",
	    "{apply}" },
	{ "map_order", FINDING_ERROR, look_map_order, NULL,
	    "another table comes before Weir's socketmap in {1}: what it finds "
	    "is not routed",
	    "{apply}" },
	{ "map_shadow", FINDING_WARNING, look_map_shadow, NULL,
	    "transport_maps = {1} wins over Weir's routes for the recipients "
	    "in it",
	    "see that it holds no more than domains that are not routed" },
	{ "resolver", FINDING_ERROR, NULL, resolver_of_client,
	    "{1} resolves by the socketmap: it refuses mail while weir-policyd "
	    "is away, and for a while after",
	    "{apply}{2}" },
	{ "queue", FINDING_WARNING, look_queue, NULL,
	    "connector \"{1}\" keeps mail in the queue when no host is healthy "
	    "(when_none_healthy = \"queue\"), which only the socketmap can do",
	    "{apply} --socketmap" },
	{ "home_unused", FINDING_WARNING, look_home_unused, NULL,
	    "\"{1}\" has its home at \"{2}\", but no connector has balance = "
	    "\"affinity\": its mail is shared like that of any other login",
	    "balance = \"affinity\" for a connector of weir.conf, or no home" },
	{ NULL, FINDING_ERROR, NULL, NULL, NULL, NULL },
};
