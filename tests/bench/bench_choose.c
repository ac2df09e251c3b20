/*
 * What one decision costs: 64 hosts and 1000 routes of which the last one
 * matches. Prints microseconds of CPU a decision, the best of several runs,
 * since others use the machine too; exit 1 over the 20 that are allowed.
 */
#include "core/choose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HOSTS = 64, RUNS = 9, DECISIONS = 2000, ALLOWED_US = 20 };

static struct smart_host smart_hosts[HOSTS];
static struct member members[HOSTS];
static struct route routes[ROUTES_MAX];
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

/* A user pattern that nearly fits and two sender patterns each. */
static void
make_routes(void)
{
	for (unsigned i = 0; i < ROUTES_MAX; i++) {
		(void)snprintf(texts[i][0], 64, "alice*%u", i);
		(void)snprintf(texts[i][1], 64, "@customer%u.example", i);
		(void)snprintf(texts[i][2], 64, "@.customer%u.example", i);
		lists[i][0] = texts[i][1];
		lists[i][1] = texts[i][2];
		routes[i].name = texts[i][0];
		if (i % 2 == 0)
			routes[i].user = (struct strings) {
				&routes[i].name, 1 };
		routes[i].sender = (struct strings) { lists[i], 2 };
	}
}

static double
run(struct chooser *chooser, struct hosts *hosts, struct now now)
{
	struct facts facts = { .listener = "default",
		.user = "alice@example.com",
		.sender = "someone.or.other@mail.customer999.example" };
	struct decision decision;
	char action[ACTION_TEXT_MAX];
	struct timespec from, to;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (int i = 0; i < DECISIONS; i++) {
		choose(chooser, &config, hosts, &facts, now, false, &decision);
		(void)decision_action(&decision, &config, action);
	}
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	if (decision.route != &routes[ROUTES_MAX - 1] || decision.nlist != 3)
		abort();
	return ((double)(to.tv_sec - from.tv_sec) * 1e6 +
	    (double)(to.tv_nsec - from.tv_nsec) / 1e3) / DECISIONS;
}

int
main(void)
{
	struct now now = { { 1 }, { 1 } };
	struct hosts hosts;
	struct chooser chooser;
	double best = 1e9;

	make_hosts();
	make_routes();
	hosts_init(&hosts, &config, NULL, now.mono);
	chooser_init(&chooser, &config);
	for (int i = 0; i < RUNS; i++) {
		double us = run(&chooser, &hosts, now);

		best = us < best ? us : best;
	}
	printf("choose: %.2f us a decision (%d hosts, %d routes)\n", best,
	    HOSTS, ROUTES_MAX);
	chooser_clear(&chooser);
	hosts_clear(&hosts);
	return best <= ALLOWED_US ? EXIT_SUCCESS : EXIT_FAILURE;
}
