/*
 * First matching route wins; a condition that is not given always holds, one
 * that asks for what is not known never does.
 */
#include "core/route.h"

#include "core/match.h"

#include <string.h>

/* --- recipients --- */

static void
set_bit(uint64_t *words, size_t i)
{
	words[i / 64] |= UINT64_C(1) << (i % 64);
}

static bool
bit(const uint64_t *words, size_t i)
{
	return (words[i / 64] >> (i % 64) & 1) != 0;
}

void
route_fit_note(struct route_fit *fit, const struct config *config,
    const char *recipient)
{
	const char *domain = match_domain(recipient);

	if (fit->recipients == 0) {
		memset(fit, 0, sizeof(*fit));
		fit->generation = config->generation;
	}
	if (fit->generation != config->generation)
		return;
	fit->recipients++;
	for (size_t i = 0; i < config->nroutes; i++) {
		const struct strings *asked = &config->routes[i].recipient;

		if (asked->count > 0)
			set_bit(match_any_split(asked, recipient, domain) ?
			    fit->some : fit->miss, i);
	}
}

bool
route_fit_whole(const struct route_fit *fit, const struct config *config,
    uint32_t recipients)
{
	return recipients > 0 && fit->recipients == recipients &&
	    fit->generation == config->generation;
}

/* --- conditions --- */

static bool
holds(const struct strings *patterns, const char *text)
{
	return patterns->count == 0 ||
	    (text != NULL && match_any(patterns, text));
}

static bool
address_holds(const struct strings *patterns, const char *address,
    const char *domain)
{
	return patterns->count == 0 ||
	    (address != NULL && match_any_split(patterns, address, domain));
}

/* What a route asks for but recipients. */
static bool
rest_holds(const struct route *route, const struct facts *facts,
    const char *domain)
{
	return holds(&route->listener, facts->listener) &&
	    holds(&route->user, facts->user) &&
	    address_holds(&route->sender, facts->sender, domain);
}

static bool
recipients_hold(const struct route *route, size_t i,
    const struct facts *facts)
{
	if (route->recipient.count == 0)
		return true;
	if (facts->fit != NULL)
		return bit(facts->fit->some, i) && !bit(facts->fit->miss, i);
	return facts->recipient != NULL && address_holds(&route->recipient,
	    facts->recipient, match_domain(facts->recipient));
}

const struct route *
route_find(const struct config *config, const struct facts *facts)
{
	const char *domain =
	    facts->sender != NULL ? match_domain(facts->sender) : NULL;

	for (size_t i = 0; i < config->nroutes; i++) {
		const struct route *route = &config->routes[i];

		if (rest_holds(route, facts, domain) &&
		    recipients_hold(route, i, facts))
			return route;
	}
	return NULL;
}

const struct route *
route_in_doubt(const struct config *config, const struct facts *facts,
    const struct route *found)
{
	const char *domain =
	    facts->sender != NULL ? match_domain(facts->sender) : NULL;

	for (size_t i = 0; i < config->nroutes; i++) {
		const struct route *route = &config->routes[i];
		bool known = facts->fit != NULL || facts->recipient != NULL;

		if (route == found)
			return NULL;
		if (route->recipient.count > 0 &&
		    (!known || (facts->fit != NULL &&
		    bit(facts->fit->some, i) && bit(facts->fit->miss, i))) &&
		    rest_holds(route, facts, domain))
			return route;
	}
	return NULL;
}

bool
route_asks_session(const struct route *route)
{
	return route->user.count > 0 || route->listener.count > 0 ||
	    (route->sender.count > 0 && route->recipient.count > 0);
}
