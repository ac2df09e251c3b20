/*
 * Weighted random choice. The generator's state is the chooser's, so that a
 * test which sets it sees the same choices again (requirement 1.3).
 */
#include "core/balance.h"

/* SplitMix64 (Steele, Lea, Flood 2014): any seed will do, 0 included. */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static uint64_t
weight_of(const struct balance_candidate *candidate)
{
	return candidate->weight > WEIGHT_MAX ? WEIGHT_MAX : candidate->weight;
}

/*
 * All weights together have 22 bits at most, so the remainder of 64 random
 * ones is even to one part in 2^42.
 */
static size_t
random_pick(const struct balance_candidate *candidates, size_t count,
    const struct balance_ask *ask)
{
	uint64_t state = *ask->seed, all = 0, at;
	size_t i = 0;

	for (size_t n = 0; n < count; n++)
		all += weight_of(&candidates[n]);
	if (all == 0)
		return 0;
	at = next_random(&state) % all;
	while (at >= weight_of(&candidates[i]))
		at -= weight_of(&candidates[i++]);
	if (!ask->dry)
		*ask->seed = state;
	return i;
}

const struct balance_method balance_random = {
	.name = "random",
	.pick = random_pick,
};
