/*
 * Conditions of throttles, and which of them stands in for which.
 */
#include "core/limit_scope.h"

#include "core/limit_key.h"
#include "core/match.h"

#include <assert.h>
#include <string.h>

/* --- one rule --- */

static bool
takes_in(const struct throttle *throttle, const struct facts *facts)
{
	if (throttle->listeners.count != 0 &&
	    !match_name(&throttle->listeners, facts->listener))
		return false;
	if (throttle->users.count != 0 && (facts->user == NULL ||
	    !match_any(&throttle->users, facts->user)))
		return false;
	return throttle->clients.count == 0 || (facts->client.family != 0 &&
	    match_networks(&throttle->clients, &facts->client));
}

/* For rules that count by client alone, and only those. */
static bool
exempt(const struct config *config, const struct throttle *throttle,
    const struct facts *facts)
{
	const struct listener *listener;

	if (throttle->nby != 1 || throttle->by[0] != LIMIT_BY_CLIENT)
		return false;
	listener = config_find_listener(config, facts->listener);
	return listener != NULL &&
	    match_networks(&listener->exempt_clients, &facts->client);
}

static bool
excepted(const struct config *config, const struct throttle *throttle,
    const struct facts *facts)
{
	return (facts->user != NULL &&
	    match_any(&throttle->except_users, facts->user)) ||
	    (facts->client.family != 0 &&
	    match_networks(&throttle->except_clients, &facts->client)) ||
	    exempt(config, throttle, facts);
}

/* --- what stands in for what --- */

/* It has an end: the loader takes no circle (io/config_check_throttle.c). */
static bool
stands_in_for(const struct config *config, const struct throttle *rule,
    const struct throttle *other)
{
	while (rule != NULL && rule->replaces != NULL) {
		rule = config_throttle(config, rule->replaces);
		if (rule == other)
			return true;
	}
	return false;
}

static void
mark_replaced(const struct config *config, struct limit_scoped *list,
    unsigned n, const struct limit_scoped *rule)
{
	for (unsigned i = 0; i < n; i++) {
		if (list[i].scope != LIMIT_REPLACED &&
		    stands_in_for(config, rule->throttle, list[i].throttle))
			list[i].scope = LIMIT_REPLACED;
	}
}

/* The first that holds and stands in for it. */
static const struct throttle *
holder(const struct config *config, const struct limit_scoped *list,
    unsigned n, const struct throttle *replaced)
{
	for (unsigned i = 0; i < n; i++) {
		if (list[i].scope == LIMIT_APPLIES &&
		    stands_in_for(config, list[i].throttle, replaced))
			return list[i].throttle;
	}
	return NULL;
}

unsigned
limit_scope(const struct config *config, const struct facts *facts,
    unsigned whats, struct limit_scoped list_r[LIMIT_SCOPE_MAX])
{
	bool replacing = false;
	unsigned n = 0;

	for (size_t i = 0; i < config->nthrottles; i++) {
		const struct throttle *throttle = &config->throttles[i];

		if ((whats & 1U << throttle->what) == 0 ||
		    !takes_in(throttle, facts) ||
		    !limit_has_key(throttle, facts))
			continue;
		assert(n < LIMIT_SCOPE_MAX);
		replacing = replacing || throttle->replaces != NULL;
		list_r[n++] = (struct limit_scoped) { .throttle = throttle,
			.scope = excepted(config, throttle, facts) ?
			    LIMIT_EXCEPTED : LIMIT_APPLIES };
	}
	if (!replacing)
		return n;
	for (unsigned i = 0; i < n; i++) {
		const struct throttle *throttle = list_r[i].throttle;

		if (throttle->replaces != NULL &&
		    !excepted(config, throttle, facts))
			mark_replaced(config, list_r, n, &list_r[i]);
	}
	for (unsigned i = 0; i < n; i++) {
		if (list_r[i].scope == LIMIT_REPLACED)
			list_r[i].by = holder(config, list_r, n,
			    list_r[i].throttle);
	}
	return n;
}
