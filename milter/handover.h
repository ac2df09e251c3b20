/*
 * What was counted here while the state was away, until the state was told all
 * of it: it may be away again in the midst of that, or too slow for the time of
 * one call.
 */
#ifndef WEIR_MILTER_HANDOVER_H
#define WEIR_MILTER_HANDOVER_H

#include "local.h"
#include "notes.h"

enum { HANDOVER_MAX = 1000000 }; /* more are dropped, the oldest first */

struct handover_batch { /* what was taken out at once */
	struct handover_batch *next;
	struct local_charges charges;
	size_t told; /* the first of them */
	struct mono taken;
};

/*
 * Tells what was taken out just now (local_take; taken over), behind what is
 * still to be told: waiting, the oldest of it, NULL for none. What could not be
 * told is there afterwards. The lock guards waiting, and is not held while
 * something is told. Thread-safe.
 */
void handover_tell(struct handover_batch **waiting, pthread_mutex_t *lock,
    struct local_charges *taken, const struct outlet *);

#endif
