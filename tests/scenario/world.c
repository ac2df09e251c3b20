/*
 * The virtual world: probes end at once, with what the host then is.
 */
#include "world.h"

#include "core/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ill ills[] = {
	{ "well", EVIDENCE_GOOD, STAGE_DATA, 0, "", "" },
	{ "refused", EVIDENCE_HARD, STAGE_TCP, 111, "ECONNREFUSED",
	    "Connection refused" },
	{ "silent", EVIDENCE_HARD, STAGE_BANNER, 110, "ETIMEDOUT",
	    "timed out while receiving the initial server greeting" },
	{ "busy", EVIDENCE_HARD, STAGE_EHLO, 421, "smtp_421",
	    "421 4.3.2 service not available" },
	{ "tls-absent", EVIDENCE_HARD, STAGE_TLS, 0, "tls_absent",
	    "TLS is required, but was not offered" },
	{ "auth-535", EVIDENCE_HARD, STAGE_AUTH, 535, "smtp_535",
	    "535 5.7.8 authentication failed" },
	{ "mail-451", EVIDENCE_SOFT, STAGE_MAIL, 451, "smtp_451",
	    "451 4.7.1 mail temporarily refused" },
	{ "data-lost", EVIDENCE_SOFT, STAGE_DATA, 0, "lost_connection",
	    "connection lost while sending end of data" },
};

const struct ill *
ill_find(const char *name)
{
	for (size_t i = 0; i < sizeof(ills) / sizeof(ills[0]); i++) {
		if (strcmp(ills[i].name, name) == 0)
			return &ills[i];
	}
	return NULL;
}

void
world_init(struct world *world)
{
	memset(world, 0, sizeof(*world));
	world->now.wall.us = INT64_C(1769860800) * SPAN_SECOND;
	world->now.mono.us = INT64_C(100000) * SPAN_SECOND;
	(void)snprintf(world->login, sizeof(world->login), "alice");
	world_add_connector(world, "outbound");
	world->route = (struct route) { .name = "all",
		.target = ROUTE_CONNECTOR };
	world->config.hosts = world->smart_hosts;
	world->config.connectors = world->connectors;
	world->config.routes = &world->route;
	world->config.identities.users = world->users;
	world->config.nroutes = 1;
	world->config.health.timeout = span_s(10);
	world->config.health.probe = PROBE_EHLO;
	world->config.health.max_ejection = 100;
}

void
world_clear(struct world *world)
{
	if (!world->started)
		return;
	hosts_clear(&world->hosts);
	chooser_clear(&world->chooser);
	events_free(&world->events);
}

void
world_add_connector(struct world *world, const char *name)
{
	size_t i = world->config.nconnectors++;

	if (i == WORLD_CONNECTORS_MAX)
		abort();
	(void)snprintf(world->connector_names[i], NAME_MAX_LEN + 1, "%s", name);
	world->connector = &world->connectors[i];
	*world->connector = (struct connector) {
		.name = world->connector_names[i], .transport = "relay",
		.failovers = 2, .prefer_home = true,
		.members = world->members + world->config.nhosts };
}

size_t
world_connector(const struct world *world, const char *name)
{
	for (size_t i = 0; i < world->config.nconnectors; i++) {
		if (strcmp(world->connector_names[i], name) == 0)
			return i;
	}
	return SIZE_MAX;
}

size_t
world_add_host(struct world *world, const char *name, unsigned cost,
    unsigned weight)
{
	size_t i = world->config.nhosts++;

	if (i == MEMBERS_MAX)
		abort();
	(void)snprintf(world->names[i], sizeof(world->names[i]), "%s", name);
	(void)snprintf(world->ips[i], sizeof(world->ips[i]), "192.0.2.%u",
	    (unsigned)i + 1);
	(void)snprintf(world->nexthops[i], sizeof(world->nexthops[i]),
	    "[192.0.2.%u]:587", (unsigned)i + 1);
	world->smart_hosts[i] = (struct smart_host) {
		.name = world->names[i],
		.nexthop = world->nexthops[i],
		.host = world->ips[i],
		.port = 587,
		.weight = weight,
		.probe = PROBE_EHLO,
	};
	world->members[i] = (struct member) { .host = (uint16_t)i,
		.cost = cost, .weight = weight };
	world->connector->nmembers++;
	world->is[i] = ill_find("well");
	return i;
}

