/*
 * The decision: which of the usable members is first, which stand behind it.
 * Which are usable is told by choose_gather.c.
 */
#include "core/choose_scene.h"

#include <stdlib.h>
#include <string.h>

void
chooser_init(struct chooser *chooser, const struct config *config)
{
	chooser->seed = 0;
	chooser->homes = (struct home_source) { NULL, NULL };
	chooser->unrated = false;
	chooser->nconnectors = config->nconnectors;
	chooser->memory = calloc(config->nconnectors + 1,
	    sizeof(*chooser->memory));
	chooser->standby = calloc(config->nconnectors + 1,
	    sizeof(*chooser->standby));
	chooser->calm = calloc(config->nconnectors + 1,
	    sizeof(*chooser->calm));
	if (chooser->memory == NULL || chooser->standby == NULL ||
	    chooser->calm == NULL)
		abort();
}

void
chooser_clear(struct chooser *chooser)
{
	free(chooser->memory);
	free(chooser->standby);
	free(chooser->calm);
	memset(chooser, 0, sizeof(*chooser));
}

void
decision_built_in(struct decision *decision, enum built_in built_in)
{
	bool direct = built_in == BUILT_IN_DIRECT;

	decision->connector = NULL;
	decision->built_in = built_in;
	decision->kind = direct ? DECISION_FILTER : DECISION_DUNNO;
	decision->reason = direct ? REASON_ROUTE_DIRECT : REASON_ROUTE_POSTFIX;
}

void
scene_append(const struct scene *scene, size_t member, enum reason reason)
{
	struct decision *decision = scene->decision;
	struct candidate *candidate = &scene->candidates[member];

	if (decision->nlist == MEMBERS_MAX)
		return;
	decision->list[decision->nlist++] = candidate->host;
	candidate->position = (unsigned)decision->nlist;
	candidate->reason = scene->kept_in[member] ? REASON_HOST_KEPT_IN
	                                           : reason;
}

/* --- the list when some are usable --- */

/* Lowest cost among usable members beyond 'above'; false when there is none. */
static bool
next_cost(const struct scene *scene, int64_t above, int64_t *cost_r)
{
	bool found = false;

	for (size_t i = 0; i < scene->count; i++) {
		int64_t cost = scene->members[i].cost;

		if (scene_usable(scene, i) && cost > above &&
		    (!found || cost < *cost_r)) {
			*cost_r = cost;
			found = true;
		}
	}
	return found;
}

struct costs { /* of usable members */
	int64_t lowest, highest;
};

/* false: none is usable. */
static bool
find_costs(const struct scene *scene, struct costs *costs_r)
{
	struct costs costs = { INT64_MAX, -1 };

	for (size_t i = 0; i < scene->count; i++) {
		int64_t cost = scene->members[i].cost;

		if (!scene_usable(scene, i))
			continue;
		if (cost < costs.lowest)
			costs.lowest = cost;
		if (cost > costs.highest)
			costs.highest = cost;
	}
	*costs_r = costs;
	return costs.highest != -1;
}

static size_t
balance(const struct scene *scene, enum balance method, int64_t cost,
    struct balance_member *memory, bool dry)
{
	struct balance_candidate candidates[MEMBERS_MAX];
	size_t member[MEMBERS_MAX], count = 0;
	const struct balance_ask ask = { scene->user, &scene->chooser->seed,
		dry };

	for (size_t i = 0; i < scene->count; i++) {
		const struct host *host = scene_host(scene, i);

		if (!scene_usable(scene, i) || scene->members[i].cost != cost)
			continue;
		candidates[count] = (struct balance_candidate) {
			scene->members[i].weight * scene->share[i],
			host->name, &host->selected, &memory[i] };
		member[count++] = i;
	}
	/* cppcheck-suppress uninitvar; one is there, and one is picked */
	return member[balance_method(method)->pick(candidates, count, &ask)];
}

/*
 * Cyclic order from behind a member, so that there are as many lists as first
 * hosts: each list is a destination of its own to the queue manager.
 */
static unsigned
append_failovers(const struct scene *scene, size_t behind, int64_t cost,
    unsigned room)
{
	size_t count = scene->count;

	for (size_t step = 1; step <= count && room > 0; step++) {
		size_t i = (behind + step) % count;

		if (scene_usable(scene, i) && scene->members[i].cost == cost) {
			scene_append(scene, i, REASON_FAILOVER);
			room--;
		}
	}
	return room;
}

/* Why the usable ones are not in the list, unless they are just not needed. */
static void
tell_left(const struct scene *scene, struct costs costs)
{
	if (costs.highest == costs.lowest && !scene->sick)
		return;
	for (size_t i = 0; i < scene->count; i++) {
		if (!scene_usable(scene, i))
			continue;
		if (scene->members[i].cost > costs.lowest)
			scene->candidates[i].reason = REASON_COST_HIGHER;
		else if (scene->kept_in[i])
			scene->candidates[i].reason = REASON_HOST_KEPT_IN;
	}
}

