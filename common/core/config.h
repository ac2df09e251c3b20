/*
 * A loaded configuration, as every part of the suite reads it.
 *
 * It is built whole (io/config_file.h), never changed afterwards, and counted:
 * a session keeps the one it began with. Strings and arrays belong to it and
 * live as long as it does. What happens at run time (health, counters) is kept
 * elsewhere and refers to these rows by index or name.
 */
#ifndef WEIR_CORE_CONFIG_H
#define WEIR_CORE_CONFIG_H

#include "core/arena.h"
#include "core/netaddr.h"
#include "core/span.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NAME_MAX_LEN = 63, /* of a host, connector, route, rule, listener */
	HOSTS_MAX = 256,
	MEMBERS_MAX = 64, /* of one connector */
	ROUTES_MAX = 1000,
	CONNECTORS_MAX = 256,
	LISTENERS_MAX = 64,
	THROTTLES_MAX = 64, /* in the file; listeners' rates are beside them */
	LADDER_MAX = 32,
	RATES_MAX = 4, /* periods of one throttle */
	NAME_SERVERS_MAX = 8,
	BY_MAX = 4, /* parts of one throttle's key */
	RULE_MAX_LEN = NAME_MAX_LEN + 20, /* see message_rate.h */
};

#define UNLIMITED UINT32_MAX

struct strings {
	const char **list;
	size_t count;
};

struct netblocks {
	struct netblock *list;
	size_t count;
};

struct ports {
	uint16_t *list;
	size_t count;
};

/* --- health of smart hosts --- */

enum probe_level {
	PROBE_TCP,
	PROBE_BANNER,
	PROBE_EHLO,
	PROBE_STARTTLS,
	PROBE_TLS, /* from the first byte on: port 465 */
	PROBE_AUTH,
};

struct ladder { /* "1m*4 5m*6 10m": the last step goes on for ever */
	struct {
		struct span step;
		unsigned times;
	} rungs[LADDER_MAX];
	unsigned count;
};

struct health_settings {
	struct ladder ladder;
	struct span heartbeat; /* 0: off */
	struct span timeout; /* of one probe, as a whole */
	enum probe_level probe;
	unsigned fall; /* hard failures in a row that mark; 0 is 1 */
	unsigned rise; /* successes in a row that heal; 0 is 1 */
	struct span slow_start; /* 0: off */
	unsigned max_ejection; /* percent of a connector */
	const char *ca_file; /* "": the system's store */
	const char *ca_file_at; /* "weir.conf:12", where it is given */
	struct strings source_address; /* of probes; at most one a family */
	const char *helo_name; /* "": the machine's */
	struct strings name_servers; /* as netaddr_parse_port; none: the
	                                system's */
};

struct smart_host {
	const char *name;
	const char *nexthop; /* as written: what Postfix is given */
	const char *host; /* its name or address, or the domain */
	bool mx; /* no brackets: a domain, delivered to by MX */
	uint16_t port;
	unsigned weight;
	struct rate_spec max_rate; /* of decisions; limit 0: none */
	enum probe_level probe;
	const char *tls_name; /* in its certificate; "": host */
	bool tls_verify;
	const char *auth; /* path of a file user:password, "": none */
	const char *auth_at; /* "weir.conf:12", where it is given */
};

/* --- routes --- */

enum balance {
	BALANCE_ROUND_ROBIN,
	BALANCE_RANDOM,
	BALANCE_LEAST_USED,
	BALANCE_AFFINITY,
};

struct member {
	uint16_t host; /* index into config.hosts */
	unsigned cost;
	unsigned weight; /* the host's own unless given here */
};

enum none_healthy { /* what becomes of mail when no member is usable */
	NONE_HEALTHY_TRY,
	NONE_HEALTHY_QUEUE, /* it is taken, and waits */
	NONE_HEALTHY_REFUSE,
	NONE_HEALTHY_OTHER, /* another connector takes it */
	NONE_HEALTHY_DIRECT, /* it goes by MX */
	NONE_HEALTHY_POSTFIX, /* Postfix decides */
};

struct connector {
	const char *name;
	const char *transport; /* a service name in master.cf */
	enum balance balance;
	unsigned failovers;
	unsigned minimum_share; /* percent for the next cost */
	enum none_healthy none_healthy;
	uint16_t other; /* NONE_HEALTHY_OTHER; never leads back here */
	bool prefer_home; /* balance = affinity: logins keep their homes */
	const char *default_home; /* for those without one; "" or NULL: none */
	struct member *members;
	size_t nmembers;
};

