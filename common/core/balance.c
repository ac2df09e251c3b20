/*
 * The methods by the value of the setting.
 */
#include "core/balance.h"

#include <assert.h>

static const struct balance_method *const methods[] = {
	[BALANCE_ROUND_ROBIN] = &balance_round_robin,
	[BALANCE_RANDOM] = &balance_random,
	[BALANCE_LEAST_USED] = &balance_least_used,
	[BALANCE_AFFINITY] = &balance_affinity,
};

const struct balance_method *
balance_method(enum balance balance)
{
	assert((size_t)balance < sizeof(methods) / sizeof(methods[0]));
	return methods[balance];
}
