/*
 * Offences against identity that milters told of, so that one client that
 * tries the same for hours does not push every other event out of the list:
 * the same user, client, address and reason make one event a minute, which has
 * those untold in between as repeats. (The milter's own log has each.)
 *
 * Bounded: the one longest quiet is forgotten first. Not thread-safe.
 */
#ifndef WEIR_CORE_OFFENCES_H
#define WEIR_CORE_OFFENCES_H

#include "core/event.h"
#include "core/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { OFFENCES_MAX = 4096 };

#define OFFENCES_TELL_EACH span_s(60)

struct offences;

struct offences *offences_new(const uint8_t seed[16]);
void offences_free(struct offences **);

/*
 * True: it is time to tell of that event, which then has its repeats. Events
 * differ by everything but queue_id and ref.
 */
bool offences_note(struct offences *, struct notice *, struct mono now);

#endif
