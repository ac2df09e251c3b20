/*
 * The decision: which of the usable members is first, which stand behind it.
 * Which are usable is told by choose_gather.c.
 */
#include "core/choose_scene.h"
#include "core/route.h"

#include <stdlib.h>
#include <string.h>

void
chooser_init(struct chooser *chooser, const struct config *config)
{
	chooser->seed = 0;
	chooser->nconnectors = config->nconnectors;
	chooser->memory = calloc(config->nconnectors + 1,
	    sizeof(*chooser->memory));
	if (chooser->memory == NULL)
		abort();
}

void
chooser_clear(struct chooser *chooser)
{
	free(chooser->memory);
	memset(chooser, 0, sizeof(*chooser));
}

static void
append(const struct scene *scene, size_t member, enum reason reason)
{
	struct decision *decision = scene->decision;
	struct candidate *candidate = &decision->candidates[member];

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

	for (size_t i = 0; i < scene->decision->ncandidates; i++) {
		int64_t cost = scene->members[i].cost;

		if (scene_usable(scene, i) && cost > above &&
		    (!found || cost < *cost_r)) {
			*cost_r = cost;
			found = true;
		}
	}
	return found;
}

static size_t
balance(const struct scene *scene, enum balance method, int64_t cost,
    struct balance_member *memory, bool dry)
{
	struct balance_candidate candidates[MEMBERS_MAX];
	size_t member[MEMBERS_MAX], count = 0;

	const struct balance_ask ask = { scene->user, &scene->chooser->seed,
		dry };

	for (size_t i = 0; i < scene->decision->ncandidates; i++) {
		const struct host *host = scene_host(scene, i);

		if (!scene_usable(scene, i) || scene->members[i].cost != cost)
			continue;
		candidates[count] = (struct balance_candidate) {
			scene->members[i].weight * scene_share(scene, i),
			host->name, host->selected, &memory[i] };
		member[count++] = i;
	}
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
	size_t count = scene->decision->ncandidates;

	for (size_t step = 1; step <= count && room > 0; step++) {
		size_t i = (behind + step) % count;

		if (scene_usable(scene, i) && scene->members[i].cost == cost) {
			append(scene, i, REASON_FAILOVER);
			room--;
		}
	}
	return room;
}

static void
append_usable(const struct scene *scene, const struct connector *connector,
    size_t chosen)
{
	int64_t lowest = scene->members[chosen].cost, cost = lowest;
	unsigned room;

	append(scene, chosen, REASON_CHOSEN);
	room = append_failovers(scene, chosen, lowest, connector->failovers);
	while (room > 0 && next_cost(scene, cost, &cost))
		room = append_failovers(scene,
		    scene->decision->ncandidates - 1, cost, room);
	for (size_t i = 0; i < scene->decision->ncandidates; i++) {
		if (!scene_usable(scene, i))
			continue;
		if (scene->members[i].cost > lowest)
			scene->decision->candidates[i].reason =
			    REASON_COST_HIGHER;
		else if (scene->kept_in[i])
			scene->decision->candidates[i].reason =
			    REASON_HOST_KEPT_IN;
	}
}

/* --- one real message for a host that waits for it --- */

static bool
take_mail_trial(struct host *host, bool dry)
{
	bool any = false;

	for (unsigned i = 0; i < host->naddresses; i++) {
		struct health *health = &host->addresses[i].health;

		any = any || health->mail_trial;
		if (!dry)
			(void)health_take_mail_trial(health);
	}
	return any;
}

static bool
append_mail_trial(const struct scene *scene, int64_t cost)
{
	for (size_t i = 0; i < scene->decision->ncandidates; i++) {
		if (scene->decision->candidates[i].reason ==
		        REASON_HOST_UNHEALTHY &&
		    scene->members[i].cost <= cost &&
		    take_mail_trial(scene_host(scene, i), scene->dry)) {
			append(scene, i, REASON_MAIL_TRIAL);
			return true;
		}
	}
	return false;
}

/* --- when none is usable --- */

