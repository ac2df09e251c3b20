/*
 * Texts put together, in an arena.
 */
#ifndef WEIR_CTL_ARENA_TEXT_H
#define WEIR_CTL_ARENA_TEXT_H

#include "core/arena.h"

#include <stdarg.h>

/* As printf(3); out of memory aborts. */
const char *arena_text(struct arena *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
const char *arena_vtext(struct arena *, const char *fmt, va_list)
    __attribute__((format(printf, 2, 0)));

#endif
