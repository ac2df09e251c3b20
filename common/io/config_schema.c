/*
 * Every setting of weir.conf, one row each, in the order of the manual. The
 * loader reads these rows, config_settings() shows them, and a test holds
 * them against weir.conf(5): a setting is added here and nowhere else.
 *
 * Three things hang on the order: identities come before everything that names
 * users, since the realm completes them, and the realm comes first in it; what
 * a throttle counts comes before its limit.
 */
#include "io/config_load.h"

#include <stddef.h>

#define MS        INT64_C(1000)
#define SECOND    (1000 * MS)
#define MINUTE    (60 * SECOND)
#define HOUR      (60 * MINUTE)
#define END       { .name = NULL }
#define AT(s, f)  .offset = offsetof(struct s, f)
#define N(s, f)   .count_offset = offsetof(struct s, f)

/* clang-format off */
static const struct word profiles[] = {
	{ "hub", PROFILE_HUB }, { "edge", PROFILE_EDGE }, { NULL, 0 },
};
static const struct word state_losses[] = {
	{ "local", STATE_LOSS_LOCAL }, { "tempfail", STATE_LOSS_TEMPFAIL },
	{ "accept", STATE_LOSS_ACCEPT }, { NULL, 0 },
};
static const struct word unrouteds[] = {
	{ "observe", ACTION_OBSERVE }, { "defer", ACTION_DEFER }, { NULL, 0 },
};
static const struct word pins[] = {
	{ "always", PIN_ALWAYS }, { "login", PIN_LOGIN },
	{ "never", PIN_NEVER }, { NULL, 0 },
};
static const struct word levels[] = {
	{ "error", LOG_LEVEL_ERROR }, { "warning", LOG_LEVEL_WARNING },
	{ "info", LOG_LEVEL_INFO }, { "debug", LOG_LEVEL_DEBUG }, { NULL, 0 },
};
static const struct word log_formats[] = {
	{ "text", LOG_FORMAT_TEXT }, { "json", LOG_FORMAT_JSON }, { NULL, 0 },
};
static const struct word probes[] = {
	{ "tcp", PROBE_TCP }, { "banner", PROBE_BANNER },
	{ "ehlo", PROBE_EHLO }, { "starttls", PROBE_STARTTLS },
	{ "tls", PROBE_TLS }, { "auth", PROBE_AUTH }, { NULL, 0 },
};
static const struct word balances[] = {
	{ "round-robin", BALANCE_ROUND_ROBIN }, { "random", BALANCE_RANDOM },
	{ "least-used", BALANCE_LEAST_USED }, { "affinity", BALANCE_AFFINITY },
	{ NULL, 0 },
};
static const struct word unlisteds[] = {
	{ "reject", UNLISTED_REJECT }, { "own-address", UNLISTED_OWN_ADDRESS },
	{ "any", UNLISTED_ANY }, { NULL, 0 },
};
static const struct word identity_actions[] = {
	{ "reject", ACTION_REJECT }, { "hold", ACTION_HOLD },
	{ "tag", ACTION_TAG }, { "observe", ACTION_OBSERVE },
	{ "ignore", ACTION_ACCEPT }, { NULL, 0 },
};
static const struct word null_senders[] = {
	{ "accept", ACTION_ACCEPT }, { "reject", ACTION_REJECT }, { NULL, 0 },
};
static const struct word limit_actions[] = {
	{ "defer", ACTION_DEFER }, { "reject", ACTION_REJECT },
	{ "disconnect", ACTION_DISCONNECT }, { "hold", ACTION_HOLD },
	{ "observe", ACTION_OBSERVE }, { NULL, 0 },
};
static const struct word rate_sources[] = {
	{ "none", RATE_SOURCE_NONE }, { "client", RATE_SOURCE_CLIENT },
	{ "user", RATE_SOURCE_USER }, { "all", RATE_SOURCE_ALL }, { NULL, 0 },
};
static const struct word whats[] = {
	{ "messages", LIMIT_MESSAGES }, { "recipients", LIMIT_RECIPIENTS },
	{ "bytes", LIMIT_BYTES }, { "connections", LIMIT_CONNECTIONS },
	{ "clients", LIMIT_CLIENTS }, { NULL, 0 },
};
static const struct word bys[] = {
	{ "user", LIMIT_BY_USER }, { "client", LIMIT_BY_CLIENT },
	{ "sender", LIMIT_BY_SENDER },
	{ "sender-domain", LIMIT_BY_SENDER_DOMAIN },
	{ "recipient-domain", LIMIT_BY_RECIPIENT_DOMAIN },
	{ "listener", LIMIT_BY_LISTENER }, { NULL, 0 },
};

