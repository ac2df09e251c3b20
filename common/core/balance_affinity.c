/*
 * A login keeps its smart host.
 *
 * Rendezvous hashing (Thaler and Ravishankar 1998), weighted: each candidate
 * draws a number from login and host name, its cost is -log2(number) / weight,
 * and the least cost wins. So nothing need be remembered, the order of members
 * does not matter, and when a host is away only its own logins move, each to
 * the next in an order of its own. The hash has no key: answers are the same
 * after a restart and on every machine, and logins come from those who were
 * authenticated.
 *
 * Without a login it is round-robin: affinity is for authenticated sessions
 * (requirement 0.1).
 */
#include "core/balance.h"

enum { FRACTION_BITS = 20 };

/* FNV-1a. */
static uint64_t
hash_add(uint64_t hash, const char *text)
{
	for (; *text != '\0'; text++)
		hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001B3);
	return hash;
}

static uint64_t
hash_user(const char *user)
{
	return hash_add(UINT64_C(0xCBF29CE484222325), user);
}

/* One factor more for the NUL between; the end spreads what FNV leaves. */
static uint64_t
hash_host(uint64_t user, const char *host)
{
	uint64_t z = hash_add(user * UINT64_C(0x100000001B3), host);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/*
 * -log2(x / 2^64) in parts of 2^20, at most 26 bits: the whole part counts
 * leading zeros, each bit behind the point is one squaring.
 */
static uint64_t
cost_of(uint64_t x)
{
	uint64_t whole = 0, fraction = 0, m;

	for (x |= 1; (x & (UINT64_C(1) << 63)) == 0; x <<= 1)
		whole++;
	m = x >> 32; /* 1 to 2, with 31 bits behind the point */
	for (int i = 0; i < FRACTION_BITS; i++) {
		m = m * m >> 31;
		fraction = fraction << 1 | m >> 32;
		if (m >> 32 != 0)
			m >>= 1;
	}
	return ((whole + 1) << FRACTION_BITS) - fraction;
}

static size_t
affinity_pick(const struct balance_candidate *candidates, size_t count,
    const struct balance_ask *ask)
{
	uint64_t user, best_cost = 0, best_weight = 0;
	size_t best = 0;

	if (ask->user == NULL)
		return balance_round_robin.pick(candidates, count, ask);
	user = hash_user(ask->user);
	for (size_t i = 0; i < count; i++) {
		uint64_t cost = cost_of(hash_host(user, candidates[i].name));
		uint64_t weight = candidates[i].weight > WEIGHT_MAX
		    ? WEIGHT_MAX : candidates[i].weight;

		/* cost / weight < best_cost / best_weight */
		if (weight != 0 && (best_weight == 0 ||
		    cost * best_weight < best_cost * weight)) {
			best = i;
			best_cost = cost;
			best_weight = weight;
		}
	}
	return best;
}

const struct balance_method balance_affinity = {
	.name = "affinity",
	.pick = affinity_pick,
};
