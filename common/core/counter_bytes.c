/*
 * Counters as bytes for the store: lists of (time, count) or (network, time),
 * which any later version can read into whatever it counts by.
 *
 * Version, then periods and what in one byte. Rates: each period, the number
 * of its bins, bytes a count, and (time, count) of each. Clients: each period,
 * then the number of networks, and (family, address, time) of each. Version 1
 * counted messages or recipients, in counts of 4 bytes, and did not say which.
 */
#include "core/counter.h"

#include "core/little.h"

#include <string.h>

enum { PARTS = RATE_SLOTS + 1, BYTES_VERSION = 2, VERSION_1 = 1 };

/* --- written --- */

static unsigned char *
put_period(unsigned char *to, const struct counts *counts, unsigned i)
{
	return little_put(to,
	    (uint64_t)(counts->specs[i].period.us / SPAN_SECOND), 4);
}

static unsigned char *
put_rate(unsigned char *to, const struct counts *counts, unsigned i)
{
	struct rate_bin bins[PARTS];
	size_t n = rate_bins(&counts->rates[i], counts->specs[i], bins);
	unsigned width = 4;

	for (size_t j = 0; j < n; j++) {
		if (bins[j].count > UINT32_MAX)
			width = 8;
	}
	*to++ = (unsigned char)n;
	*to++ = (unsigned char)width;
	for (size_t j = 0; j < n; j++) {
		to = little_put(to, (uint64_t)bins[j].last.us, 8);
		to = little_put(to, bins[j].count, width);
	}
	return to;
}

static unsigned char *
put_networks(unsigned char *to, const struct networks *networks)
{
	*to++ = (unsigned char)networks->n;
	for (unsigned i = 0; i < networks->n; i++) {
		const struct netaddr *addr = &networks->list[i].addr;
		size_t size = addr->family == 4 ? 4 : 16;

		*to++ = addr->family;
		memcpy(to, addr->bytes, size);
		to = little_put(to + size, (uint64_t)networks->list[i].last,
		    8);
	}
	return to;
}

size_t
counter_pack(const struct counts *counts,
    unsigned char bytes_r[COUNTER_BYTES_MAX])
{
	bool clients = counts->what == LIMIT_CLIENTS;
	unsigned char *to = bytes_r;

	*to++ = BYTES_VERSION;
	*to++ = (unsigned char)((unsigned)counts->what << 4 | counts->n);
	for (unsigned i = 0; i < counts->n; i++) {
		to = put_period(to, counts, i);
		if (!clients)
			to = put_rate(to, counts, i);
	}
	if (clients)
		to = put_networks(to, &counts->networks);
	return (size_t)(to - bytes_r);
}

/* --- read: nothing of it is believed --- */

struct reader {
	const unsigned char *at, *end;
	bool broken;
};

struct history { /* as it was written: times of the clock it was written in */
	struct counts heads; /* what, periods */
	struct {
		size_t n;
		struct rate_bin bins[PARTS];
	} list[RATES_MAX];
	struct networks networks;
};

static uint64_t
read_number(struct reader *reader, unsigned bytes)
{
	uint64_t number = 0;

	if (reader->broken || (size_t)(reader->end - reader->at) < bytes)
		reader->broken = true;
	else
		reader->at = little_get(reader->at, &number, bytes);
	return number;
}

static int64_t
read_time(struct reader *reader)
{
	int64_t us = (int64_t)read_number(reader, 8);

	if (!time_is_sane(us))
		reader->broken = true;
	return us;
}

static void
read_period(struct reader *reader, struct rate_spec *spec)
{
	uint64_t period = read_number(reader, 4);

	if (period == 0)
		reader->broken = true;
	spec->period = span_s((int64_t)period);
}

static void
read_rate(struct reader *reader, unsigned version, struct history *history,
    unsigned i)
{
	uint64_t n = read_number(reader, 1);
	uint64_t width = version == VERSION_1 ? 4 : read_number(reader, 1);

	if (n > PARTS || (width != 4 && width != 8))
		reader->broken = true;
	for (uint64_t j = 0; !reader->broken && j < n; j++) {
		history->list[i].bins[j].last.us = read_time(reader);
		history->list[i].bins[j].count =
		    read_number(reader, (unsigned)width);
		history->list[i].n++;
	}
}

