/*
 * Which members of a connector may be used, and why not the others.
 */
#include "core/choose_scene.h"

#include <string.h>

/*
 * The order in which the reasons count: an order of the operator first. One
 * that is sick has no share.
 */
static enum reason
host_reason(struct host *host, unsigned share, struct now now)
{
	switch (host_order(host, now.wall)) {
	case OPERATOR_DRAIN:
		return REASON_HOST_DRAINED;
	case OPERATOR_DOWN:
		return REASON_HOST_DOWN;
	case OPERATOR_NONE:
		break;
	}
	if (share > 0)
		return host_over_capacity(host, now.mono)
		    ? REASON_OVER_CAPACITY : REASON_NOT_NEEDED;
	return host_unresolved(host) ? REASON_HOST_UNRESOLVED
	                             : REASON_HOST_UNHEALTHY;
}

/*
 * The mail log alone takes out only so many: of those sick by it the first
 * ones, and those that became sick later stay in, with their whole weight: they
 * may be well. Which one of two is sooner matters little; that it is always the
 * same one does.
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
		scene->share[order[i]] = SHARE_FULL;
	}
}

/*
 * Usable in full, and stays so until an event or the operator says otherwise:
 * no share that grows, no order that begins or ends by a clock, no rate that
 * decisions use up.
 */
static bool
is_calm(const struct host *host, unsigned share)
{
	return share == SHARE_FULL && host->order == OPERATOR_NONE &&
	    host->config->max_rate.limit == 0;
}

/* Asks each host. Are they all calm? */
static bool
ask_hosts(struct scene *scene)
{
	bool calm = true;

	for (size_t i = 0; i < scene->count; i++) {
		struct host *host = scene_host(scene, i);

		scene->share[i] = host_weight_share(host, scene->now.mono);
		scene->candidates[i].reason =
		    host_reason(host, scene->share[i], scene->now);
		calm = calm && is_calm(host, scene->share[i]);
		scene->sick = scene->sick || scene->share[i] == 0;
	}
	return calm;
}

/*
 * Behind what is there: the candidates of a connector that had none usable.
 * Those give way when there is no more room. Hosts that were calm are not asked
 * again before something changed: most decisions find nothing new.
 */
void
scene_gather(struct scene *scene, const struct member *members,
    size_t nmembers, uint64_t *calm)
{
	unsigned max_ejection = scene->config->health.max_ejection;
	struct decision *decision = scene->decision;

	if (decision->ncandidates + nmembers > CANDIDATES_MAX)
		decision->ncandidates = 0;
	scene->members = members;
	scene->candidates = &decision->candidates[decision->ncandidates];
	scene->count = nmembers;
	decision->ncandidates += nmembers;
	scene->sick = false;
	memset(scene->kept_in, 0, sizeof(scene->kept_in));
	for (size_t i = 0; i < nmembers; i++) {
		scene->candidates[i] = (struct candidate) { members[i].host,
			decision->connector, REASON_NOT_NEEDED, 0 };
		scene->share[i] = SHARE_FULL;
	}
	if (calm != NULL && *calm == scene->hosts->changes + 1)
		return;
	if (ask_hosts(scene) && calm != NULL)
		*calm = scene->hosts->changes + 1;
	if (max_ejection < 100)
		keep_in(scene, max_ejection);
}
