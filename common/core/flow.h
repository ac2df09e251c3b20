/*
 * Does mail flow? Of each connector: how many of its smart hosts may be used
 * now, and whether any route leads to it. What the load balancer in front, the
 * operator's page and his alerts ask.
 */
#ifndef WEIR_CORE_FLOW_H
#define WEIR_CORE_FLOW_H

#include "core/hosts.h"

struct flow { /* of one connector */
	bool in_use; /* a route leads to it, or another one's mail may */
	unsigned members;
	/*
	 * Healthy, and no order of the operator. When only routes that name a
	 * host lead to it, of these hosts.
	 */
	unsigned usable;
};

struct flow flow_of(const struct config *, const struct hosts *,
    const struct connector *, struct wall now);

enum flows {
	FLOWS_WELL, /* every member of every connector in use may be used */
	FLOWS_PARTLY, /* the mail of each has a way, though not every host */
	FLOWS_LAME, /* that of some connector, or host alone, has none */
	FLOWS_NOT, /* none has any */
};

struct flow_lame { /* whose mail has no way */
	const struct connector *connector; /* NULL: all has one */
	const struct host *host; /* a route names it alone; NULL: none does */
};

/*
 * All of them together. Mail has a way through a usable host of its connector
 * (where the route names a host, through that one alone), or of those it is
 * sent on to (when_none_healthy), and always where these end in direct or
 * postfix, which need none. With no connector in use it is well: Postfix
 * decides. lame_r: the first without a way.
 */
enum flows flows_of(const struct config *, const struct hosts *,
    struct wall now, struct flow_lame *lame_r);

#endif
