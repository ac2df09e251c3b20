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
	const struct config *config;
	struct hosts *hosts;
	struct chooser *chooser;
	const char *user; /* who logged in; NULL: nobody */
	const struct member *members;
	struct candidate *candidates; /* of decision: those of members */
	size_t count; /* of members and candidates */
	struct member single; /* a route to one host */
	struct decision *decision;
	unsigned share[MEMBERS_MAX]; /* of its weight (SHARE_FULL); 0: sick */
	bool sick; /* one of them is, at least */
	bool kept_in[MEMBERS_MAX]; /* sick, but stays by max_ejection */
	struct now now;
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
	return scene->candidates[member].reason == REASON_NOT_NEEDED;
}

/* Without a smart host: by MX, or as Postfix decides. */
void decision_built_in(struct decision *, enum built_in);

/* Puts a member into the list. */
void scene_append(const struct scene *, size_t member, enum reason);

/*
 * The members in question, which may be used, and why not the others. calm:
 * of their connector (see struct chooser), NULL: they are not its members.
 */
void scene_gather(struct scene *, const struct member *, size_t nmembers,
    uint64_t *calm);

/*
 * The usable member that the login keeps, whatever it costs: his home, else the
 * connector's default_home; *reason_r says which. count when there is none.
 */
size_t scene_home(const struct scene *, const struct connector *,
    enum reason *reason_r);

/*
 * A host that waits for one real message, costs no more than that and is sick
 * stands first in the list from now on. false: there is none, or another
 * stands there already; a message tries one.
 */
bool scene_append_trial(const struct scene *, int64_t cost);

/*
 * The same for those of connectors that had none usable, whatever they cost: a
 * list is of one transport, so one of another has no room for them.
 */
void scene_append_passed_trial(const struct scene *);

/* No member is usable, and no other connector has one. */
void scene_none_usable(const struct scene *);

#endif
