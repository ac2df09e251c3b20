/*
 * What the state is told without an answer (core/wire.h, notes of a milter).
 */
#ifndef WEIR_MILTER_NOTES_H
#define WEIR_MILTER_NOTES_H

#include "local.h"
#include "registry.h"

#include "core/event.h"
#include "io/state_client.h"

/* Where notes go: a connection being opened, or any of the pool. */
struct outlet {
	struct state_pipe *pipe; /* NULL: any */
	struct state_client *client;
};

/* A session that is open, with its message in progress. */
void notes_announce(const struct outlet *, const struct visit *);

/* False: it could not be told. */
bool notes_close(const struct outlet *, uint64_t id);
bool notes_ended(const struct outlet *, uint64_t id, const char *queue_id);

/*
 * What was counted here while the state was away. True: it is told, or by a
 * pipe, once notes_sent says so.
 */
bool notes_charged(const struct outlet *, const struct local_charge *);
bool notes_sent(const struct outlet *);

void notes_event(const struct outlet *, const struct notice *);

enum { NOTES_NUMBER_MAX = 24 };
const char *notes_number(uint64_t, char buf[NOTES_NUMBER_MAX]);

#endif