static void
read_network(struct reader *reader, struct networks *networks)
{
	struct netaddr addr = { .family = (uint8_t)read_number(reader, 1) };
	unsigned size = addr.family == 4 ? 4 : 16;

	if (addr.family != 4 && addr.family != 6)
		reader->broken = true;
	for (unsigned i = 0; i < size; i++)
		addr.bytes[i] = (uint8_t)read_number(reader, 1);
	networks->list[networks->n].addr = addr;
	networks->list[networks->n++].last = read_time(reader);
}

static void
read_networks(struct reader *reader, struct networks *networks)
{
	uint64_t n = read_number(reader, 1);

	if (n > NETWORKS_MAX)
		reader->broken = true;
	for (uint64_t i = 0; !reader->broken && i < n; i++)
		read_network(reader, networks);
}

/* Version 1 counted recipients or messages: what the rule counts now. */
static int
read_head(struct reader *reader, const struct throttle *throttle,
    unsigned *version_r, struct counts *heads)
{
	unsigned version = (unsigned)read_number(reader, 1);
	unsigned second = (unsigned)read_number(reader, 1);
	unsigned what = second >> 4;

	*version_r = version;
	heads->n = second & 0xF;
	if (version == VERSION_1 && what == 0 &&
	    throttle->what == LIMIT_RECIPIENTS)
		what = LIMIT_RECIPIENTS;
	heads->what = (enum limit_what)what;
	return (version == BYTES_VERSION ||
	    (version == VERSION_1 && second >> 4 == 0)) &&
	    what < LIMIT_WHATS && heads->n <= RATES_MAX ? 0 : -1;
}

static int
read_history(struct reader *reader, const struct throttle *throttle,
    struct history *history)
{
	struct counts *heads = &history->heads;
	bool clients;
	unsigned version;

	if (read_head(reader, throttle, &version, heads) == -1)
		return -1;
	clients = heads->what == LIMIT_CLIENTS;
	for (unsigned i = 0; !reader->broken && i < heads->n; i++) {
		read_period(reader, &heads->specs[i]);
		if (!clients)
			read_rate(reader, version, history, i);
	}
	if (clients)
		read_networks(reader, &history->networks);
	return reader->broken || reader->at != reader->end ? -1 : 0;
}

static void
replay_rate(const struct history *history, struct span shift,
    struct mono now, struct counts *counts, unsigned i)
{
	struct rate_spec spec = counts->specs[i];
	unsigned best = counts_best_for(&history->heads, spec.period);

	for (size_t j = 0; j < history->list[best].n; j++) {
		struct rate_bin bin = history->list[best].bins[j];

		rate_add(&counts->rates[i], spec, mono_add(bin.last, shift),
		    bin.count, now);
	}
}

static void
replay_networks(const struct networks *networks, struct span shift,
    struct mono now, struct counts *counts)
{
	for (unsigned i = 0; i < networks->n; i++) {
		struct claim claim = { .network = networks->list[i].addr };
		struct mono last = { networks->list[i].last };

		counts_add(counts, &claim, mono_add(last, shift), now);
	}
}

int
counter_unpack(const unsigned char *bytes, size_t len,
    const struct throttle *throttle, struct span shift, struct mono now,
    struct counts *counts_r)
{
	struct reader reader = { bytes, bytes + len, false };
	struct history history;

	memset(&history, 0, sizeof(history));
	if (!time_is_sane(shift.us) ||
	    read_history(&reader, throttle, &history) == -1)
		return -1;
	counts_begin(counts_r, throttle);
	if (history.heads.what != throttle->what || history.heads.n == 0)
		return 0;
	if (throttle->what == LIMIT_CLIENTS)
		replay_networks(&history.networks, shift, now, counts_r);
	for (unsigned i = 0; throttle->what != LIMIT_CLIENTS &&
	     i < counts_r->n; i++)
		replay_rate(&history, shift, now, counts_r, i);
	return 0;
}
