/*
 * How the messages of logins fell on the members of a connector with
 * balance = affinity, and who sent most of them: a login that is busy brings
 * its home more than its part, and nobody would see why.
 *
 * Counted are the latest messages: at SPREAD_HALVES of a connector everything
 * is halved. Of logins only the busiest are known (SPREAD_LOGINS a member), by
 * the space-saving sketch (Metwally, Agrawal, El Abbadi 2005): one with more
 * than a SPREAD_LOGINS-th of the messages of its member is always among them,
 * and its count is too high by 'over' at most.
 */
#ifndef WEIR_CORE_SPREAD_H
#define WEIR_CORE_SPREAD_H

#include "core/choose.h"

enum { SPREAD_LOGINS = 8, SPREAD_HALVES = 20000, SPREAD_TELLS = 100 };

struct spread_login {
	char user[LOGIN_MAX + 1]; /* "": free */
	uint32_t count;
	uint32_t over;
};

struct spread_member {
	uint32_t messages;
	struct spread_login logins[SPREAD_LOGINS];
};

struct spread { /* of one connector */
	uint32_t messages;
	size_t nmembers; /* 0: it has no affinity */
	struct spread_member *members;
};

struct spreads {
	size_t count;
	struct spread *list; /* in the order of the connectors */
};

void spreads_init(struct spreads *, const struct config *);
void spreads_clear(struct spreads *);

/* A decision that was given out; those that are none of a login are not. */
void spreads_note(struct spreads *, const struct config *,
    const struct facts *, const struct decision *);

/* The login with the most messages of a member, NULL: none. */
const struct spread_login *spread_busiest(const struct spread_member *);

/*
 * The member that carries a third more than its part by weight, and the login
 * that brings a quarter of that or more; false when there is none, or fewer
 * than SPREAD_TELLS messages went there.
 */
struct skew {
	size_t member;
	unsigned percent; /* of the messages of the connector */
	unsigned part; /* what its weight would give it */
	const char *user; /* NULL: no single login */
	unsigned user_percent; /* of those of the member, at least */
};
bool spread_skew(const struct spread *, const struct connector *,
    struct skew *skew_r);

#endif
