/*
 * Status and events; and the pieces every answer is made of.
 */
#include "show.h"

#include "autoconfig.h"

#include "core/text.h"
#include "io/clock.h"
#include "io/notice_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INSTANCES_MAX = 64,
	JSON_FLAGS = JSON_COMPACT | JSON_REAL_PRECISION(6) };

void
show_reply(struct state_peer *peer, json_t *object)
{
	char *text = json_dumps(object, JSON_FLAGS);

	if (text == NULL)
		abort();
	state_reply_bulk(peer, text, strlen(text));
	free(text);
	json_decref(object);
}

void
show_wrong(struct state_peer *peer, const char *words)
{
	char text[sizeof("ERR ") + SHOW_WRONG_MAX];

	(void)snprintf(text, sizeof(text), "ERR %s", words);
	state_reply_error(peer, text);
}

json_t *
show_time(struct wall at)
{
	char text[WALL_TEXT_MAX];

	return json_string(wall_format(at, text));
}

json_t *
show_count(uint32_t count)
{
	return count == UNLIMITED ? json_null() : json_integer(count);
}

json_t *
show_seconds(struct span span)
{
	return json_integer((span.us + SPAN_SECOND - 1) / SPAN_SECOND);
}

json_t *
show_address(const struct netaddr *addr)
{
	char text[NETADDR_TEXT_MAX];

	if (addr->family == 0)
		return json_null();
	return json_string(netaddr_format(addr, text));
}

/* --- status --- */

static json_t *
status_state(const struct daemon *daemon)
{
	json_t *state = json_object();
	const char *file =
	    daemon->store != NULL ? store_path(daemon->store) : NULL;

	json_object_set_new(state, "backend",
	    json_string(file != NULL ? "sqlite" : "memory"));
	json_object_set_new(state, "keys", json_integer(
	    (json_int_t)limits_count(daemon->model.gate.limits)));
	json_object_set_new(state, "max_keys",
	    json_integer(daemon->first->state.max_keys));
	json_object_set_new(state, "file", text_json(file));
	json_object_set_new(state, "failing", json_boolean(
	    daemon->store != NULL && store_failing(daemon->store)));
	return state;
}

static json_t *
status_milters(const struct daemon *daemon)
{
	const char *names[INSTANCES_MAX];
	size_t count = sessions_instances(daemon->model.gate.sessions, names,
	    INSTANCES_MAX);
	json_t *milters = json_array();

	for (size_t i = 0; i < count && i < INSTANCES_MAX; i++) {
		json_t *milter = json_object();

		json_object_set_new(milter, "instance", text_json(names[i]));
		json_array_append_new(milters, milter);
	}
	return milters;
}

/* Answers by what was decided: {"routed": 12, "no_route": 3}. */
static json_t *
status_policy(const struct model *model)
{
	json_t *policy = json_object(), *answered = json_object();

	for (int i = 0; i < REASON_COUNT; i++) {
		if (model->answered[i] > 0)
			json_object_set_new(answered,
			    reason_tag((enum reason)i),
			    json_integer((json_int_t)model->answered[i]));
	}
	json_object_set_new(policy, "requests",
	    json_integer((json_int_t)model->requests));
	json_object_set_new(policy, "answered", answered);
	json_object_set_new(policy, "lookups",
	    json_integer((json_int_t)model->lookups));
	json_object_set_new(policy, "default_transport",
	    json_sprintf("%s:%s", model->default_transport.mailer,
	    model->default_transport.host));
	return policy;
}

static json_t *
status_hosts(const struct daemon *daemon, struct now now)
{
	static const char *const states[] = { "healthy", "unhealthy",
		"drained", "down" };
	const struct hosts *hosts = &daemon->model.hosts;
	json_t *object = json_object();

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		json_int_t count = 0;

		for (size_t j = 0; j < hosts->count; j++)
			count += strcmp(host_state_name(&hosts->list[j],
			    now.wall), states[i]) == 0;
		json_object_set_new(object, states[i], json_integer(count));
	}
	return object;
}

json_t *
show_status(struct daemon *daemon, struct now now)
{
	json_t *status = json_object();
	const struct model *model = &daemon->model;

	json_object_set_new(status, "version", json_string(VERSION));
	json_object_set_new(status, "generation",
	    json_integer((json_int_t)daemon->config->generation));
	json_object_set_new(status, "uptime", json_integer(
	    mono_since(now.mono, daemon->started.mono).us / SPAN_SECOND));
	json_object_set_new(status, "state", status_state(daemon));
	json_object_set_new(status, "milters", status_milters(daemon));
	json_object_set_new(status, "hosts", status_hosts(daemon, now));
	json_object_set_new(status, "policy", status_policy(model));
	json_object_set_new(status, "skew", show_skews(daemon, NULL));
	json_object_set_new(status, "limits", show_tallies(daemon));
	json_object_set_new(status, "connections", json_integer(
	    (json_int_t)sessions_count(model->gate.sessions)));
	return status;
}

/* --- events --- */

json_t *
show_notice(const struct notice *notice)
{
	json_t *object = notice_json(notice);

	json_object_set_new(object, "seq",
	    json_integer((json_int_t)notice->seq));
	return object;
}

json_t *
show_events(struct daemon *daemon, uint64_t after, size_t max)
{
	json_t *object = json_object(), *list = json_array();
	const struct events *events = daemon->model.events;
	const struct notice *notice = NULL;

	if (max > SHOW_EVENTS_MAX)
		max = SHOW_EVENTS_MAX;
	while (json_array_size(list) < max &&
	    (notice = events_next(events, after)) != NULL) {
		json_array_append_new(list, show_notice(notice));
		after = notice->seq;
	}
	json_object_set_new(object, "events", list);
	json_object_set_new(object, "last",
	    json_integer((json_int_t)events_last(events)));
	json_object_set_new(object, "epoch", json_string(daemon->epoch));
	return object;
}
