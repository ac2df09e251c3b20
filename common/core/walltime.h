/*
 * A point of the wall clock as people and other programs read it.
 *
 * Pure arithmetic (the C library's own would ask for a time zone), so that
 * core can put a time into an event.
 */
#ifndef WEIR_CORE_WALLTIME_H
#define WEIR_CORE_WALLTIME_H

#include "core/span.h"

enum { WALL_TEXT_MAX = 48 };

/*
 * RFC 3339 in UTC with milliseconds: "2026-01-31T12:00:00.123Z". Years before
 * 1970 and after 9999 are shown as the nearest end of that range.
 */
const char *wall_format(struct wall, char buf[WALL_TEXT_MAX]);

/* The month (from 1) and the day of the month, in UTC, with the same bounds. */
struct month_day {
	unsigned month, day;
};
struct month_day wall_month_day(struct wall);

#endif
