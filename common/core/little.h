/*
 * Numbers of 1 to 8 bytes, the least significant first, as they are kept in
 * counters and in the store.
 */
#ifndef WEIR_CORE_LITTLE_H
#define WEIR_CORE_LITTLE_H

#include <stdint.h>

/* Both return where to go on. The caller knows that there is room. */

static inline unsigned char *
little_put(unsigned char *to, uint64_t number, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		*to++ = (unsigned char)(number >> (8 * i));
	return to;
}

static inline const unsigned char *
little_get(const unsigned char *from, uint64_t *number_r, unsigned bytes)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < bytes; i++)
		number |= (uint64_t)*from++ << (8 * i);
	*number_r = number;
	return from;
}

#endif
