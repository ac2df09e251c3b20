/*
 * What one key used under every period of its rule, packed: a million of them
 * are kept, and most hold small numbers.
 *
 * A counter remembers what and by which periods it counts; when the rule has
 * other periods now, what was used is moved over, so that a reload frees
 * nobody. When it counts something else now, it begins afresh.
 */
#ifndef WEIR_CORE_COUNTER_H
#define WEIR_CORE_COUNTER_H

#include "core/counts.h"

enum { COUNTER_SIZE_MAX = 4095 };

struct counter { /* all zero: nothing was counted */
	unsigned repeats : 12; /* refusals that were not told */
	unsigned size : 12; /* bytes it may use, this head included */
	unsigned nrates : 3;
	unsigned what : 3; /* enum limit_what */
	bool changed : 1; /* not yet handed to the store */
	bool taken : 1; /* in use: may not leave */
	unsigned char bytes[]; /* private to counter.c */
};

/* Bytes it may use from now on: it was given so many. */
void counter_set_size(struct counter *, size_t size);

/* Bytes a counter needs for these; some more, since they will grow. */
size_t counter_size_for(const struct counts *);

/* counter->size is enough. */
void counter_write(struct counter *, const struct counts *);

/* As it was written, and by the periods a rule has now. */
void counter_read(const struct counter *, struct counts *counts_r);
void counter_read_for(const struct counter *, const struct throttle *,
    struct mono now, struct counts *counts_r);

bool counter_idle(const struct counter *, struct mono now);

/*
 * As bytes that outlive this boot and this build. counter_unpack gives what is
 * left of them by the periods of the rule; shift is added to each time. 0, or
 * -1 when they are not such bytes.
 */
enum {
	COUNTER_RATES_BYTES = RATES_MAX * (6 + (RATE_SLOTS + 1) * 16),
	COUNTER_NETWORKS_BYTES = RATES_MAX * 4 + 1 + NETWORKS_MAX * 25,
	COUNTER_BYTES_MAX = 2 + (COUNTER_RATES_BYTES > COUNTER_NETWORKS_BYTES ?
	    COUNTER_RATES_BYTES : COUNTER_NETWORKS_BYTES),
};

size_t counter_pack(const struct counts *,
    unsigned char bytes_r[COUNTER_BYTES_MAX]);
int counter_unpack(const unsigned char *bytes, size_t len,
    const struct throttle *, struct span shift, struct mono now,
    struct counts *counts_r);

#endif
