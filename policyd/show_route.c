/*
 * Why a route matches and why those before it do not: the question behind
 * most calls of weirctl explain. route_find decides; here each condition is
 * asked again by itself, with the same functions.
 */
#include "show.h"

#include "core/match.h"

#include <stdio.h>
#include <string.h>

enum { PASSED_MAX = 50, PATTERNS_TEXT_MAX = 512 };

struct condition {
	const char *what;
	const struct strings *patterns;
	const char *value; /* NULL: not known, so it does not hold */
	bool (*match)(const struct strings *, const char *);
};

enum { CONDITIONS = 3 };

static void
conditions_of(const struct route *route, const struct facts *facts,
    struct condition list_r[CONDITIONS])
{
	list_r[0] = (struct condition) { "listener", &route->listener,
		facts->listener, match_any };
	list_r[1] = (struct condition) { "user", &route->user, facts->user,
		match_any };
	list_r[2] = (struct condition) { "sender", &route->sender,
		facts->sender, match_any_address };
}

static bool
condition_holds(const struct condition *condition)
{
	return condition->patterns->count == 0 || (condition->value != NULL &&
	    condition->match(condition->patterns, condition->value));
}

/* The pattern that matched, or all of them when none did. */
static void
condition_pattern(const struct condition *condition, bool holds,
    char buf[PATTERNS_TEXT_MAX])
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < condition->patterns->count; i++) {
		const char **pattern = &condition->patterns->list[i];
		const struct strings one = { pattern, 1 };

		if (holds && !condition->match(&one, condition->value))
			continue;
		used += (size_t)snprintf(buf + used, PATTERNS_TEXT_MAX - used,
		    "%s%s", used > 0 ? ", " : "", *pattern);
		if (holds || used >= PATTERNS_TEXT_MAX)
			return;
	}
}

static json_t *
show_condition(const struct condition *condition)
{
	bool holds = condition_holds(condition);
	char pattern[PATTERNS_TEXT_MAX];
	json_t *object = json_object();

	condition_pattern(condition, holds, pattern);
	json_object_set_new(object, "what", json_string(condition->what));
	json_object_set_new(object, "value",
	    show_text(condition->value != NULL && condition->value[0] == '\0' ?
	        "<>" : condition->value));
	json_object_set_new(object, "holds", json_boolean(holds));
	json_object_set_new(object, "pattern", show_text(pattern));
	return object;
}

/* Conditions of the route found: all that it names. */
static json_t *
show_conditions(const struct route *route, const struct facts *facts)
{
	struct condition list[CONDITIONS];
	json_t *array = json_array();

	conditions_of(route, facts, list);
	for (size_t i = 0; i < CONDITIONS; i++) {
		if (list[i].patterns->count > 0)
			json_array_append_new(array, show_condition(&list[i]));
	}
	return array;
}

/* Of a route passed over: the first condition that does not hold. */
static json_t *
show_passed(const struct route *route, const struct facts *facts)
{
	struct condition list[CONDITIONS];
	json_t *object = json_object();
	size_t i = 0;

	conditions_of(route, facts, list);
	while (i < CONDITIONS - 1 && condition_holds(&list[i]))
		i++;
	json_object_set_new(object, "route", show_text(route->name));
	json_object_set_new(object, "condition", show_condition(&list[i]));
	return object;
}

void
show_route(json_t *object, const struct config *config,
    const struct facts *facts, const struct route *found)
{
	json_t *passed = json_array();

	for (size_t i = 0; i < config->nroutes &&
	    &config->routes[i] != found && i < PASSED_MAX; i++)
		json_array_append_new(passed,
		    show_passed(&config->routes[i], facts));
	json_object_set_new(object, "conditions", found != NULL ?
	    show_conditions(found, facts) : json_array());
	json_object_set_new(object, "passed_over", passed);
}