static const struct row state_rows[] = {
	{ "socket", &type_string, AT(state_settings, socket),
	    .initial = "\"/run/weir/state.sock\"", .text = text_socket,
	    .range = "an absolute path of at most 103 bytes" },
	{ "directory", &type_string, AT(state_settings, directory),
	    .initial = "\"/var/lib/weir\"", .text = text_directory,
	    .range = "an absolute path, or \"\" for memory only" },
	{ "flush_interval", &type_duration,
	    AT(state_settings, flush_interval), .initial = "\"2s\"",
	    .min = 10 * MS, .max = HOUR },
	{ "max_keys", &type_number, AT(state_settings, max_keys),
	    .initial = "1000000", .min = 16, .max = 100000000 },
	{ "group", &type_string, AT(state_settings, group),
	    .initial = "\"weir\"", .text = text_account,
	    .range = "a group, or \"\" for the daemon's own" },
	{ "admins", &type_strings, AT(state_settings, admins),
	    .initial = "[ \"root\" ]", .text = text_account,
	    .range = "user names" },
	{ "daemons", &type_strings, AT(state_settings, daemons),
	    .initial = "[ \"weir\" ]", .text = text_account,
	    .range = "user names" },
	END
};

static const struct row milter_rows[] = {
	{ "listen", &type_string, AT(milter_settings, listen),
	    .initial = "\"unix:/var/spool/postfix/weir/milter.sock\"",
	    .text = text_listen, .range = "unix:PATH or inet:ADDRESS:PORT" },
	{ "on_state_loss", &type_word, AT(milter_settings, on_state_loss),
	    .initial = "\"local\"", .words = state_losses },
	{ "state_timeout", &type_duration,
	    AT(milter_settings, state_timeout), .initial = "\"200ms\"",
	    .min = MS, .max = MINUTE },
	{ "on_unrouted", &type_word, AT(milter_settings, on_unrouted),
	    .initial = "\"observe\"", .words = unrouteds },
	END
};

static const struct row policy_rows[] = {
	{ "listen", &type_strings, AT(policy_settings, listen),
	    .initial = "\"unix:/var/spool/postfix/weir/policy.sock\"",
	    .text = text_listen, .min = 1, .max = 16,
	    .range = "unix:PATH or inet:ADDRESS:PORT, 1 to 16 of them" },
	{ "socketmap", &type_strings, AT(policy_settings, socketmap),
	    .initial = "\"unix:/var/spool/postfix/weir/map.sock\"",
	    .text = text_listen, .max = 8,
	    .range = "unix:PATH or inet:ADDRESS:PORT, up to 8 of them" },
	{ "pin", &type_word, AT(policy_settings, pin),
	    .initial = "\"always\"", .words = pins },
	{ "max_clients", &type_number, AT(policy_settings, max_clients),
	    .initial = "2000", .min = 1, .max = 100000 },
	{ "default_transport", &type_string,
	    AT(policy_settings, default_transport), .initial = "\"auto\"",
	    .text = text_transport,
	    .range = "auto, or a transport with or without a next hop" },
	END
};

