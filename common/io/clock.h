/*
 * The two clocks (core/span.h), and which boot the first one belongs to.
 */
#ifndef WEIR_IO_CLOCK_H
#define WEIR_IO_CLOCK_H

#include "core/span.h"

enum { BOOT_ID_MAX = 37 };

struct now clock_now(void);

/* This boot's id; "" when the system does not tell. */
void clock_boot_id(char id_r[BOOT_ID_MAX]);

/* RFC 3339 in UTC with milliseconds: "2026-01-31T12:00:00.123Z". */
enum { WALL_TEXT_MAX = 32 };
const char *wall_format(struct wall, char buf[WALL_TEXT_MAX]);

#endif
