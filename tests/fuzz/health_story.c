/*
 * What must always hold:
 * - never two probes of one address at once, and a trial only when it is due;
 *   when it is due and none is under way it is made, and then the next step of
 *   the ladder is waited for;
 * - at most one real message a ladder step tries a host;
 * - a healed address has no next trial, a sick one waits for a step that the
 *   ladder has;
 * - a list names nobody twice, nobody drained, down or without an address, and
 *   only hosts of one transport;
 * - someone usable is in the list while anyone is;
 * - a dry decision is the next one, and changes nothing.
 */
#include "health_story.h"

#include "core/choose.h"
#include "core/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOSTS = 5, ADDRESSES = 2, FIRST = 3 /* hosts of the first connector */ };

#define MUST(what) \
	((what) ? (void)0 : violated(#what, __func__, __LINE__))

static void __attribute__((noreturn))
violated(const char *what, const char *where, int line)
{
	(void)fprintf(stderr, "%s:%d: does not hold: %s\n", where, line, what);
	abort();
}

struct reader {
	const uint8_t *at, *end;
};

struct seen_address { /* what the story knows of one beside its health */
	bool probing;
	enum evidence_source as;
	struct mono since;
};

struct story {
	struct reader in;
	struct config config;
	struct smart_host smart_hosts[HOSTS];
	struct member members[HOSTS];
	struct connector connectors[2];
	struct route routes[2];
	struct hosts hosts;
	struct chooser chooser;
	struct seen_address addresses[HOSTS][ADDRESSES];
	uint64_t trials[HOSTS], messages[HOSTS]; /* that tried it */
	struct now now;
	struct health_story_seen *seen;
};

/* 0 behind the end. */
static unsigned
draw(struct reader *in, unsigned below)
{
	return in->at < in->end ? *in->at++ % below : 0;
}

/* --- the scene --- */

static void
set_health(struct health_settings *settings, struct reader *in)
{
	static const int beats[] = { 0, 1, 30 }, ramps[] = { 0, 60, 3600 };
	unsigned edge = draw(in, 2);

	*settings = (struct health_settings) {
		.ladder = { .rungs = { { span_s(60), 4 },
		        { span_s(edge ? 600 : 300), 6 },
		        { span_s(edge ? 1800 : 600), 1 } }, .count = 3 },
		.heartbeat = span_s(beats[draw(in, 3)]),
		.timeout = span_s(10), .probe = PROBE_EHLO,
		.fall = draw(in, 3), .rise = draw(in, 3),
		.slow_start = span_s(ramps[draw(in, 3)]),
		.max_ejection = draw(in, 2) ? 34 : 100,
	};
}

static void
set_connector(struct story *story, size_t at, size_t first, size_t count)
{
	static const enum none_healthy ways[] = { NONE_HEALTHY_TRY,
		NONE_HEALTHY_QUEUE, NONE_HEALTHY_REFUSE, NONE_HEALTHY_DIRECT,
		NONE_HEALTHY_POSTFIX, NONE_HEALTHY_OTHER };
	struct reader *in = &story->in;

	story->connectors[at] = (struct connector) {
		.name = at == 0 ? "first" : "second",
		.transport = draw(in, 2) ? "relay" : "smtp",
		.balance = (enum balance)draw(in, 4),
		.failovers = draw(in, 4),
		.minimum_share = draw(in, 2) ? 30 : 0,
		.none_healthy = ways[draw(in, at == 0 ? 6 : 5)], .other = 1,
		.members = story->members + first, .nmembers = count,
	};
}

static void
set_hosts(struct story *story)
{
	static const char *const names[HOSTS] = { "a", "b", "c", "d", "e" };
	static const char *const hops[HOSTS] = { "[192.0.2.1]:25",
		"[192.0.2.2]:25", "[192.0.2.3]:25", "[192.0.2.4]:25",
		"[mx.example]:25" };
	static const char *const ips[HOSTS] = { "192.0.2.1", "192.0.2.2",
		"192.0.2.3", "192.0.2.4", "mx.example" };

	for (size_t i = 0; i < HOSTS; i++) {
		bool rated = draw(&story->in, 4) == 1;

		story->smart_hosts[i] = (struct smart_host) {
			.name = names[i], .nexthop = hops[i], .host = ips[i],
			.port = 25, .weight = 10, .probe = PROBE_EHLO,
			.max_rate = { rated ? 3 : 0, span_s(60) } };
		story->members[i] = (struct member) { .host = (uint16_t)i,
			.cost = draw(&story->in, 2) ? 20 : 10,
			.weight = 1 + draw(&story->in, 5) };
	}
}

static void
story_init(struct story *story)
{
	set_health(&story->config.health, &story->in);
	set_hosts(story);
	set_connector(story, 0, 0, FIRST);
	set_connector(story, 1, FIRST, HOSTS - FIRST);
	story->routes[0] = (struct route) { .name = "all",
		.target = ROUTE_CONNECTOR };
	story->config.hosts = story->smart_hosts;
	story->config.nhosts = HOSTS;
	story->config.connectors = story->connectors;
	story->config.nconnectors = 2;
	story->config.routes = story->routes;
	story->config.nroutes = 1;
	story->now = (struct now) { { 1000 * SPAN_SECOND },
		{ INT64_C(1769860800) * SPAN_SECOND } };
	hosts_init(&story->hosts, &story->config, NULL, story->now.mono);
	chooser_init(&story->chooser, &story->config);
}

/* --- health --- */

static void
check_health(const struct story *story, const struct health *health)
{
	const struct ladder *ladder = &story->config.health.ladder;
	unsigned share = health_share(health, story->now.mono);
	bool fault = health->faults[FOUND_BY_MAIL].there ||
	    health->faults[FOUND_BY_PROBE].there;

	if (health->healthy) {
		MUST(health->rung == 0 && health->failures == 0);
		MUST(!health->mail_trial && !health->probed);
		MUST(share >= SHARE_FULL / 10 && share <= SHARE_FULL);
		MUST(health->falls < 3 && fault == (health->falls != 0));
	} else {
		MUST(health->rung >= 1 && health->failures >= 1);
		MUST(share == 0 && fault);
		MUST(mono_since(health->next_trial, story->now.mono).us <=
		    ladder_step(ladder, health->rung).us);
	}
	MUST(health->nsoft <= 2 && health->nheals <= FLAPS);
}

static void
tell(struct story *story, size_t host, unsigned at,
    enum evidence_source source)
{
	struct host *about = &story->hosts.list[host];
	struct health *health = &about->addresses[at].health;
	struct evidence evidence = { .source = source,
		.grade = (enum evidence_grade)draw(&story->in, 3),
		.stage = (enum stage)draw(&story->in, STAGE_COUNT) };
	bool was = health->healthy;

	if (source == EVIDENCE_DELIVERY) {
		evidence.over = span_s(draw(&story->in, 3));
		evidence.age = span_s(evidence.over.us / SPAN_SECOND +
		    draw(&story->in, 3));
		if (draw(&story->in, 4) == 1)
			evidence.first = evidence.stage;
	}
	host_address_on(&story->hosts, about, &about->addresses[at],
	    &story->config.health, &evidence, story->now);
	MUST(was || evidence.grade == EVIDENCE_GOOD || !health->healthy);
	MUST(!was || evidence.grade != EVIDENCE_GOOD || health->healthy);
	story->seen->went_down += was && !health->healthy;
	story->seen->went_up += !was && health->healthy;
}

static void
probe(struct story *story, size_t host, unsigned at)
{
	struct health *health =
	    &story->hosts.list[host].addresses[at].health;
	struct seen_address *seen = &story->addresses[host][at];
	struct mono due = health->next_trial, now = story->now.mono;
	bool busy = seen->probing && mono_since(now, seen->since).us <
	    10 * story->config.health.timeout.us;
	bool trial_due = !health->healthy && !mono_before(now, due);
	unsigned rung = health->rung;
	enum evidence_source as;

	if (!health_take_probe(health, &story->config.health, now, &as)) {
		MUST(busy || !trial_due);
		MUST(mono_before(now, health_next(health,
		    &story->config.health)));
		return;
	}
	MUST(!busy);
	MUST((as == EVIDENCE_TRIAL) == trial_due);
	if (as == EVIDENCE_TRIAL) {
		MUST(health->rung == rung + 1);
		MUST(mono_before(now, health->next_trial));
		story->trials[host]++;
		story->seen->trials++;
	} else {
		MUST(health->rung == rung && health->next_trial.us == due.us);
		story->seen->heartbeats++;
	}
	seen->probing = true;
	seen->as = as;
	seen->since = now;
}

/* --- decisions --- */

/* Of the list as a whole, however it came to be. */
static void
check_list(struct story *story, const struct decision *decision)
{
	const struct connector *connector = decision->connector;
	unsigned listed = 0;

	MUST((decision->kind == DECISION_FILTER) == (decision->nlist > 0 ||
	    decision->built_in == BUILT_IN_DIRECT));
	MUST(decision->nlist == 0 || connector != NULL);
	for (size_t i = 0; i < decision->nlist; i++) {
		const struct host *host =
		    &story->hosts.list[decision->list[i]];
		const struct connector *own = decision->list[i] < FIRST
		    ? &story->connectors[0] : &story->connectors[1];

		MUST((listed & 1U << decision->list[i]) == 0);
		listed |= 1U << decision->list[i];
		MUST(host_order(host, story->now.wall) == OPERATOR_NONE);
		MUST(!host_unresolved(host));
		MUST(strcmp(own->transport, connector->transport) == 0);
	}
	for (size_t i = 0; i < decision->ncandidates; i++) {
		const struct candidate *one = &decision->candidates[i];

		MUST(one->position <= decision->nlist);
		MUST((one->position != 0) == ((listed & 1U << one->host) != 0));
		MUST(one->position == 0 ||
		    decision->list[one->position - 1] == one->host);
		story->seen->kept_in += one->reason == REASON_HOST_KEPT_IN;
		story->seen->over_capacity +=
		    one->reason == REASON_OVER_CAPACITY;
	}
}

static bool
usable(struct story *story, size_t host)
{
	struct host *about = &story->hosts.list[host];

	return host_healthy(about) &&
	    host_order(about, story->now.wall) == OPERATOR_NONE &&
	    !host_over_capacity(about, story->now.mono);
}

/* Hosts of one connector that are usable, and those that may be tried. */
static unsigned
count(struct story *story, const struct connector *connector, bool sick_too)
{
	unsigned n = 0;

	for (size_t i = 0; i < connector->nmembers; i++) {
		size_t host = connector->members[i].host;
		const struct host *about = &story->hosts.list[host];

		n += usable(story, host) || (sick_too &&
		    !host_unresolved(about) &&
		    host_order(about, story->now.wall) == OPERATOR_NONE);
	}
	return n;
}

/* To be asked before the decision is made: it may use capacity up. */
static bool
someone(struct story *story)
{
	const struct connector *at = &story->connectors[0];

	while (count(story, at, false) == 0 &&
	    at->none_healthy == NONE_HEALTHY_OTHER)
		at = &story->connectors[at->other];
	return count(story, at, at->none_healthy == NONE_HEALTHY_TRY) > 0;
}

static void
note_mail_trials(struct story *story, const struct decision *decision)
{
	for (size_t i = 0; i < decision->ncandidates; i++) {
		const struct candidate *one = &decision->candidates[i];

		if (one->reason != REASON_MAIL_TRIAL)
			continue;
		MUST(one->position == 1);
		MUST(++story->messages[one->host] <= story->trials[one->host]);
		story->seen->mail_trials++;
	}
}

static void
decide(struct story *story)
{
	const struct facts facts = { .listener = "default",
		.user = draw(&story->in, 2) ? "alice" : NULL,
		.sender = "alice@example.com" };
	const struct route *route = route_find(&story->config, &facts);
	bool must = someone(story);
	struct decision dry, decision;

	choose(&story->chooser, &story->config, &story->hosts, route, &facts,
	    story->now, true, &dry);
	choose(&story->chooser, &story->config, &story->hosts, route, &facts,
	    story->now, false, &decision);
	MUST(dry.kind == decision.kind && dry.nlist == decision.nlist);
	MUST(memcmp(dry.list, decision.list,
	    dry.nlist * sizeof(dry.list[0])) == 0);
	check_list(story, &decision);
	MUST(!must || decision.nlist > 0);
	note_mail_trials(story, &decision);
	story->seen->decisions++;
	story->seen->queued += decision.kind == DECISION_QUEUE;
	story->seen->by_other += decision.reason == REASON_OTHER_CONNECTOR;
}

/* --- events --- */

static void
pass_time(struct story *story)
{
	static const int64_t steps[] = { 1, 1000, 100000, 1000000, 7000000,
		30000000, 59999999, 60000000, 300000000, 3600000000 };
	struct span step = span_us(steps[draw(&story->in, 10)]);

	story->now.mono = mono_add(story->now.mono, step);
	story->now.wall.us += step.us;
	hosts_expire_orders(&story->hosts, story->now);
}

/* The last one is a name: it has none, one or two addresses. */
static void
resolve(struct story *story)
{
	struct host *host = &story->hosts.list[HOSTS - 1];
	struct netaddr list[ADDRESSES];
	unsigned n = draw(&story->in, ADDRESSES + 1);

	(void)netaddr_parse("192.0.2.51", &list[0]);
	(void)netaddr_parse("192.0.2.52", &list[1]);
	host_set_addresses(&story->hosts, host, list, n, story->now.mono);
	memset(story->addresses[HOSTS - 1], 0,
	    sizeof(story->addresses[HOSTS - 1]));
	for (unsigned i = 0; i < host->naddresses; i++) {
		struct health *health = &host->addresses[i].health;
		struct seen_address *seen = &story->addresses[HOSTS - 1][i];

		seen->probing = health->probing;
		seen->as = health->probe_as;
		seen->since = health->probing_since;
	}
}

static void
order(struct story *story)
{
	struct host *host = &story->hosts.list[draw(&story->in, HOSTS)];
	enum operator_state state = (enum operator_state)draw(&story->in, 3);
	struct wall until = { 0 };

	if (draw(&story->in, 2))
		until.us = story->now.wall.us + 10 * SPAN_SECOND;
	host_set_order(&story->hosts, host, state, until, story->now);
}

static void
step(struct story *story)
{
	unsigned what = draw(&story->in, 16);
	size_t host = draw(&story->in, HOSTS);
	unsigned at = draw(&story->in, story->hosts.list[host].naddresses);
	struct seen_address *seen = &story->addresses[host][at];

	if (what < 4) {
		pass_time(story);
	} else if (what < 7) {
		tell(story, host, at, EVIDENCE_DELIVERY);
	} else if (what < 9 && seen->probing) {
		seen->probing = false;
		tell(story, host, at, seen->as);
	} else if (what < 11) {
		probe(story, host, at);
	} else if (what == 11) {
		order(story);
	} else if (what == 12) {
		resolve(story);
	} else {
		decide(story);
	}
}

void
health_story(const uint8_t *bytes, size_t len, struct health_story_seen *seen)
{
	static struct story story;

	memset(&story, 0, sizeof(story));
	story.in = (struct reader) { bytes, bytes + len };
	story.seen = seen;
	story_init(&story);
	while (story.in.at < story.in.end) {
		step(&story);
		seen->events++;
		for (size_t i = 0; i < HOSTS; i++) {
			const struct host *host = &story.hosts.list[i];

			for (unsigned a = 0; a < host->naddresses; a++)
				check_health(&story,
				    &host->addresses[a].health);
		}
	}
	chooser_clear(&story.chooser);
	hosts_clear(&story.hosts);
}
