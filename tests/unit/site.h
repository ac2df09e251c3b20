/*
 * A configuration made by hand, for tests of hosts and decisions: smart hosts
 * a, b, c, ... at 192.0.2.1, .2, ...:587, all members of connector "out" by
 * transport relay, and one route that leads there.
 */
#ifndef WEIR_TESTS_SITE_H
#define WEIR_TESTS_SITE_H

#include "core/choose.h"

#include <stdio.h>
#include <string.h>

struct site {
	struct config config;
	struct smart_host hosts[MEMBERS_MAX];
	struct member members[MEMBERS_MAX];
	struct connector connector;
	struct route route;
	char names[MEMBERS_MAX][8];
	char ips[MEMBERS_MAX][NETADDR_TEXT_MAX];
	char nexthops[MEMBERS_MAX][NETADDR_TEXT_MAX + 16];
};

static inline void
site_add_host(struct site *site, size_t i)
{
	if (i < 26)
		(void)snprintf(site->names[i], 8, "%c", (char)('a' + i));
	else
		(void)snprintf(site->names[i], 8, "h%u", (unsigned)i % 1000);
	(void)snprintf(site->ips[i], NETADDR_TEXT_MAX, "192.0.2.%u",
	    (unsigned)i + 1);
	(void)snprintf(site->nexthops[i], sizeof(site->nexthops[i]),
	    "[192.0.2.%u]:587", (unsigned)i + 1);
	site->hosts[i] = (struct smart_host) { .name = site->names[i],
		.nexthop = site->nexthops[i], .host = site->ips[i],
		.port = 587, .weight = 10, .probe = PROBE_EHLO };
	site->members[i] = (struct member) { .host = (uint16_t)i, .cost = 10,
		.weight = 10 };
}

/* In place: the parts point at each other. */
static inline void
site_init(struct site *site, size_t nhosts)
{
	memset(site, 0, sizeof(*site));
	for (size_t i = 0; i < nhosts; i++)
		site_add_host(site, i);
	site->connector = (struct connector) { .name = "out",
		.transport = "relay", .failovers = 2, .prefer_home = true,
		.members = site->members, .nmembers = nhosts };
	site->route = (struct route) { .name = "all",
		.target = ROUTE_CONNECTOR };
	site->config.hosts = site->hosts;
	site->config.nhosts = nhosts;
	site->config.connectors = &site->connector;
	site->config.nconnectors = 1;
	site->config.routes = &site->route;
	site->config.nroutes = 1;
	site->config.health = (struct health_settings) {
		.ladder = { .rungs = { { { 60 * SPAN_SECOND }, 4 },
		        { { 300 * SPAN_SECOND }, 6 },
		        { { 600 * SPAN_SECOND }, 1 } },
		    .count = 3 },
		.timeout = { 10 * SPAN_SECOND }, .probe = PROBE_EHLO,
		.max_ejection = 100 };
}

/* 2026-01-31 12:00:00 UTC and the seconds given. */
static inline struct now
site_now(int64_t seconds)
{
	return (struct now) { { (5000 + seconds) * SPAN_SECOND },
		{ (INT64_C(1769860800) + seconds) * SPAN_SECOND } };
}

static inline struct evidence
site_evidence(enum evidence_grade grade, enum stage stage)
{
	struct evidence evidence = { .grade = grade, .stage = stage,
		.source = EVIDENCE_DELIVERY };

	if (grade == EVIDENCE_GOOD)
		return evidence;
	evidence.code = 111;
	(void)snprintf(evidence.error, sizeof(evidence.error), "ECONNREFUSED");
	(void)snprintf(evidence.text, sizeof(evidence.text),
	    "connection refused");
	return evidence;
}

#endif
