/*
 * Ways to spread messages over usable members of one cost.
 */
#ifndef WEIR_CORE_BALANCE_H
#define WEIR_CORE_BALANCE_H

#include "core/config.h"

enum { WEIGHT_MAX = 65535 }; /* a greater weight counts as this */

/*
 * What is remembered of one member between two picks; each method has fields
 * of its own, and all zero is a member never seen.
 */
struct balance_member {
	/*
	 * round-robin: what it is owed (negative: what it had too much), in
	 * parts of which 'turn' make a message. 0: nothing yet.
	 */
	int64_t credit;
	int64_t turn;
	/* least-used */
	int64_t used; /* messages by weight, in parts of 2^32 */
	uint64_t counted; /* of 'selected', how many are in 'used' */
	uint64_t round; /* of the last pick it was a candidate of */
};

/*
 * One member as a method sees it. Only candidates are given; those left out
 * keep their memory.
 */
struct balance_candidate {
	unsigned weight;
	const char *name; /* of the host: what affinity hangs on */
	const uint64_t *selected; /* decisions that named the host first */
	struct balance_member *memory;
};

struct balance_ask { /* of one pick */
	const char *user; /* canonical login; NULL: none */
	uint64_t *seed; /* the chooser's generator, for random */
	bool dry; /* nothing is remembered */
};

struct balance_method {
	const char *name;
	/* The index picked. count is 1..MEMBERS_MAX. */
	size_t (*pick)(const struct balance_candidate *, size_t count,
	    const struct balance_ask *);
};

/* One file a method: balance_round_robin.c, ... */
extern const struct balance_method balance_round_robin, balance_random,
    balance_least_used, balance_affinity;

const struct balance_method *balance_method(enum balance);

#endif