void
world_start(struct world *world)
{
	world->started = true;
	world->events = events_new(256, NULL, NULL);
	hosts_init(&world->hosts, &world->config, world->events,
	    world->now.mono);
	chooser_init(&world->chooser, &world->config);
}

size_t
world_host(const struct world *world, const char *name)
{
	for (size_t i = 0; i < world->config.nhosts; i++) {
		if (strcmp(world->names[i], name) == 0)
			return i;
	}
	return SIZE_MAX;
}

/* --- evidence --- */

static void
tell(struct world *world, size_t host, const struct ill *ill,
    enum evidence_source source, struct span age, struct span over)
{
	struct evidence evidence = { .grade = ill->grade, .source = source,
		.stage = ill->stage, .code = ill->code, .age = age,
		.over = over };
	struct host *about = &world->hosts.list[host];

	(void)snprintf(evidence.error, sizeof(evidence.error), "%s",
	    ill->error);
	(void)snprintf(evidence.text, sizeof(evidence.text), "%s", ill->text);
	host_address_on(&world->hosts, about, &about->addresses[0],
	    &world->config.health, &evidence, world->now);
}

/* A probe sees no farther than its level: what is ill beyond is well to it. */
static struct ill
probe_finds(const struct world *world, const struct ill *is)
{
	enum stage reach = probe_reach(world->config.health.probe);

	if (is->grade != EVIDENCE_GOOD && is->stage <= reach)
		return *is;
	return (struct ill) { "", EVIDENCE_GOOD, reach, 0, "", "" };
}

void
world_log(struct world *world, size_t host, const struct ill *ill,
    struct span age, struct span over)
{
	tell(world, host, ill, EVIDENCE_DELIVERY, age, over);
}

/* --- time --- */

static void
probe_if_due(struct world *world, size_t host)
{
	struct health *health = &world->hosts.list[host].addresses[0].health;
	enum evidence_source as;
	struct ill found;

	if (!health_take_probe(health, &world->config.health,
	    world->now.mono, &as))
		return;
	if (world->nprobes == WORLD_PROBES_MAX)
		abort();
	world->probes[world->nprobes++] = (struct probe_made) {
		world->now.mono, host, as };
	found = probe_finds(world, world->is[host]);
	tell(world, host, &found, as, span_us(0), span_us(0));
}

static struct mono
next_probe(const struct world *world)
{
	struct mono next = MONO_NEVER;

	for (size_t i = 0; i < world->hosts.count; i++) {
		struct mono at = health_next(
		    &world->hosts.list[i].addresses[0].health,
		    &world->config.health);

		if (mono_before(at, next))
			next = at;
	}
	return next;
}

void
world_go(struct world *world, struct span since_start)
{
	struct mono until = { INT64_C(100000) * SPAN_SECOND + since_start.us };

	for (;;) {
		struct mono next = next_probe(world);

		if (mono_before(until, next))
			next = until;
		world->now.wall = wall_of(next, world->now);
		world->now.mono = next;
		hosts_expire_orders(&world->hosts, world->now);
		for (size_t i = 0; i < world->hosts.count; i++)
			probe_if_due(world, i);
		if (!mono_before(next, until) &&
		    mono_before(until, next_probe(world)))
			return;
	}
}

/* --- mail --- */

void
world_decide(struct world *world, bool dry, struct decision *decision)
{
	struct facts facts = { .listener = "default",
		.user = world->login[0] != '\0' ? world->login : NULL,
		.sender = "alice@example.com" };

	choose(&world->chooser, &world->config, &world->hosts,
	    route_find(&world->config, &facts), &facts, world->now, dry,
	    decision);
}

/* What a delivery finds: it goes its own way. */
static const struct ill *
delivery_finds(const struct world *world, size_t host)
{
	const struct ill *is = world->is[host];

	return world->plain && is->stage == STAGE_TLS ? ill_find("well") : is;
}

size_t
world_send(struct world *world)
{
	struct decision decision;

	world_decide(world, false, &decision);
	for (size_t i = 0; i < decision.nlist; i++) {
		size_t host = decision.list[i];
		const struct ill *found = delivery_finds(world, host);

		world_log(world, host, found, span_us(0), span_us(0));
		if (found->grade == EVIDENCE_GOOD)
			return host;
	}
	return SIZE_MAX;
}