static const struct row http_rows[] = {
	{ "listen", &type_string, AT(http_settings, listen),
	    .initial = "\"\"", .text = text_http_listen,
	    .range = "unix:PATH or inet:ADDRESS:PORT, or \"\" for none" },
	{ "hosts", &type_strings, AT(http_settings, hosts),
	    .initial = "[ ]", .text = text_http_host, .max = 64,
	    .range = "names or addresses without a port, up to 64 of them" },
	END
};

static const struct row log_rows[] = {
	{ "target", &type_log_target, .initial = "\"stderr\"",
	    .range = "stderr, syslog or file:PATH" },
	{ "format", &type_word, AT(log_settings, format),
	    .initial = "\"text\"", .words = log_formats },
	{ "level", &type_word, AT(log_settings, level),
	    .initial = "\"info\"", .words = levels },
	END
};

static const struct row maillog_rows[] = {
	{ "source", &type_maillog, AT(config, maillog),
	    .initial = "\"auto\"",
	    .range = "auto, file:PATH, journal or none" },
	{ "users", &type_strings, AT(config, maillog_users),
	    .initial = "[ \"postfix\" ]", .text = text_account,
	    .range = "user names" },
	END
};

static const struct row health_rows[] = {
	{ "ladder", &type_ladder, AT(health_settings, ladder),
	    .initial = "\"1m*4 5m*6 10m\"", .edge = "\"1m*4 10m*6 30m\"",
	    .range = "steps of at least 10ms, DURATION or DURATION*TIMES" },
	{ "heartbeat", &type_duration, AT(health_settings, heartbeat),
	    .initial = "\"30s\"", .min = 100 * MS, .max = 24 * HOUR,
	    .unlimited = true },
	{ "probe", &type_word, AT(health_settings, probe),
	    .initial = "\"ehlo\"", .words = probes },
	{ "timeout", &type_duration, AT(health_settings, timeout),
	    .initial = "\"10s\"", .min = 10 * MS, .max = 10 * MINUTE },
	{ "fall", &type_number, AT(health_settings, fall), .initial = "1",
	    .min = 1, .max = 100 },
	{ "rise", &type_number, AT(health_settings, rise), .initial = "1",
	    .min = 1, .max = 100 },
	{ "slow_start", &type_duration, AT(health_settings, slow_start),
	    .initial = "\"0s\"", .min = SECOND, .max = 24 * HOUR,
	    .unlimited = true },
	{ "max_ejection", &type_number,
	    AT(health_settings, max_ejection), .initial = "100",
	    .min = 0, .max = 100 },
	{ "ca_file", &type_string, AT(health_settings, ca_file),
	    .initial = "\"\"", .text = text_ca_file,
	    .range = "an absolute path, or \"\" for the system's store" },
	{ "source_address", &type_strings,
	    AT(health_settings, source_address), .initial = "[ ]", .max = 2,
	    .text = text_source, .range = "IP addresses, one of each family" },
	{ "helo_name", &type_string, AT(health_settings, helo_name),
	    .initial = "\"\"", .text = text_helo,
	    .range = "a domain, or \"\" for Postfix's myhostname" },
	{ "name_servers", &type_strings,
	    AT(health_settings, name_servers), .initial = "[ ]",
	    .max = NAME_SERVERS_MAX, .text = text_name_server,
	    .range = "up to 8 of ADDRESS or [ADDRESS]:PORT" },
	END
};

static const struct row host_rows[] = {
	{ "name", &type_string, AT(smart_host, name), .required = true,
	    .text = text_name, .range = "1 to 63 of A-Z a-z 0-9 . _ -" },
	{ "nexthop", &type_nexthop, .required = true,
	    .range = "[host], [host]:port, domain or domain:port" },
	{ "weight", &type_number, AT(smart_host, weight), .initial = "10",
	    .min = 1, .max = 1000 },
	{ "probe", &type_word, AT(smart_host, probe), .words = probes },
	{ "tls_name", &type_string, AT(smart_host, tls_name),
	    .initial = "\"\"", .text = text_tls_name,
	    .range = "a domain or an address, or \"\" for that of "
	        "the next hop" },
	{ "tls_verify", &type_bool, AT(smart_host, tls_verify),
	    .initial = "true" },
	{ "auth", &type_string, AT(smart_host, auth), .initial = "\"\"",
	    .text = text_auth,
	    .range = "file:PATH with mode 0600, or \"\" for none" },
	{ "max_rate", &type_rate, AT(smart_host, max_rate),
	    .range = "NUMBER/PERIOD" },
	END
};

