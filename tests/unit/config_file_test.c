/*
 * weir.conf: what is taken, what each mistake is told as, and that a whole
 * file of mistakes is told at once.
 */
#include "io/config_file.h"

#include "core/changes.h"
#include "core/identity.h"

#include "check_main.h"
#include "libconfig_leak.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct config_errors errors;

static struct config *
load(const char *text)
{
	return config_load_text(text, strlen(text), "weir.conf", &errors);
}

static struct config *
load_good(const char *text)
{
	struct config *config = load(text);

	config_errors_print(&errors, stdout);
	ck_assert_ptr_nonnull(config);
	ck_assert_uint_eq(errors.count, 0);
	return config;
}

#define HOSTS "smart_hosts = (" \
	" { name = \"a\"; nexthop = \"[a.example]:587\"; }," \
	" { name = \"b\"; nexthop = \"[b.example]\"; weight = 5; } );\n"
#define CONNECTOR "connectors = ( { name = \"out\";" \
	" members = ( { host = \"a\"; }, { host = \"b\"; weight = 7; } ); } );\n"

#define AFFINITY HOSTS "connectors = (" \
	" { name = \"one\"; balance = \"affinity\"; default_home = \"a\";" \
	" members = ( { host = \"a\"; } ); }, { name = \"two\";" \
	" prefer_home = false; members = ( { host = \"b\"; } ); } );\n"

#define LIMITED(what, by, limit) "throttles = ( { name = \"t\"; what = \"" \
	what "\"; by = [ \"" by "\" ]; limit = \"" limit "\"; } );"
/* Throttle a, and one that replaces it. */
#define REPLACES(name, of_a, replaced, whom) "throttles = (" \
	" { name = \"a\"; what = \"messages\"; by = \"user\";" \
	"   limit = \"1/h\";" of_a whom " }, { name = \"" name "\";" \
	"   what = \"messages\"; by = \"user\"; limit = \"9/h\";" whom \
	"   replaces = \"" replaced "\"; } );"

/* --- what is taken --- */

START_TEST(config_defaults_are_those_of_the_manual)
{
	struct config *c = load_good("profile = \"hub\";");

	ck_assert_str_eq(c->state.socket, "/run/weir/state.sock");
	ck_assert_str_eq(c->state.directory, "/var/lib/weir");
	ck_assert_int_eq(c->state.flush_interval.us, span_s(2).us);
	ck_assert_uint_eq(c->state.max_keys, 1000000);
	ck_assert_str_eq(c->state.group, "weir");
	ck_assert_uint_eq(c->state.admins.count, 1);
	ck_assert_str_eq(c->state.admins.list[0], "root");
	ck_assert_str_eq(c->state.daemons.list[0], "weir");
	ck_assert_str_eq(c->milter.listen,
	    "unix:/var/spool/postfix/weir/milter.sock");
	ck_assert_int_eq(c->milter.on_state_loss, STATE_LOSS_LOCAL);
	ck_assert_int_eq(c->milter.state_timeout.us, span_ms(200).us);
	ck_assert_str_eq(c->policy.listen.list[0],
	    "unix:/var/spool/postfix/weir/policy.sock");
	ck_assert_uint_eq(c->policy.max_clients, 2000);
	ck_assert_str_eq(c->policy.default_transport, "auto");
	ck_assert_str_eq(c->postfix_group, "postfix");
	ck_assert_str_eq(c->http.listen, "");
	ck_assert_uint_eq(c->http.hosts.count, 0);
	ck_assert_int_eq(c->log.level, LOG_LEVEL_INFO);
	ck_assert_uint_eq(c->health.ladder.count, 3);
	ck_assert_int_eq(c->health.ladder.rungs[1].step.us, span_s(300).us);
	ck_assert_uint_eq(c->health.ladder.rungs[1].times, 6);
	ck_assert_int_eq(c->health.heartbeat.us, span_s(30).us);
	ck_assert_int_eq(c->health.timeout.us, span_s(10).us);
	ck_assert_int_eq(c->health.probe, PROBE_EHLO);
	ck_assert_uint_eq(c->nhosts + c->nconnectors + c->nroutes, 0);
	ck_assert_uint_eq(c->nlisteners, 1);
	ck_assert_str_eq(c->listeners[0].name, "default");
	ck_assert_uint_eq(c->listeners[0].max_connections, 5000);
	ck_assert_uint_eq(c->listeners[0].max_connections_per_source, 100);
	ck_assert_uint_eq(c->listeners[0].max_connections_per_source_percent,
	    2);
	ck_assert(!c->listeners[0].require_user);
	ck_assert_int_eq(c->listeners[0].header_from, ACTION_REJECT);
	ck_assert_int_eq(c->listeners[0].envelope, ACTION_REJECT);
	ck_assert_str_eq(c->identities.realm, "");
	ck_assert_int_eq(c->identities.unlisted, UNLISTED_OWN_ADDRESS);
	ck_assert_int_eq(c->identities.header_from, ACTION_REJECT);
	ck_assert_int_eq(c->identities.envelope, ACTION_REJECT);
	ck_assert_int_eq(c->identities.null_sender, ACTION_ACCEPT);
	ck_assert_str_eq(c->identities.recipient_delimiter, "+");
	config_unref(&c);
}
END_TEST

/* One empty group: all is by default. */
START_TEST(config_file_that_gives_nothing)
{
	struct config *config = load_good("log: { };");

	ck_assert_uint_eq(config->ngiven, 0);
	config_unref(&config);
}
END_TEST

START_TEST(config_http_names_are_in_one_form)
{
	struct config *c = load_good("http: { listen = \"unix:/run/w.sock\"; "
	    "hosts = [ \"Mail.Example.com\", \"2001:db8::1\" ]; };");

	ck_assert_str_eq(c->http.listen, "unix:/run/w.sock");
	ck_assert_uint_eq(c->http.hosts.count, 2);
	ck_assert_str_eq(c->http.hosts.list[0], "mail.example.com");
	ck_assert_str_eq(c->http.hosts.list[1], "2001:db8::1");
	config_unref(&c);
}
END_TEST

START_TEST(config_profile_edge_is_a_preset_that_gives_way)
{
	struct config *c = load_good("profile = \"edge\";");

	ck_assert_int_eq(c->profile, PROFILE_EDGE);
	ck_assert_int_eq(c->health.ladder.rungs[0].step.us, span_s(60).us);
	ck_assert_uint_eq(c->health.ladder.rungs[0].times, 4);
	ck_assert_int_eq(c->health.ladder.rungs[1].step.us, span_s(600).us);
	ck_assert_uint_eq(c->health.ladder.rungs[1].times, 6);
	ck_assert_int_eq(c->health.ladder.rungs[2].step.us, span_s(1800).us);
	ck_assert_uint_eq(c->listeners[0].nmessage_rates, 1);
	ck_assert_uint_eq(c->listeners[0].message_rate[0].limit, 600);
	ck_assert_int_eq(c->listeners[0].message_rate[0].period.us,
	    span_s(60).us);
	config_unref(&c);
	c = load_good("profile = \"edge\"; listeners = ("
	    " { name = \"default\"; message_rate = \"7/s\"; } );");
	ck_assert_uint_eq(c->listeners[0].message_rate[0].limit, 7);
	ck_assert_int_eq(c->health.ladder.rungs[1].step.us, span_s(600).us);
	config_unref(&c);
	c = load_good("profile = \"hub\";");
	ck_assert_int_eq(c->health.ladder.rungs[1].step.us, span_s(300).us);
	ck_assert_uint_eq(c->health.ladder.rungs[1].times, 6);
	ck_assert_int_eq(c->health.ladder.rungs[2].step.us, span_s(600).us);
	ck_assert_uint_eq(c->listeners[0].nmessage_rates, 0);
	config_unref(&c);
	c = load_good("profile = \"edge\"; health: { ladder = \"2s 1s*3\"; };");
	ck_assert_uint_eq(c->health.ladder.count, 2);
	ck_assert_int_eq(c->health.ladder.rungs[0].step.us, span_s(2).us);
	ck_assert_uint_eq(c->health.ladder.rungs[0].times, 1);
	ck_assert_uint_eq(c->health.ladder.rungs[1].times, 3);
	config_unref(&c);
}
END_TEST

START_TEST(config_listeners_have_actions_of_their_own)
{
	struct config *c = load_good(
	    "identities: { header_from = \"tag\"; envelope = \"hold\"; };\n"
	    "listeners = ( { name = \"sub\"; ports = 587;"
	    "    header_from = \"ignore\"; },"
	    "  { name = \"relay\"; ports = 25; envelope = \"observe\"; } );\n");

	ck_assert_int_eq(c->listeners[0].header_from, ACTION_ACCEPT);
	ck_assert_int_eq(c->listeners[0].envelope, ACTION_HOLD);
	ck_assert_int_eq(c->listeners[1].header_from, ACTION_TAG);
	ck_assert_int_eq(c->listeners[1].envelope, ACTION_OBSERVE);
	ck_assert_int_eq(c->listeners[2].header_from, ACTION_TAG);
	ck_assert_int_eq(c->listeners[2].envelope, ACTION_HOLD);
	config_unref(&c);
	c = load_good("identities: { header_from = \"tag\"; };\n"
	    "listeners = ( { name = \"default\"; envelope = \"tag\"; } );");
	ck_assert_int_eq(c->listeners[0].header_from, ACTION_TAG);
	ck_assert_int_eq(c->listeners[0].envelope, ACTION_TAG);
	config_unref(&c);
}
END_TEST