enum route_target {
	ROUTE_CONNECTOR,
	ROUTE_HOST, /* one smart host, by the transport of the first connector
	             that has it */
	ROUTE_DIRECT, /* by MX */
	ROUTE_POSTFIX, /* Postfix decides */
	ROUTE_REJECT,
};

struct route { /* conditions that are given must all hold */
	const char *name;
	struct strings user;
	struct strings sender;
	struct strings listener;
	struct strings recipient; /* every recipient must match */
	struct netblocks client;
	enum route_target target;
	uint16_t connector; /* ROUTE_CONNECTOR, ROUTE_HOST */
	uint16_t host; /* ROUTE_HOST */
	const char *reject; /* ROUTE_REJECT: the text */
};

/* --- what a client may do --- */

enum action {
	ACTION_ACCEPT,
	ACTION_OBSERVE,
	ACTION_DEFER,
	ACTION_REJECT,
	ACTION_DISCONNECT,
	ACTION_HOLD, /* it is accepted, and waits for the operator */
	ACTION_TAG, /* it passes with a header that says why */
};

enum rate_source { /* whom a listener's message_rate is counted by */
	RATE_SOURCE_NONE, /* nobody: it limits nothing */
	RATE_SOURCE_CLIENT,
	RATE_SOURCE_USER,
	RATE_SOURCE_ALL, /* client and user: the stricter decides */
};

struct listener {
	const char *name;
	struct ports ports;
	struct strings daemons;
	bool require_user;
	enum action header_from, envelope; /* identities' unless given here */
	uint32_t max_connections;
	uint32_t max_connections_per_source;
	uint32_t max_connections_per_source_percent; /* 0..100 or UNLIMITED */
	struct rate_spec message_rate[RATES_MAX];
	unsigned nmessage_rates; /* 0: unlimited */
	enum rate_source message_rate_source;
	enum action over_limit; /* of its caps and rates; never ACCEPT */
	struct netblocks exempt_clients;
};

enum limit_what {
	LIMIT_MESSAGES,
	LIMIT_RECIPIENTS,
	LIMIT_BYTES,
	LIMIT_CONNECTIONS,
	LIMIT_CLIENTS, /* distinct networks of one login */
	LIMIT_WHATS
};
enum limit_by {
	LIMIT_BY_USER,
	LIMIT_BY_CLIENT,
	LIMIT_BY_SENDER,
	LIMIT_BY_SENDER_DOMAIN,
	LIMIT_BY_RECIPIENT_DOMAIN, /* recipients only */
	LIMIT_BY_LISTENER,
};

struct throttle {
	const char *name;
	enum limit_what what;
	enum limit_by by[BY_MAX];
	unsigned nby;
	struct rate_spec rates[RATES_MAX];
	unsigned nrates;
	enum action action;
	struct strings users, except_users;
	struct netblocks clients, except_clients;
	struct strings listeners;
	const char *replaces; /* the rule it stands in for; NULL: none */
};

enum unlisted { UNLISTED_REJECT, UNLISTED_OWN_ADDRESS, UNLISTED_ANY };

struct identity_user { /* one row, of the file or of a table */
	const char *user; /* canonical: lower case, with realm; "*@domain" for
	                     every login of a domain, "*" for every one */
	struct strings senders; /* address, @domain, @.subdomain; sorted */
	struct strings denied; /* the same, written with a '!'; sorted */
	unsigned line; /* where it is written, 0: nowhere */
	uint32_t file; /* in which of identities.files; of no table's row */
	const char *home; /* name of his smart host; "" or NULL: none */
	bool only_home; /* it says nothing of senders: others may */
};

struct identity_client {
	struct netblock network;
	const char *user; /* canonical */
};

struct identities {
	const char *realm; /* "" when not set */
	enum unlisted unlisted;
	/* REJECT, HOLD, TAG, OBSERVE or ACCEPT (ignore) */
	enum action header_from, envelope;
	enum action null_sender; /* ACCEPT or REJECT */
	const char *recipient_delimiter; /* "" when not set */
	struct identity_user *users; /* sorted by user */
	size_t nusers;
	struct strings files; /* that users stand in, as mistakes name them */
	struct identity_client *clients; /* in file order: the first match */
	size_t nclients;
	struct strings tables; /* "file:PATH" ..., asked in this order */
	struct span table_timeout; /* of one question to a socketmap */
	struct span table_cache; /* how long its answers hold; 0: not at all */
};

/* --- the daemons --- */

enum on_state_loss { STATE_LOSS_LOCAL, STATE_LOSS_TEMPFAIL,
	STATE_LOSS_ACCEPT };

