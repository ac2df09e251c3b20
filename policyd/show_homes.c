/*
 * Homes: why a login goes to a smart host, and which host carries more than
 * its part, by whom.
 */
#include "show.h"

#include "core/spread.h"

#include <stdio.h>

/* The usable home comes first, so what was chosen tells. */
static const char *
home_words(const struct connector *connector, const struct facts *facts,
    const char *home, const struct decision *decision)
{
	bool any = home != NULL || (connector->default_home != NULL &&
	    connector->default_home[0] != '\0');

	if (facts->user == NULL)
		return "no login, no affinity";
	if (facts->by_network)
		return "a user of the client's network has no affinity";
	if (!connector->prefer_home)
		return "homes are off (prefer_home)";
	for (size_t i = 0; i < decision->ncandidates; i++) {
		enum reason reason = decision->candidates[i].reason;

		if (reason == REASON_HOME || reason == REASON_DEFAULT_HOME)
			return reason_row(reason)->text;
	}
	return any ? "its home is not usable here, the next by name used"
	           : "no home, no default, by name";
}

json_t *
show_home(struct daemon *daemon, const struct facts *facts,
    const struct decision *decision)
{
	const struct connector *connector = decision->connector;
	const char *home = NULL;
	json_t *object;

	if (connector == NULL || connector->balance != BALANCE_AFFINITY ||
	    decision->route == NULL ||
	    decision->route->target != ROUTE_CONNECTOR)
		return json_null();
	if (facts->user != NULL && !facts->by_network)
		home = chooser_home(&daemon->model.chooser, daemon->config,
		    facts->user);
	object = json_object();
	json_object_set_new(object, "home", text_json(home));
	json_object_set_new(object, "default_home",
	    text_json(connector->default_home));
	json_object_set_new(object, "text", json_string(home_words(connector,
	    facts, home, decision)));
	return object;
}

/* --- spread --- */

static const char *
member_name(const struct config *config, const struct connector *connector,
    size_t member)
{
	return config->hosts[connector->members[member].host].name;
}

static json_t *
show_logins(const struct spread_member *member)
{
	const struct spread_login *login = spread_busiest(member);
	json_t *list = json_array();

	for (size_t i = 0; i < SPREAD_LOGINS && login != NULL; i++) {
		const struct spread_login *one = &member->logins[i];
		json_t *object;

		if (one->count == one->over)
			continue;
		object = json_object();
		json_object_set_new(object, "user", text_json(one->user));
		json_object_set_new(object, "at_least",
		    json_integer(one->count - one->over));
		json_array_append_new(list, object);
	}
	return list;
}

json_t *
show_spread(struct daemon *daemon, const struct connector *connector)
{
	const struct config *config = daemon->config;
	json_t *list = json_array();
	const struct spread *spread;

	if (connector == NULL)
		return list;
	spread = &daemon->model.spreads.list[connector - config->connectors];
	for (size_t i = 0; i < spread->nmembers; i++) {
		const struct spread_member *member = &spread->members[i];
		json_t *object = json_object();

		json_object_set_new(object, "host",
		    text_json(member_name(config, connector, i)));
		json_object_set_new(object, "messages",
		    json_integer(member->messages));
		json_object_set_new(object, "percent",
		    json_integer(spread->messages == 0 ? 0 :
		        (json_int_t)member->messages * 100 /
		            spread->messages));
		json_object_set_new(object, "logins", show_logins(member));
		json_array_append_new(list, object);
	}
	return list;
}

json_t *
show_skews(struct daemon *daemon, const struct connector *only)
{
	const struct config *config = daemon->config;
	json_t *list = json_array();

	for (size_t i = 0; i < config->nconnectors; i++) {
		const struct connector *connector = &config->connectors[i];
		json_t *object;
		struct skew skew;

		if ((only != NULL && only != connector) ||
		    !spread_skew(&daemon->model.spreads.list[i], connector,
		        &skew))
			continue;
		object = json_object();
		json_object_set_new(object, "connector",
		    text_json(connector->name));
		json_object_set_new(object, "host", text_json(
		    member_name(config, connector, skew.member)));
		json_object_set_new(object, "percent",
		    json_integer(skew.percent));
		json_object_set_new(object, "part", json_integer(skew.part));
		json_object_set_new(object, "user", text_json(skew.user));
		json_object_set_new(object, "user_percent",
		    skew.user != NULL ? json_integer(skew.user_percent)
		                      : json_null());
		json_array_append_new(list, object);
	}
	return list;
}
