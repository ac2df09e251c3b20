/*
 * explain: which conditions of a route hold.
 *
 * route_find decides; here each condition of a route is asked again by itself,
 * with the same functions, to tell which one decided.
 */
#include "show_explain.h"

#include "core/match.h"
#include "core/route.h"

#include <stdio.h>
#include <string.h>

enum { PASSED_MAX = 50, PATTERNS_TEXT_MAX = 512 };

/* Texts against patterns, or the client's address against networks. */
struct condition {
	const char *what;
	const struct strings *patterns;
	const char *value; /* NULL: not known, so it does not hold */
	bool (*match)(const struct strings *, const char *);
	const struct netblocks *networks; /* NULL: patterns */
	struct netaddr client;
};

enum { CONDITIONS = 5 };

/*
 * All recipients must match: one that does not, else the first. One is enough
 * for a route that refuses.
 */
static const char *
recipient_of(const struct explain_request *request, const struct route *route)
{
	bool refuses = route->target == ROUTE_REJECT;

	for (size_t i = 0; i < request->nrecipients; i++) {
		if (match_any_address(&route->recipient,
		    request->recipients[i]) == refuses)
			return request->recipients[i];
	}
	return request->nrecipients > 0 ? request->recipients[0] : NULL;
}

static void
conditions_of(const struct explain *explain, const struct route *route,
    struct condition list_r[CONDITIONS])
{
	const struct facts facts = explain_facts(explain);

	list_r[0] = (struct condition) { .what = "listener",
		.patterns = &route->listener, .value = facts.listener,
		.match = match_name };
	list_r[1] = (struct condition) { .what = "user",
		.patterns = &route->user, .value = facts.user,
		.match = match_any };
	list_r[2] = (struct condition) { .what = "sender",
		.patterns = &route->sender, .value = facts.sender,
		.match = match_any_address };
	list_r[3] = (struct condition) { .what = "client",
		.networks = &route->client, .client = facts.client };
	list_r[4] = (struct condition) { .what = "recipient",
		.patterns = &route->recipient,
		.value = recipient_of(explain->request, route),
		.match = match_any_address };
}

static size_t
condition_count(const struct condition *condition)
{
	return condition->networks != NULL ? condition->networks->count
	                                   : condition->patterns->count;
}

/* Does one of its patterns match? */
static bool
condition_matches(const struct condition *condition, size_t i)
{
	const struct netblocks *networks = condition->networks;
	struct strings one;

	if (networks != NULL)
		return netblock_contains(&networks->list[i],
		    &condition->client);
	one = (struct strings) { &condition->patterns->list[i], 1 };
	return condition->value != NULL &&
	    condition->match(&one, condition->value);
}

static bool
condition_holds(const struct condition *condition)
{
	size_t count = condition_count(condition);

	for (size_t i = 0; i < count; i++) {
		if (condition_matches(condition, i))
			return true;
	}
	return count == 0;
}

static const char *
pattern_text(const struct condition *condition, size_t i,
    char buf[NETBLOCK_TEXT_MAX])
{
	return condition->networks == NULL ? condition->patterns->list[i]
	    : netblock_format(&condition->networks->list[i], buf);
}

/* The pattern that matched, or all of them when none did. */
static void
condition_pattern(const struct condition *condition, bool holds,
    char buf[PATTERNS_TEXT_MAX])
{
	char text[NETBLOCK_TEXT_MAX];
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < condition_count(condition); i++) {
		if (holds && !condition_matches(condition, i))
			continue;
		used += (size_t)snprintf(buf + used, PATTERNS_TEXT_MAX - used,
		    "%s%s", used > 0 ? ", " : "",
		    pattern_text(condition, i, text));
		if (holds || used >= PATTERNS_TEXT_MAX)
			return;
	}
}

static json_t *
condition_value(const struct condition *condition)
{
	const char *value = condition->value;

	if (condition->networks != NULL)
		return show_address(&condition->client);
	return text_json(value != NULL && value[0] == '\0' ? "<>" : value);
}

static json_t *
show_condition(const struct condition *condition)
{
	bool holds = condition_holds(condition);
	char pattern[PATTERNS_TEXT_MAX];
	json_t *object = json_object();

	condition_pattern(condition, holds, pattern);
	json_object_set_new(object, "what", json_string(condition->what));
	json_object_set_new(object, "value", condition_value(condition));
	json_object_set_new(object, "holds", json_boolean(holds));
	json_object_set_new(object, "pattern", text_json(pattern));
	return object;
}

/* Conditions of the route found: all that it names. */
static json_t *
show_conditions(const struct explain *explain, const struct route *route)
{
	struct condition list[CONDITIONS];
	json_t *array = json_array();

	conditions_of(explain, route, list);
	for (size_t i = 0; i < CONDITIONS; i++) {
		if (condition_count(&list[i]) > 0)
			json_array_append_new(array, show_condition(&list[i]));
	}
	return array;
}

/* Of a route passed over: the first condition that does not hold. */
static json_t *
show_passed(const struct explain *explain, const struct route *route)
{
	struct condition list[CONDITIONS];
	json_t *object = json_object();
	size_t i = 0;

	conditions_of(explain, route, list);
	while (i < CONDITIONS - 1 && condition_holds(&list[i]))
		i++;
	json_object_set_new(object, "route", text_json(route->name));
	json_object_set_new(object, "condition", show_condition(&list[i]));
	return object;
}

void
explain_route(const struct explain *explain, const struct route *found)
{
	const struct config *config = explain->daemon->config;
	json_t *object = explain->object, *passed = json_array();

	for (size_t i = 0; i < config->nroutes &&
	    &config->routes[i] != found && i < PASSED_MAX; i++)
		json_array_append_new(passed,
		    show_passed(explain, &config->routes[i]));
	json_object_set_new(object, "conditions", found != NULL ?
	    show_conditions(explain, found) : json_array());
	json_object_set_new(object, "passed_over", passed);
}
