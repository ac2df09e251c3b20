/*
 * Counters in three forms: to work with (struct counts), packed in a table,
 * and as bytes for the store.
 *
 * Packed, each rate has a head and its numbers in as many bytes as the largest
 * of them needs. For the store a rate is a list of (time, count), which any
 * later version can read into whatever it counts by.
 */
#include "core/counter.h"

#include <assert.h>
#include <string.h>

enum { PARTS = RATE_SLOTS + 1, SIZE_STEP = 16, BYTES_VERSION = 1 };

struct packed { /* followed by its numbers */
	int64_t head;
	uint32_t period; /* s */
	uint8_t stamps;
	uint8_t width; /* bytes a number */
} __attribute__((packed));

/* --- packed --- */

static unsigned
numbers(const struct rate *rate)
{
	return rate->stamps != 0 ? rate->stamps : PARTS;
}

static unsigned
width(const struct rate *rate)
{
	uint32_t all = 0;

	for (unsigned i = 0; i < PARTS; i++)
		all |= rate->counts[i];
	return all <= UINT8_MAX ? 1 : all <= UINT16_MAX ? 2 : 4;
}

static size_t
exact_size(const struct counts *counts)
{
	size_t size = offsetof(struct counter, rates);

	for (unsigned i = 0; i < counts->n; i++)
		size += sizeof(struct packed) +
		    numbers(&counts->rates[i]) * width(&counts->rates[i]);
	return size;
}

size_t
counter_size_for(const struct counts *counts)
{
	size_t usual = offsetof(struct counter, rates) +
	    counts->n * (sizeof(struct packed) + PARTS);
	size_t size = exact_size(counts);

	if (size <= usual)
		return usual;
	return (size + SIZE_STEP - 1) / SIZE_STEP * SIZE_STEP;
}

static unsigned char *
put_number(unsigned char *to, uint32_t number, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		*to++ = (unsigned char)(number >> (8 * i));
	return to;
}

static const unsigned char *
get_number(const unsigned char *from, uint32_t *number_r, unsigned bytes)
{
	uint32_t number = 0;

	for (unsigned i = 0; i < bytes; i++)
		number |= (uint32_t)*from++ << (8 * i);
	*number_r = number;
	return from;
}

void
counter_write(struct counter *counter, const struct counts *counts)
{
	unsigned char *to = counter->rates;

	assert(exact_size(counts) <= counter->size);
	counter->nrates = (uint8_t)counts->n;
	for (unsigned i = 0; i < counts->n; i++) {
		const struct rate *rate = &counts->rates[i];
		struct packed packed = {
			.head = rate->head,
			.period = (uint32_t)(counts->specs[i].period.us /
			    SPAN_SECOND),
			.stamps = (uint8_t)rate->stamps,
			.width = (uint8_t)width(rate),
		};

		memcpy(to, &packed, sizeof(packed));
		to += sizeof(packed);
		for (unsigned j = 0; j < numbers(rate); j++)
			to = put_number(to, rate->counts[j], packed.width);
	}
}

void
counter_read(const struct counter *counter, struct counts *counts_r)
{
	const unsigned char *from = counter->rates;

	memset(counts_r, 0, sizeof(*counts_r));
	counts_r->n = counter->nrates;
	for (unsigned i = 0; i < counts_r->n; i++) {
		struct rate *rate = &counts_r->rates[i];
		struct packed packed;

		memcpy(&packed, from, sizeof(packed));
		from += sizeof(packed);
		counts_r->specs[i].period = span_s(packed.period);
		rate->head = packed.head;
		rate->stamps = packed.stamps;
		for (unsigned j = 0; j < numbers(rate); j++)
			from = get_number(from, &rate->counts[j],
			    packed.width);
	}
}

bool
counter_idle(const struct counter *counter, struct mono now)
{
	struct counts counts;

	counter_read(counter, &counts);
	for (unsigned i = 0; i < counts.n; i++) {
		if (!rate_idle(&counts.rates[i], counts.specs[i], now))
			return false;
	}
	return true;
}

bool
counter_tell(struct counter *counter, struct span period, struct mono now,
    unsigned *repeats_r)
{
	uint32_t ms = (uint32_t)(now.us / 1000);

	if (ms == 0)
		ms = 1;
	if (counter->told != 0 && ms - counter->told < period.us / 1000) {
		if (counter->repeats < UINT16_MAX)
			counter->repeats++;
		return false;
	}
	*repeats_r = counter->repeats;
	counter->repeats = 0;
	counter->told = ms;
	return true;
}

/* --- moved from one set of periods, or one clock, to another --- */

struct history {
	unsigned n;
	struct {
		struct span period;
		size_t nbins;
		struct rate_bin bins[PARTS];
	} list[RATES_MAX];
};

static void
history_of(const struct counts *counts, struct history *history_r)
{
	history_r->n = counts->n;
	for (unsigned i = 0; i < counts->n; i++) {
		history_r->list[i].period = counts->specs[i].period;
		history_r->list[i].nbins = rate_bins(&counts->rates[i],
		    counts->specs[i], history_r->list[i].bins);
	}
}

