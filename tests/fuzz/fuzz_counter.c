/*
 * Counters from a damaged store. What is taken can be counted on with, packed,
 * and gives the same bytes' worth again.
 */
#include "core/counter.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct throttle throttle = {
	.name = "rule",
	.rates = { { 10, { 60000000 } }, { 5000, { 86400000000 } } },
	.nrates = 2,
};

static void
check_packs(const struct counts *counts)
{
	size_t size = counter_size_for(counts);
	struct counter *counter = calloc(1, size);
	struct counts again;

	if (counter == NULL)
		abort();
	counter->size = (uint16_t)size;
	counter_write(counter, counts);
	counter_read_for(counter, &throttle, (struct mono) { 0 }, &again);
	for (unsigned i = 0; i < counts->n; i++) {
		if (memcmp(&again.rates[i], &counts->rates[i],
			sizeof(again.rates[i])) != 0)
			abort();
	}
	free(counter);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char bytes[COUNTER_BYTES_MAX];
	struct mono now = { 100000000000 };
	struct counts counts, again;
	size_t len;

	if (counter_unpack(data, size, &throttle, span_us(0), now,
		&counts) == -1)
		return 0;
	check_packs(&counts);
	for (unsigned i = 0; i < counts.n; i++)
		(void)rate_take(&counts.rates[i], counts.specs[i], 3, now);
	check_packs(&counts);
	len = counter_pack(&counts, bytes);
	if (counter_unpack(bytes, len, &throttle, span_us(0), now,
		&again) == -1)
		abort();
	for (unsigned i = 0; i < counts.n; i++) {
		if (rate_ask(&counts.rates[i], counts.specs[i], 1,
			now).used != rate_ask(&again.rates[i],
			again.specs[i], 1, now).used)
			abort();
	}
	return 0;
}