/* Behind the chosen one stand the cheapest first, whatever it costs. */
static void
append_usable(const struct scene *scene, const struct connector *connector,
    size_t chosen, enum reason reason, struct costs costs)
{
	int64_t own = scene->members[chosen].cost, cost = costs.lowest;
	unsigned room = connector->failovers;

	scene_append(scene, chosen, reason);
	do
		room = append_failovers(scene, cost == own ? chosen
		    : scene->count - 1, cost, room);
	while (room > 0 && next_cost(scene, cost, &cost));
	tell_left(scene, costs);
}

/*
 * Is this message the standby's? It is owed so many percent of each, and gets
 * one when that makes a whole.
 */
static bool
take_standby(unsigned *owed, unsigned percent, bool dry)
{
	unsigned sum = *owed + percent;
	bool whole = sum >= 100;

	if (!dry)
		*owed = whole ? sum - 100 : sum;
	return whole;
}

/* --- the whole --- */

struct memory { /* between two decisions */
	struct balance_member *members;
	unsigned *standby;
};

/* false: no member is usable. */
static bool
decide_usable(const struct scene *scene, const struct connector *connector,
    struct memory memory)
{
	enum reason reason = REASON_CHOSEN;
	struct costs costs;
	int64_t cost;
	size_t chosen;
	bool dry;

	if (!find_costs(scene, &costs))
		return false;
	scene_append_passed_trial(scene);
	/* a trial is beside the balance: it does not count as a turn */
	dry = scene_append_trial(scene, costs.lowest) || scene->dry;
	chosen = scene_home(scene, connector, &reason);
	if (chosen == scene->count) {
		if (connector->minimum_share == 0 ||
		    !next_cost(scene, costs.lowest, &cost) ||
		    !take_standby(memory.standby, connector->minimum_share,
		        dry))
			cost = costs.lowest;
		else
			reason = REASON_MINIMUM_SHARE;
		chosen = balance(scene, connector->balance, cost,
		    memory.members, dry);
	}
	append_usable(scene, connector, chosen, reason, costs);
	scene->decision->kind = DECISION_FILTER;
	scene->decision->reason = REASON_ROUTED;
	return true;
}

/* One host alone: a connector of one member, by the same rules. */
static bool
decide_host(struct scene *scene, const struct route *route)
{
	struct balance_member member = { 0 };
	unsigned standby = 0;

	scene->single = (struct member) { .host = route->host, .weight = 1 };
	scene_gather(scene, &scene->single, 1, NULL);
	return decide_usable(scene, scene->decision->connector,
	    (struct memory) { &member, &standby });
}

static bool
decide_connector(struct scene *scene, uint16_t at)
{
	const struct connector *connector = &scene->config->connectors[at];

	scene->decision->connector = connector;
	scene_gather(scene, connector->members, connector->nmembers,
	    &scene->chooser->calm[at]);
	return decide_usable(scene, connector, (struct memory) {
	    scene->chooser->memory[at], &scene->chooser->standby[at] });
}

/* From one connector to the next while none is usable. */
static bool
decide_other(struct scene *scene)
{
	struct decision *decision = scene->decision;

	while (decision->connector->none_healthy == NONE_HEALTHY_OTHER) {
		if (decide_connector(scene, decision->connector->other)) {
			decision->reason = REASON_OTHER_CONNECTOR;
			return true;
		}
	}
	return false;
}

static void
decide_smart_host(struct scene *scene, const struct route *route)
{
	struct decision *decision = scene->decision;
	struct host *first;
	bool found;

	decision->connector = &scene->config->connectors[route->connector];
	found = route->target == ROUTE_HOST
	    ? decide_host(scene, route)
	    : decide_connector(scene, route->connector);
	if (!found && !decide_other(scene))
		scene_none_usable(scene);
	if (decision->nlist == 0 || scene->dry)
		return;
	first = &scene->hosts->list[decision->list[0]];
	if (scene->chooser->unrated)
		first->selected++;
	else
		host_selected(first, scene->now.mono);
}

void
choose(struct chooser *chooser, const struct config *config,
    struct hosts *hosts, const struct route *route, const struct facts *facts,
    struct now now, bool dry, struct decision *decision)
{
	struct scene scene = { .config = config, .hosts = hosts,
		.chooser = chooser,
		.user = facts->by_network ? NULL : facts->user,
		.decision = decision, .now = now, .dry = dry };

	decision->kind = DECISION_DUNNO;
	decision->reason = REASON_NO_ROUTE;
	decision->route = route;
	decision->connector = NULL;
	decision->built_in = BUILT_IN_NONE;
	decision->ncandidates = 0;
	decision->nlist = 0;
	if (route == NULL)
		return;
	switch (route->target) {
	case ROUTE_CONNECTOR:
	case ROUTE_HOST:
		decide_smart_host(&scene, route);
		break;
	case ROUTE_DIRECT:
		decision_built_in(decision, BUILT_IN_DIRECT);
		break;
	case ROUTE_POSTFIX:
		decision_built_in(decision, BUILT_IN_POSTFIX);
		break;
	case ROUTE_REJECT:
		decision->kind = DECISION_REJECT;
		decision->reason = REASON_ROUTE_REJECTS;
		break;
	}
}
