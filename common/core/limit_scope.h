/*
 * Which rules a session is held to.
 *
 * A rule takes in a session when its users, clients and listeners (where given)
 * include it and the session has every part of its key. What happens to it
 * then:
 *
 *   excepted  except_users or except_clients name it; or the rule counts by
 *             client alone and the listener's exempt_clients name it. It is
 *             free of the rule, and counted all the same: others who share its
 *             key find less room, and weirctl limits shows what it used.
 *   replaced  a rule that takes it in, and does not except it, stands in for
 *             this one ("replaces"), or for a rule that does. It is neither
 *             asked nor counted.
 *   applies   else.
 *
 *     everyone                         alice, a guest  bob, of staff  the boss
 *     everyone  200/h                  applies         replaced       replaced
 *     staff     1000/h, replaces       -               applies        replaced
 *               everyone
 *     boss      5000/h, replaces       -               -              applies
 *               staff
 *
 * The order of the file has no part in this. When two rules stand in for the
 * same one, both hold.
 */
#ifndef WEIR_CORE_LIMIT_SCOPE_H
#define WEIR_CORE_LIMIT_SCOPE_H

#include "core/config.h"
#include "core/facts.h"
#include "core/verdict.h"

enum { /* rules that can take in one session: the file's, its listener's two */
	LIMIT_SCOPE_MAX = THROTTLES_MAX + 2,
};

enum limit_scope {
	LIMIT_APPLIES,
	LIMIT_EXCEPTED,
	LIMIT_REPLACED,
};

struct limit_scoped {
	const struct throttle *throttle;
	enum limit_scope scope;
	const struct throttle *by; /* replaced: what holds instead */
};

/*
 * The rules of these kinds (bits, 1 << LIMIT_MESSAGES and so on) that take in
 * the session, in the order of the file. Returns how many.
 */
unsigned limit_scope(const struct config *, const struct facts *,
    unsigned whats, struct limit_scoped list_r[LIMIT_SCOPE_MAX]);

#endif
