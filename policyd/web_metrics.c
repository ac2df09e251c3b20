/*
 * /metrics, one family a slice. Labels are names of the configuration and of
 * rows of tables: what strangers choose (logins, addresses) is in none.
 */
#include "web_parts.h"

#include "autoconfig.h"
#include "service.h"
#include "show.h"

#include "core/openmetrics.h"
#include "io/clock.h"
#include "io/loop.h"

#include <stdio.h>
#include <string.h>

enum { MILTERS_MAX = 64 };

struct page { /* one family in the making */
	struct metrics m;
	struct http_answer *answer;
	const struct web *web;
	const struct daemon *daemon;
	const struct model *model;
	struct now now;
};

static void
gauge(struct page *p, const char *name, const char *unit, const char *help)
{
	metrics_family(&p->m, METRICS_GAUGE, name, unit, help);
}

static void
counter(struct page *p, const char *name, const char *help)
{
	metrics_family(&p->m, METRICS_COUNTER, name, "", help);
}

static void
plain(struct page *p, uint64_t value)
{
	metrics_row(&p->m, "");
	metrics_number(&p->m, value);
}

static void
labelled(struct page *p, const char *key, const char *value, uint64_t number)
{
	metrics_row(&p->m, "");
	metrics_label(&p->m, key, value);
	metrics_number(&p->m, number);
}

/* --- weir-policyd --- */

static void
build(struct page *p)
{
	metrics_family(&p->m, METRICS_INFO, "weir_build", "",
	    "The version that runs.");
	labelled(p, "version", PACKAGE_VERSION, 1);
}

static void
uptime(struct page *p)
{
	gauge(p, "weir_uptime_seconds", "seconds",
	    "Since weir-policyd was started.");
	metrics_row(&p->m, "");
	metrics_seconds(&p->m,
	    mono_since(p->now.mono, p->daemon->started.mono).us);
}

static void
generation(struct page *p)
{
	gauge(p, "weir_config_generation", "",
	    "Configurations put to use since the start.");
	plain(p, p->daemon->config->generation);
}

static void
events(struct page *p)
{
	counter(p, "weir_events", "Events by kind.");
	for (int i = 0; i < EVENT_KINDS; i++)
		labelled(p, "event", event_name((enum event_kind)i),
		    events_count(p->model->events, (enum event_kind)i));
}

static void
connections(struct page *p)
{
	gauge(p, "weir_connections", "",
	    "Connections that are open on sockets of weir-policyd.");
	labelled(p, "socket", "state",
	    state_server_clients(p->daemon->server));
	labelled(p, "socket", "policy", service_clients(p->daemon->policy));
	labelled(p, "socket", "map", service_clients(p->daemon->map));
	labelled(p, "socket", "http", http_server_clients(p->web->server));
}

static void
http_requests(struct page *p)
{
	counter(p, "weir_http_requests", "Requests over HTTP.");
	plain(p, http_server_requests(p->web->server));
}

static void
milters(struct page *p)
{
	const char *names[MILTERS_MAX];

	gauge(p, "weir_milters", "", "Milters that are connected.");
	plain(p, sessions_instances(p->model->gate.sessions, names,
	    MILTERS_MAX));
}

static void
state_keys(struct page *p)
{
	gauge(p, "weir_state_keys", "", "Keys of limits that are counted.");
	plain(p, limits_count(p->model->gate.limits));
}

static void
state_max_keys(struct page *p)
{
	gauge(p, "weir_state_max_keys", "",
	    "Keys of limits there is room for (state.max_keys).");
	plain(p, p->daemon->first->state.max_keys);
}

/* --- limits --- */

static void
limit_row(void *ctx, const struct throttle *throttle,
    const struct limit_tally *tally)
{
	const struct {
		const char *outcome;
		uint64_t count;
	} counts[] = {
		{ "allowed", tally->allowed }, { "refused", tally->refused },
		{ "held", tally->held }, { "observed", tally->observed },
		{ "excepted", tally->excepted },
	};
	struct page *p = ctx;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		metrics_row(&p->m, "");
		metrics_label(&p->m, "rule", throttle->name);
		metrics_label(&p->m, "outcome", counts[i].outcome);
		metrics_number(&p->m, counts[i].count);
	}
}

static void
limits(struct page *p)
{
	counter(p, "weir_limit_requests",
	    "What became of the requests a rule was asked about.");
	limits_tallies(p->model->gate.limits, p->daemon->config, limit_row,
	    p);
}

static void
warning_row(void *ctx, const struct throttle *throttle,
    const struct limit_tally *tally)
{
	labelled(ctx, "rule", throttle->name, tally->warned);
}

static void
limit_warnings(struct page *p)
{
	counter(p, "weir_limit_warnings",
	    "How often somebody came near a limit, by rule.");
	limits_tallies(p->model->gate.limits, p->daemon->config, warning_row,
	    p);
}

/* --- decisions --- */

static void
policy_requests(struct page *p)
{
	counter(p, "weir_policy_requests", "Policy requests answered.");
	plain(p, p->model->requests);
}

static void
decisions(struct page *p)
{
	counter(p, "weir_decisions",
	    "Decisions about messages of the policy service, by reason.");
	for (int i = 0; i < REASON_COUNT; i++) {
		/* those every decision may have, others once they happened */
		bool always = i >= REASON_ROUTED && i <= REASON_NOT_PINNED;

		if (always || p->model->answered[i] > 0)
			labelled(p, "reason", reason_tag((enum reason)i),
			    p->model->answered[i]);
	}
}

static void
lookups(struct page *p)
{
	counter(p, "weir_socketmap_lookups", "Lookups of the socketmap.");
	plain(p, p->model->lookups);
}

/* --- connectors --- */

