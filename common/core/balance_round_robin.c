/*
 * Weighted round robin that is smooth and exact: after any number of messages
 * each candidate has had its ideal share, give or take less than one message.
 *
 * The well-known smooth method (pick whoever is owed most) strays further than
 * that with many members of unlike weight. This is the earliest deadline
 * among the eligible (Tijdeman 1980, "The chairman assignment problem"; Baruah
 * and others 1996, "Proportionate progress"): with every message each
 * candidate is owed its share of it more; whoever is owed anything may be
 * picked; of those, whoever would first be owed a whole message is.
 *
 * Credits of one set of candidates add up to nothing. When they do not, the
 * set has changed and owes others, or is owed by them; for the choice this
 * surplus is taken from each by weight. So two of three hosts that are left
 * share alike at once, and one that returns has at most a message coming.
 */
#include "core/balance.h"

#include <string.h>

/*
 * Weights are scaled up, so that dividing loses next to nothing: 22 bits. A
 * turn then has 28, and no product below more than 58.
 */
enum { SCALE = 64 };

struct scene {
	int64_t weight[MEMBERS_MAX];
	int64_t owed[MEMBERS_MAX]; /* by this message, as remembered */
	int64_t claim[MEMBERS_MAX]; /* the same without the surplus */
	int64_t turn; /* all weights: a whole message */
	int64_t surplus; /* all that was owed before it */
	size_t count;
};

static int64_t
scaled_weight(unsigned weight)
{
	return (int64_t)(weight > WEIGHT_MAX ? WEIGHT_MAX : weight) * SCALE;
}

/* In the parts of this turn, and never more than a message. */
static int64_t
credit_now(const struct balance_member *memory, int64_t turn)
{
	int64_t credit;

	if (memory->turn == 0)
		return 0;
	credit = memory->turn == turn
	    ? memory->credit : memory->credit * turn / memory->turn;
	return credit > turn ? turn : credit < -turn ? -turn : credit;
}

static void
scene_set(struct scene *scene, const struct balance_candidate *candidates,
    size_t count)
{
	int64_t turn = 0, surplus = 0;

	for (size_t i = 0; i < count; i++) {
		scene->weight[i] = scaled_weight(candidates[i].weight);
		turn += scene->weight[i];
	}
	for (size_t i = 0; i < count; i++) {
		int64_t credit = credit_now(candidates[i].memory, turn);

		scene->owed[i] = credit + scene->weight[i];
		surplus += credit;
	}
	scene->turn = turn;
	scene->surplus = surplus;
	scene->count = count;
}

/* What rounding leaves is less than a part for each; the first bears it. */
static void
scene_claim(struct scene *scene)
{
	int64_t surplus = scene->surplus, rest = surplus;

	memcpy(scene->claim, scene->owed,
	    scene->count * sizeof(scene->claim[0]));
	if (surplus == 0 || scene->turn == 0)
		return;
	for (size_t i = 0; i < scene->count; i++) {
		int64_t part = surplus / scene->turn * scene->weight[i] +
		    surplus % scene->turn * scene->weight[i] / scene->turn;

		scene->claim[i] -= part;
		rest -= part;
	}
	scene->claim[0] -= rest;
}

/*
 * Is a owed a whole message before b? (turn - claim) / weight says when; at
 * the same time, the one owed more comes first.
 */
static bool
due_before(const struct scene *scene, size_t a, size_t b)
{
	int64_t at_a = (scene->turn - scene->claim[a]) * scene->weight[b];
	int64_t at_b = (scene->turn - scene->claim[b]) * scene->weight[a];

	return at_a != at_b ? at_a < at_b
	                    : scene->claim[a] > scene->claim[b];
}

static size_t
scene_pick(const struct scene *scene)
{
	size_t best = scene->count;

	for (size_t i = 0; i < scene->count; i++) {
		if (scene->claim[i] > 0 &&
		    (best == scene->count || due_before(scene, i, best)))
			best = i;
	}
	return best == scene->count ? 0 : best; /* all weights are 0 */
}

static void
remember(const struct scene *scene, const struct balance_candidate *candidates,
    size_t picked)
{
	for (size_t i = 0; i < scene->count; i++) {
		struct balance_member *memory = candidates[i].memory;

		memory->credit = scene->owed[i];
		memory->turn = scene->turn;
	}
	candidates[picked].memory->credit -= scene->turn;
}

static size_t
round_robin_pick(const struct balance_candidate *candidates, size_t count,
    const struct balance_ask *ask)
{
	struct scene scene;
	size_t picked;

	scene_set(&scene, candidates, count);
	scene_claim(&scene);
	picked = scene_pick(&scene);
	if (!ask->dry)
		remember(&scene, candidates, picked);
	return picked;
}

const struct balance_method balance_round_robin = {
	.name = "round-robin",
	.pick = round_robin_pick,
};
