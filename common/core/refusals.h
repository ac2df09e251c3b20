/*
 * How often the connections of a source were refused, and when that was last
 * told: one event a minute and source, however many it tries.
 *
 * Bounded: of many sources the one longest quiet is forgotten first, with its
 * count. Not thread-safe.
 */
#ifndef WEIR_CORE_REFUSALS_H
#define WEIR_CORE_REFUSALS_H

#include "core/netaddr.h"
#include "core/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REFUSALS_MAX = 10000 };

#define REFUSALS_TELL_EACH span_s(60)

struct refusals;

struct refusals *refusals_new(const uint8_t seed[16]);
void refusals_free(struct refusals **);

/* A connection of that source (limit_source) was not let in. */
void refusals_count(
    struct refusals *, const char *listener, const struct netaddr *source);

/*
 * One of that source is over a cap of the listener, let in or not. True when
 * it is time to tell, with how many were not told since the last time.
 */
bool refusals_tell(struct refusals *, const char *listener,
    const struct netaddr *source, struct mono now, unsigned *untold_r);

uint32_t refusals_of(const struct refusals *, const char *listener,
    const struct netaddr *source);

/* All of a listener, since the start; by name, so a reload keeps it. */
uint64_t refusals_by(const struct refusals *, const char *listener);

/* Walks the sources that were refused. */
typedef void (*refusal_fn)(void *ctx, const char *listener,
    const struct netaddr *source, uint32_t refused);
void refusals_walk(struct refusals *, refusal_fn, void *ctx);

#endif