struct state_settings {
	const char *socket; /* a path */
	const char *directory; /* "": memory only */
	struct span flush_interval;
	uint32_t max_keys;
	const char *group; /* "": the daemon's own */
	struct strings admins; /* user names that may operate */
	struct strings daemons; /* user names that may report */
};

struct milter_settings {
	const char *listen; /* "unix:PATH" or "inet:HOST:PORT" */
	enum on_state_loss on_state_loss;
	enum action on_unrouted; /* OBSERVE or DEFER */
	struct span state_timeout;
};

/* For which messages the policy service answers with FILTER. */
enum pin {
	PIN_ALWAYS, /* all that a route takes */
	PIN_LOGIN, /* where the route uses what the socketmap cannot know */
	PIN_NEVER, /* none: the socketmap alone says the way */
};

struct policy_settings {
	struct strings listen;
	struct strings socketmap;
	enum pin pin;
	uint32_t max_clients;
	const char *default_transport; /* "auto", "smtp", "relay:[h]:25" */
};

struct http_settings {
	const char *listen; /* "": none */
	struct strings hosts; /* names it may be asked by; lower case */
};

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG };

enum log_target { LOG_TARGET_STDERR, LOG_TARGET_SYSLOG, LOG_TARGET_FILE };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log_settings {
	enum log_target target;
	const char *path; /* of LOG_TARGET_FILE; else "" */
	enum log_format format;
	enum log_level level;
};

enum profile { PROFILE_HUB, PROFILE_EDGE };

#define MAILLOG_JOURNAL "journal" /* no path: those begin with a slash */

/* A setting as the file gives it, for telling what a reload changes. */
struct given {
	const char *path;
	const char *value;
};

struct config {
	atomic_uint refs;
	struct arena *arena; /* owner of every string and array below */
	uint64_t generation; /* grows with every load that is put to use */

	enum profile profile;
	uint32_t ipv6_prefix; /* of one source; 0 is LIMIT_IPV6_PREFIX */
	struct state_settings state;
	struct milter_settings milter;
	struct policy_settings policy;
	struct http_settings http;
	const char *postfix_group; /* "" when not set */
	const char *maillog; /* its path, MAILLOG_JOURNAL or "" */
	struct strings maillog_users; /* beside root: of journal entries */
	struct log_settings log;
	struct health_settings health;

	struct smart_host *hosts;
	size_t nhosts;
	struct connector *connectors;
	size_t nconnectors;
	struct route *routes;
	size_t nroutes;
	struct route_index *route_index; /* NULL: routes are looked through */
	struct listener *listeners; /* the last one is "default" */
	size_t nlisteners;
	struct throttle *throttles; /* listeners' rates, then the file's */
	size_t nthrottles;
	struct strings local_domains;
	struct identities identities;

	struct given *given; /* sorted by path */
	size_t ngiven;
};

/* The same names in the same order? */
bool strings_equal(const struct strings *, const struct strings *);

/* An empty one with one reference, to be filled by a loader or a test. */
struct config *config_new(void);
struct config *config_ref(struct config *);

/* Gives one reference up, and the configuration with the last one. */
void config_unref(struct config **);

/*
 * The listener a session came in by: the first whose daemons name
 * daemon_name or whose ports hold port, else "default". daemon_name may be
 * NULL, port 0.
 */
const struct listener *config_listener(const struct config *,
    const char *daemon_name, uint16_t port);

/* The listener of that name, or NULL: a reload may have taken it away. */
const struct listener *config_find_listener(const struct config *,
    const char *name);

/* The throttle of that name, the file's or a listener's rate, or NULL. */
const struct throttle *config_throttle(const struct config *,
    const char *name);

/* Has it a throttle that counts these? */
bool config_counts(const struct config *, enum limit_what);

/* Has it a connector with balance = affinity? */
bool config_has_homes(const struct config *);

/*
 * May that smart host be the home of a login: is it a member of a connector
 * with balance = affinity?
 */
bool config_is_home(const struct config *, const char *host);

/*
 * May what a transport's log says be about that smart host (its index)? Not
 * when connectors use the transport and none of them has the host; one that no
 * connector uses may be any under another name.
 */
bool config_transport_reaches(const struct config *, const char *transport,
    size_t host);

/*
 * As the wire, events and weirctl write them: "defer", "messages". by_name: -1
 * for any other word. Static; any thread.
 */
const char *action_name(enum action);
int action_by_name(const char *);
const char *limit_what_name(enum limit_what);
int limit_what_by_name(const char *);

#endif
