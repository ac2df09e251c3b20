/*
 * What one key used under every period of its rule, packed: a million of them
 * are kept, and most hold small numbers.
 *
 * A counter remembers the periods it counts by; when the rule has others now,
 * what was used is moved over, so that a reload frees nobody.
 */
#ifndef WEIR_CORE_COUNTER_H
#define WEIR_CORE_COUNTER_H

#include "core/config.h"
#include "core/rate.h"

struct counter { /* all zero: nothing was counted */
	uint32_t told; /* ms on the clock, modulo 2^32; 0: never */
	uint16_t repeats; /* refusals that were not told */
	uint16_t size; /* bytes it may use, this head included */
	uint8_t nrates;
	bool changed : 1; /* not yet handed to the store */
	bool taken : 1; /* in use: may not leave */
	unsigned char rates[]; /* private to counter.c */
};

struct counts { /* a counter, to work with */
	unsigned n;
	struct rate_spec specs[RATES_MAX]; /* limit 0 when not by a rule */
	struct rate rates[RATES_MAX];
};

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
 * Is this refusal to be told? Once a period. The others are counted: repeats_r
 * says how many there were since the last one told.
 */
bool counter_tell(struct counter *, struct span period, struct mono now,
    unsigned *repeats_r);

/*
 * As bytes that outlive this boot and this build. counter_unpack gives what is
 * left of them by the periods of the rule; shift is added to each time. 0, or
 * -1 when they are not such bytes.
 */
enum { COUNTER_BYTES_MAX = 2 + RATES_MAX * (5 + (RATE_SLOTS + 1) * 12) };

size_t counter_pack(const struct counts *,
    unsigned char bytes_r[COUNTER_BYTES_MAX]);
int counter_unpack(const unsigned char *bytes, size_t len,
    const struct throttle *, struct span shift, struct mono now,
    struct counts *counts_r);

#endif
