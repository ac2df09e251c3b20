/*
 * The scene of a scenario: settings, connectors, smart hosts. What each line
 * says is told in runner.c.
 */
#include "story.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
complain(struct story *story, const char *fmt, ...)
{
	va_list args;

	printf("%s:%d: ", story->path, story->line);
	va_start(args, fmt);
	(void)vprintf(fmt, args);
	va_end(args);
	printf("\n");
	story->failures++;
}

const char *
word(const struct story *story, size_t i)
{
	return i < story->nwords ? story->words[i] : "";
}

long
number(struct story *story, size_t i)
{
	char *end;
	long n = strtol(word(story, i), &end, 10);

	if (end == word(story, i) || (*end != '\0' && *end != ','))
		complain(story, "a number is missing: %s", word(story, i));
	return n;
}

struct span
time_of(struct story *story, const char *text)
{
	char part[32];
	struct span sum = { 0 }, span;

	while (*text != '\0') {
		size_t len = strcspn(text, "+");

		(void)snprintf(part, sizeof(part), "%.*s", (int)len, text);
		if (span_parse(part, &span) == -1)
			complain(story, "not a time: %s", part);
		else
			sum.us += span.us;
		text += len + (text[len] == '+');
	}
	return sum;
}

/* --- the scene --- */

static void
on_profile(struct story *story)
{
	bool edge = strcmp(word(story, 1), "edge") == 0;

	story->world.config.health.ladder = (struct ladder) {
		.rungs = { { span_s(60), 4 }, { span_s(edge ? 600 : 300), 6 },
		    { span_s(edge ? 1800 : 600), 1 } },
		.count = 3,
	};
}

static void
on_heartbeat(struct story *story)
{
	story->world.config.health.heartbeat = time_of(story, word(story, 1));
}

static void
on_probe(struct story *story)
{
	const char *level = word(story, 1);

	story->world.config.health.probe =
	    strcmp(level, "auth") == 0 ? PROBE_AUTH :
	    strcmp(level, "starttls") == 0 ? PROBE_STARTTLS : PROBE_EHLO;
}

static void
on_postfix(struct story *story)
{
	story->world.plain = strcmp(word(story, 1), "without-tls") == 0;
}

static void
on_failovers(struct story *story)
{
	story->world.connector->failovers = (unsigned)number(story, 1);
}

static void
on_health(struct story *story)
{
	struct health_settings *health = &story->world.config.health;
	const char *what = word(story, 0);

	if (strcmp(what, "slow_start") == 0)
		health->slow_start = time_of(story, word(story, 1));
	else if (strcmp(what, "fall") == 0)
		health->fall = (unsigned)number(story, 1);
	else if (strcmp(what, "rise") == 0)
		health->rise = (unsigned)number(story, 1);
	else
		health->max_ejection = (unsigned)number(story, 1);
}

static void
on_balance(struct story *story)
{
	for (enum balance i = BALANCE_ROUND_ROBIN; i <= BALANCE_AFFINITY; i++) {
		if (strcmp(balance_method(i)->name, word(story, 1)) == 0) {
			story->world.connector->balance = i;
			return;
		}
	}
	complain(story, "no such balance: %s", word(story, 1));
}

static void
on_minimum_share(struct story *story)
{
	story->world.connector->minimum_share = (unsigned)number(story, 1);
}

static void
on_when_none_healthy(struct story *story)
{
	struct connector *connector = story->world.connector;
	size_t other = world_connector(&story->world, word(story, 1));

	if (strcmp(word(story, 1), "try") == 0)
		connector->none_healthy = NONE_HEALTHY_TRY;
	else if (strcmp(word(story, 1), "queue") == 0)
		connector->none_healthy = NONE_HEALTHY_QUEUE;
	else if (strcmp(word(story, 1), "refuse") == 0)
		connector->none_healthy = NONE_HEALTHY_REFUSE;
	else if (strcmp(word(story, 1), "direct") == 0)
		connector->none_healthy = NONE_HEALTHY_DIRECT;
	else if (strcmp(word(story, 1), "postfix") == 0)
		connector->none_healthy = NONE_HEALTHY_POSTFIX;
	else if (other == SIZE_MAX)
		complain(story, "no such connector: %s", word(story, 1));
	else
		connector->none_healthy = NONE_HEALTHY_OTHER;
	connector->other = (uint16_t)other;
}

static void
on_connector(struct story *story)
{
	world_add_connector(&story->world, word(story, 1));
	if (story->nwords > 2)
		story->world.connector->transport = "smtp";
}

static void
on_route(struct story *story)
{
	size_t at = world_connector(&story->world, word(story, 1));

	if (at == SIZE_MAX)
		complain(story, "no such connector: %s", word(story, 1));
	story->world.route.connector = (uint16_t)at;
}

static void
on_host(struct story *story)
{
	struct rate_spec rate = { 0 };
	size_t added;
	unsigned cost = 10, weight = 10;

	for (size_t i = 2; i + 1 < story->nwords; i += 2) {
		if (strcmp(word(story, i), "cost") == 0)
			cost = (unsigned)number(story, i + 1);
		else if (strcmp(word(story, i), "weight") == 0)
			weight = (unsigned)number(story, i + 1);
		else if (strcmp(word(story, i), "rate") != 0 ||
		    rate_spec_parse(word(story, i + 1), &rate) == -1)
			complain(story, "of a host: %s", word(story, i));
	}
	added = world_add_host(&story->world, word(story, 1), cost, weight);
	story->world.smart_hosts[added].max_rate = rate;
}

/* home LOGIN HOST; logins in alphabetical order, as a loaded file has them */
static void
on_home(struct story *story)
{
	struct world *world = &story->world;
	size_t at = world->config.identities.nusers++;

	if (at == WORLD_USERS_MAX)
		abort();
	(void)snprintf(world->user_names[at], NAME_MAX_LEN + 1, "%s",
	    word(story, 1));
	(void)snprintf(world->homes[at], NAME_MAX_LEN + 1, "%s",
	    word(story, 2));
	world->users[at].user = world->user_names[at];
	world->users[at].home = world->homes[at];
}

static void
on_default_home(struct story *story)
{
	struct world *world = &story->world;

	(void)snprintf(world->default_home, sizeof(world->default_home), "%s",
	    word(story, 1));
	world->connector->default_home = world->default_home;
}

static void
on_prefer_home(struct story *story)
{
	story->world.connector->prefer_home =
	    strcmp(word(story, 1), "true") == 0;
}

const struct command scene_commands[] = {
	{ "profile", on_profile },
	{ "heartbeat", on_heartbeat },
	{ "probe", on_probe },
	{ "postfix", on_postfix },
	{ "failovers", on_failovers },
	{ "fall", on_health },
	{ "rise", on_health },
	{ "slow_start", on_health },
	{ "max_ejection", on_health },
	{ "balance", on_balance },
	{ "home", on_home },
	{ "default_home", on_default_home },
	{ "prefer_home", on_prefer_home },
	{ "minimum_share", on_minimum_share },
	{ "when_none_healthy", on_when_none_healthy },
	{ "connector", on_connector },
	{ "route", on_route },
	{ "host", on_host },
	{ NULL, NULL },
};