START_TEST(config_names_are_tied_to_their_rows)
{
	struct config *c = load_good(
	    "health: { probe = \"banner\"; heartbeat = 0; };\n"
	    HOSTS CONNECTOR
	    "routes = ( { name = \"r1\"; connector = \"out\"; user = \"app-*\"; },"
	    "  { name = \"r2\"; host = \"b\"; sender = [ \"@VIP.example\" ]; },"
	    "  { name = \"r3\"; connector = \"direct\"; listener = \"sub\"; },"
	    "  { name = \"r4\"; connector = \"postfix\"; sender = \"<>\"; },"
	    "  { name = \"r5\"; reject = \"not from here\"; } );\n"
	    "listeners = ( { name = \"default\"; require_user = true; },"
	    "  { name = \"sub\"; ports = 587; daemons = ( \"submission\" );"
	    "    max_connections = \"unlimited\";"
	    "    max_connections_per_source_percent = 0; } );\n");

	ck_assert_str_eq(c->hosts[0].nexthop, "[a.example]:587");
	ck_assert_str_eq(c->hosts[0].host, "a.example");
	ck_assert_uint_eq(c->hosts[0].port, 587);
	ck_assert_uint_eq(c->hosts[1].port, 25);
	ck_assert_int_eq(c->hosts[1].probe, PROBE_BANNER);
	ck_assert_uint_eq(c->connectors[0].nmembers, 2);
	ck_assert_uint_eq(c->connectors[0].members[0].weight, 10);
	ck_assert_uint_eq(c->connectors[0].members[1].weight, 7);
	ck_assert_uint_eq(c->connectors[0].members[1].host, 1);
	ck_assert_str_eq(c->connectors[0].transport, "relay");
	ck_assert_uint_eq(c->connectors[0].failovers, 2);
	ck_assert_int_eq(c->routes[0].target, ROUTE_CONNECTOR);
	ck_assert_int_eq(c->routes[1].target, ROUTE_HOST);
	ck_assert_uint_eq(c->routes[1].host, 1);
	ck_assert_uint_eq(c->routes[1].connector, 0);
	ck_assert_str_eq(c->routes[1].sender.list[0], "@vip.example");
	ck_assert_int_eq(c->routes[2].target, ROUTE_DIRECT);
	ck_assert_int_eq(c->routes[3].target, ROUTE_POSTFIX);
	ck_assert_int_eq(c->routes[4].target, ROUTE_REJECT);
	ck_assert_str_eq(c->routes[4].reject, "not from here");
	ck_assert_int_eq(c->health.heartbeat.us, 0);
	/* "default" comes last wherever it was written */
	ck_assert_uint_eq(c->nlisteners, 2);
	ck_assert_str_eq(c->listeners[0].name, "sub");
	ck_assert_uint_eq(c->listeners[0].max_connections, UNLIMITED);
	ck_assert_uint_eq(c->listeners[0].max_connections_per_source_percent,
	    0);
	ck_assert_str_eq(c->listeners[1].name, "default");
	ck_assert(c->listeners[1].require_user);
	config_unref(&c);
}
END_TEST

START_TEST(config_depth_of_health_and_choice)
{
	struct config *c = load_good(
	    "health: { fall = 2; rise = 3; slow_start = \"2m\";"
	    "  max_ejection = 0; };\n"
	    "smart_hosts = ( { name = \"a\"; nexthop = \"[a]\";"
	    "  max_rate = \"600/m\"; }, { name = \"b\"; nexthop = \"[b]\"; } );\n"
	    "connectors = ( { name = \"x\"; balance = \"affinity\";"
	    "  minimum_share = 5; when_none_healthy = \"y\";"
	    "  members = ( { host = \"a\"; } ); }, { name = \"y\";"
	    "  balance = \"random\"; when_none_healthy = \"queue\";"
	    "  members = ( { host = \"b\"; } ); }, { name = \"z\";"
	    "  balance = \"least-used\"; members = ( { host = \"b\"; } ); },"
	    "  { name = \"d\"; when_none_healthy = \"direct\";"
	    "  members = ( { host = \"b\"; } ); },"
	    "  { name = \"p\"; when_none_healthy = \"postfix\";"
	    "  members = ( { host = \"b\"; } ); } );");

	ck_assert_uint_eq(c->health.fall, 2);
	ck_assert_uint_eq(c->health.rise, 3);
	ck_assert_int_eq(c->health.slow_start.us, span_s(120).us);
	ck_assert_uint_eq(c->health.max_ejection, 0);
	ck_assert_uint_eq(c->hosts[0].max_rate.limit, 600);
	ck_assert_int_eq(c->hosts[0].max_rate.period.us, span_s(60).us);
	ck_assert_uint_eq(c->hosts[1].max_rate.limit, 0);
	ck_assert_int_eq(c->connectors[0].balance, BALANCE_AFFINITY);
	ck_assert_uint_eq(c->connectors[0].minimum_share, 5);
	ck_assert_int_eq(c->connectors[0].none_healthy, NONE_HEALTHY_OTHER);
	ck_assert_uint_eq(c->connectors[0].other, 1);
	ck_assert_int_eq(c->connectors[1].balance, BALANCE_RANDOM);
	ck_assert_int_eq(c->connectors[1].none_healthy, NONE_HEALTHY_QUEUE);
	ck_assert_int_eq(c->connectors[2].balance, BALANCE_LEAST_USED);
	ck_assert_int_eq(c->connectors[2].none_healthy, NONE_HEALTHY_TRY);
	ck_assert_uint_eq(c->connectors[2].minimum_share, 0);
	ck_assert_int_eq(c->connectors[3].none_healthy, NONE_HEALTHY_DIRECT);
	ck_assert_int_eq(c->connectors[4].none_healthy, NONE_HEALTHY_POSTFIX);
	config_unref(&c);
}
END_TEST

START_TEST(config_throttles_take_every_what_and_by)
{
	struct config *c = load_good(
	    "ipv6_prefix = 56;\n"
	    "throttles = ("
	    "  { name = \"m\"; what = \"messages\";"
	    "    by = [ \"sender-domain\", \"listener\" ]; limit = \"9/h\"; },"
	    "  { name = \"r\"; what = \"recipients\"; action = \"hold\";"
	    "    by = [ \"user\", \"recipient-domain\" ]; limit = \"9/h\"; },"
	    "  { name = \"b\"; what = \"bytes\"; by = \"sender\";"
	    "    limit = [ \"100M/h\", \"4G/d\" ]; },"
	    "  { name = \"c\"; what = \"connections\";"
	    "    by = [ \"client\", \"listener\" ]; limit = \"9/m\"; },"
	    "  { name = \"n\"; what = \"clients\";"
	    "    by = [ \"user\", \"listener\" ]; limit = \"100/d\"; },"
	    "  { name = \"m2\"; what = \"messages\"; by = \"user\";"
	    "    limit = \"99/h\"; users = \"a\"; replaces = \"m\"; } );");
	const struct throttle *t = c->throttles;

	ck_assert_uint_eq(c->ipv6_prefix, 56);
	ck_assert_uint_eq(c->nthrottles, 6);
	ck_assert_int_eq(t[0].by[0], LIMIT_BY_SENDER_DOMAIN);
	ck_assert_int_eq(t[1].by[1], LIMIT_BY_RECIPIENT_DOMAIN);
	ck_assert_int_eq(t[1].action, ACTION_HOLD);
	ck_assert_int_eq(t[2].what, LIMIT_BYTES);
	ck_assert_uint_eq(t[2].rates[0].limit, 100 * UINT64_C(1048576));
	ck_assert_uint_eq(t[2].rates[1].limit, 4 * UINT64_C(1073741824));
	ck_assert_int_eq(t[3].what, LIMIT_CONNECTIONS);
	ck_assert_int_eq(t[4].what, LIMIT_CLIENTS);
	ck_assert_ptr_null(t[4].replaces);
	ck_assert_str_eq(t[5].replaces, "m");
	config_unref(&c);
}
END_TEST

