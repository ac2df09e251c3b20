/*
 * Ways to spread messages over usable members of one cost.
 */
#ifndef WEIR_CORE_BALANCE_H
#define WEIR_CORE_BALANCE_H

#include "core/config.h"

/* What a method remembers of one member between two picks. */
struct balance_member {
	int64_t credit;
};

/*
 * One member as a method sees it. Only candidates are given; those left out
 * keep their memory, but not more than one turn of it.
 */
struct balance_candidate {
	unsigned weight;
	struct balance_member *memory;
};

struct balance_method {
	const char *name;
	/* The index picked. count is at least 1; nothing is remembered when
	 * dry. */
	size_t (*pick)(struct balance_candidate *, size_t count, bool dry);
};

const struct balance_method *balance_method(enum balance);

#endif
