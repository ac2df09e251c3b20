/*
 * What is around: limits of Postfix beside ours, who may do too much, and
 * sockets.
 */
#include "doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- limits --- */

/* Processes of all services of a listener; 0: no limit. */
static unsigned
processes(const struct look *look, const struct listener *listener,
    const struct postfix_service **first_r)
{
	const struct postfix_service *service = NULL;
	unsigned sum = 0;

	*first_r = NULL;
	while ((service = postfix_next(look->postfix, service)) != NULL) {
		unsigned limit = service_limit(look->postfix, service);

		if (service_role(look->postfix, service) < SERVICE_CLIENTS ||
		    look_listener(look, service) != listener)
			continue;
		if (limit == 0)
			return 0;
		sum += limit;
		if (*first_r == NULL)
			*first_r = service;
	}
	return sum;
}

static void
look_processes(const struct look *look)
{
	for (size_t i = 0; i < look->config->nlisteners; i++) {
		const struct listener *l = &look->config->listeners[i];
		const struct postfix_service *service;
		unsigned sum = processes(look, l, &service);

		if (sum == 0 || l->max_connections == UNLIMITED ||
		    sum >= l->max_connections)
			continue;
		found(look, look_text(look, "Postfix serves %u clients of "
		    "listener \"%s\" at once, and it may have %u", sum,
		    l->name, l->max_connections),
		    look_text(look, "-F -e %s/process_limit=%u (and the "
		    "memory for it), or max_connections = %u in weir.conf",
		    service->id, l->max_connections, sum));
	}
}

static void
client_count_of(const struct look *look, const struct postfix_service *service)
{
	static const char name[] = "smtpd_client_connection_count_limit";
	const struct listener *listener = look_listener(look, service);
	uint32_t ours = listener->max_connections_per_source;
	unsigned long theirs = strtoul(
	    postfix_value(look->postfix, service, name), NULL, 10);

	if (theirs == 0 || ours == UNLIMITED || theirs >= ours)
		return;
	found(look, look_text(look, "%s = %lu is below "
	    "max_connections_per_source = %u of listener \"%s\"", name,
	    theirs, ours, listener->name), look_set(look, service, name,
	    look_text(look, "%u", ours)));
}

/* --- who may do too much --- */

static void
bare_newline_of(const struct look *look, const struct postfix_service *service)
{
	static const char name[] = "smtpd_forbid_bare_newline";

	if (postfix_knows(look->postfix, name) &&
	    strcmp(postfix_value(look->postfix, service, name), "no") == 0)
		found(look, look_set(look, service, name, "normalize"), NULL);
}

static bool
too_wide(const struct netblock *block)
{
	return block->prefix < (block->base.family == 4 ? 8 : 32);
}

/*
 * "192.0.2.0/24", "[2001:db8::]/32": a network of a list in main.cf. Those of
 * mapped addresses and what is looked up elsewhere are passed over.
 */
static bool
network_of(const struct list_item *item, struct netblock *block_r)
{
	char text[NETBLOCK_TEXT_MAX + 2];
	size_t len = 0;

	if (item->len >= sizeof(text))
		return false;
	for (size_t i = 0; i < item->len; i++) {
		if (item->text[i] != '[' && item->text[i] != ']')
			text[len++] = item->text[i];
	}
	text[len] = '\0';
	return strncmp(text, "::ffff:", 7) != 0 &&
	    netblock_parse(text, block_r) == 0;
}

static void
networks_of(const struct look *look, const struct postfix_service *service)
{
	const char *rest = postfix_value(look->postfix, service, "mynetworks");
	struct netblock block;
	struct list_item item;

	while (list_next(&rest, &item)) {
		if (network_of(&item, &block) && too_wide(&block))
			found(look, look_item(look, &item), NULL);
	}
}

static const char *
block_text(const struct look *look, const struct netblock *block)
{
	char text[NETADDR_TEXT_MAX];

	return look_text(look, "%s/%u", netaddr_format(&block->base, text),
	    block->prefix);
}

static void
look_identity_networks(const struct look *look)
{
	const struct identities *all = &look->config->identities;

	for (size_t i = 0; i < all->nclients; i++) {
		if (too_wide(&all->clients[i].network))
			found(look, block_text(look,
			    &all->clients[i].network), all->clients[i].user);
	}
}

static void
look_exempt_networks(const struct look *look)
{
	for (size_t i = 0; i < look->config->nlisteners; i++) {
		const struct listener *l = &look->config->listeners[i];

		for (size_t j = 0; j < l->exempt_clients.count; j++) {
			if (too_wide(&l->exempt_clients.list[j]))
				found(look, l->name, block_text(look,
				    &l->exempt_clients.list[j]));
		}
	}
}

static bool
is_loopback(const struct netblock *block)
{
	struct netaddr mask = netaddr_mask(&block->base, 8);

	return block->base.family == 4 ? block->prefix >= 8 &&
	    mask.bytes[0] == 127 : block->prefix == 128;
}

/* Hosts that may be any client and any login. */
static void
xclient(const struct look *look, const struct postfix_service *service,
    bool open)
{
	const char *rest = postfix_value(look->postfix, service,
	    "smtpd_authorized_xclient_hosts");
	struct netblock block;
	struct list_item item;

	while (list_next(&rest, &item)) {
		bool network = network_of(&item, &block);
		bool many = network && !is_loopback(&block) &&
		    block.prefix != (block.base.family == 4 ? 32 : 128);

		if (many == open)
			found(look, look_item(look, &item), service->id);
	}
}

static void
xclient_open_of(const struct look *look, const struct postfix_service *service)
{
	xclient(look, service, true);
}

