/*
 * Counters packed in a table. Each period has a head and its numbers in as many
 * bytes as the largest of them needs; a counter of clients has the heads alone,
 * then its networks.
 */
#include "core/counter.h"

#include "core/little.h"

#include <assert.h>
#include <string.h>

enum { PARTS = RATE_SLOTS + 1, SIZE_STEP = 16 };

struct packed { /* followed by its numbers */
	int64_t head;
	uint32_t told, warned;
	unsigned period : 22; /* s; 31 days at most (rate_spec_parse) */
	unsigned stamps : 6;
	unsigned width : 4; /* bytes a number; 0: there are none */
} __attribute__((packed));

_Static_assert(sizeof(struct counter) == 4 && sizeof(struct packed) == 20,
    "a million of them are kept");
_Static_assert(offsetof(struct counter, bytes) +
    RATES_MAX * (sizeof(struct packed) + PARTS * sizeof(uint64_t)) +
    SIZE_STEP <= COUNTER_SIZE_MAX && offsetof(struct counter, bytes) +
    RATES_MAX * sizeof(struct packed) + 1 + NETWORKS_MAX * (size_t)25 +
    SIZE_STEP <= COUNTER_SIZE_MAX, "the largest counter has a size");
_Static_assert(LIMIT_WHATS <= 8 && RATES_MAX <= 7 &&
    COUNTS_REPEATS_MAX <= 4095, "what a counter's head has to hold");

static unsigned
numbers(const struct rate *rate)
{
	return rate->stamps != 0 ? rate->stamps : PARTS;
}

static unsigned
width(const struct rate *rate)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < PARTS; i++)
		all |= rate->counts[i];
	return all <= UINT8_MAX ? 1 : all <= UINT16_MAX ? 2 :
	    all <= UINT32_MAX ? 4 : 8;
}

static size_t
address_size(uint8_t family)
{
	return family == 4 ? 4 : 16;
}

static size_t
networks_size(const struct networks *networks)
{
	size_t size = 1;

	for (unsigned i = 0; i < networks->n; i++)
		size += 1 + address_size(networks->list[i].addr.family) +
		    sizeof(int64_t);
	return size;
}

static size_t
exact_size(const struct counts *counts)
{
	size_t size = offsetof(struct counter, bytes) +
	    counts->n * sizeof(struct packed);

	if (counts->what == LIMIT_CLIENTS)
		return size + networks_size(&counts->networks);
	for (unsigned i = 0; i < counts->n; i++)
		size += (size_t)numbers(&counts->rates[i]) *
		    width(&counts->rates[i]);
	return size;
}

size_t
counter_size_for(const struct counts *counts)
{
	size_t usual = offsetof(struct counter, bytes) +
	    counts->n * (sizeof(struct packed) + PARTS);
	size_t size = exact_size(counts);

	if (size <= usual)
		return usual;
	return (size + SIZE_STEP - 1) / SIZE_STEP * SIZE_STEP;
}

void
counter_set_size(struct counter *counter, size_t size)
{
	assert(size <= COUNTER_SIZE_MAX);
	counter->size = size & 0xFFF;
}

/* --- written --- */

static unsigned char *
put_rate(unsigned char *to, const struct counts *counts, unsigned i)
{
	const struct rate *rate = &counts->rates[i];
	bool counted = counts->what != LIMIT_CLIENTS;
	struct packed packed = {
		.head = counted ? rate->head : 0,
		.period = (unsigned)(counts->specs[i].period.us /
		    SPAN_SECOND) & 0x3FFFFF,
		.told = counts->told[i],
		.warned = counts->warned[i],
		.stamps = counted ? rate->stamps & 0x3F : 0,
		.width = counted ? width(rate) & 0xF : 0,
	};

	memcpy(to, &packed, sizeof(packed));
	to += sizeof(packed);
	for (unsigned j = 0; counted && j < numbers(rate); j++)
		to = little_put(to, rate->counts[j], packed.width);
	return to;
}

static void
put_networks(unsigned char *to, const struct networks *networks)
{
	*to++ = (unsigned char)networks->n;
	for (unsigned i = 0; i < networks->n; i++) {
		const struct netaddr *addr = &networks->list[i].addr;
		size_t size = address_size(addr->family);

		*to++ = addr->family;
		memcpy(to, addr->bytes, size);
		to = little_put(to + size, (uint64_t)networks->list[i].last,
		    8);
	}
}

void
counter_write(struct counter *counter, const struct counts *counts)
{
	unsigned char *to = counter->bytes;

	assert(exact_size(counts) <= counter->size);
	counter->repeats = counts->repeats & 0xFFF;
	counter->nrates = counts->n & 0x7;
	counter->what = (unsigned)counts->what & 0x7;
	for (unsigned i = 0; i < counts->n; i++)
		to = put_rate(to, counts, i);
	if (counts->what == LIMIT_CLIENTS)
		put_networks(to, &counts->networks);
}

/* --- read --- */

static const unsigned char *
get_rate(const unsigned char *from, struct counts *counts, unsigned i)
{
	struct rate *rate = &counts->rates[i];
	struct packed packed;

	memcpy(&packed, from, sizeof(packed));
	from += sizeof(packed);
	memset(rate, 0, sizeof(*rate));
	counts->specs[i] = (struct rate_spec) { .period =
	    span_s(packed.period) };
	counts->told[i] = packed.told;
	counts->warned[i] = packed.warned;
	rate->head = packed.head;
	rate->stamps = packed.stamps;
	for (unsigned j = 0; packed.width != 0 && j < numbers(rate); j++)
		from = little_get(from, &rate->counts[j], packed.width);
	return from;
}

static void
get_networks(const unsigned char *from, struct networks *networks)
{
	networks->n = *from++;
	for (unsigned i = 0; i < networks->n; i++) {
		struct netaddr *addr = &networks->list[i].addr;
		size_t size = address_size(*from);
		uint64_t last;

		memset(addr, 0, sizeof(*addr));
		addr->family = *from++;
		memcpy(addr->bytes, from, size);
		from = little_get(from + size, &last, 8);
		networks->list[i].last = (int64_t)last;
	}
}

void
counter_read(const struct counter *counter, struct counts *counts_r)
{
	const unsigned char *from = counter->bytes;

	counts_r->what = (enum limit_what)counter->what;
	counts_r->n = counter->nrates;
	counts_r->repeats = counter->repeats;
	counts_r->networks.n = 0;
	for (unsigned i = 0; i < counts_r->n; i++)
		from = get_rate(from, counts_r, i);
	if (counts_r->what == LIMIT_CLIENTS && counts_r->n > 0)
		get_networks(from, &counts_r->networks);
}

bool
counter_idle(const struct counter *counter, struct mono now)
{
	struct counts counts;

	counter_read(counter, &counts);
	return counts_idle(&counts, now);
}

void
counter_read_for(const struct counter *counter,
    const struct throttle *throttle, struct mono now, struct counts *counts_r)
{
	struct counts old;
	bool same;

	if (counter == NULL || counter->nrates == 0 ||
	    counter->what != (unsigned)throttle->what) {
		counts_begin(counts_r, throttle);
		return;
	}
	counter_read(counter, counts_r);
	same = counts_r->n == throttle->nrates;
	for (unsigned i = 0; same && i < counts_r->n; i++) {
		same = counts_r->specs[i].period.us ==
		    throttle->rates[i].period.us;
		counts_r->specs[i] = throttle->rates[i];
	}
	if (same)
		return;
	counter_read(counter, &old);
	counts_move(&old, throttle, now, counts_r);
}
