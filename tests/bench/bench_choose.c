/*
 * What one decision costs: 64 hosts and 1000 routes of which the last one
 * matches, by each way to balance; and where routes name logins, or only
 * patterns of them or networks, for which the index is of no use. Prints
 * microseconds of CPU a decision, the best of several runs, since others use
 * the machine too; exit 1 over the 20 that are allowed.
 */
#include "core/choose.h"
#include "core/route.h"
#include "core/route_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HOSTS = 64, RUNS = 9, DECISIONS = 2000, ALLOWED_US = 20 };

enum routes_by { BY_DOMAIN, BY_LOGIN, BY_PATTERN, BY_CLIENT };

static struct smart_host smart_hosts[HOSTS];
static struct member members[HOSTS];
static struct route routes[ROUTES_MAX];
static struct netblock networks[ROUTES_MAX];
static char texts[ROUTES_MAX][3][64];
static const char *lists[ROUTES_MAX][2];
static struct connector connector = { .name = "out", .transport = "relay",
	.failovers = 2, .members = members, .nmembers = HOSTS };
static struct config config = { .hosts = smart_hosts, .nhosts = HOSTS,
	.connectors = &connector, .nconnectors = 1, .routes = routes,
	.nroutes = ROUTES_MAX };

static void
make_hosts(void)
{
	static char names[HOSTS][16], hops[HOSTS][32];

	for (unsigned i = 0; i < HOSTS; i++) {
		(void)snprintf(names[i], 16, "192.0.2.%u", i + 1);
		(void)snprintf(hops[i], 32, "[192.0.2.%u]:587", i + 1);
		smart_hosts[i] = (struct smart_host) { .name = names[i],
			.nexthop = hops[i], .host = names[i], .port = 587,
			.weight = 10 };
		members[i] = (struct member) { .host = (uint16_t)i,
			.cost = 10, .weight = 1 + i % 7 };
	}
}

/*
 * By domain two patterns of senders each, and half of them one of logins that
 * nearly fits; else one of logins each, which the index knows or does not, or
 * one network of clients each.
 */
static void
make_routes(enum routes_by by)
{
	arena_free(&config.arena);
	config.arena = arena_new();
	memset(routes, 0, sizeof(routes));
	for (unsigned i = 0; i < ROUTES_MAX; i++) {
		bool last = i == ROUTES_MAX - 1;

		(void)snprintf(texts[i][0], 64, "%s*%u%s",
		    by == BY_PATTERN ? "client" : "alice", i,
		    by == BY_LOGIN ? "@example.com" : "");
		if (by == BY_LOGIN)
			*strchr(texts[i][0], '*') = '-';
		(void)snprintf(texts[i][1], 64, "@customer%u.example", i);
		(void)snprintf(texts[i][2], 64, "@.customer%u.example", i);
		lists[i][0] = texts[i][1];
		lists[i][1] = texts[i][2];
		routes[i].name = texts[i][0];
		networks[i].base = (struct netaddr) { 4, { 10,
			(uint8_t)(i / 256), (uint8_t)i, 0 } };
		networks[i].prefix = 24;
		if (by == BY_CLIENT)
			routes[i].client = (struct netblocks) {
				&networks[i], 1 };
		else if (by == BY_DOMAIN ? i % 2 == 0 : !last)
			routes[i].user = (struct strings) {
				&routes[i].name, 1 };
		if (by == BY_DOMAIN)
			routes[i].sender = (struct strings) { lists[i], 2 };
	}
	config.route_index = route_index_new(config.arena, routes, ROUTES_MAX);
}

static double
run(struct chooser *chooser, struct hosts *hosts)
{
	const struct now now = { { 1 }, { 1 } };
	struct facts facts = { .listener = "default",
		.user = "alice@example.com",
		.client = { 4, { 10, 999 / 256, 999 % 256, 7 } },
		.sender = "someone.or.other@mail.customer999.example" };
	struct decision decision;
	char action[ACTION_TEXT_MAX];
	struct timespec from, to;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (int i = 0; i < DECISIONS; i++) {
		choose(chooser, &config, hosts, route_find(&config, &facts),
		    &facts, now, false, &decision);
		(void)decision_action(&decision, &config, action);
	}
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	if (decision.route != &routes[ROUTES_MAX - 1] || decision.nlist != 3)
		abort();
	return ((double)(to.tv_sec - from.tv_sec) * 1e6 +
	    (double)(to.tv_nsec - from.tv_nsec) / 1e3) / DECISIONS;
}

static bool
measure(struct hosts *hosts, enum balance balance, enum routes_by by)
{
	static const char *const names[] = { "domain", "login",
		"pattern of logins", "client" };
	struct chooser chooser;
	double best = 1e9;

	make_routes(by);
	connector.balance = balance;
	chooser_init(&chooser, &config);
	for (int i = 0; i < RUNS; i++) {
		double us = run(&chooser, hosts);

		best = us < best ? us : best;
	}
	printf("choose: %5.2f us a decision (%d hosts, %s, %d routes by %s)\n",
	    best, HOSTS, balance_method(balance)->name, ROUTES_MAX,
	    names[by]);
	chooser_clear(&chooser);
	return best <= ALLOWED_US;
}

int
main(void)
{
	struct hosts hosts;
	bool well = true;

	make_hosts();
	hosts_init(&hosts, &config, NULL, (struct mono) { 1 });
	for (enum balance i = BALANCE_ROUND_ROBIN; i <= BALANCE_AFFINITY; i++)
		well = measure(&hosts, i, BY_DOMAIN) && well;
	for (enum routes_by by = BY_LOGIN; by <= BY_CLIENT; by++)
		well = measure(&hosts, BALANCE_ROUND_ROBIN, by) && well;
	hosts_clear(&hosts);
	arena_free(&config.arena);
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
