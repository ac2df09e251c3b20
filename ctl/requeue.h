/*
 * weirctl drain --requeue: queued mail that is pinned to a smart host.
 *
 * A pinned message keeps the list of next hops it was given in its queue file
 * whatever becomes of the hosts; postsuper -r puts it in again without that
 * list, and the ordinary transport tables of Postfix decide.
 */
#ifndef WEIR_CTL_REQUEUE_H
#define WEIR_CTL_REQUEUE_H

#include <stdbool.h>
#include <stddef.h>

enum { REQUEUE_LOOK_MAX = 100000, REQUEUE_SECONDS = 300 };

struct requeue {
	size_t queued; /* messages looked at */
	size_t named; /* of them name the next hop */
	size_t requeued;
	size_t active; /* in delivery now, and so let alone */
	bool more; /* there were more than REQUEUE_LOOK_MAX */
	const char *failed; /* the program that did not do its work, or NULL */
};

/*
 * directory: that of Postfix's main.cf, absolute; NULL for its own default.
 * Held mail is let alone: putting it in again would release it. So is what is
 * in delivery: it could be delivered twice.
 */
void requeue_run(const char *directory, const char *nexthop,
    struct requeue *result_r);

#endif
