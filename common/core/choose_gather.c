/*
 * Which members of a connector may be used, and why not the others.
 */
#include "core/choose_scene.h"

#include <string.h>

/* The order in which the reasons count: an order of the operator first. */
static enum reason
host_reason(struct host *host, struct now now)
{
	switch (host_order(host, now.wall)) {
	case OPERATOR_DRAIN:
		return REASON_HOST_DRAINED;
	case OPERATOR_DOWN:
		return REASON_HOST_DOWN;
	case OPERATOR_NONE:
		break;
	}
	if (host_healthy(host))
		return host_over_capacity(host, now.mono)
		    ? REASON_OVER_CAPACITY : REASON_NOT_NEEDED;
	return host_unresolved(host) ? REASON_HOST_UNRESOLVED
	                             : REASON_HOST_UNHEALTHY;
}

/*
 * The mail log alone takes out only so many: of those sick by it the first
 * ones, and those that became sick later stay in. Which one of two is sooner
 * matters little; that it is always the same one does.
 */
static void
keep_in(struct scene *scene, unsigned max_ejection)
{
	size_t count = scene->count, out = 0;
	size_t order[MEMBERS_MAX] = { 0 }; /* for gcc's -fanalyzer */
	struct mono since[MEMBERS_MAX];

	for (size_t i = 0; i < count; i++) {
		size_t at = out;

		if (scene->candidates[i].reason !=
		        REASON_HOST_UNHEALTHY ||
		    !host_sick_by_log(scene_host(scene, i), &since[i]))
			continue;
		for (; at > 0 && mono_before(since[i], since[order[at - 1]]);
		     at--)
			order[at] = order[at - 1];
		order[at] = i;
		out++;
	}
	for (size_t i = count * max_ejection / 100; i < out; i++) {
		scene->candidates[order[i]].reason =
		    REASON_NOT_NEEDED;
		scene->kept_in[order[i]] = true;
	}
}

/*
 * Behind what is there: the candidates of a connector that had none usable.
 * Those give way when there is no more room.
 */
void
scene_gather(struct scene *scene, const struct member *members,
    size_t nmembers)
{
	unsigned max_ejection = scene->config->health.max_ejection;
	struct decision *decision = scene->decision;

	if (decision->ncandidates + nmembers > CANDIDATES_MAX)
		decision->ncandidates = 0;
	scene->members = members;
	scene->candidates = &decision->candidates[decision->ncandidates];
	scene->count = nmembers;
	decision->ncandidates += nmembers;
	memset(scene->kept_in, 0, sizeof(scene->kept_in));
	for (size_t i = 0; i < nmembers; i++)
		scene->candidates[i] = (struct candidate) { members[i].host,
			decision->connector,
			host_reason(scene_host(scene, i), scene->now), 0 };
	if (max_ejection != 0 && max_ejection < 100)
		keep_in(scene, max_ejection);
}

/* One kept in counts in full: it is used because it may be well. */
unsigned
scene_share(const struct scene *scene, size_t member)
{
	return scene->kept_in[member] ? SHARE_FULL
	    : host_weight_share(scene_host(scene, member), scene->now.mono);
}
