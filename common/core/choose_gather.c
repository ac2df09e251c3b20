/*
 * Which members of a connector may be used, and why not the others.
 */
#include "core/choose_scene.h"

/* The order in which the reasons count: an order of the operator first. */
static enum reason
host_reason(const struct host *host, struct wall now)
{
	switch (host_order(host, now)) {
	case OPERATOR_DRAIN:
		return REASON_HOST_DRAINED;
	case OPERATOR_DOWN:
		return REASON_HOST_DOWN;
	case OPERATOR_NONE:
		break;
	}
	if (host_healthy(host))
		return REASON_NOT_NEEDED;
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
	size_t count = scene->decision->ncandidates, out = 0;
	size_t order[MEMBERS_MAX];
	struct mono since[MEMBERS_MAX];

	for (size_t i = 0; i < count; i++) {
		size_t at = out;

		if (scene->decision->candidates[i].reason !=
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
		scene->decision->candidates[order[i]].reason =
		    REASON_NOT_NEEDED;
		scene->kept_in[order[i]] = true;
	}
}

void
scene_gather(struct scene *scene, const struct config *config,
    size_t nmembers, struct wall now)
{
	unsigned max_ejection = config->health.max_ejection;
	struct decision *decision = scene->decision;

	decision->ncandidates = nmembers;
	for (size_t i = 0; i < nmembers; i++) {
		decision->candidates[i].host = scene->members[i].host;
		decision->candidates[i].position = 0;
		decision->candidates[i].reason =
		    host_reason(scene_host(scene, i), now);
	}
	if (max_ejection != 0 && max_ejection < 100)
		keep_in(scene, max_ejection);
}

/* One kept in counts in full: it is used because it may be well. */
unsigned
scene_share(const struct scene *scene, size_t member)
{
	return scene->kept_in[member] ? SHARE_FULL
	    : host_weight_share(scene_host(scene, member), scene->now);
}