START_TEST(config_users_are_canonical_and_sorted)
{
	struct config *c = load_good(
	    "throttles = ( { name = \"t\"; what = \"recipients\";"
	    "  by = ( \"user\", \"client\" ); limit = [ \"200/h\", \"2000/d\" ];"
	    "  except_users = [ \"App-*\", \"*\", \"x@other\","
	    "    \"*@B\xC3\xBC" "cher.example\" ];"
	    "  clients = \"192.0.2.0/24\"; action = \"disconnect\"; } );\n"
	    "identities: { users = ("
	    "  { user = \"Zoe\"; senders = \"Zoe@B\xC3\xBC" "cher.example\"; },"
	    "  { user = \"alice\"; senders = [ \"@.Example.COM\",\n"
	    "    \"!Boss@Example.com\" ]; },"
	    "  { user = \"*\"; senders = \"@lists.example\"; },"
	    "  { user = \"*@St\xC3\xA4" "ff.example\";"
	    "    senders = \"@c.example\"; } );"
	    "  clients = ( { network = \"2001:db8::/32\"; user = \"alice\"; } );"
	    "  realm = \"Example.com\"; };");
	const struct throttle *t = &c->throttles[0];

	ck_assert_uint_eq(c->identities.nusers, 4);
	ck_assert_str_eq(c->identities.users[0].user, "*");
	ck_assert_str_eq(c->identities.users[1].user,
	    "*@xn--stff-moa.example");
	ck_assert_str_eq(c->identities.users[2].user, "alice@example.com");
	ck_assert_uint_eq(c->identities.users[2].senders.count, 1);
	ck_assert_str_eq(c->identities.users[2].senders.list[0],
	    "@.example.com");
	ck_assert_uint_eq(c->identities.users[2].denied.count, 1);
	ck_assert_str_eq(c->identities.users[2].denied.list[0],
	    "boss@example.com");
	ck_assert_str_eq(c->identities.users[3].user, "zoe@example.com");
	ck_assert_str_eq(c->identities.users[3].senders.list[0],
	    "zoe@xn--bcher-kva.example");
	ck_assert_str_eq(c->identities.clients[0].user, "alice@example.com");
	ck_assert_uint_eq(c->identities.clients[0].network.prefix, 32);
	ck_assert_uint_eq(t->nby, 2);
	ck_assert_int_eq(t->by[1], LIMIT_BY_CLIENT);
	ck_assert_uint_eq(t->nrates, 2);
	ck_assert_uint_eq(t->rates[1].limit, 2000);
	ck_assert_int_eq(t->action, ACTION_DISCONNECT);
	ck_assert_str_eq(t->except_users.list[0], "app-*@example.com");
	ck_assert_str_eq(t->except_users.list[1], "*");
	ck_assert_str_eq(t->except_users.list[2], "x@other");
	ck_assert_uint_eq(t->clients.count, 1);
	config_unref(&c);
}
END_TEST

#define LABEL_61                                                              \
	"abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-abcdefg"
#define LABEL_63 LABEL_61 "hi"

/* --- what a reload changes --- */

static void
note_change(void *ctx, const char *path, const char *before,
    const char *after)
{
	(void)snprintf(ctx, 64, "%s", path);
	ck_assert_ptr_nonnull(before);
	ck_assert_ptr_nonnull(after);
}

/* The one setting in which they differ. */
static void
expect_change(const char *before, const char *after, const char *path)
{
	struct config *a = load(before), *b = load(after);
	char changed[64];

	ck_assert_uint_eq(config_changes(a, b, note_change, changed), 1);
	ck_assert_str_eq(changed, path);
	config_unref(&a);
	config_unref(&b);
}

#define ROUTE(name) " { name = \"" name "\"; connector = \"direct\"; }"

START_TEST(config_changes_are_seen_however_far_behind)
{
	char path[600], before[1024], after[1024];

	expect_change("routes = (" ROUTE(LABEL_63) "," ROUTE("b-" LABEL_61)
	    "," ROUTE("c-" LABEL_61) "," ROUTE("d") "," ROUTE("e") ");",
	    "routes = (" ROUTE(LABEL_63) "," ROUTE("b-" LABEL_61)
	    "," ROUTE("c-" LABEL_61) "," ROUTE("e") "," ROUTE("d") ");",
	    "routes");
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	(void)snprintf(before, sizeof(before),
	    "log: { target = \"file:/%s-a\"; };", path);
	(void)snprintf(after, sizeof(after),
	    "log: { target = \"file:/%s-b\"; };", path);
	expect_change(before, after, "log.target");
}
END_TEST

/* --- next hops --- */

static const struct {
	const char *nexthop;
	const char *host; /* NULL: refused */
	unsigned port;
} nexthops[] = {
	{ "[relay.example.net]:587", "relay.example.net", 587 },
	{ "[Relay.Example.net]", "relay.example.net", 25 },
	{ "[localhost]:10025", "localhost", 10025 },
	{ "[a_b.example]:1", "a_b.example", 1 },
	{ "[" LABEL_63 ".example]", LABEL_63 ".example", 25 },
	{ "[192.0.2.1]:65535", "192.0.2.1", 65535 },
	{ "[2001:db8::1]:25", "2001:db8::1", 25 },
	{ "[IPv6:2001:DB8::1]:25", "2001:db8::1", 25 },
	{ "example.net", "example.net", 25 },
	{ "Relay.Example.net:587", "relay.example.net", 587 },
	{ "192.0.2.1", NULL, 0 },
	{ "2001:db8::1", NULL, 0 },
	{ "example.net:", NULL, 0 },
	{ "example.net:0", NULL, 0 },
	{ "example.net, example.org", NULL, 0 },
	{ "", NULL, 0 },
	{ ":25", NULL, 0 },
	{ "[relay.example.net]:0", NULL, 0 },
	{ "[relay.example.net]:65536", NULL, 0 },
	{ "[relay.example.net]:", NULL, 0 },
	{ "[relay.example.net]:submission", NULL, 0 },
	{ "[relay.example.net] :25", NULL, 0 },
	{ "[relay example.net]:25", NULL, 0 },
	{ "[a.example]:25, [b.example]:25", NULL, 0 },
	{ "[]:25", NULL, 0 },
	{ "[", NULL, 0 },
	{ "[192.0.2.256]:25", NULL, 0 },
	{ "[.example]:25", NULL, 0 },
	{ "[a..example]:25", NULL, 0 },
	{ "[" LABEL_63 "a.example]", NULL, 0 },
	{ "[2001:db8::zz]:25", NULL, 0 },
	{ "[[192.0.2.1]]:25", NULL, 0 },
	{ "[b\xC3\xBC" "cher.example]:25", NULL, 0 },
};

START_TEST(config_nexthop_is_a_host_in_brackets_or_a_domain)
{
	char text[256];
	struct config *c;

	(void)snprintf(text, sizeof(text),
	    "smart_hosts = ( { name = \"a\"; nexthop = \"%s\"; } );",
	    nexthops[_i].nexthop);
	c = load(text);
	ck_assert_int_eq(c != NULL, nexthops[_i].host != NULL);
	if (c == NULL)
		return;
	ck_assert_str_eq(c->hosts[0].nexthop, nexthops[_i].nexthop);
	ck_assert_str_eq(c->hosts[0].host, nexthops[_i].host);
	ck_assert_uint_eq(c->hosts[0].port, nexthops[_i].port);
	ck_assert_int_eq(c->hosts[0].mx, nexthops[_i].nexthop[0] != '[');
	config_unref(&c);
}
END_TEST

/* --- mistakes --- */

