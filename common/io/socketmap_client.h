/*
 * Asks a socketmap server (socketmap_table(5)): a pool of blocking
 * connections, each question with a deadline, and a breaker.
 *
 * And if it is away? A question that cannot be put, is not answered in time or
 * is answered with garbage is SOCKETMAP_AWAY and opens the breaker: for
 * SOCKETMAP_RETRY further ones are SOCKETMAP_AWAY at once, then one tries
 * again. The change, and the way back, is one line in the log each. A
 * connection the other side closed while it was idle is replaced within the
 * same deadline.
 *
 * Thread-safe; no lock is held while it waits. Writes raise no SIGPIPE.
 */
#ifndef WEIR_IO_SOCKETMAP_CLIENT_H
#define WEIR_IO_SOCKETMAP_CLIENT_H

#include "core/socketmap.h"
#include "core/span.h"
#include "io/listen.h"

enum { SOCKETMAP_POOL_MAX = 16, SOCKETMAP_WHY_MAX = 160 };

#define SOCKETMAP_RETRY span_ms(500)

enum socketmap_result {
	SOCKETMAP_FOUND,
	SOCKETMAP_NONE, /* it has no such key */
	SOCKETMAP_AWAY,
};

struct socketmap_client;

/* shown is what the log calls it; strings are copied. Connects when needed. */
struct socketmap_client *socketmap_client_new(const struct listen_address *,
    const char *map, const char *shown);
void socketmap_client_free(struct socketmap_client **);

/*
 * The value of a key, for free(), in *value_r (len_r bytes and a NUL) when it
 * was FOUND. AWAY: why_r says it in words.
 */
enum socketmap_result socketmap_client_ask(struct socketmap_client *,
    const char *key, struct mono deadline, char **value_r, size_t *len_r,
    char why_r[SOCKETMAP_WHY_MAX]);

#endif