static const struct row member_rows[] = {
	{ "host", &type_reference, .required = true, .text = text_name,
	    .range = "the name of a smart host" },
	{ "cost", &type_number, AT(member, cost), .initial = "10",
	    .min = 0, .max = 1000000 },
	{ "weight", &type_number, AT(member, weight), .min = 1, .max = 1000 },
	END
};

static const struct row connector_rows[] = {
	{ "name", &type_string, AT(connector, name), .required = true,
	    .text = text_name, .range = "1 to 63 of A-Z a-z 0-9 . _ -" },
	{ "transport", &type_string, AT(connector, transport),
	    .initial = "\"relay\"", .text = text_service,
	    .range = "a service name in master.cf" },
	{ "balance", &type_word, AT(connector, balance),
	    .initial = "\"round-robin\"", .words = balances },
	{ "failovers", &type_number, AT(connector, failovers),
	    .initial = "2", .min = 0, .max = MEMBERS_MAX - 1 },
	{ "minimum_share", &type_number, AT(connector, minimum_share),
	    .initial = "0", .min = 0, .max = 100 },
	{ "when_none_healthy", &type_reference, .initial = "\"try\"",
	    .text = text_name,
	    .range = "try, queue, refuse, direct, postfix or the name of a "
	        "connector" },
	{ "prefer_home", &type_bool, AT(connector, prefer_home),
	    .initial = "true" },
	{ "default_home", &type_string, AT(connector, default_home),
	    .initial = "\"\"", .text = text_home,
	    .range = "the name of a member, or \"\" for none" },
	{ "members", &type_list, AT(connector, members),
	    N(connector, nmembers), .required = true, .min = 1,
	    .max = MEMBERS_MAX, .rows = member_rows,
	    .size = sizeof(struct member) },
	END
};

static const struct row route_rows[] = {
	{ "name", &type_string, AT(route, name), .required = true,
	    .text = text_name, .range = "1 to 63 of A-Z a-z 0-9 . _ -" },
	{ "user", &type_strings, AT(route, user), .initial = "[ ]",
	    .text = text_user_pattern, .range = "logins with '*'" },
	{ "sender", &type_strings, AT(route, sender), .initial = "[ ]",
	    .text = text_sender_pattern,
	    .range = "addresses with '*', @domain, @.domain, <>" },
	{ "recipient", &type_strings, AT(route, recipient), .initial = "[ ]",
	    .text = text_recipient_pattern,
	    .range = "addresses with '*', @domain, @.domain" },
	{ "listener", &type_strings, AT(route, listener), .initial = "[ ]",
	    .text = text_name, .range = "names of listeners" },
	{ "client", &type_networks, AT(route, client), .initial = "[ ]",
	    .range = "networks or addresses" },
	{ "connector", &type_reference, .text = text_name,
	    .range = "the name of a connector, direct or postfix" },
	{ "host", &type_reference, .text = text_name,
	    .range = "the name of a smart host" },
	{ "reject", &type_string, AT(route, reject), .text = text_reply,
	    .range = "what the client is told, printable ASCII" },
	END
};

