/*
 * Inside a decision: what its steps share. Nobody else needs this; the door is
 * core/choose.h.
 *
 * Every member starts as usable (REASON_NOT_NEEDED: nothing speaks against it)
 * or with the reason why not; each later step turns some of the usable into
 * something more. So a reason is never missing, and never lost.
 */
#ifndef WEIR_CORE_CHOOSE_SCENE_H
#define WEIR_CORE_CHOOSE_SCENE_H

#include "core/choose.h"

struct scene { /* what the steps of one decision share */
	struct hosts *hosts;
	struct chooser *chooser;
	const char *user; /* NULL: no login */
	const struct member *members; /* as many as candidates */
	struct decision *decision;
	bool kept_in[MEMBERS_MAX]; /* sick, but stays by max_ejection */
	struct mono now;
	bool dry;
};

static inline struct host *
scene_host(const struct scene *scene, size_t member)
{
	return &scene->hosts->list[scene->members[member].host];
}

static inline bool
scene_usable(const struct scene *scene, size_t member)
{
	return scene->decision->candidates[member].reason == REASON_NOT_NEEDED;
}

/* Which of scene->members may be used, and why not the others. */
void scene_gather(struct scene *, const struct config *, size_t nmembers,
    struct wall now);

/* The part of its weight a usable member counts with (SHARE_FULL). */
unsigned scene_share(const struct scene *, size_t member);

#endif
