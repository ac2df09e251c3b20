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
	unsigned usable; /* healthy, and no order of the operator */
};

struct flow flow_of(const struct config *, const struct hosts *,
    const struct connector *, struct wall now);

enum flows {
	FLOWS_WELL, /* every member of every connector in use may be used */
	FLOWS_PARTLY, /* the mail of each has a way, though not every host */
	FLOWS_LAME, /* that of some connector in use has none */
	FLOWS_NOT, /* that of none of those in use has any */
};

/*
 * All of them together. Mail has a way through a usable host of its connector,
 * or of those it is sent on to (when_none_healthy), and always where these end
 * in direct or postfix, which need none. With no connector in use it
 * is well: Postfix decides. lame_r: the first without a way, or NULL.
 */
enum flows flows_of(const struct config *, const struct hosts *,
    struct wall now, const struct connector **lame_r);

#endif