static const struct {
	const char *text;
	const char *told; /* the one mistake, or its beginning up to "..." */
} mistakes[] = {
	/* unknown settings */
	{ "smart_host = ();",
	    "weir.conf:1: smart_host: is no setting; did you mean "
	    "\"smart_hosts\"?" },
	{ "\nhealth: { heartbeet = 3; };",
	    "weir.conf:2: health.heartbeet: is no setting; did you mean "
	    "\"heartbeat\"?" },
	{ "zzzzzz = 1;",
	    "weir.conf:1: zzzzzz: is no setting that stands here" },
	{ "htpp: { };", "weir.conf:1: htpp: is no setting; did you mean "
	    "\"http\"?" },
	{ "policy: { pim = \"always\"; };",
	    "weir.conf:1: policy.pim: is no setting; did you mean \"pin\"?" },

	/* http */
	{ "http: { listen = \"127.0.0.1:9180\"; };",
	    "weir.conf:1: http.listen: \"127.0.0.1:9180\" should begin with "
	    "\"unix:\" or \"inet:\"" },
	{ "http: { hosts = [ \"mail.example.com:80\" ]; };",
	    "weir.conf:1: http.hosts: \"mail.example.com:80\" should be a "
	    "name or an address, such as \"mail.example.com\", without a "
	    "port" },
	{ "http: { hosts = [ \"\" ]; };",
	    "weir.conf:1: http.hosts: \"\" should be a name..." },
	{ "http: { hosts = [ \"a b\" ]; };",
	    "weir.conf:1: http.hosts: \"a b\" should be a domain..." },

	/* probes */
	{ "health: { probe = \"startls\"; };",
	    "weir.conf:1: health.probe: \"startls\" is none of \"tcp\", "
	    "\"banner\", \"ehlo\", \"starttls\", \"tls\", \"auth\"; did you "
	    "mean \"starttls\"?" },
	{ "health: { ca_file = \"ca.pem\"; };",
	    "weir.conf:1: health.ca_file: \"ca.pem\" should be an absolute "
	    "path..." },
	{ "health: { ca_file = \"/nonexistent/ca.pem\"; };",
	    "weir.conf:1: health.ca_file: \"/nonexistent/ca.pem\" is not "
	    "there" },
	{ "health: { source_address = \"mx.example.com\"; };",
	    "weir.conf:1: health.source_address: \"mx.example.com\" should be "
	    "an IP address of this machine" },
	{ "health: { name_servers = [ \"192.0.2.1\", \"192.0.2.1:53\" ]; };",
	    "weir.conf:1: health.name_servers: \"192.0.2.1:53\" should be an "
	    "IP address, or \"[ADDRESS]:PORT\" with a port from 1 to "
	    "65535" },
	{ "health: { source_address = [ \"192.0.2.1\", \"192.0.2.2\" ]; };",
	    "weir.conf:1: health.source_address: has two addresses of one "
	    "family; keep one IPv4 and one IPv6 address" },
	{ "health: { helo_name = \"a b\"; };",
	    "weir.conf:1: health.helo_name: \"a b\" should be a domain..." },
	{ "smart_hosts = ( { name = \"a\"; nexthop = \"[a]\";"
	    " probe = \"auth\"; } );",
	    "weir.conf:1: smart_hosts[a]: is probed with a login (probe = "
	    "\"auth\") and needs auth = \"file:PATH\"" },
	{ "smart_hosts = ( { name = \"a\"; nexthop = \"a.example\";"
	    " probe = \"auth\"; auth = \"file:/proc/self/environ\"; } );",
	    "weir.conf:1: smart_hosts[a]: is probed with a login, and DNS "
	    "alone says who gets it..." },
	{ "smart_hosts = ( { name = \"a\"; nexthop = \"[a]\";"
	    " auth = \"user:password\"; } );",
	    "weir.conf:1: smart_hosts[a].auth: ..." },
	{ "smart_hosts = ( { name = \"a\"; nexthop = \"[a]\";"
	    " auth = \"file:/tmp\"; } );",
	    "weir.conf:1: smart_hosts[a].auth: \"/tmp\" should be a regular "
	    "file" },
	{ "smart_hosts = ( { name = \"a\"; nexthop = \"[a]\";"
	    " tls_name = \"a b\"; } );",
	    "weir.conf:1: smart_hosts[a].tls_name: \"a b\" should be a "
	    "domain..." },

	/* types */
	{ "profile = 1;",
	    "weir.conf:1: profile: should be one of the words in quotes, and "
	    "is a number" },
	{ "health = 3;",
	    "weir.conf:1: health: should be a group { ... }, and is a number" },
	{ "routes = { };",
	    "weir.conf:1: routes: should be a list of groups, ( { ... }, "
	    "{ ... } ), and is a group { }" },
	{ "routes = ( 1 );",
	    "weir.conf:1: routes: an entry should be a group { ... }, and is a "
	    "number" },
	{ "state: { socket = 1; };",
	    "weir.conf:1: state.socket: should be a string in quotes, and is a "
	    "number" },
	{ "state: { max_keys = \"many\"; };",
	    "weir.conf:1: state.max_keys: should be a number from 16 to "
	    "100000000, and is a string" },
	{ "state: { max_keys = 1.5; };",
	    "weir.conf:1: state.max_keys: should be a number from 16 to "
	    "100000000, and is a number with a point" },
	{ "listeners = ( { name = \"default\"; require_user = 1; } );",
	    "weir.conf:1: listeners[default].require_user: should be true or "
	    "false, and is a number" },
	{ "local_domains = [ 1 ];",
	    "weir.conf:1: local_domains: should be a string in quotes or a list "
	    "of strings, and is a number" },

	/* words and ranges */
	{ "profile = \"egde\";",
	    "weir.conf:1: profile: \"egde\" is none of \"hub\", \"edge\"; did "
	    "you mean \"edge\"?" },
	{ "log: { level = \"verbose\"; };",
	    "weir.conf:1: log.level: \"verbose\" is none of \"error\", "
	    "\"warning\", \"info\", \"debug\"" },
	{ "state: { max_keys = 3; };",
	    "weir.conf:1: state.max_keys: 3 is out of range; it should be 16 to "
	    "100000000" },
	{ "state: { max_keys = -3; };",
	    "weir.conf:1: state.max_keys: -3 is out of range..." },
	{ "listeners = ( { name = \"default\";"
	  " max_connections_per_source_percent = 101; } );",
	    "weir.conf:1: "
	    "listeners[default].max_connections_per_source_percent: 101 is out "
	    "of range; it should be 0 to 100 or \"unlimited\"" },
	{ "health: { heartbeat = \"30x\"; };",
	    "weir.conf:1: health.heartbeat: \"30x\" should be a length of "
	    "time..." },
	{ "health: { heartbeat = -1; };",
	    "weir.conf:1: health.heartbeat: is out of range; it should be "
	    "100ms to 1d, or 0 for off" },
	{ "health: { timeout = 0; };",
	    "weir.conf:1: health.timeout: is out of range; it should be 10ms "
	    "to 10m" },
	{ "health: { ladder = \"1m*\"; };",
	    "weir.conf:1: health.ladder: \"1m*\" should be..." },
	{ "health: { ladder = \"\"; };", "weir.conf:1: health.ladder: \"\"..." },
	{ "health: { ladder = \"1m*0 5m\"; };",
	    "weir.conf:1: health.ladder: ..." },
	{ "health: { ladder = \"0s\"; };", "weir.conf:1: health.ladder: ..." },
	{ "health: { ladder = \"1m,5m\"; };", "weir.conf:1: health.ladder: ..." },

	/* numbers libconfig would wrap or misread */
	{ "state: { max_keys = 4294967396; };",
	    "weir.conf:1: max_keys: 4294967396 is too large; a number is at "
	    "most 2147483647" },
	{ "state: {\n max_keys = 0x100000064; };",
	    "weir.conf:2: max_keys: 0x100000064 is too large; a number..." },
	/* once: what libconfig makes of it is not told */
	{ "state: { max_keys = 3000000000; };",
	    "weir.conf:1: max_keys: 3000000000 is too large; a number..." },
	{ "listeners = ( { name = \"s\"; ports = [ 25, 3000000000 ]; } );",
	    "weir.conf:1: ports: 3000000000 is too large; a number..." },
	{ "state: { max_keys =\n3000000000; };",
	    "weir.conf:2: max_keys: 3000000000 is too large; a number..." },
	{ "ipv6_prefix = 0660;",
	    "weir.conf:1: ipv6_prefix: 0660 has a leading 0; numbers..." },
	{ "state: { max_keys = 1000L; };",
	    "weir.conf:1: state.max_keys: should be a number from 16 to "
	    "100000000, and is a number with an L behind it" },
	{ "state: { max_keys = 0660; };",
	    "weir.conf:1: max_keys: 0660 has a leading 0; numbers are decimal, "
	    "write it without" },
	{ "profile = \"hub\"; /* a comment\n",
	    "weir.conf:1: the comment that begins here has no end; a \"*/\" is "
	    "missing" },
	{ "\nprofile = \"hub;\n\n",
	    "weir.conf:2: the string that begins here has no end; a '\"' is "
	    "missing" },

	/* texts */
	{ "state: { socket = \"run/state\"; };",
	    "weir.conf:1: state.socket: \"run/state\" should be the absolute "
	    "path of a socket, at most 103 bytes long" },
	{ "state: { directory = \"weir\"; };",
	    "weir.conf:1: state.directory: \"weir\" should be an absolute "
	    "path..." },
	{ "milter: { listen = \"/a/b\"; };",
	    "weir.conf:1: milter.listen: \"/a/b\" should begin with..." },
	{ "policy: { listen = [ ]; };",
	    "weir.conf:1: policy.listen: should have at least 1" },
	{ "policy: { default_transport = \"re lay\"; };",
	    "weir.conf:1: policy.default_transport: \"re lay\" should be..." },
	{ "maillog: { source = \"/var/log/mail.log\"; };",
	    "weir.conf:1: maillog.source: \"/var/log/mail.log\" should be "
	    "\"auto\", \"journal\", \"none\" or \"file:PATH\" with an "
	    "absolute path" },
	{ "maillog: { source = \"file:mail.log\"; };",
	    "weir.conf:1: maillog.source: ..." },
	{ "postfix_group = \"post\\nfix\";",
	    "weir.conf:1: postfix_group: \"post\\x0Afix\" has a control "
	    "character in it" },
	{ "local_domains = [ \"example.com\", \"exa mple.com\" ];",
	    "weir.conf:1: local_domains: \"exa mple.com\" should be a domain, "
	    "such as \"example.com\"" },
	{ "local_domains = \"@example.com\";", "weir.conf:1: local_domains: ..." },
	{ "local_domains = \"example..com\";", "weir.conf:1: local_domains: ..." },
	{ "local_domains = \"\";", "weir.conf:1: local_domains: ..." },
	{ "smart_hosts = ( { name = \"a b\"; nexthop = \"[a]\"; } );",
	    "weir.conf:1: smart_hosts[a b].name: \"a b\" is no name; ..." },
	{ "smart_hosts = ( { name = \"a\"; nexthop = \"192.0.2.1\"; } );",
	    "weir.conf:1: smart_hosts[a].nexthop: \"192.0.2.1\" should be "
	    "\"[host]\"..." },
	{ "identities: { realm = \"@example.com\"; };",
	    "weir.conf:1: identities.realm: \"@example.com\" should be..." },
	{ "identities: { recipient_delimiter = \"a\"; };",
	    "weir.conf:1: identities.recipient_delimiter: ..." },
	{ "identities: { users = ( { user = \"a\"; senders = \"*@b.example\"; }"
	  " ); };",
	    "weir.conf:1: identities.users[a].senders: \"*@b.example\" should "
	    "be written \"@domain\" for every address of a domain" },
	{ "identities: { users = ( { user = \"a\"; senders = \"a\"; } ); };",
	    "weir.conf:1: identities.users[a].senders: \"a\" should be an "
	    "address, \"@domain\"..." },
	{ "identities: { users = ( { user = \"a\"; senders = \"!*@b\"; } ); };",
	    "weir.conf:1: identities.users[a].senders: \"!*@b\" should be "
	    "written \"@domain\" for every address of a domain" },
	{ "identities: { users = ( { user = \"a\"; senders = \"!a\"; } ); };",
	    "weir.conf:1: identities.users[a].senders: \"!a\" should be an "
	    "address, ..." },
	{ "identities: { users = ( { user = \"app-*\"; senders = \"@b\"; }"
	  " ); };",
	    "weir.conf:1: identities.users[app-*].user: \"app-*\" should be a "
	    "login, \"*@domain\" for every login of a domain, or \"*\" for "
	    "every one" },
	{ "identities: { users = ( { user = \"\"; senders = \"@b\"; } ); };",
	    "weir.conf:1: identities.users[].user: \"\" should be a login..." },
	{ "identities: { tables = [ \"hash:/etc/senders\" ]; };",
	    "weir.conf:1: identities.tables: \"hash:/etc/senders\" should "
	    "begin with ..." },
	{ "identities: { tables = \"file:senders\"; };",
	    "weir.conf:1: identities.tables: \"file:senders\" should name an "
	    "absolute path, ..." },
	{ "identities: { clients = ( { network = \"192.0.2.1\";"
	  " user = \"*\"; } ); };",
	    "weir.conf:1: identities.clients[*].user: \"*\" should be one "
	    "login; ..." },
	{ "identities: { clients = ( { network = \"192.0.2.1/24\";"
	  " user = \"a\"; } ); };",
	    "weir.conf:1: identities.clients[a].network: \"192.0.2.1/24\" has "
	    "bits beyond its length; did you mean \"192.0.2.0/24\"?" },
	{ "listeners = ( { name = \"default\"; exempt_clients = \"me\"; } );",
	    "weir.conf:1: listeners[default].exempt_clients: \"me\" should be "
	    "a network such as..." },
	{ "listeners = ( { name = \"s\"; ports = [ 0 ]; } );",
	    "weir.conf:1: listeners[s].ports: a port should be a number from 1 "
	    "to 65535" },
	{ "routes = ( { name = \"r\"; reject = \"no\\r\\n250 ok\"; } );",
	    "weir.conf:1: routes[r].reject: \"no\\x0D\\x0A250 ok\" has a "
	    "control character in it" },
	{ "throttles = ( { name = \"t\"; what = \"messages\"; by = \"user\";"
	  " limit = \"6/m\"; users = \"*@b\xC3\xBC*.example\"; } );",
	    "weir.conf:1: throttles[t].users: \"*@b\xC3\xBC*.example\" should "
	    "have no '*' in a part of its domain that has letters beyond "
	    "ASCII" },
	{ "routes = ( { name = \"r\"; reject = \"n\xC3\xB6\"; } );",
	    "weir.conf:1: routes[r].reject: ..." },
	{ "throttles = ( { name = \"t\"; what = \"messages\"; by = \"user\";"
	  " limit = \"600\"; } );",
	    "weir.conf:1: throttles[t].limit: \"600\" should be a rate..." },

	/* what is missing */
	{ "smart_hosts = (\n {\n name = \"a\"; } );",
	    "weir.conf:2: smart_hosts[a].nexthop: is missing" },
	{ "smart_hosts = ( { nexthop = \"[a]\"; } );",
	    "weir.conf:1: smart_hosts[#1].name: is missing" },
	{ "connectors = ( { name = \"c\"; members = ( ); } );",
	    "weir.conf:1: connectors[c].members: should have at least one "
	    "entry" },
	{ "throttles = ( { name = \"t\"; what = \"messages\"; by = [ ];"
	  " limit = \"600/m\"; } );",
	    "weir.conf:1: throttles[t].by: should have at least 1" },

	/* throttles */
	{ LIMITED("messages", "recipient-domain", "1/h"),
	    "weir.conf:1: throttles[t].by: \"recipient-domain\" does not fit "
	    "what = \"messages\": a message may have recipients in several "
	    "domains; count \"recipients\" by it" },
	{ LIMITED("bytes", "recipient-domain", "1M/h"),
	    "weir.conf:1: throttles[t].by: \"recipient-domain\" does not..." },
	{ LIMITED("connections", "user", "1/h"),
	    "weir.conf:1: throttles[t].by: \"user\" does not fit what = "
	    "\"connections\": a connection is counted before anyone has "
	    "logged in or sent; count it by \"client\", \"listener\" or "
	    "both" },
	{ LIMITED("connections", "sender", "1/h"),
	    "weir.conf:1: throttles[t].by: \"sender\" does not fit..." },
	{ LIMITED("connections", "sender-domain", "1/h"),
	    "weir.conf:1: throttles[t].by: \"sender-domain\" does not..." },
	{ LIMITED("clients", "listener", "1/h"),
	    "weir.conf:1: throttles[t].by: what = \"clients\" needs "
	    "\"user\": the networks of a login are counted by \"user\", or "
	    "by \"user\" and \"listener\"" },
	{ LIMITED("clients", "user\", \"client", "1/h"),
	    "weir.conf:1: throttles[t].by: \"client\" does not fit what = "
	    "\"clients\": ..." },
	{ LIMITED("clients", "user", "101/h"),
	    "weir.conf:1: throttles[t].limit: 101 networks are more than can "
	    "be told apart; it should be 1 to 100" },
	{ LIMITED("clients", "user", "1M/h"),
	    "weir.conf:1: throttles[t].limit: \"1M/h\" should be a rate: "
	    "\"600/m\"..." },
	{ LIMITED("bytes", "user", "1X/h"),
	    "weir.conf:1: throttles[t].limit: \"1X/h\" should be a rate: "
	    "\"500k/m\", \"100M/h\"..." },
	{ "throttles = ( { name = \"t\"; what = \"connections\";"
	  " by = \"client\"; limit = \"1/h\"; except_users = \"a\"; } );",
	    "weir.conf:1: throttles[t].except_users: cannot be asked of a "
	    "connection, before anyone has logged in; name clients instead" },
	{ REPLACES("b", "", "c", ""),
	    "weir.conf:1: throttles[b].replaces: there is no throttle \"c\"; "
	    "did you mean \"a\"?" },
	{ REPLACES("b", "", "b", " users = \"u\";"),
	    "weir.conf:1: throttles[b].replaces: \"b\" leads back to this "
	    "throttle; one of them must stand for itself" },
	{ REPLACES("b", " replaces = \"b\";", "a",
	    " users = \"u\";"),
	    "weir.conf:1: throttles[a].replaces: \"b\" leads back..." },
	{ REPLACES("b", "", "a", ""),
	    "weir.conf:1: throttles[b].replaces: \"a\" would never hold, "
	    "since this one is for everybody; name the users, clients or "
	    "listeners it is for" },
	{ REPLACES("b", "", "a", " except_users = \"u\";"),
	    "weir.conf:1: throttles[b].replaces: \"a\" would never..." },
	{ "throttles = ( { name = \"a\"; what = \"messages\"; by = \"user\";"
	  " limit = \"1/h\"; }, { name = \"b\"; what = \"recipients\";"
	  " by = \"user\"; limit = \"1/h\"; users = \"u\";"
	  " replaces = \"a\"; } );",
	    "weir.conf:1: throttles[b].replaces: \"a\" counts messages and "
	    "this one recipients; both should count the same" },
	{ "ipv6_prefix = 31;",
	    "weir.conf:1: ipv6_prefix: 31 is out of range; it should be 32 to "
	    "128" },

	/* sockets */
	{ "state: { socket = \"/run/a\"; };\n"
	  "milter: { listen = \"unix:/run/a\"; };",
	    "weir.conf:2: milter.listen: \"unix:/run/a\" is listened at by "
	    "state.socket too, in line 1; give each a socket of its own" },
	{ "policy: { listen = [ \"unix:/run/b\",\n\"unix:/run/a\" ];\n"
	  "socketmap = \"unix:/run/a\"; };",
	    "weir.conf:3: policy.socketmap: \"unix:/run/a\" is listened at by "
	    "policy.listen too, in line 2; give each a socket of its own" },
	{ "policy: { listen = [ \"unix:/run/a\",\n\"unix:/run/a\" ]; };",
	    "weir.conf:2: policy.listen: \"unix:/run/a\" is listened at by "
	    "policy.listen too, in line 1..." },
	{ "http: { listen = \"inet:127.0.0.1:9180\"; };\n"
	  "policy: { socketmap = \"inet:127.0.0.1:9180\"; };",
	    "weir.conf:1: http.listen: \"inet:127.0.0.1:9180\" is listened at "
	    "by policy.socketmap too, in line 2..." },
	{ "http: { listen = \"inet:[::1]:9180\"; };\n"
	  "policy: { socketmap = \"inet:0::1:9180\"; };",
	    "weir.conf:1: http.listen: \"inet:[::1]:9180\" is listened at "
	    "by policy.socketmap too, in line 2..." },
	{ "\nhttp: { listen = \"unix:/run/weir/state.sock\"; };",
	    "weir.conf:2: http.listen: \"unix:/run/weir/state.sock\" is "
	    "listened at by state.socket too, by default; give each..." },
	{ "\nstate: { socket = \"/var/spool/postfix/weir/map.sock\"; };",
	    "weir.conf:2: state.socket: \"/var/spool/postfix/weir/map.sock\" "
	    "is listened at by policy.socketmap too, by default; give..." },

	/* names */
	{ HOSTS "connectors = ( { name = \"c\";"
	  " members = ( { host = \"a\"; },\n { host = \"bb\"; } ); } );",
	    "weir.conf:3: connectors[c].members[bb].host: there is no smart "
	    "host \"bb\"; did you mean \"b\"?" },
	{ HOSTS "connectors = ( { name = \"c\";"
	  " members = ( { host = \"a\"; },\n { host = \"a\"; } ); } );",
	    "weir.conf:3: connectors[c].members[a].host: is a member "
	    "already" },
	{ "connectors = ( { name = \"direct\"; members = ( { host = \"a\"; } );"
	  " } );\n" HOSTS,
	    "weir.conf:1: connectors[direct].name: \"direct\" is built in; "
	    "choose another name" },
	{ HOSTS "connectors = ( { name = \"one\"; when_none_healthy = \"tow\";"
	  " members = ( { host = \"a\"; } ); }, { name = \"two\";"
	  " members = ( { host = \"b\"; } ); } );",
	    "weir.conf:2: connectors[one].when_none_healthy: \"tow\" should be "
	    "try, queue, refuse, direct, postfix or a connector; did you mean "
	    "\"two\"?" },
	{ HOSTS "connectors = ( { name = \"one\"; when_none_healthy = \"two\";"
	  " members = ( { host = \"a\"; } ); },\n { name = \"two\";"
	  " when_none_healthy = \"one\"; members = ( { host = \"b\"; } ); } );",
	    "weir.conf:2: connectors[one].when_none_healthy: leads back to "
	    "this connector; the last one should try, queue, refuse, direct or "
	    "postfix" },
	{ HOSTS "connectors = ( { name = \"one\"; when_none_healthy = \"one\";"
	  " members = ( { host = \"a\"; } ); } );",
	    "weir.conf:2: connectors[one].when_none_healthy: leads back to..." },
	{ HOSTS "connectors = ( { name = \"queue\";"
	  " members = ( { host = \"a\"; } ); } );",
	    "weir.conf:2: connectors[queue].name: \"queue\" is a word of "
	    "when_none_healthy; choose another name" },
	{ "smart_hosts = ( { name = \"a\"; nexthop = \"[a]\";"
	  " max_rate = 600; } );",
	    "weir.conf:1: smart_hosts[a].max_rate: should be a rate in quotes, "
	    "and is a number" },
	{ HOSTS "routes = ( { name = \"r\"; host = \"a\"; } );",
	    "weir.conf:2: routes[r].host: is no member of any connector..." },
	{ HOSTS CONNECTOR "routes = ( { name = \"r\"; connector = \"uot\"; } );",
	    "weir.conf:3: routes[r].connector: there is no connector \"uot\"; "
	    "did you mean \"out\"?" },
	{ "routes = ( { name = \"r\"; connector = \"direct\";"
	  " listener = \"sub\"; } );",
	    "weir.conf:1: routes[r].listener: there is no listener \"sub\"" },
	{ "routes = ( { name = \"r\"; reject = \"no\";"
	    " recipient = \"<>\"; } );",
	    "weir.conf:1: routes[r].recipient: \"<>\" should be an address..." },
	{ "routes = ( { name = \"r\"; } );",
	    "weir.conf:1: routes[r]: should have one of connector, host and "
	    "reject" },
	{ "routes = ( { name = \"r\"; connector = \"direct\";"
	  " reject = \"no\"; } );",
	    "weir.conf:1: routes[r]: should have one of..." },
	{ "routes = ( { name = \"r\"; reject = \"no\"; },\n"
	  "{ name = \"r\"; reject = \"no\"; } );",
	    "weir.conf:2: routes[r].name: \"r\" is given twice; the other is "
	    "in line 1" },
	{ "throttles = ( { name = \"t\"; what = \"messages\"; by = \"user\";"
	  " limit = \"6/m\"; listeners = \"x\"; } );",
	    "weir.conf:1: throttles[t].listeners: there is no listener..." },
	{ "throttles = ( { name = \"t\"; what = \"messages\"; by = \"user\";"
	  " limit = ( \"6/h\", \"7/60m\" ); } );",
	    "weir.conf:1: throttles[t].limit: has two rates of one period..." },
	{ "throttles = ( { name = \"t\"; what = \"messages\";"
	  " by = [ \"user\", \"user\" ]; limit = \"6/m\"; } );",
	    "weir.conf:1: throttles[t].by: \"user\" is given twice" },
	{ "identities: { realm = \"x.example\"; users = (\n"
	  " { user = \"a\"; senders = \"@b\"; },\n"
	  " { user = \"A@x.example\"; senders = \"@b\"; } ); };",
	    "weir.conf:3: identities.users[A@x.example].user: "
	    "\"a@x.example\" is given twice; the other is in line 2" },
	{ "identities: { clients = ( { network = \"192.0.2.1\"; user = \"a\"; },"
	  " { network = \"192.0.2.1/32\"; user = \"b\"; } ); };",
	    "weir.conf:1: identities.clients[b].network: is given twice" },
	{ "listeners = ( { name = \"s\"; } );",
	    "weir.conf:1: listeners[s]: should have ports or daemons, or no "
	    "session comes to it" },
	{ "listeners = ( { name = \"default\"; ports = 25; } );",
	    "weir.conf:1: listeners[default]: takes what no other listener "
	    "does..." },
	{ "listeners = ( { name = \"s\"; ports = 25; },"
	  " { name = \"t\"; ports = [ 24, 25 ]; } );",
	    "weir.conf:1: listeners[t].ports: 25 belongs to listener \"s\" "
	    "already" },
	{ "listeners = ( { name = \"s\"; daemons = \"x\"; },"
	  " { name = \"t\"; daemons = \"x\"; } );",
	    "weir.conf:1: listeners[t].daemons: \"x\" belongs to..." },

	/* no configuration at all */
	{ "", "weir.conf: is empty; for the defaults alone write: profile = "
	    "\"hub\";" },
	{ "# nothing\n", "weir.conf: is empty..." },
	{ "\xEF\xBB\xBFprofile = \"hub\";",
	    "weir.conf:1: begins with a byte order mark..." },
	{ "profile = \"hub\";\nstate: {\n socket \"x\";\n};\nnonsense = 1;",
	    "weir.conf:3: syntax error here or shortly before..." },
	{ "profile = \"hub\";\nprofile = \"hub\";",
	    "weir.conf:2: a setting here or shortly before is given twice in "
	    "its group" },
	{ "local_domains = [ \"a\", 1 ];",
	    "weir.conf:1: an array [ ] should have values of one kind; a list "
	    "( ) may mix them" },
	{ "@include \"/etc/weir/users.conf\"\n",
	    "weir.conf:1: @include \"/etc/weir/users.conf\": should be named "
	    "relative to ." },
};

