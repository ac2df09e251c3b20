/*
 * Whose a message is, by its queue id. The mail log tells later how it fared
 * at a smart host, and that may be its sender's doing (core/suspects.h).
 *
 * Of SENDERS_MAX messages at most; a newer one takes the place of another whose
 * queue id has the same keyed hash in part. So one may be forgotten, and none
 * taken for another's. Not thread-safe.
 */
#ifndef WEIR_CORE_SENDERS_H
#define WEIR_CORE_SENDERS_H

#include "core/config.h"
#include "core/facts.h"

#include <stdint.h>

enum { SENDERS_MAX = 65536 }; /* a power of two */

struct senders;

struct senders *senders_new(const uint8_t key[16]);
void senders_free(struct senders **);

/*
 * A message was taken. Its sender is the login, which nobody can choose; else
 * the client's network, else the address. Without a queue id nothing is kept.
 */
void senders_note(struct senders *, const struct config *,
    const char *queue_id, const struct facts *);

/* A number for its sender, the same for all his messages; 0: not known. */
uint64_t senders_of(const struct senders *, const char *queue_id);

#endif