/* Which one tells most of this period: its own, else the longest. */
static unsigned
history_for(const struct history *history, struct span period)
{
	unsigned best = 0;

	for (unsigned i = 0; i < history->n; i++) {
		if (history->list[i].period.us == period.us)
			return i;
		if (history->list[i].period.us > history->list[best].period.us)
			best = i;
	}
	return best;
}

static void
counts_begin(struct counts *counts, const struct throttle *throttle)
{
	memset(counts, 0, sizeof(*counts));
	counts->n = throttle->nrates;
	for (unsigned i = 0; i < counts->n; i++)
		counts->specs[i] = throttle->rates[i];
}

static void
history_replay(const struct history *history, const struct throttle *throttle,
    struct span shift, struct mono now, struct counts *counts_r)
{
	counts_begin(counts_r, throttle);
	if (history->n == 0)
		return;
	for (unsigned i = 0; i < counts_r->n; i++) {
		unsigned best = history_for(history, counts_r->specs[i].period);

		for (size_t j = 0; j < history->list[best].nbins; j++) {
			struct rate_bin bin = history->list[best].bins[j];

			rate_add(&counts_r->rates[i], counts_r->specs[i],
			    mono_add(bin.last, shift), bin.count, now);
		}
	}
}

void
counter_read_for(const struct counter *counter,
    const struct throttle *throttle, struct mono now, struct counts *counts_r)
{
	struct history history;
	bool same;

	if (counter == NULL || counter->nrates == 0) {
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
	counter_read(counter, counts_r);
	history_of(counts_r, &history);
	history_replay(&history, throttle, span_us(0), now, counts_r);
}

/* --- bytes: version, rates; each: period, bins; each: time, count --- */

static unsigned char *
put_time(unsigned char *to, int64_t us)
{
	to = put_number(to, (uint32_t)(uint64_t)us, 4);
	return put_number(to, (uint32_t)((uint64_t)us >> 32), 4);
}

size_t
counter_pack(const struct counts *counts,
    unsigned char bytes_r[COUNTER_BYTES_MAX])
{
	unsigned char *to = bytes_r;
	struct history history;

	history_of(counts, &history);
	*to++ = BYTES_VERSION;
	*to++ = (unsigned char)history.n;
	for (unsigned i = 0; i < history.n; i++) {
		to = put_number(to, (uint32_t)(history.list[i].period.us /
		    SPAN_SECOND), 4);
		*to++ = (unsigned char)history.list[i].nbins;
		for (size_t j = 0; j < history.list[i].nbins; j++) {
			to = put_time(to, history.list[i].bins[j].last.us);
			to = put_number(to, history.list[i].bins[j].count, 4);
		}
	}
	return (size_t)(to - bytes_r);
}

struct reader {
	const unsigned char *at, *end;
};

/* A time more than this from the clock's zero is damage: 300 years. */
#define TIME_MAX (INT64_C(1) << 53)

static int
read_number(struct reader *reader, uint32_t *number_r, unsigned bytes)
{
	if ((size_t)(reader->end - reader->at) < bytes)
		return -1;
	reader->at = get_number(reader->at, number_r, bytes);
	return 0;
}

static int
read_bin(struct reader *reader, struct rate_bin *bin_r)
{
	uint32_t low, high;

	if (read_number(reader, &low, 4) == -1 ||
	    read_number(reader, &high, 4) == -1 ||
	    read_number(reader, &bin_r->count, 4) == -1)
		return -1;
	bin_r->last.us = (int64_t)((uint64_t)high << 32 | low);
	return bin_r->last.us > TIME_MAX || bin_r->last.us < -TIME_MAX ? -1 : 0;
}

static int
read_history(struct reader *reader, struct history *history_r)
{
	uint32_t version, n, period, nbins;

	if (read_number(reader, &version, 1) == -1 ||
	    version != BYTES_VERSION || read_number(reader, &n, 1) == -1 ||
	    n > RATES_MAX)
		return -1;
	history_r->n = n;
	for (unsigned i = 0; i < n; i++) {
		if (read_number(reader, &period, 4) == -1 || period == 0 ||
		    read_number(reader, &nbins, 1) == -1 || nbins > PARTS)
			return -1;
		history_r->list[i].period = span_s(period);
		history_r->list[i].nbins = nbins;
		for (unsigned j = 0; j < nbins; j++) {
			if (read_bin(reader, &history_r->list[i].bins[j]) == -1)
				return -1;
		}
	}
	return reader->at == reader->end ? 0 : -1;
}

int
counter_unpack(const unsigned char *bytes, size_t len,
    const struct throttle *throttle, struct span shift, struct mono now,
    struct counts *counts_r)
{
	struct reader reader = { bytes, bytes + len };
	struct history history;

	if (shift.us > TIME_MAX || shift.us < -TIME_MAX ||
	    read_history(&reader, &history) == -1)
		return -1;
	history_replay(&history, throttle, shift, now, counts_r);
	return 0;
}