/* The text up to "..." at its end, if it has that. */
static void
assert_told(const char *told, const char *expected)
{
	size_t len = strlen(expected);

	if (len > 3 && strcmp(expected + len - 3, "...") == 0) {
		ck_assert_msg(strncmp(told, expected, len - 3) == 0,
		    "told: %s\nexpected: %s", told, expected);
		return;
	}
	ck_assert_str_eq(told, expected);
}

START_TEST(config_mistake_is_told_with_its_place)
{
	ck_assert_ptr_null(load(mistakes[_i].text));
	config_errors_print(&errors, stdout);
	ck_assert_uint_eq(errors.count, 1);
	assert_told(errors.list[0], mistakes[_i].told);
}
END_TEST

static const struct {
	const char *text, *told;
} homes[] = {
	{ HOSTS "connectors = ( { name = \"one\"; default_home = \"a\";"
	  " members = ( { host = \"a\"; } ); } );",
	    "weir.conf:2: connectors[one].default_home: is for connectors with "
	    "balance = \"affinity\", where a login keeps one host" },
	{ HOSTS "connectors = ( { name = \"one\"; balance = \"affinity\";\n"
	  " default_home = \"b\"; members = ( { host = \"a\"; } ); } );",
	    "weir.conf:3: connectors[one].default_home: \"b\" should be a "
	    "member of this connector..." },
	{ AFFINITY "identities: { users = (\n"
	  " { user = \"x\"; senders = \"@x\"; home = \"c\"; } ); };",
	    "weir.conf:4: identities.users[x].home: there is no smart host "
	    "\"c\"..." },
	{ AFFINITY "identities: { users = (\n"
	  " { user = \"x\"; senders = \"@x\"; home = \"b\"; } ); };",
	    "weir.conf:4: identities.users[x].home: \"b\" is no member of a "
	    "connector with balance = \"affinity\"; only there a login keeps "
	    "one host" },
	{ HOSTS "connectors = ( { name = \"one\";"
	  " members = ( { host = \"a\"; } ); } );\n"
	  "identities: { users = (\n"
	  " { user = \"x\"; senders = \"@x\"; home = \"b\"; } ); };",
	    "weir.conf:4: identities.users[x].home: \"b\" is no member of a "
	    "connector" },
	{ HOSTS "connectors = ( { name = \"one\"; balance = \"affinity\";"
	  " members = ( { host = \"a\"; } ); },"
	  " { name = \"two\"; balance = \"affinity\";"
	  " members = ( { host = \"b\"; } ); } );\n"
	  "routes = ( { name = \"r\"; user = \"x*\"; connector = \"one\"; },"
	  " { name = \"s\"; connector = \"two\"; } );\n"
	  "identities: { users = ("
	  " { user = \"y\"; senders = \"@x\"; home = \"b\"; },\n"
	  " { user = \"x1\"; senders = \"@x\"; home = \"b\"; } ); };",
	    "weir.conf:5: identities.users[x1].home: \"b\" is no member of "
	    "connector \"one\", to which route \"r\" leads this login; make it "
	    "one, or name one of its members" },
};

