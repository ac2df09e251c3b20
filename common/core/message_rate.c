/*
 * Throttles from listeners.
 */
#include "core/message_rate.h"

#include <stdio.h>
#include <string.h>

enum { BY_LISTENER_MAX = 2 };

static const char *
name_of(struct config *config, const struct listener *listener, const char *by)
{
	char name[RULE_MAX_LEN + 1];

	(void)snprintf(
	    name, sizeof(name), "%s/message-rate-%s", listener->name, by);
	return arena_copy(config->arena, name);
}

static struct throttle
throttle_of(
    struct config *config, const struct listener *listener, enum limit_by by)
{
	struct throttle throttle = {
		.name = name_of(
		    config, listener, by == LIMIT_BY_USER ? "user" : "client"),
		.what = LIMIT_MESSAGES,
		.by = { by },
		.nby = 1,
		.nrates = listener->nmessage_rates,
		.action = listener->over_limit,
		.listeners = { arena_array(
				   config->arena, 1, sizeof(const char *)),
		    1 },
	};

	memcpy(throttle.rates, listener->message_rate, sizeof(throttle.rates));
	throttle.listeners.list[0] = listener->name;
	return throttle;
}

static size_t
add_throttles(struct config *config, const struct listener *listener,
    struct throttle *list)
{
	enum rate_source source = listener->message_rate_source;
	size_t n = 0;

	if (listener->nmessage_rates == 0)
		return 0;
	if (source == RATE_SOURCE_CLIENT || source == RATE_SOURCE_ALL)
		list[n++] = throttle_of(config, listener, LIMIT_BY_CLIENT);
	if (source == RATE_SOURCE_USER || source == RATE_SOURCE_ALL)
		list[n++] = throttle_of(config, listener, LIMIT_BY_USER);
	return n;
}

void
message_rate_throttles(struct config *config)
{
	struct throttle *list = arena_array(config->arena,
	    BY_LISTENER_MAX * config->nlisteners + config->nthrottles,
	    sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < config->nlisteners; i++)
		n += add_throttles(config, &config->listeners[i], list + n);
	if (config->nthrottles > 0)
		memcpy(list + n, config->throttles,
		    config->nthrottles * sizeof(*list));
	config->throttles = list;
	config->nthrottles += n;
}
