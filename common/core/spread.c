/*
 * Messages by member and busiest logins of it.
 */
#include "core/spread.h"

#include "core/text.h"

#include <stdlib.h>
#include <string.h>

static void *
zeros(size_t count, size_t size)
{
	void *bytes = calloc(count + 1, size);

	if (bytes == NULL)
		abort();
	return bytes;
}

void
spreads_init(struct spreads *spreads, const struct config *config)
{
	spreads->count = config->nconnectors;
	spreads->list = zeros(spreads->count, sizeof(*spreads->list));
	for (size_t i = 0; i < spreads->count; i++) {
		const struct connector *connector = &config->connectors[i];
		struct spread *spread = &spreads->list[i];

		if (connector->balance != BALANCE_AFFINITY)
			continue;
		spread->nmembers = connector->nmembers;
		spread->members = zeros(spread->nmembers,
		    sizeof(*spread->members));
	}
}

void
spreads_clear(struct spreads *spreads)
{
	for (size_t i = 0; i < spreads->count; i++)
		free(spreads->list[i].members);
	free(spreads->list);
	memset(spreads, 0, sizeof(*spreads));
}

/* --- counting --- */

/* A login that is not among them takes the place of the least busy one. */
static void
note_login(struct spread_member *member, const char *user)
{
	struct spread_login *least = &member->logins[0];

	for (size_t i = 0; i < SPREAD_LOGINS; i++) {
		struct spread_login *login = &member->logins[i];

		if (strcmp(login->user, user) == 0) {
			login->count++;
			return;
		}
		if (login->count < least->count)
			least = login;
	}
	if (text_copy(least->user, sizeof(least->user), user) == -1)
		return;
	least->over = least->count;
	least->count++;
}

/* Sums stay sums, and no login gets more than it had. */
static void
halve(struct spread *spread)
{
	spread->messages = 0;
	for (size_t i = 0; i < spread->nmembers; i++) {
		struct spread_member *member = &spread->members[i];

		member->messages /= 2;
		spread->messages += member->messages;
		for (size_t j = 0; j < SPREAD_LOGINS; j++) {
			struct spread_login *login = &member->logins[j];

			login->count /= 2;
			login->over = (login->over + 1) / 2;
			if (login->over > login->count)
				login->over = login->count;
		}
	}
}

static void
note(struct spread *spread, size_t member, const char *user)
{
	spread->messages++;
	spread->members[member].messages++;
	note_login(&spread->members[member], user);
	if (spread->messages >= SPREAD_HALVES)
		halve(spread);
}

void
spreads_note(struct spreads *spreads, const struct config *config,
    const struct facts *facts, const struct decision *decision)
{
	const struct connector *connector = decision->connector;
	struct spread *spread;

	if (facts->user == NULL || facts->by_network || connector == NULL ||
	    decision->nlist == 0 || decision->route == NULL ||
	    decision->route->target != ROUTE_CONNECTOR)
		return;
	spread = &spreads->list[connector - config->connectors];
	for (size_t i = 0; i < spread->nmembers; i++) {
		if (connector->members[i].host == decision->list[0]) {
			note(spread, i, facts->user);
			return;
		}
	}
}

/* --- telling --- */

static const struct spread_login *
busiest(const struct spread_member *member)
{
	const struct spread_login *most = &member->logins[0];

	for (size_t i = 1; i < SPREAD_LOGINS; i++) {
		if (member->logins[i].count > most->count)
			most = &member->logins[i];
	}
	return most;
}

const struct spread_login *
spread_busiest(const struct spread_member *member)
{
	const struct spread_login *most = busiest(member);

	return most->count > 0 ? most : NULL;
}

static unsigned
percent(uint64_t part, uint64_t whole)
{
	return (unsigned)(part * 100 / whole);
}

bool
spread_skew(const struct spread *spread, const struct connector *connector,
    struct skew *skew)
{
	const struct spread_login *login;
	const struct spread_member *member;
	uint64_t weights = 0;
	size_t most = 0;

	for (size_t i = 0; i < spread->nmembers; i++) {
		weights += connector->members[i].weight;
		if (spread->members[i].messages >
		    spread->members[most].messages)
			most = i;
	}
	if (weights == 0 || spread->members[most].messages < SPREAD_TELLS)
		return false;
	member = &spread->members[most];
	skew->member = most;
	skew->percent = percent(member->messages, spread->messages);
	skew->part = percent(connector->members[most].weight, weights);
	if (skew->percent * 3 < skew->part * 4)
		return false;
	login = busiest(member);
	skew->user = NULL;
	skew->user_percent = percent(login->count - login->over,
	    member->messages);
	if (skew->user_percent >= 25)
		skew->user = login->user;
	return true;
}