START_TEST(seed_0_13_home_outside_the_connector_is_a_mistake)
{
	ck_assert_ptr_null(load(homes[_i].text));
	config_errors_print(&errors, stdout);
	ck_assert_uint_eq(errors.count, 1);
	assert_told(errors.list[0], homes[_i].told);
}
END_TEST

START_TEST(config_homes_are_taken)
{
	struct config *c = load_good(AFFINITY
	    "routes = ( { name = \"r\"; user = \"*\"; connector = \"one\"; },"
	    " { name = \"s\"; user = \"x\"; host = \"b\"; } );"
	    "identities: { users = (\n"
	    " { user = \"y\"; senders = \"@x\"; },"
	    " { user = \"x\"; senders = \"@x\"; home = \"a\"; } ); };");

	ck_assert_str_eq(c->identities.users[0].home, "a");
	ck_assert_str_eq(c->identities.users[1].home, "");
	ck_assert_str_eq(c->connectors[0].default_home, "a");
	ck_assert(c->connectors[0].prefer_home);
	ck_assert_str_eq(c->connectors[1].default_home, "");
	ck_assert(!c->connectors[1].prefer_home);
	ck_assert(config_is_home(c, "a"));
	ck_assert(!config_is_home(c, "b"));
	config_unref(&c);
}
END_TEST

