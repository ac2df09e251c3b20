/*
 * A list that grows, of which only the end is looked through.
 */
#include "core/receipts.h"

#include <stdlib.h>
#include <string.h>

enum {
	ROOM_FIRST = 8,
	/*
	 * So many of the last ones are looked through for the same place. One
	 * that was further back has a second receipt then, which is as good;
	 * a thousand domains do not make a million comparisons.
	 */
	LOOK_BACK = 64,
};

static bool
is_same(const struct receipt *a, const struct receipt *b)
{
	return a->counter == b->counter && a->period.us == b->period.us &&
	    a->part == b->part;
}

/* Nothing would come back by it. Networks have no period, and stay. */
static bool
is_gone(const struct receipt *receipt, struct mono now)
{
	return receipt->period.us != 0 &&
	    now.us - receipt->part > rate_reach(receipt->period).us;
}

static void
drop_gone(struct receipts *receipts, struct mono now)
{
	unsigned left = 0;

	for (unsigned i = 0; i < receipts->count; i++) {
		if (!is_gone(&receipts->list[i], now))
			receipts->list[left++] = receipts->list[i];
	}
	receipts->count = left;
}

/* A long message lets go what left its periods rather than grow. */
static bool
make_room(struct receipts *receipts, struct mono now)
{
	unsigned room = receipts->room * 2;

	if (receipts->count < receipts->room)
		return true;
	drop_gone(receipts, now);
	if (receipts->room == RECEIPTS_MAX ||
	    (receipts->room > 0 && receipts->count <= receipts->room / 2))
		return receipts->count < receipts->room;
	receipts->room = room == 0 ? ROOM_FIRST : room;
	receipts->list = reallocarray(receipts->list, receipts->room,
	    sizeof(*receipts->list));
	if (receipts->list == NULL)
		abort();
	return true;
}

void
receipts_add(struct receipts *receipts, const struct receipt *receipt,
    struct mono now)
{
	unsigned first = receipts->count > LOOK_BACK ?
	    receipts->count - LOOK_BACK : 0;

	for (unsigned i = receipts->count; i > first; i--) {
		struct receipt *same = &receipts->list[i - 1];

		if (is_same(same, receipt)) {
			same->cost += receipt->cost;
			return;
		}
	}
	if (make_room(receipts, now))
		receipts->list[receipts->count++] = *receipt;
}

void
receipts_clear(struct receipts *receipts)
{
	free(receipts->list);
	memset(receipts, 0, sizeof(*receipts));
}
