/*
 * First matching route wins; a condition that is not given always holds, one
 * that asks for what is not known never does.
 */
#include "core/route.h"

#include "core/match.h"
#include "core/route_index.h"

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

void
route_fit_refuse(struct route_fit *fit, const struct config *config,
    const struct facts *facts)
{
	const struct route *route;

	if (fit->generation != config->generation || fit->refused != 0)
		return;
	route = route_find(config, facts);
	if (route != NULL && route->target == ROUTE_REJECT)
		fit->refused = (uint16_t)(1 + (route - config->routes));
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
user_holds(const struct strings *patterns, const char *user)
{
	return patterns->count == 0 ||
	    (user != NULL && match_any(patterns, user));
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
	return (route->listener.count == 0 ||
	        match_name(&route->listener, facts->listener)) &&
	    user_holds(&route->user, facts->user) &&
	    (route->client.count == 0 ||
	        match_networks(&route->client, &facts->client)) &&
	    address_holds(&route->sender, facts->sender, domain);
}

enum fit { FIT_NONE, FIT_ALL, FIT_SOME, FIT_UNKNOWN };

static enum fit
recipients_fit(const struct route *route, size_t i, const struct facts *facts)
{
	const struct route_fit *fit = facts->fit;

	if (route->recipient.count == 0)
		return FIT_ALL;
	if (fit != NULL && bit(fit->some, i))
		return bit(fit->miss, i) ? FIT_SOME : FIT_ALL;
	if (fit != NULL)
		return FIT_NONE;
	if (facts->recipient == NULL)
		return FIT_UNKNOWN;
	return match_any_address(&route->recipient, facts->recipient)
	    ? FIT_ALL : FIT_NONE;
}

struct question {
	const struct config *config;
	const struct facts *facts;
	const char *domain; /* of the sender */
	size_t doubt; /* the first route in doubt */
};

static bool
route_holds(void *ctx, size_t i)
{
	struct question *question = ctx;
	const struct route *route = &question->config->routes[i];
	enum fit fit;

	if (!rest_holds(route, question->facts, question->domain))
		return false;
	fit = recipients_fit(route, i, question->facts);
	if (fit != FIT_ALL && fit != FIT_NONE && i < question->doubt)
		question->doubt = i;
	return fit == FIT_ALL;
}

const struct route *
route_find_sure(const struct config *config, const struct facts *facts,
    const struct route **doubt_r)
{
	struct question question = { config, facts,
		facts->sender != NULL ? match_domain(facts->sender) : NULL,
		config->nroutes };
	size_t found = 0;

	*doubt_r = NULL;
	if (facts->fit != NULL && facts->fit->refused != 0)
		return &config->routes[facts->fit->refused - 1];
	if (config->route_index != NULL)
		found = route_index_find(config->route_index, question.domain,
		    facts->user, route_holds, &question);
	else
		while (found < config->nroutes &&
		    !route_holds(&question, found))
			found++;
	if (question.doubt < config->nroutes && question.doubt < found)
		*doubt_r = &config->routes[question.doubt];
	return found < config->nroutes ? &config->routes[found] : NULL;
}

const struct route *
route_find(const struct config *config, const struct facts *facts)
{
	const struct route *doubt;

	return route_find_sure(config, facts, &doubt);
}

bool
route_asks_session(const struct route *route)
{
	return route->user.count > 0 || route->listener.count > 0 ||
	    route->client.count > 0 ||
	    (route->sender.count > 0 && route->recipient.count > 0);
}