static void
xclient_host_of(const struct look *look, const struct postfix_service *service)
{
	xclient(look, service, false);
}

static void
look_sendmail(const struct look *look)
{
	const char *users = postfix_value(look->postfix, NULL,
	    "authorized_submit_users");

	if (list_has(users, "static:anyone") || list_has(users, "static:all"))
		found(look, users, NULL);
}

/* --- what runs --- */

static void
door(const struct look *look, const struct endpoint *endpoint,
    const char *daemon, enum door state, enum door bad)
{
	if (endpoint->chosen != NULL && state == bad)
		found(look, endpoint->chosen, daemon);
}

static void
doors(const struct look *look, enum door bad)
{
	const struct endpoints *e = look->endpoints;
	struct list_place place;

	door(look, &e->milter, "weir-milter", look->facts->milter, bad);
	door(look, &e->policy, "weir-policyd", look->facts->policy, bad);
	if (list_find(postfix_value(look->postfix, NULL,
	    "sender_dependent_default_transport_maps"), e->sender.names,
	    &place))
		door(look, &e->sender, "weir-policyd", look->facts->map, bad);
}

static void
look_socket_missing(const struct look *look)
{
	doors(look, DOOR_MISSING);
}

static void
look_socket_refused(const struct look *look)
{
	doors(look, DOOR_REFUSED);
}

static void
look_socket_denied(const struct look *look)
{
	doors(look, DOOR_DENIED);
}

static void
look_state(const struct look *look)
{
	if (look->facts->state_why != NULL)
		found(look, look->config->state.socket,
		    look->facts->state_why);
}

static void
look_state_denied(const struct look *look)
{
	if (look->facts->state_denied)
		found(look, look->config->state.socket, NULL);
}

static void
look_milter_away(const struct look *look)
{
	if (look->facts->state_why == NULL && !look->facts->state_denied &&
	    look->facts->milters == 0)
		found(look, look->config->state.socket, NULL);
}

static void
look_writable(const struct look *look)
{
	if (look->facts->writable != NULL)
		found(look, look->facts->writable, NULL);
}

const struct check checks_site[] = {
	{ "processes", FINDING_WARNING, look_processes, NULL,
	    "{1} (max_connections): further clients wait",
	    "{postconf} {2}" },
	{ "client_count", FINDING_WARNING, NULL, client_count_of,
	    "{1}: Postfix turns clients outside mynetworks away first",
	    "{postconf} {2}" },
	{ "bare_newline", FINDING_WARNING, NULL, bare_newline_of,
	    "smtpd_forbid_bare_newline = no: a message can be smuggled into "
	    "another",
	    "{postconf} {1}" },
	{ "networks", FINDING_ERROR, NULL, networks_of,
	    "mynetworks has {1}: so many addresses are nobody's own, and may "
	    "relay",
	    "name your own networks in mynetworks" },
	{ "identity_networks", FINDING_ERROR, look_identity_networks, NULL,
	    "identities.clients gives {1} the identity {2}: whoever connects "
	    "from there may send as it, an open relay",
	    "name the hosts themselves in identities.clients" },
	{ "exempt_networks", FINDING_WARNING, look_exempt_networks, NULL,
	    "exempt_clients of listener \"{1}\" has {2}: nearly nobody is "
	    "limited there",
	    "name the gateways themselves in exempt_clients" },
	{ "xclient_open", FINDING_ERROR, NULL, xclient_open_of,
	    "smtpd_authorized_xclient_hosts of {2} has {1}: each host of that "
	    "network may be any login",
	    "name the proxies themselves in smtpd_authorized_xclient_hosts" },
	{ "xclient_host", FINDING_WARNING, NULL, xclient_host_of,
	    "smtpd_authorized_xclient_hosts of {2} has {1}, which may be any "
	    "login",
	    "see that it is a proxy that checks logins itself" },
	{ "sendmail", FINDING_WARNING, look_sendmail, NULL,
	    "authorized_submit_users = {1}: every local user may send by "
	    "sendmail(1), past both daemons",
	    "{postconf} -e authorized_submit_users=root" },
	{ "writable", FINDING_ERROR, look_writable, NULL,
	    "any local user may write {1}, or put another in its place, and "
	    "with it say who may send as whom",
	    "chmod o-w {1} and its folder" },
	{ "socket_missing", FINDING_ERROR, look_socket_missing, NULL,
	    "{1} is not there: {2} does not run, or not with this weir.conf",
	    "systemctl start {2}" },
	{ "socket_refused", FINDING_ERROR, look_socket_refused, NULL,
	    "{1} does not take connections: {2} does not run",
	    "systemctl start {2}" },
	{ "socket_denied", FINDING_ERROR, look_socket_denied, NULL,
	    "Postfix may not connect to {1} of {2}: its group must be "
	    "postfix, and the folder's too",
	    "postfix_group = \"postfix\" in weir.conf, and install -d -o weir "
	    "-g postfix -m 2750 for the folder" },
	{ "state", FINDING_ERROR, look_state, NULL,
	    "weir-policyd does not answer at {1}: {2}",
	    "systemctl start weir-policyd" },
	{ "state_denied", FINDING_WARNING, look_state_denied, NULL,
	    "you may not open {1}: whether the daemons run is not known",
	    "be root, or in its group" },
	{ "milter_away", FINDING_ERROR, look_milter_away, NULL,
	    "no weir-milter is connected to weir-policyd at {1}",
	    "systemctl start weir-milter, as a user in state.daemons and with "
	    "this weir.conf" },
	{ NULL, FINDING_ERROR, NULL, NULL, NULL, NULL },
};