static void
connector_rows(struct page *p, uint64_t (*value)(const struct flow *))
{
	const struct config *config = p->daemon->config;

	for (size_t i = 0; i < config->nconnectors; i++) {
		struct flow flow = flow_of(config, &p->model->hosts,
		    &config->connectors[i], p->now.wall);

		labelled(p, "connector", config->connectors[i].name,
		    value(&flow));
	}
}

static uint64_t
flow_in_use(const struct flow *flow)
{
	return flow->in_use;
}

static uint64_t
flow_members(const struct flow *flow)
{
	return flow->members;
}

static uint64_t
flow_usable(const struct flow *flow)
{
	return flow->usable;
}

static void
connectors_in_use(struct page *p)
{
	gauge(p, "weir_connector_in_use", "", "1: a route leads to it.");
	connector_rows(p, flow_in_use);
}

static void
connectors_members(struct page *p)
{
	gauge(p, "weir_connector_members", "", "Smart hosts it has.");
	connector_rows(p, flow_members);
}

static void
connectors_usable(struct page *p)
{
	gauge(p, "weir_connector_usable", "",
	    "Smart hosts of it that are healthy, and not drained or down.");
	connector_rows(p, flow_usable);
}

/* --- listeners --- */

static void
listener_connections(struct page *p)
{
	const struct config *config = p->daemon->config;

	gauge(p, "weir_listener_connections", "",
	    "SMTP connections that are open, by listener.");
	for (size_t i = 0; i < config->nlisteners; i++)
		labelled(p, "listener", config->listeners[i].name,
		    sessions_open(p->model->gate.sessions,
		        config->listeners[i].name));
}

static void
listener_max(struct page *p)
{
	const struct config *config = p->daemon->config;

	gauge(p, "weir_listener_max_connections", "",
	    "What max_connections allows; without a row: unlimited.");
	for (size_t i = 0; i < config->nlisteners; i++) {
		if (config->listeners[i].max_connections != UNLIMITED)
			labelled(p, "listener", config->listeners[i].name,
			    config->listeners[i].max_connections);
	}
}

static void
listener_refused(struct page *p)
{
	const struct config *config = p->daemon->config;

	counter(p, "weir_listener_refused",
	    "SMTP connections refused by a cap of the listener.");
	for (size_t i = 0; i < config->nlisteners; i++)
		labelled(p, "listener", config->listeners[i].name,
		    refusals_by(p->model->gate.refusals,
		        config->listeners[i].name));
}

/* --- the loop --- */

static void
loop_turns(struct page *p)
{
	struct loop_gauge loop = loop_gauge();
	uint64_t turns = 0;

	metrics_family(&p->m, METRICS_HISTOGRAM, "weir_loop_turn_seconds",
	    "seconds", "Turns of the event loop, by how long each kept "
	    "everybody waiting.");
	for (int i = 0; i < LOOP_BUCKETS; i++) {
		char bound[24] = "+Inf";

		if (i < LOOP_BUCKETS - 1)
			(void)snprintf(bound, sizeof(bound), "%.6g",
			    (double)loop_bounds[i].us / (double)SPAN_SECOND);
		turns += loop.buckets[i];
		metrics_row(&p->m, "_bucket");
		metrics_label(&p->m, "le", bound);
		metrics_number(&p->m, turns);
	}
	metrics_row(&p->m, "_sum");
	metrics_seconds(&p->m, loop.busy.us);
	metrics_row(&p->m, "_count");
	metrics_number(&p->m, loop.turns);
}

static void
loop_longest(struct page *p)
{
	gauge(p, "weir_loop_longest_turn_seconds", "seconds",
	    "The longest turn of the event loop since the start.");
	metrics_row(&p->m, "");
	metrics_seconds(&p->m, loop_gauge().longest.us);
}

static void
loop_lately(struct page *p)
{
	gauge(p, "weir_loop_longest_turn_lately_seconds", "seconds",
	    "The longest turn of the event loop in the last minute or two.");
	metrics_row(&p->m, "");
	metrics_seconds(&p->m, loop_gauge().longest_lately.us);
}

/* --- all of them --- */

static void (*const families[])(struct page *) = {
	build,
	uptime,
	generation,
	events,
	connections,
	http_requests,
	milters,
	state_keys,
	state_max_keys,
	limits,
	limit_warnings,
	policy_requests,
	decisions,
	lookups,
	connectors_in_use,
	connectors_members,
	connectors_usable,
	listener_connections,
	listener_max,
	listener_refused,
	loop_turns,
	loop_longest,
	loop_lately,
};

enum { FAMILIES = sizeof(families) / sizeof(families[0]) };

/* Then those of the hosts, of the process, and the end. */
static bool
metrics_more(void *ctx, struct http_answer *answer)
{
	struct web *web = ctx;
	struct page page = {
		.m = { .out = &answer->body, .plain = answer->number != 0 },
		.answer = answer,
		.web = web,
		.daemon = web->daemon,
		.model = &web->daemon->model,
		.now = clock_now(),
	};

	if (answer->step < FAMILIES) {
		families[answer->step++](&page);
		return true;
	}
	if (answer->step < FAMILIES + web_metrics_hosts_count) {
		web_metrics_hosts(&page.m, web->daemon,
		    answer->step++ - FAMILIES, page.now);
		return true;
	}
	if (!web_metrics_process(&page.m, answer))
		return true;
	metrics_end(&page.m);
	return false;
}

void
web_metrics(struct web *web, const struct http_request *request,
    struct http_answer *answer)
{
	(void)web;
	answer->status = 200;
	answer->type = request->plain_text ? METRICS_TYPE_PLAIN
	                                   : METRICS_TYPE_OPEN;
	answer->number = request->plain_text;
	answer->more = metrics_more;
}
