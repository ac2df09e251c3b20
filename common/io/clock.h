/*
 * The two clocks (core/span.h), and which boot the first one belongs to.
 */
#ifndef WEIR_IO_CLOCK_H
#define WEIR_IO_CLOCK_H

#include "core/walltime.h"

enum { BOOT_ID_MAX = 37 };

struct now clock_now(void);

/* This boot's id; "" when the system does not tell. */
void clock_boot_id(char id_r[BOOT_ID_MAX]);

#endif
