/*
 * Listeners: what belongs to which of them, and the order the rest of the suite
 * relies on.
 */
#include "io/config_load.h"

#include "core/match.h"
#include "core/message_rate.h"

#include <string.h>

static bool
has_port(const struct listener *listener, uint16_t port)
{
	for (size_t i = 0; i < listener->ports.count; i++) {
		if (listener->ports.list[i] == port)
			return true;
	}
	return false;
}

/* What a listener does not say of identity is said for all of them. */
static void
complete_listener(const struct identities *ids, struct listener *listener,
    const config_setting_t *group)
{
	if (string_in(group, "header_from") == NULL)
		listener->header_from = ids->header_from;
	if (string_in(group, "envelope") == NULL)
		listener->envelope = ids->envelope;
}

/* What an earlier listener takes never comes to a later one. */
static void
check_taken(struct loader *l, const struct listener *listener,
    const struct listener *earlier, const config_setting_t *group)
{
	if (earlier->name == NULL)
		return;
	for (size_t i = 0; i < listener->ports.count; i++) {
		if (has_port(earlier, listener->ports.list[i]))
			report_in(l, group, "ports", "%u belongs to listener "
			    "\"%s\" already", listener->ports.list[i],
			    earlier->name);
	}
	for (size_t i = 0; i < listener->daemons.count; i++) {
		char value[SHOWN_MAX];

		if (match_name(&earlier->daemons,
		    listener->daemons.list[i]))
			report_in(l, group, "daemons", "%s belongs to listener "
			    "\"%s\" already", shown(listener->daemons.list[i],
			    value), earlier->name);
	}
}

void
check_listeners(struct loader *l)
{
	struct config *config = l->config;
	config_setting_t *list = config_lookup(&l->given, "listeners");

	check_unique(l, "listeners", "name", config->listeners,
	    config->nlisteners, sizeof(struct listener));
	for (size_t i = 0; i < config->nlisteners; i++) {
		struct listener *listener = &config->listeners[i];
		config_setting_t *one =
		    config_setting_get_elem(list, (unsigned)i);
		bool reached = config_setting_is_group(one) &&
		    (config_setting_get_member(one, "ports") != NULL ||
		    config_setting_get_member(one, "daemons") != NULL);

		complete_listener(&config->identities, listener, one);
		if (listener->name == NULL)
			continue;
		if (strcmp(listener->name, "default") == 0 && reached)
			report(l, one, "takes what no other listener does, so "
			    "it has no ports and no daemons");
		else if (strcmp(listener->name, "default") != 0 && !reached)
			report(l, one, "should have ports or daemons, or no "
			    "session comes to it");
		for (size_t j = 0; j < i; j++)
			check_taken(l, listener, &config->listeners[j], one);
		check_periods(l, one, "message_rate", listener->message_rate,
		    listener->nmessage_rates);
	}
}

/* "default" stands last, whether the file has it or not. */
static void
place_default_listener(struct loader *l)
{
	struct config *config = l->config;
	size_t n = config->nlisteners, at = 0;
	struct listener *listeners =
	    arena_array(config->arena, n + 1, sizeof(*listeners));
	struct listener last;

	memset(&last, 0, sizeof(last));
	while (at < n && strcmp(config->listeners[at].name, "default") != 0)
		at++;
	if (at < n) {
		last = config->listeners[at];
	} else {
		walk_listener_defaults(l, &last);
		complete_listener(&config->identities, &last, NULL);
	}
	last.name = "default";
	for (size_t i = 0, j = 0; i < n; i++) {
		if (i != at)
			listeners[j++] = config->listeners[i];
	}
	config->nlisteners = at < n ? n : n + 1;
	listeners[config->nlisteners - 1] = last;
	config->listeners = listeners;
}

void
settle_listeners(struct loader *l)
{
	place_default_listener(l);
	message_rate_throttles(l->config);
}