/* As when balance is changed for a while. */
START_TEST(config_homes_wait_for_a_connector_that_keeps_them)
{
	struct config *c = load_good(HOSTS
	    "connectors = ( { name = \"one\"; members = ( { host = \"a\"; }"
	    " ); } ); identities: { users = ("
	    " { user = \"x\"; senders = \"@x\"; home = \"a\"; } ); };");

	ck_assert_str_eq(c->identities.users[0].home, "a");
	ck_assert(!config_has_homes(c));
	ck_assert(!config_is_home(c, "a"));
	config_unref(&c);
}
END_TEST

START_TEST(config_mistakes_are_told_together_in_file_order)
{
	static const char *const told[] = {
		"weir.conf:1: throttles[t].limit: is missing",
		"weir.conf:2: helth: is no setting; did you mean \"health\"?",
		"weir.conf:3: max_keys: 3000000000 is too large; a number...",
		"weir.conf:4: smart_hosts[a].weight: 0 is out of range...",
		"weir.conf:5: connectors[c].members[x].host: there is no...",
	};

	ck_assert_ptr_null(load(
	    "throttles = ( { name = \"t\"; what = \"messages\"; by = \"user\"; }"
	    " );\nhelth: { };\nlog: { }; policy: { max_clients = 1 /* */; }; "
	    "state: { max_keys = 3000000000; };\n"
	    "smart_hosts = ( { name = \"a\"; nexthop = \"[a]\"; weight = 0; } );"
	    "\nconnectors = ( { name = \"c\"; members = ( { host = \"x\"; } );"
	    " } );"));
	config_errors_print(&errors, stdout);
	ck_assert_uint_eq(errors.count, 5);
	for (size_t i = 0; i < 5; i++)
		assert_told(errors.list[i], told[i]);
}
END_TEST

START_TEST(config_mistakes_beyond_the_list_are_counted)
{
	char text[8192] = "";
	char *out;
	size_t size, used = 0;
	FILE *file = open_memstream(&out, &size);

	for (int i = 0; i < 150; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "unknown_%d = 1;\n", i);
	ck_assert_ptr_null(load(text));
	ck_assert_uint_eq(errors.count, 150);
	config_errors_print(&errors, file);
	(void)fclose(file);
	ck_assert_ptr_nonnull(strstr(out, "unknown_99: "));
	ck_assert_ptr_nonnull(strstr(out, "... and 50 more\n"));
	free(out);
}
END_TEST

/* --- files --- */

static char dir[] = "/tmp/weir-config-XXXXXX";

static const char *
write_file(const char *name, const char *text)
{
	static char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, strlen(text), file), strlen(text));
	ck_assert_int_eq(fclose(file), 0);
	return path;
}