static const struct row listener_rows[] = {
	{ "name", &type_string, AT(listener, name), .required = true,
	    .text = text_name, .range = "1 to 63 of A-Z a-z 0-9 . _ -" },
	{ "ports", &type_ports, AT(listener, ports), .initial = "[ ]",
	    .max = 64, .range = "1 to 65535" },
	{ "daemons", &type_strings, AT(listener, daemons), .initial = "[ ]",
	    .text = text_word, .max = 64,
	    .range = "values of milter_macro_daemon_name" },
	{ "require_user", &type_bool, AT(listener, require_user),
	    .initial = "false" },
	{ "header_from", &type_word, AT(listener, header_from),
	    .words = identity_actions },
	{ "envelope", &type_word, AT(listener, envelope),
	    .words = identity_actions },
	{ "max_connections", &type_number, AT(listener, max_connections),
	    .initial = "5000", .min = 1, .max = 1000000, .unlimited = true },
	{ "max_connections_per_source", &type_number,
	    AT(listener, max_connections_per_source), .initial = "100",
	    .min = 1, .max = 1000000, .unlimited = true },
	{ "max_connections_per_source_percent", &type_number,
	    AT(listener, max_connections_per_source_percent),
	    .initial = "2", .min = 0, .max = 100, .unlimited = true },
	{ "message_rate", &type_rates, AT(listener, message_rate),
	    N(listener, nmessage_rates), .initial = "\"unlimited\"",
	    .edge = "\"600/m\"", .min = 1, .max = RATES_MAX,
	    .unlimited = true,
	    .range = "NUMBER/PERIOD, 1 to 4 of them, or unlimited" },
	{ "message_rate_source", &type_word,
	    AT(listener, message_rate_source), .initial = "\"client\"",
	    .words = rate_sources },
	{ "over_limit", &type_word, AT(listener, over_limit),
	    .initial = "\"defer\"", .words = limit_actions },
	{ "exempt_clients", &type_networks, AT(listener, exempt_clients),
	    .initial = "[ ]", .range = "networks or addresses" },
	END
};

static const struct row user_rows[] = {
	{ "user", &type_string, AT(identity_user, user), .required = true,
	    .text = text_owner,
	    .range = "a login, \"*@domain\" or \"*\"" },
	{ "senders", &type_strings, AT(identity_user, senders),
	    .required = true, .text = text_sender,
	    .range = "addresses, @domain, @.domain, ! before any" },
	{ "home", &type_string, AT(identity_user, home),
	    .initial = "\"\"", .text = text_home,
	    .range = "the name of a smart host, or \"\" for none" },
	END
};

static const struct row client_rows[] = {
	{ "network", &type_network, AT(identity_client, network),
	    .required = true, .range = "a network or an address" },
	{ "user", &type_string, AT(identity_client, user), .required = true,
	    .text = text_login, .range = "a login" },
	END
};

static const struct row identity_rows[] = {
	{ "realm", &type_string, AT(identities, realm), .initial = "\"\"",
	    .text = text_realm, .range = "a domain, or \"\" for none" },
	{ "unlisted", &type_word, AT(identities, unlisted),
	    .initial = "\"own-address\"", .words = unlisteds },
	{ "header_from", &type_word, AT(identities, header_from),
	    .initial = "\"reject\"", .words = identity_actions },
	{ "envelope", &type_word, AT(identities, envelope),
	    .initial = "\"reject\"", .words = identity_actions },
	{ "null_sender", &type_word, AT(identities, null_sender),
	    .initial = "\"accept\"", .words = null_senders },
	{ "recipient_delimiter", &type_string,
	    AT(identities, recipient_delimiter), .initial = "\"+\"",
	    .text = text_delimiter,
	    .range = "as recipient_delimiter of Postfix, or \"\" for none" },
	{ "tables", &type_strings, AT(identities, tables), .initial = "[ ]",
	    .text = text_table, .max = 16,
	    .range = "file:PATH, lmdb:PATH, socketmap:SOCKET:NAME" },
	{ "table_timeout", &type_duration, AT(identities, table_timeout),
	    .initial = "\"2s\"", .min = 10 * MS, .max = 30 * SECOND },
	{ "table_cache", &type_duration, AT(identities, table_cache),
	    .initial = "\"1m\"", .min = 0, .max = HOUR },
	{ "users", &type_list, AT(identities, users), N(identities, nusers),
	    .rows = user_rows, .size = sizeof(struct identity_user) },
	{ "clients", &type_list, AT(identities, clients),
	    N(identities, nclients), .max = 1000, .rows = client_rows,
	    .size = sizeof(struct identity_client) },
	END
};

