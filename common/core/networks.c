/*
 * A list in the order its networks were last seen: short enough to be walked.
 */
#include "core/networks.h"

#include <assert.h>
#include <string.h>

/* The present, or the latest time when the clock ran back since. */
static int64_t
present(const struct networks *networks, struct mono now)
{
	int64_t latest = now.us;

	if (networks->n > 0)
		latest = networks->list[networks->n - 1].last;
	return latest > now.us ? latest : now.us;
}

static unsigned
find(const struct networks *networks, const struct netaddr *addr)
{
	unsigned i = 0;

	while (i < networks->n &&
	    !netaddr_equal(&networks->list[i].addr, addr))
		i++;
	return i;
}

/* The first that was seen within the period. */
static unsigned
first_within(const struct networks *networks, struct span period,
    struct mono now)
{
	int64_t gone = present(networks, now) - period.us;
	unsigned i = 0;

	while (i < networks->n && networks->list[i].last <= gone)
		i++;
	return i;
}

struct rate_answer
networks_ask(const struct networks *networks, struct rate_spec spec,
    const struct netaddr *addr, struct mono now)
{
	unsigned first = first_within(networks, spec.period, now);
	unsigned place = find(networks, addr), used = networks->n - first;
	struct rate_answer answer = { .used = used };

	answer.fits = (place >= first && place < networks->n) ||
	    used < spec.limit;
	if (!answer.fits) {
		/* there is room when so many are left that one more fits */
		unsigned leaves = first + used - (unsigned)spec.limit;

		answer.wait = span_us(networks->list[leaves].last +
		    spec.period.us - now.us);
	}
	return answer;
}

static void
take_out(struct networks *networks, unsigned i)
{
	memmove(&networks->list[i], &networks->list[i + 1],
	    (networks->n - i - 1) * sizeof(networks->list[0]));
	networks->n--;
}

static void
put_in(struct networks *networks, const struct netaddr *addr, int64_t at)
{
	unsigned i = networks->n++;

	assert(networks->n <= NETWORKS_MAX);
	for (; i > 0 && networks->list[i - 1].last > at; i--)
		networks->list[i] = networks->list[i - 1];
	networks->list[i].addr = *addr;
	networks->list[i].last = at;
}

int64_t
networks_take(struct networks *networks, unsigned keep,
    const struct netaddr *addr, struct mono at, struct mono now,
    int64_t *at_r)
{
	int64_t latest = present(networks, now), before = NETWORKS_NEVER;
	unsigned i = find(networks, addr);

	assert(keep > 0 && keep <= NETWORKS_MAX);
	*at_r = at.us >= now.us ? latest : at.us;
	if (i < networks->n) {
		before = networks->list[i].last;
		if (before > *at_r)
			*at_r = before;
		take_out(networks, i);
	}
	while (networks->n >= keep)
		take_out(networks, 0);
	put_in(networks, addr, *at_r);
	return before;
}

void
networks_give_back(struct networks *networks, const struct netaddr *addr,
    int64_t at, int64_t before)
{
	unsigned i = find(networks, addr);

	if (i == networks->n || networks->list[i].last != at)
		return;
	take_out(networks, i);
	if (before != NETWORKS_NEVER)
		put_in(networks, addr, before);
}

void
networks_forget(struct networks *networks, struct span period,
    struct mono now)
{
	unsigned first = first_within(networks, period, now);

	memmove(&networks->list[0], &networks->list[first],
	    (networks->n - first) * sizeof(networks->list[0]));
	networks->n -= first;
}

struct span
networks_resets_in(const struct networks *networks, struct span period,
    struct mono now)
{
	if (first_within(networks, period, now) == networks->n)
		return span_us(0);
	return span_us(networks->list[networks->n - 1].last + period.us -
	    now.us);
}