static void
make_dir(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void
remove_dir(void)
{
	char command[64];

	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(config_file_with_crlf_and_includes_is_read)
{
	const char *path;
	struct config *c;

	write_file("users.conf", "users = ( { user = \"a\";\r\n"
	    "senders = \"@b.example\"; } );\r\n");
	path = write_file("weir.conf", "identities: {\r\n"
	    "  @include \"users.conf\"\r\n  realm = \"x.example\";\r\n};\r\n");
	c = config_load(path, &errors);
	config_errors_print(&errors, stdout);
	ck_assert_ptr_nonnull(c);
	ck_assert_str_eq(c->identities.users[0].user, "a@x.example");
	config_unref(&c);

	/* a relative path: includes are looked for beside the file */
	ck_assert_int_eq(chdir(dir), 0);
	c = config_load("weir.conf", &errors);
	ck_assert_ptr_nonnull(c);
	config_unref(&c);
}
END_TEST

/* "FILE:LINE" of the row; rows are sorted by user. */
static void
check_place(const struct config *c, size_t row, const char *file, unsigned line)
{
	const struct identity_user *user = &c->identities.users[row];
	const char *at = c->identities.files.list[user->file];

	ck_assert_msg(strcmp(at + strlen(dir), file) == 0, "%s: %s",
	    user->user, at);
	ck_assert_uint_eq(user->line, line);
}

START_TEST(config_users_keep_the_place_they_stand_in)
{
	struct config *c;

	write_file("two.conf", "\n{ user = \"b@x\"; senders = [ ]; },\n"
	    "{ user = \"d@x\"; senders = [ ]; },\n");
	c = config_load(write_file("own.conf", "identities: { users = (\n"
	    "{ user = \"c@x\"; senders = [ ]; },\n@include \"two.conf\"\n"
	    "{ user = \"a@x\"; senders = [ ]; } ); };\n"), &errors);
	config_errors_print(&errors, stdout);
	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(c->identities.nusers, 4);
	check_place(c, 0, "/own.conf", 4);
	check_place(c, 1, "/two.conf", 2);
	check_place(c, 2, "/own.conf", 2);
	check_place(c, 3, "/two.conf", 3);
	config_unref(&c);
}
END_TEST

START_TEST(config_mistake_in_an_included_file_names_it)
{
	char expected[200];

	write_file("more.conf", "\nloq: { };\n");
	ck_assert_ptr_null(config_load(write_file("weir.conf",
	    "profile = \"hub\";\n@include \"more.conf\"\n"), &errors));
	(void)snprintf(expected, sizeof(expected), "%s/more.conf:2: loq: is no "
	    "setting; did you mean \"log\"?", dir);
	ck_assert_str_eq(errors.list[0], expected);

	write_file("more.conf", "log: { level = 5000000000; };\n");
	ck_assert_ptr_null(config_load(write_file("weir.conf",
	    "@include \"more.conf\"\n"), &errors));
	(void)snprintf(expected, sizeof(expected), "%s/more.conf:1: ", dir);
	ck_assert_ptr_nonnull(strstr(errors.list[0], expected));
}
END_TEST

START_TEST(config_file_that_cannot_be_read_is_told)
{
	static const char *const texts[] = {
		"@include \"gone.conf\"\n", "@include \".\"\n",
		"@include \"weir.conf\"\n",
	};
	static const char *const told[] = {
		"/weir.conf:1: @include \"gone.conf\": cannot be opened: No "
		"such file or directory",
		"/weir.conf:1: @include \".\": is a directory, and should be a "
		"file",
		"@include \"weir.conf\": files include each other more than 10 "
		"deep",
	};
	char path[128];

	ck_assert_ptr_null(config_load("/nonexistent/weir.conf", &errors));
	ck_assert_str_eq(errors.list[0], "/nonexistent/weir.conf: cannot be "
	    "opened: No such file or directory");
	ck_assert_ptr_null(config_load(dir, &errors));
	ck_assert_ptr_nonnull(strstr(errors.list[0], ": is a directory, and "
	    "should be a file"));
	(void)snprintf(path, sizeof(path), "%s/fifo", dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_ptr_null(config_load(path, &errors));
	ck_assert_ptr_nonnull(strstr(errors.list[0], ": is no regular file"));
	ck_assert_ptr_null(config_load(write_file("empty", ""), &errors));
	ck_assert_ptr_nonnull(strstr(errors.list[0], ": is empty"));
	for (size_t i = 0; i < 3; i++) {
		ck_assert_ptr_null(config_load(write_file("weir.conf",
		    texts[i]), &errors));
		ck_assert_uint_eq(errors.count, 1);
		ck_assert_ptr_nonnull(strstr(errors.list[0], told[i]));
	}
}
END_TEST

START_TEST(config_file_of_credentials_is_for_its_owner_alone)
{
	const char *path = write_file("isp-a.auth", "user:secret\n");
	char text[256], told[256];
	struct config *c;

	(void)snprintf(text, sizeof(text), "smart_hosts = ( { name = \"a\"; "
	    "nexthop = \"[a]:587\"; probe = \"auth\"; tls_verify = false; "
	    "tls_name = \"A.example\"; auth = \"file:%s\"; } );", path);
	ck_assert_int_eq(chmod(path, 0600), 0);
	c = load_good(text);
	ck_assert_str_eq(c->hosts[0].auth, path);
	ck_assert_str_eq(c->hosts[0].tls_name, "a.example");
	ck_assert(!c->hosts[0].tls_verify);
	config_unref(&c);
	(void)snprintf(told, sizeof(told), "weir.conf:1: smart_hosts[a].auth: "
	    "\"%s\" may be read by others; make it: chmod 600 %s", path,
	    path);
	ck_assert_int_eq(chmod(path, 0640), 0);
	ck_assert_ptr_null(load(text));
	ck_assert_str_eq(errors.list[0], told);
}
END_TEST

START_TEST(config_file_beyond_16_mib_is_refused)
{
	const char *path = write_file("large", "#");

	ck_assert_int_eq(truncate(path, 17 * 1024 * 1024), 0);
	ck_assert_ptr_null(config_load(path, &errors));
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_ptr_nonnull(strstr(errors.list[0], ": is too large"));
}
END_TEST

START_TEST(config_text_with_nul_is_refused)
{
	static const char text[] = "profile = \"hub\";\0";

	ck_assert_ptr_null(config_load_text(text, sizeof(text), "weir.conf",
	    &errors));
	ck_assert_ptr_nonnull(strstr(errors.list[0], "NUL byte at offset 16"));
}
END_TEST

/* --- many users --- */

enum { MANY = 100000 };

START_TEST(config_of_many_users_loads_quickly)
{
	static char addresses[MANY][32];
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct timespec start, end;
	struct config *c;

	(void)fprintf(out, "identities: { realm = \"example.com\"; users = (");
	for (unsigned i = 0; i < MANY; i++)
		(void)fprintf(out, "%s{ user = \"user%u\"; "
		    "senders = \"user%u@example.com\"; }",
		    i == 0 ? "" : ",\n", i * 7919 % MANY, i * 7919 % MANY);
	(void)fprintf(out, "); };\n");
	(void)fclose(out);
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	c = config_load_text(text, size, "weir.conf", &errors);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	config_errors_print(&errors, stdout);
	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(c->identities.nusers, MANY);
	printf("%d users: %.3f s\n", MANY, (double)(end.tv_sec - start.tv_sec) +
	    (double)(end.tv_nsec - start.tv_nsec) / 1e9);

	for (unsigned i = 0; i < MANY; i++)
		(void)snprintf(addresses[i], sizeof(addresses[i]),
		    "user%u@example.com", i);
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	for (unsigned i = 0; i < MANY; i++) {
		const char *user = addresses[i * 31337ULL % MANY];
		struct owner owner;

		identity_owner(&c->identities, user, &owner);
		if (!identity_owns(&owner, user))
			ck_abort_msg("%s", user);
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	printf("one look-up: %.3f us\n",
	    ((double)(end.tv_sec - start.tv_sec) * 1e6 +
	    (double)(end.tv_nsec - start.tv_nsec) / 1e3) / MANY);
	config_unref(&c);
	free(text);
}
END_TEST

/* --- the schema as others see it --- */

START_TEST(config_settings_name_every_key_once)
{
	size_t count;
	const struct config_setting *list = config_settings(&count);

	ck_assert_uint_gt(count, 60);
	ck_assert_str_eq(list[0].path, "profile");
	ck_assert_str_eq(list[0].range, "hub | edge");
	for (size_t i = 0; i < count; i++) {
		ck_assert_msg(list[i].range != NULL ||
		    strcmp(list[i].type, "true or false") == 0, "%s",
		    list[i].path);
		ck_assert(list[i].initial == NULL || !list[i].required);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(list[i].path, list[j].path);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("config_file");
	TCase *tcase = tcase_create("config_file");
	TCase *files = tcase_create("files");

	tcase_add_test(tcase, config_defaults_are_those_of_the_manual);
	tcase_add_test(tcase, config_file_that_gives_nothing);
	tcase_add_test(tcase, config_http_names_are_in_one_form);
	tcase_add_test(tcase, config_profile_edge_is_a_preset_that_gives_way);
	tcase_add_test(tcase, config_listeners_have_actions_of_their_own);
	tcase_add_test(tcase, config_names_are_tied_to_their_rows);
	tcase_add_test(tcase, config_depth_of_health_and_choice);
	tcase_add_test(tcase, config_throttles_take_every_what_and_by);
	tcase_add_test(tcase, config_users_are_canonical_and_sorted);
	tcase_add_test(tcase, config_changes_are_seen_however_far_behind);
	tcase_add_loop_test(tcase,
	    config_nexthop_is_a_host_in_brackets_or_a_domain, 0,
	    sizeof(nexthops) / sizeof(nexthops[0]));
	tcase_add_loop_test(tcase,
	    seed_0_13_home_outside_the_connector_is_a_mistake, 0,
	    sizeof(homes) / sizeof(homes[0]));
	tcase_add_test(tcase, config_homes_are_taken);
	tcase_add_test(tcase,
	    config_homes_wait_for_a_connector_that_keeps_them);
	tcase_add_loop_test(tcase, config_mistake_is_told_with_its_place, 0,
	    sizeof(mistakes) / sizeof(mistakes[0]));
	tcase_add_test(tcase, config_mistakes_are_told_together_in_file_order);
	tcase_add_test(tcase, config_mistakes_beyond_the_list_are_counted);
	tcase_add_test(tcase, config_text_with_nul_is_refused);
	tcase_add_test(tcase, config_settings_name_every_key_once);
	tcase_add_test(tcase, config_of_many_users_loads_quickly);
	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(files, make_dir, remove_dir);
	tcase_add_test(files, config_file_with_crlf_and_includes_is_read);
	tcase_add_test(files, config_mistake_in_an_included_file_names_it);
	tcase_add_test(files, config_users_keep_the_place_they_stand_in);
	tcase_add_test(files, config_file_that_cannot_be_read_is_told);
	tcase_add_test(files,
	    config_file_of_credentials_is_for_its_owner_alone);
	tcase_add_test(files, config_file_beyond_16_mib_is_refused);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, files);
	return suite;
}
