/*
 * throttles: what can be counted by what, and which rule stands in for which.
 */
#include "io/config_load.h"

#include "core/networks.h"

#include <inttypes.h>
#include <string.h>

#define BIT(by) (1U << (by))

static const char *const by_names[] = {
	[LIMIT_BY_USER] = "user",
	[LIMIT_BY_CLIENT] = "client",
	[LIMIT_BY_SENDER] = "sender",
	[LIMIT_BY_SENDER_DOMAIN] = "sender-domain",
	[LIMIT_BY_RECIPIENT_DOMAIN] = "recipient-domain",
	[LIMIT_BY_LISTENER] = "listener",
};

/* What is known when each is counted; in words what would be right. */
static const struct {
	unsigned fits; /* bits of enum limit_by */
	const char *right;
} keys[LIMIT_WHATS] = {
	[LIMIT_MESSAGES] = { BIT(LIMIT_BY_USER) | BIT(LIMIT_BY_CLIENT) |
		BIT(LIMIT_BY_SENDER) | BIT(LIMIT_BY_SENDER_DOMAIN) |
		BIT(LIMIT_BY_LISTENER),
	    "a message may have recipients in several domains; count "
	    "\"recipients\" by it" },
	[LIMIT_RECIPIENTS] = { ~0U, "" },
	[LIMIT_BYTES] = { BIT(LIMIT_BY_USER) | BIT(LIMIT_BY_CLIENT) |
		BIT(LIMIT_BY_SENDER) | BIT(LIMIT_BY_SENDER_DOMAIN) |
		BIT(LIMIT_BY_LISTENER),
	    "a message may have recipients in several domains; count "
	    "\"recipients\" by it" },
	[LIMIT_CONNECTIONS] = { BIT(LIMIT_BY_CLIENT) |
		BIT(LIMIT_BY_LISTENER),
	    "a connection is counted before anyone has logged in or sent; "
	    "count it by \"client\", \"listener\" or both" },
	[LIMIT_CLIENTS] = { BIT(LIMIT_BY_USER) | BIT(LIMIT_BY_LISTENER),
	    "the networks of a login are counted by \"user\", or by "
	    "\"user\" and \"listener\"" },
};

static bool
has_by(const struct throttle *throttle, enum limit_by by)
{
	for (unsigned i = 0; i < throttle->nby; i++) {
		if (throttle->by[i] == by)
			return true;
	}
	return false;
}

static void
check_by(struct loader *l, const struct throttle *throttle,
    const config_setting_t *group)
{
	const char *what = limit_what_name(throttle->what);
	unsigned fits = keys[throttle->what].fits;

	for (unsigned i = 0; i < throttle->nby; i++) {
		if ((fits & BIT(throttle->by[i])) == 0)
			report_in(l, group, "by", "\"%s\" does not fit what = "
			    "\"%s\": %s", by_names[throttle->by[i]], what,
			    keys[throttle->what].right);
	}
	if (throttle->what == LIMIT_CLIENTS && throttle->nby > 0 &&
	    !has_by(throttle, LIMIT_BY_USER))
		report_in(l, group, "by", "what = \"clients\" needs \"user\": "
		    "%s", keys[LIMIT_CLIENTS].right);
}

static void
check_whom(struct loader *l, const struct throttle *throttle,
    const config_setting_t *group)
{
	const char *const names[] = { "users", "except_users" };
	const struct strings *lists[] = { &throttle->users,
		&throttle->except_users };

	for (size_t i = 0; throttle->what == LIMIT_CONNECTIONS && i < 2; i++) {
		if (lists[i]->count > 0)
			report_in(l, group, names[i], "cannot be asked of a "
			    "connection, before anyone has logged in; name "
			    "clients instead");
	}
}

static void
check_networks(struct loader *l, const struct throttle *throttle,
    const config_setting_t *group)
{
	for (unsigned i = 0; throttle->what == LIMIT_CLIENTS &&
	     i < throttle->nrates; i++) {
		if (throttle->rates[i].limit > NETWORKS_LIMIT_MAX)
			report_in(l, group, "limit", "%" PRIu64 " networks "
			    "are more than can be told apart; it should be "
			    "1 to %d", throttle->rates[i].limit,
			    NETWORKS_LIMIT_MAX);
	}
}

static void
check_counted(struct loader *l, const struct throttle *throttle,
    const config_setting_t *group)
{
	check_by(l, throttle, group);
	check_whom(l, throttle, group);
	check_networks(l, throttle, group);
}

void
check_periods(struct loader *l, const config_setting_t *group, const char *key,
    const struct rate_spec *rates, unsigned count)
{
	for (unsigned j = 1; j < count; j++) {
		for (unsigned k = 0; k < j; k++) {
			if (rates[j].period.us == rates[k].period.us)
				report_in(l, group, key, "has two rates of one "
				    "period; keep the smaller");
		}
	}
}

/* --- replaces --- */

static const struct throttle *
find(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->nthrottles; i++) {
		const struct throttle *throttle = &config->throttles[i];

		if (throttle->name != NULL && strcmp(throttle->name, name) == 0)
			return throttle;
	}
	return NULL;
}

/*
 * A circle is told where the first of it stands in the file. One may lie ahead
 * that does not lead back here: hence the count.
 */
static bool
begins_circle(const struct config *config, const struct throttle *throttle)
{
	const struct throttle *next = throttle;

	for (size_t i = 0; i <= config->nthrottles; i++) {
		next = next->replaces == NULL ? NULL :
		                                find(config, next->replaces);
		if (next == NULL || next <= throttle)
			return next == throttle;
	}
	return false;
}

static bool
names_somebody(const struct throttle *throttle)
{
	return throttle->users.count > 0 || throttle->clients.count > 0 ||
	    throttle->listeners.count > 0;
}

static void
check_replaces(struct loader *l, const struct throttle *throttle,
    const config_setting_t *group)
{
	const struct config *config = l->config;
	const struct throttle *other;
	size_t at;

	if (throttle->replaces == NULL)
		return;
	at = find_name(l, group, "replaces", throttle->replaces, "throttle",
	    config->throttles, config->nthrottles, sizeof(*other));
	if (at == config->nthrottles)
		return;
	other = &config->throttles[at];
	if (begins_circle(config, throttle))
		report_in(l, group, "replaces", "\"%s\" leads back to this "
		    "throttle; one of them must stand for itself",
		    throttle->replaces);
	else if (other->what != throttle->what)
		report_in(l, group, "replaces", "\"%s\" counts %s and this one "
		    "%s; both should count the same", throttle->replaces,
		    limit_what_name(other->what),
		    limit_what_name(throttle->what));
	else if (!names_somebody(throttle))
		report_in(l, group, "replaces", "\"%s\" would never hold, "
		    "since this one is for everybody; name the users, clients "
		    "or listeners it is for", throttle->replaces);
}

/* --- all of it --- */

void
check_throttles(struct loader *l)
{
	struct config *config = l->config;
	config_setting_t *list = config_lookup(&l->given, "throttles");

	check_unique(l, "throttles", "name", config->throttles,
	    config->nthrottles, sizeof(struct throttle));
	for (size_t i = 0; i < config->nthrottles; i++) {
		struct throttle *throttle = &config->throttles[i];
		config_setting_t *one =
		    config_setting_get_elem(list, (unsigned)i);

		check_listener_names(l, one, "listeners", &throttle->listeners);
		check_periods(l, one, "limit", throttle->rates,
		    throttle->nrates);
		check_counted(l, throttle, one);
		check_replaces(l, throttle, one);
	}
}