static const struct row throttle_rows[] = {
	{ "name", &type_string, AT(throttle, name), .required = true,
	    .text = text_name, .range = "1 to 63 of A-Z a-z 0-9 . _ -" },
	{ "what", &type_word, AT(throttle, what), .required = true,
	    .words = whats },
	{ "by", &type_words, AT(throttle, by), N(throttle, nby),
	    .required = true, .words = bys, .min = 1, .max = BY_MAX },
	{ "limit", &type_limits, AT(throttle, rates), N(throttle, nrates),
	    .required = true, .min = 1, .max = RATES_MAX,
	    .range = "NUMBER/PERIOD, 1 to 4 of them; of bytes also "
	        "\"100M/h\"" },
	{ "action", &type_word, AT(throttle, action),
	    .initial = "\"defer\"", .words = limit_actions },
	{ "users", &type_strings, AT(throttle, users), .initial = "[ ]",
	    .text = text_user_pattern, .range = "logins with '*'" },
	{ "except_users", &type_strings, AT(throttle, except_users),
	    .initial = "[ ]", .text = text_user_pattern,
	    .range = "logins with '*'" },
	{ "clients", &type_networks, AT(throttle, clients),
	    .initial = "[ ]", .range = "networks or addresses" },
	{ "except_clients", &type_networks, AT(throttle, except_clients),
	    .initial = "[ ]", .range = "networks or addresses" },
	{ "listeners", &type_strings, AT(throttle, listeners),
	    .initial = "[ ]", .text = text_name,
	    .range = "names of listeners" },
	{ "replaces", &type_string, AT(throttle, replaces),
	    .text = text_name, .range = "the name of a throttle" },
	END
};

const struct row schema_rows[] = {
	{ "profile", &type_word, AT(config, profile), .initial = "\"hub\"",
	    .words = profiles },
	{ "postfix_group", &type_string, AT(config, postfix_group),
	    .initial = "\"postfix\"", .text = text_account,
	    .range = "a group, or \"\" for the daemon's own" },
	{ "ipv6_prefix", &type_number, AT(config, ipv6_prefix),
	    .initial = "64", .min = 32, .max = 128 },
	{ "state", &type_group, AT(config, state), .rows = state_rows },
	{ "milter", &type_group, AT(config, milter), .rows = milter_rows },
	{ "policy", &type_group, AT(config, policy), .rows = policy_rows },
	{ "http", &type_group, AT(config, http), .rows = http_rows },
	{ "log", &type_group, AT(config, log), .rows = log_rows },
	{ "maillog", &type_group, .rows = maillog_rows },
	{ "health", &type_group, AT(config, health), .rows = health_rows },
	{ "smart_hosts", &type_list, AT(config, hosts), N(config, nhosts),
	    .max = HOSTS_MAX, .rows = host_rows,
	    .size = sizeof(struct smart_host) },
	{ "connectors", &type_list, AT(config, connectors),
	    N(config, nconnectors), .max = CONNECTORS_MAX,
	    .rows = connector_rows, .size = sizeof(struct connector) },
	{ "identities", &type_group, AT(config, identities),
	    .rows = identity_rows },
	{ "local_domains", &type_strings, AT(config, local_domains),
	    .initial = "[ ]", .text = text_domain, .range = "domains" },
	{ "routes", &type_list, AT(config, routes), N(config, nroutes),
	    .max = ROUTES_MAX, .rows = route_rows,
	    .size = sizeof(struct route) },
	{ "listeners", &type_list, AT(config, listeners),
	    N(config, nlisteners), .max = LISTENERS_MAX,
	    .rows = listener_rows, .size = sizeof(struct listener) },
	{ "throttles", &type_list, AT(config, throttles),
	    N(config, nthrottles), .max = THROTTLES_MAX,
	    .rows = throttle_rows, .size = sizeof(struct throttle) },
	END
};
/* clang-format on */
