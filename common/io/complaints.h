/*
 * Warnings a stranger can provoke at will: the first few of a while are
 * written one a line, the rest counted and summed up in one.
 */
#ifndef WEIR_IO_COMPLAINTS_H
#define WEIR_IO_COMPLAINTS_H

#include <event2/event.h>

enum { COMPLAINTS_BURST = 10, COMPLAINTS_WINDOW_S = 10 };

struct complaints;

/* what stands in the sum: "state: %u more clients closed". Static. */
struct complaints *complaints_new(struct event_base *, const char *name,
    const char *what);

/* Says how many were kept back, if any. */
void complaints_free(struct complaints **);

/* Strings from outside are escaped by the caller. */
void complaints_add(struct complaints *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
