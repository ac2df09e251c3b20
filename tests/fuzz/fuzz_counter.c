/*
 * Counters from a damaged store. What is taken can be counted on with, packed,
 * and gives the same bytes' worth again.
 */
#include "fuzz.h"

#include "core/counter.h"

#include <stdlib.h>
#include <string.h>

/* Of each form: rates of small numbers, of bytes, and networks. */
static const struct throttle throttles[] = {
	{ .name = "rule", .what = LIMIT_MESSAGES,
	    .rates = { { 10, { 60000000 } }, { 5000, { 86400000000 } } },
	    .nrates = 2 },
	{ .name = "rule", .what = LIMIT_BYTES,
	    .rates = { { UINT64_C(1) << 40, { 3600000000 } } }, .nrates = 1 },
	{ .name = "rule", .what = LIMIT_CLIENTS,
	    .rates = { { 10, { 60000000 } }, { 100, { 86400000000 } } },
	    .nrates = 2 },
};

static void
must_be_same(struct counts *a, struct counts *b, struct mono now)
{
	if (a->what != b->what || a->n != b->n)
		abort();
	for (unsigned i = 0; i < a->n; i++) {
		if (counts_used(a, i, now) != counts_used(b, i, now))
			abort();
	}
}

static void
check_packs(struct counts *counts, const struct throttle *throttle,
    struct mono now)
{
	size_t size = counter_size_for(counts);
	struct counter *counter = calloc(1, size);
	struct counts again;

	if (counter == NULL)
		abort();
	counter_set_size(counter, size);
	counter_write(counter, counts);
	counter_read_for(counter, throttle, (struct mono) { 0 }, &again);
	for (unsigned i = 0; throttle->what != LIMIT_CLIENTS && i < counts->n;
	     i++) {
		if (memcmp(&again.rates[i], &counts->rates[i],
			sizeof(again.rates[i])) != 0)
			abort();
	}
	must_be_same(counts, &again, now);
	free(counter);
}

static void
check_rule(const struct throttle *throttle, const uint8_t *data, size_t size)
{
	struct claim claim = { .cost = 3, .network = { .family = 4 } };
	unsigned char bytes[COUNTER_BYTES_MAX];
	struct receipt receipts[RATES_MAX];
	struct mono now = { 100000000000 };
	struct counts counts, again;
	size_t len;

	if (counter_unpack(data, size, throttle, span_us(0), now,
		&counts) == -1)
		return;
	check_packs(&counts, throttle, now);
	(void)counts_take(&counts, &claim, now, receipts);
	check_packs(&counts, throttle, now);
	len = counter_pack(&counts, bytes);
	if (counter_unpack(bytes, len, throttle, span_us(0), now,
		&again) == -1)
		abort();
	must_be_same(&counts, &again, now);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < sizeof(throttles) / sizeof(throttles[0]); i++)
		check_rule(&throttles[i], data, size);
	return 0;
}