static bool
tried_before(const struct scene *scene, size_t a, size_t b)
{
	return mono_before(host_failed_at(scene_host(scene, a)),
	    host_failed_at(scene_host(scene, b)));
}

/* Selection by insertion; equal ones stay in member order. */
static void
append_last_resort(const struct scene *scene)
{
	size_t order[MEMBERS_MAX], count = 0;

	for (size_t i = 0; i < scene->decision->ncandidates; i++) {
		size_t at = count;

		if (scene->decision->candidates[i].reason !=
		    REASON_HOST_UNHEALTHY)
			continue;
		for (; at > 0 && tried_before(scene, i, order[at - 1]); at--)
			order[at] = order[at - 1];
		order[at] = i;
		count++;
	}
	for (size_t i = 0; i < count; i++)
		append(scene, order[i], REASON_LAST_RESORT);
}

/* --- the whole --- */

static void
decide(const struct scene *scene, const struct connector *connector,
    struct balance_member *memory)
{
	struct decision *decision = scene->decision;
	int64_t cost = 0;

	if (next_cost(scene, -1, &cost)) {
		/* a trial is beside the balance: it does not count as a turn */
		bool trial = append_mail_trial(scene, cost);

		append_usable(scene, connector, balance(scene,
		    connector->balance, cost, memory, scene->dry || trial));
		decision->reason = REASON_ROUTED;
	} else {
		append_last_resort(scene);
		decision->reason = decision->nlist > 0 ? REASON_LAST_RESORT
		                                       : REASON_NONE_HEALTHY;
	}
	if (decision->nlist == 0)
		return;
	decision->kind = DECISION_FILTER;
	if (!scene->dry)
		scene->hosts->list[decision->list[0]].selected++;
}

/* One host alone: a connector of one member, by the same rules. */
static void
decide_host(struct scene *scene, const struct config *config,
    const struct route *route, struct wall now)
{
	struct balance_member memory = { 0 };
	struct member only = { .host = route->host, .cost = 0, .weight = 1 };

	scene->members = &only;
	scene_gather(scene, config, 1, now);
	decide(scene, scene->decision->connector, &memory);
}

static void
decide_connector(struct scene *scene, const struct config *config,
    const struct route *route, struct wall now)
{
	const struct connector *connector = scene->decision->connector;

	scene->members = connector->members;
	scene_gather(scene, config, connector->nmembers, now);
	decide(scene, connector, scene->chooser->memory[route->connector]);
}

void
choose_by_route(struct chooser *chooser, const struct config *config,
    struct hosts *hosts, const struct route *route, const struct facts *facts,
    struct now now, bool dry, struct decision *decision)
{
	struct scene scene = { .hosts = hosts, .chooser = chooser,
		.user = facts->user, .decision = decision, .now = now.mono,
		.dry = dry };

	decision->kind = DECISION_DUNNO;
	decision->reason = REASON_NO_ROUTE;
	decision->route = route;
	decision->connector = NULL;
	decision->ncandidates = 0;
	decision->nlist = 0;
	if (route == NULL)
		return;
	switch (route->target) {
	case ROUTE_CONNECTOR:
		decision->connector = &config->connectors[route->connector];
		decide_connector(&scene, config, route, now.wall);
		break;
	case ROUTE_HOST:
		decision->connector = &config->connectors[route->connector];
		decide_host(&scene, config, route, now.wall);
		break;
	case ROUTE_DIRECT:
		decision->kind = DECISION_FILTER;
		decision->reason = REASON_ROUTED;
		break;
	case ROUTE_POSTFIX:
		decision->reason = REASON_ROUTE_POSTFIX;
		break;
	case ROUTE_REJECT:
		decision->kind = DECISION_REJECT;
		decision->reason = REASON_ROUTE_REJECTS;
		break;
	}
}

void
choose(struct chooser *chooser, const struct config *config,
    struct hosts *hosts, const struct facts *facts, struct now now, bool dry,
    struct decision *decision)
{
	choose_by_route(chooser, config, hosts, route_find(config, facts),
	    facts, now, dry, decision);
}
