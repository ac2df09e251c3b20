/*
 * The host that was named first by the fewest decisions for its weight.
 *
 * Unlike round-robin it counts what other connectors and routes gave a host:
 * one that is busy there gets less here. Counted is from the first pick on, or
 * from when the host became usable: one that was away begins with what the
 * least used of the others has, so that it shares at once and catches nothing
 * up. Turns are counted to see who was away: a candidate that missed the last
 * one was.
 */
#include "core/balance.h"

struct scene {
	const struct balance_candidate *candidates;
	size_t count;
	int64_t used[MEMBERS_MAX];
	uint64_t round; /* the last one any of them took part in */
};

/* Messages by weight; the weight of this moment counts. */
static int64_t
used_by(uint64_t messages, unsigned weight)
{
	return (int64_t)((messages << 32) / (weight > 0 ? weight : 1));
}

/* None when the count was set back: the host's record was read anew. */
static uint64_t
picks_since(const struct balance_candidate *candidate)
{
	uint64_t counted = candidate->memory->counted;

	return *candidate->selected > counted ? *candidate->selected - counted
	                                      : 0;
}

static uint64_t
last_round(const struct balance_candidate *candidates, size_t count)
{
	uint64_t round = 0;

	for (size_t i = 0; i < count; i++) {
		if (candidates[i].memory->round > round)
			round = candidates[i].memory->round;
	}
	return round;
}

static bool
was_there(const struct scene *scene, size_t i)
{
	return scene->round != 0 &&
	    scene->candidates[i].memory->round == scene->round;
}

/* Those that were there count on; those that come begin with the least. */
static void
scene_count(struct scene *scene)
{
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < scene->count; i++) {
		const struct balance_candidate *one = &scene->candidates[i];

		if (!was_there(scene, i))
			continue;
		scene->used[i] = one->memory->used +
		    used_by(picks_since(one), one->weight);
		if (scene->used[i] < least)
			least = scene->used[i];
	}
	for (size_t i = 0; i < scene->count; i++) {
		if (!was_there(scene, i))
			scene->used[i] = least == INT64_MAX ? 0 : least;
	}
}

static size_t
least_used_pick(const struct balance_candidate *candidates, size_t count,
    const struct balance_ask *ask)
{
	struct scene scene = { candidates, count, { 0 },
		last_round(candidates, count) };
	size_t best = count;

	scene_count(&scene);
	for (size_t i = 0; i < count; i++) {
		if (candidates[i].weight > 0 && (best == count ||
		    scene.used[i] < scene.used[best]))
			best = i;
	}
	for (size_t i = 0; i < count && !ask->dry; i++) {
		struct balance_member *memory = candidates[i].memory;

		memory->used = scene.used[i];
		memory->counted = *candidates[i].selected;
		memory->round = scene.round + 1;
	}
	return best < count ? best : 0; /* all weights are 0 */
}

const struct balance_method balance_least_used = {
	.name = "least-used",
	.pick = least_used_pick,
};
