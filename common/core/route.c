/*
 * First matching route wins; a condition that is not given always holds, one
 * that asks for what is not known never does.
 */
#include "core/route.h"

#include "core/match.h"

static bool
holds(const struct strings *patterns, const char *text)
{
	return patterns->count == 0 ||
	    (text != NULL && match_any(patterns, text));
}

static bool
sender_holds(const struct strings *patterns, const char *sender,
    const char *domain)
{
	return patterns->count == 0 ||
	    (sender != NULL && match_any_split(patterns, sender, domain));
}

const struct route *
route_find(const struct config *config, const struct facts *facts)
{
	const char *domain =
	    facts->sender != NULL ? match_domain(facts->sender) : NULL;

	for (size_t i = 0; i < config->nroutes; i++) {
		const struct route *route = &config->routes[i];

		if (holds(&route->listener, facts->listener) &&
		    holds(&route->user, facts->user) &&
		    sender_holds(&route->sender, facts->sender, domain))
			return route;
	}
	return NULL;
}

bool
route_asks_session(const struct route *route)
{
	return route->user.count > 0 || route->listener.count > 0;
}
