/*
 * Ways to spread messages over usable members of one cost.
 */
#ifndef WEIR_CORE_BALANCE_H
#define WEIR_CORE_BALANCE_H

#include "core/config.h"

enum { WEIGHT_MAX = 65535 }; /* a greater weight counts as this */

/*
 * What a method remembers of one member between two picks: what it is owed
 * (negative: what it had too much), in parts of which 'turn' make a message.
 */
struct balance_member {
	int64_t credit;
	int64_t turn; /* 0: nothing yet */
};

/*
 * One member as a method sees it. Only candidates are given; those left out
 * keep their memory, which is never more than one message.
 */
struct balance_candidate {
	unsigned weight;
	struct balance_member *memory;
};

struct balance_method {
	const char *name;
	/* The index picked. count is 1..MEMBERS_MAX; nothing is remembered
	 * when dry. */
	size_t (*pick)(const struct balance_candidate *, size_t count,
	    bool dry);
};

/* One file a method: balance_round_robin.c, ... */
extern const struct balance_method balance_round_robin;

const struct balance_method *balance_method(enum balance);

#endif
