/*
 * Connection caps of a listener. The formula stands in the header; a share of
 * what remains is at least one connection, so that a source that has none can
 * always open its first while the listener has room.
 */
#include "core/connections.h"

static uint32_t
smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t
share(const struct listener *listener, uint32_t others)
{
	uint32_t max = listener->max_connections;
	uint32_t percent = listener->max_connections_per_source_percent;
	uint64_t left, part;

	if (max == UNLIMITED || percent == UNLIMITED)
		return UNLIMITED;
	left = others < max ? max - others : 0;
	part = left * percent / 100;
	return part == 0 ? 1 : (uint32_t)part;
}

struct connections_answer
connections_ask(const struct listener *listener, uint32_t all_open,
    uint32_t own_open, bool exempt)
{
	uint32_t max = listener->max_connections;
	struct connections_answer answer = {
		.reason = REASON_OK,
		.by_source = UNLIMITED,
		.by_percent = UNLIMITED,
	};

	if (!exempt) {
		answer.by_source = listener->max_connections_per_source;
		answer.by_percent = share(listener,
		    all_open > own_open ? all_open - own_open : 0);
	}
	answer.limit = smaller(answer.by_source, answer.by_percent);
	answer.used = own_open;
	if (max != UNLIMITED && all_open >= max) {
		answer.reason = REASON_CONNECTIONS_TOTAL;
		answer.limit = max;
		answer.used = all_open;
	} else if (answer.limit != UNLIMITED && own_open >= answer.limit) {
		answer.reason = answer.by_percent < answer.by_source ?
		    REASON_CONNECTIONS_PERCENT : REASON_CONNECTIONS_SOURCE;
	}
	answer.admitted = answer.reason == REASON_OK;
	return answer;
}
