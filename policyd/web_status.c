/*
 * /status.json: what weirctl status, hosts, connections, limits and events
 * show, in one object, made in slices.
 */
#include "web_parts.h"

#include "show.h"

#include "io/clock.h"

enum { HOSTS_A_SLICE = 8, STATUS_EVENTS = 50 };

/* The list of a key, out of an object that is let go of. */
static void
add_list(struct http_answer *answer, const char *key, json_t *object)
{
	web_add(answer, key, json_incref(json_object_get(object, key)));
	json_decref(object);
}

/* --- each function is one slice or several --- */

static bool
status_head(struct web *web, struct http_answer *answer)
{
	struct now now = clock_now();

	textbuf_puts(&answer->body, "{");
	web_add(answer, "time", show_time(now.wall));
	web_add(answer, "epoch", json_string(web->daemon->epoch));
	web_add(answer, "status", show_status(web->daemon, now));
	return true;
}

static const char *const flow_names[] = {
	[FLOWS_WELL] = "well",
	[FLOWS_PARTLY] = "partly",
	[FLOWS_LAME] = "lame",
	[FLOWS_NOT] = "not",
};

/* Does mail flow, in a word and in words; the connector whose has no way. */
static bool
status_mail(struct web *web, struct http_answer *answer)
{
	const struct daemon *daemon = web->daemon;
	struct flow_lame lame;
	enum flows flows = flows_of(daemon->config, &daemon->model.hosts,
	    clock_now().wall, &lame);
	char text[FLOW_TEXT_MAX];
	json_t *mail = json_object();

	json_object_set_new(mail, "flows", json_string(flow_names[flows]));
	json_object_set_new(mail, "without",
	    text_json(lame.connector != NULL ? lame.connector->name : NULL));
	json_object_set_new(mail, "without_host", text_json(
	    lame.host != NULL ? lame.host->config->name : NULL));
	json_object_set_new(mail, "text",
	    text_json(web_flow_text(flows, &lame, text)));
	web_add(answer, "mail", mail);
	return true;
}

static json_t *
show_connector(const struct daemon *daemon, const struct connector *connector,
    struct wall now)
{
	struct flow flow = flow_of(daemon->config, &daemon->model.hosts,
	    connector, now);
	json_t *object = json_object(), *members = json_array();

	for (size_t i = 0; i < connector->nmembers; i++)
		json_array_append_new(members, text_json(
		    daemon->config->hosts[connector->members[i].host].name));
	json_object_set_new(object, "name", text_json(connector->name));
	json_object_set_new(object, "in_use", json_boolean(flow.in_use));
	json_object_set_new(object, "members", members);
	json_object_set_new(object, "usable", json_integer(flow.usable));
	return object;
}

/*
 * One row of a list a call, from answer->at on, with the brackets and commas
 * around them. False while there are more.
 */
static bool
add_row(struct http_answer *answer, const char *key, json_t *row, size_t count)
{
	if (answer->at == 0) {
		web_add_key(answer, key);
		textbuf_puts(&answer->body, "[");
	}
	if (row != NULL) {
		if (answer->at != 0)
			textbuf_puts(&answer->body, ",");
		web_add_json(answer, row);
		answer->at++;
	}
	if (answer->at < count)
		return false;
	textbuf_puts(&answer->body, "]");
	return true;
}

static bool
status_connectors(struct web *web, struct http_answer *answer)
{
	const struct config *config = web->daemon->config;
	size_t at = answer->at;

	return add_row(answer, "connectors", at < config->nconnectors ?
	    show_connector(web->daemon, &config->connectors[at],
	    clock_now().wall) : NULL, config->nconnectors);
}

static bool
status_hosts(struct web *web, struct http_answer *answer)
{
	const struct hosts *hosts = &web->daemon->model.hosts;

	for (int i = 0; i < HOSTS_A_SLICE; i++) {
		json_t *row = answer->at < hosts->count ?
		    show_host(web->daemon, &hosts->list[answer->at],
		    clock_now()) : NULL;

		if (add_row(answer, "hosts", row, hosts->count))
			return true;
	}
	return false;
}

static json_t *
show_listener(const struct daemon *daemon, const struct listener *listener)
{
	const struct gate *gate = &daemon->model.gate;
	json_t *row = json_object();

	json_object_set_new(row, "name", text_json(listener->name));
	json_object_set_new(row, "open", json_integer(
	    sessions_open(gate->sessions, listener->name)));
	json_object_set_new(row, "limit",
	    show_count(listener->max_connections));
	json_object_set_new(row, "refused", json_integer((json_int_t)
	    refusals_by(gate->refusals, listener->name)));
	return row;
}

static bool
status_listeners(struct web *web, struct http_answer *answer)
{
	const struct config *config = web->daemon->config;
	json_t *list = json_array();

	for (size_t i = 0; i < config->nlisteners; i++)
		json_array_append_new(list, show_listener(web->daemon,
		    &config->listeners[i]));
	web_add(answer, "listeners", list);
	return true;
}

static bool
status_connections(struct web *web, struct http_answer *answer)
{
	json_t *object = show_connections(web->daemon);

	web_add(answer, "connections_truncated",
	    json_boolean(json_object_get(object, "truncated") != NULL));
	add_list(answer, "connections", object);
	return true;
}

static bool
status_limits(struct web *web, struct http_answer *answer)
{
	struct wall at;

	web_add(answer, "limits", near_show(web->near, &at));
	web_add(answer, "limits_at", at.us == 0 ? json_null() : show_time(at));
	return true;
}

static bool
status_events(struct web *web, struct http_answer *answer)
{
	uint64_t last = events_last(web->daemon->model.events);

	add_list(answer, "events", show_events(web->daemon,
	    last > STATUS_EVENTS ? last - STATUS_EVENTS : 0, STATUS_EVENTS));
	textbuf_puts(&answer->body, "}\n");
	return true;
}

static bool (*const status_steps[])(struct web *, struct http_answer *) = {
	status_head,
	status_mail,
	status_connectors,
	status_hosts,
	status_listeners,
	status_connections,
	status_limits,
	status_events,
};

static bool
status_more(void *ctx, struct http_answer *answer)
{
	if (status_steps[answer->step](ctx, answer)) {
		answer->step++;
		answer->at = 0;
	}
	return answer->step < sizeof(status_steps) / sizeof(status_steps[0]);
}

void
web_status(struct web *web, const struct http_request *request,
    struct http_answer *answer)
{
	(void)web;
	(void)request;
	answer->status = 200;
	answer->type = "application/json";
	answer->more = status_more;
}
