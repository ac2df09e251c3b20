/*
 * Verbs of weirctl limits (core/wire.h): what is counted, and an order to
 * forget it.
 */
#include "persist.h"
#include "show.h"

#include "core/identity.h"
#include "core/limit_key.h"
#include "core/nearest.h"
#include "core/text.h"
#include "io/clock.h"
#include "io/idn.h"
#include "io/login.h"

#include <stdio.h>
#include <string.h>

enum { WRONG_TEXT_MAX = 200, RULES_MAX = THROTTLES_MAX + 2 * LISTENERS_MAX };

static void
verb_limits(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	uint64_t cursor, budget, above = 0;

	if (wire_number(argv[0], UINT64_MAX, &cursor) == -1 ||
	    wire_number(argv[1], UINT32_MAX, &budget) == -1 || budget == 0 ||
	    (argc > 2 && wire_number(argv[2], UINT32_MAX, &above) == -1))
		state_reply_error(peer, "ERR LIMITS takes a cursor, a count "
		    "and millionths");
	else
		show_reply(peer, show_limits(ctx, &cursor, budget, above,
		    clock_now()));
}

/* --- the key an operator means --- */

static bool
is_counted(struct daemon *daemon, const char *key)
{
	const struct config *config = daemon->config;
	struct limit_row row;

	for (size_t i = 0; i < config->nthrottles; i++) {
		if (limits_find(daemon->model.gate.limits, config,
		    config->throttles[i].name, key, clock_now(), &row))
			return true;
	}
	return false;
}

/*
 * As it is typed; else in canonical form, as a login (or a sender, which looks
 * alike) or as a domain; else as the network of an address: nobody types
 * "2001:db8:1:2::/64".
 */
static const char *
key_meant(struct daemon *daemon, const char *typed, char buf[LOGIN_MAX + 1])
{
	const struct config *config = daemon->config;
	struct netaddr addr;

	if (is_counted(daemon, typed))
		return typed;
	if (login_canonical(&config->identities, typed, buf) == REASON_OK &&
	    is_counted(daemon, buf))
		return buf;
	if (idn_domain(typed, buf) == 0 && is_counted(daemon, buf))
		return buf;
	if (netaddr_parse(typed, &addr) == 0)
		return limit_source_text(&addr, limit_prefix(config), buf);
	return typed;
}

static void
verb_limit(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	char buf[LOGIN_MAX + 1];

	(void)argc;
	show_reply(peer, show_limit(ctx, key_meant(ctx, argv[0], buf),
	    clock_now()));
}

/* --- forgetting --- */

static void
reply_no_rule(const struct config *config, struct state_peer *peer,
    const char *rule)
{
	const char *names[RULES_MAX], *near;
	char text[WRONG_TEXT_MAX];
	size_t n = 0;

	for (; n < config->nthrottles && n < RULES_MAX; n++)
		names[n] = config->throttles[n].name;
	near = nearest_word(rule, names, n);
	(void)snprintf(text, sizeof(text), "ERR no throttle has that name"
	    "%s%s%s", near != NULL ? "; did you mean " : "",
	    near != NULL ? near : "", near != NULL ? "?" : "");
	state_reply_error(peer, text);
}

static void
tell(struct daemon *daemon, const char *rule, const char *key, unsigned n)
{
	struct notice notice;

	notice_init(&notice, EVENT_LIMIT_RESET, clock_now().wall);
	if (rule != NULL)
		notice_add(&notice, "rule", rule);
	notice_add(&notice, "key", key);
	notice_add_number(&notice, "counters", n);
	events_add(daemon->model.events, &notice);
}

static void
verb_reset(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	const char *rule = argc > 1 ? argv[1] : NULL;
	char buf[LOGIN_MAX + 1];
	const char *key;
	unsigned n;

	if (rule != NULL && config_throttle(daemon->config, rule) == NULL) {
		reply_no_rule(daemon->config, peer, rule);
		return;
	}
	key = key_meant(daemon, argv[0], buf);
	n = persist_reset(daemon, rule, key, peer);
	if (n == 0)
		state_reply_error(peer, "ERR nothing is counted under this "
		    "key");
	else
		tell(daemon, rule, key, n);
}

const struct state_verb verbs_limits[] = {
	{ "LIMITS", STATE_READ, 2, 3, false, verb_limits },
	{ "LIMIT", STATE_READ, 1, 1, false, verb_limit },
	{ "RESET", STATE_OPERATE, 1, 2, false, verb_reset },
};
const size_t verbs_limits_count =
    sizeof(verbs_limits) / sizeof(verbs_limits[0]);
