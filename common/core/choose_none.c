/*
 * Sick hosts in the list of next hops: the one that waits for a real message,
 * and all of them when there is nobody else.
 */
#include "core/choose_scene.h"

#include <string.h>

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

bool
scene_append_trial(const struct scene *scene, int64_t cost)
{
	if (scene->decision->nlist > 0 || !scene->sick)
		return false;
	for (size_t i = 0; i < scene->count; i++) {
		if (scene->candidates[i].reason ==
		        REASON_HOST_UNHEALTHY &&
		    scene->members[i].cost <= cost &&
		    take_mail_trial(scene_host(scene, i), scene->dry)) {
			scene_append(scene, i, REASON_MAIL_TRIAL);
			return true;
		}
	}
	return false;
}

void
scene_append_passed_trial(const struct scene *scene)
{
	struct decision *decision = scene->decision;
	const char *transport = decision->connector->transport;

	for (struct candidate *c = decision->candidates;
	     c < scene->candidates && decision->nlist == 0; c++) {
		struct host *host = &scene->hosts->list[c->host];

		if (c->reason != REASON_HOST_UNHEALTHY ||
		    strcmp(c->connector->transport, transport) != 0 ||
		    !take_mail_trial(host, scene->dry))
			continue;
		decision->list[decision->nlist++] = c->host;
		c->position = 1;
		c->reason = REASON_MAIL_TRIAL;
	}
}

/*
 * Which of two comes first, and in this order:
 * - One that is well, and only has as much as it may.
 * - One that stood first longer ago: what waits in the queue keeps its list,
 *   and must not all fall on the same host when they are back.
 * - One that failed longer ago, or never.
 */
static bool
tried_before(const struct scene *scene, size_t a, size_t b)
{
	const struct host *one = scene_host(scene, a);
	const struct host *other = scene_host(scene, b);
	enum reason reason = scene->candidates[a].reason;

	if (reason != scene->candidates[b].reason)
		return reason == REASON_OVER_CAPACITY;
	if (one->last_resort != other->last_resort)
		return one->last_resort < other->last_resort;
	return mono_before(host_failed_at(one), host_failed_at(other));
}

/* Never one the operator took out, nor one Postfix would not find. */
static bool
last_resort(enum reason reason)
{
	return reason == REASON_HOST_UNHEALTHY ||
	    reason == REASON_OVER_CAPACITY;
}

/* Equal ones stay in member order. */
static void
append_last_resort(const struct scene *scene)
{
	size_t order[MEMBERS_MAX], count = 0;
	uint64_t turn = 0;

	for (size_t i = 0; i < scene->count; i++) {
		size_t at = count;

		if (!last_resort(scene->candidates[i].reason))
			continue;
		for (; at > 0 && tried_before(scene, i, order[at - 1]); at--)
			order[at] = order[at - 1];
		order[at] = i;
		count++;
		if (scene_host(scene, i)->last_resort > turn)
			turn = scene_host(scene, i)->last_resort;
	}
	if (count > 0 && !scene->dry)
		scene_host(scene, order[0])->last_resort = turn + 1;
	for (size_t i = 0; i < count; i++)
		scene_append(scene, order[i], REASON_LAST_RESORT);
}

/* Mail waits, too, when all are drained: not one is to have any. */
static void
try_them(const struct scene *scene)
{
	struct decision *decision = scene->decision;

	append_last_resort(scene);
	decision->kind = decision->nlist > 0 ? DECISION_FILTER
	                                     : DECISION_QUEUE;
	decision->reason = decision->nlist > 0 ? REASON_LAST_RESORT
	                                       : REASON_NONE_HEALTHY;
}

/*
 * Where mail waits or is refused nothing would ever try a host whose failure
 * no probe can see, so one message a ladder step goes to the hosts after all.
 */
static void
wait_or_refuse(const struct scene *scene, bool wait)
{
	struct decision *decision = scene->decision;

	if (decision->nlist > 0 || scene_append_trial(scene, INT64_MAX)) {
		try_them(scene);
		return;
	}
	decision->kind = wait ? DECISION_QUEUE : DECISION_REFUSE;
	decision->reason = wait ? REASON_QUEUED : REASON_NONE_AVAILABLE;
}

void
scene_none_usable(const struct scene *scene)
{
	struct decision *decision = scene->decision;
	enum none_healthy what = decision->connector->none_healthy;

	if (what == NONE_HEALTHY_DIRECT || what == NONE_HEALTHY_POSTFIX) {
		decision_built_in(decision, what == NONE_HEALTHY_DIRECT ?
		    BUILT_IN_DIRECT : BUILT_IN_POSTFIX);
		return;
	}
	scene_append_passed_trial(scene);
	if (what == NONE_HEALTHY_QUEUE || what == NONE_HEALTHY_REFUSE)
		wait_or_refuse(scene, what == NONE_HEALTHY_QUEUE);
	else
		try_them(scene);
}
