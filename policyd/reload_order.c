/*
 * An order waits for the reload that reads the file after it was given, then
 * for every milter that was connected when it was put to use.
 */
#include "reload_order.h"

#include "reload.h"
#include "show.h"

#include "core/changes.h"
#include "core/restart.h"
#include "io/loop.h"

#include <stdlib.h>
#include <string.h>

enum { ORDERS_MAX = 8, INSTANCES_MAX = 64, CHANGES_MAX = 200 };

/* An idle milter asks each second; one that hangs must not hold us up. */
static const struct timeval patience = { .tv_sec = 5 };

struct order {
	struct reload_orders *orders; /* its owner */
	struct event *late; /* milters had long enough */
	bool used;
	uint64_t ticket;
	uint64_t run; /* of the reload it waits for */
	uint64_t generation; /* it has brought; 0: not yet */
	json_t *answer;
	json_t *programs; /* of answer */
};

struct reload_orders {
	struct daemon *daemon;
	struct order list[ORDERS_MAX];
};

/* --- the answer --- */

/* ok: a milter that is waited for has null. */
static json_t *
program_add(struct order *order, const char *program, const char *instance,
    json_t *ok)
{
	json_t *row = json_object();

	json_object_set_new(row, "program", json_string(program));
	json_object_set_new(row, "instance", text_json(instance));
	json_object_set_new(row, "ok", ok);
	json_object_set_new(row, "mistakes", json_array());
	json_array_append_new(order->programs, row);
	return row;
}

static void
mistake_add(json_t *row, const char *text)
{
	json_array_append_new(json_object_get(row, "mistakes"),
	    text_json(text));
}

static bool
is_waited_for(const json_t *row)
{
	return json_is_null(json_object_get(row, "ok"));
}

/* A free place. */
static void
order_clear(struct order *order)
{
	(void)event_del(order->late);
	*order = (struct order) { .orders = order->orders,
		.late = order->late };
}

static void
answer(struct order *order)
{
	struct daemon *daemon = order->orders->daemon;
	struct state_peer *peer = state_resume(daemon->server, order->ticket);
	json_t *object = order->answer, *row;
	bool ok = true;
	size_t i;

	json_array_foreach(order->programs, i, row)
		ok = ok && json_is_true(json_object_get(row, "ok"));
	json_object_set_new(object, "ok", json_boolean(ok));
	json_object_set_new(object, "generation",
	    json_integer((json_int_t)daemon->config->generation));
	order_clear(order);
	if (peer != NULL)
		show_reply(peer, object);
	else
		json_decref(object);
}

static void
answer_if_done(struct order *order)
{
	const json_t *row;
	size_t i;

	json_array_foreach(order->programs, i, row) {
		if (is_waited_for(row))
			return;
	}
	answer(order);
}

/* --- our own part --- */

void
reload_orders_refused(struct reload_orders *orders, uint64_t run,
    const struct config_errors *errors)
{
	for (size_t i = 0; i < ORDERS_MAX; i++) {
		struct order *order = &orders->list[i];
		json_t *row;

		if (!order->used || order->generation != 0 ||
		    order->run > run)
			continue;
		row = program_add(order, "weir-policyd", NULL, json_false());
		for (size_t j = 0; j < config_errors_listed(errors); j++)
			mistake_add(row, errors->list[j]);
		json_object_set_new(order->answer, "changes", json_array());
		json_object_set_new(order->answer, "restart", json_array());
		answer(order);
	}
}

static void
change_add(void *ctx, const char *path, const char *before, const char *after)
{
	json_t *list = ctx, *row;

	if (json_array_size(list) == CHANGES_MAX)
		return;
	row = json_object();
	json_object_set_new(row, "setting", text_json(path));
	json_object_set_new(row, "before", text_json(before));
	json_object_set_new(row, "after", text_json(after));
	json_array_append_new(list, row);
}

static void
put_changes(struct order *order, const struct config *before,
    const struct config *after)
{
	json_t *changes = json_array(), *restart = json_array();
	const char *names[RESTART_MAX];
	size_t count = restart_needed(order->orders->daemon->first, after,
	    RESTART_POLICYD | RESTART_MILTER, names);

	(void)config_changes(before, after, change_add, changes);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(restart, json_string(names[i]));
	json_object_set_new(order->answer, "changes", changes);
	json_object_set_new(order->answer, "restart", restart);
}

void
reload_orders_applied(struct reload_orders *orders, uint64_t run,
    const struct config *before, const struct config *after)
{
	const char *names[INSTANCES_MAX];
	size_t count = sessions_instances(orders->daemon->model.gate.sessions,
	    names, INSTANCES_MAX);

	for (size_t i = 0; i < ORDERS_MAX; i++) {
		struct order *order = &orders->list[i];

		if (!order->used || order->generation != 0 ||
		    order->run > run)
			continue;
		order->generation = after->generation;
		put_changes(order, before, after);
		program_add(order, "weir-policyd", NULL, json_true());
		for (size_t j = 0; j < count && j < INSTANCES_MAX; j++)
			program_add(order, "weir-milter", names[j],
			    json_null());
		(void)event_add(order->late, &patience);
		answer_if_done(order);
	}
}

/* --- the milters' part --- */

void
reload_orders_milter(struct reload_orders *orders, const char *instance,
    uint64_t generation, const char *const *mistakes, size_t count)
{
	for (size_t i = 0; i < ORDERS_MAX; i++) {
		struct order *order = &orders->list[i];
		json_t *row;
		size_t j;

		if (!order->used || order->generation == 0 ||
		    order->generation > generation)
			continue;
		json_array_foreach(order->programs, j, row) {
			const char *name = json_string_value(
			    json_object_get(row, "instance"));

			if (!is_waited_for(row) || strcmp(name, instance) != 0)
				continue;
			json_object_set_new(row, "ok",
			    json_boolean(count == 0));
			for (size_t k = 0; k < count; k++)
				mistake_add(row, mistakes[k]);
		}
		answer_if_done(order);
	}
}

static void
late_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct order *order = ctx;
	json_t *row;
	size_t i;

	(void)fd;
	(void)what;
	json_array_foreach(order->programs, i, row) {
		if (!is_waited_for(row))
			continue;
		mistake_add(row, "did not say within 5 s whether it uses the "
		    "new configuration");
	}
	answer(order);
}

/* --- the whole --- */

void
reload_orders_add(struct reload_orders *orders, struct state_peer *peer)
{
	struct order *order = NULL;

	for (size_t i = 0; i < ORDERS_MAX; i++) {
		if (!orders->list[i].used)
			order = &orders->list[i];
	}
	if (order == NULL) {
		state_reply_error(peer, "ERR too many reloads are waited for; "
		    "try again");
		return;
	}
	order->used = true;
	order->ticket = state_suspend(peer);
	order->answer = json_object();
	order->programs = json_array();
	json_object_set_new(order->answer, "programs", order->programs);
	order->run = reload_start(orders->daemon->reload);
}

struct reload_orders *
reload_orders_new(struct daemon *daemon)
{
	struct reload_orders *orders = calloc(1, sizeof(*orders));

	if (orders == NULL)
		abort();
	orders->daemon = daemon;
	for (size_t i = 0; i < ORDERS_MAX; i++) {
		struct order *order = &orders->list[i];

		order->orders = orders;
		order->late = loop_event_new(daemon->base, LOOP_PRIORITY_REST,
		    -1, 0, late_cb, order);
	}
	return orders;
}

void
reload_orders_free(struct reload_orders **orders)
{
	if (*orders == NULL)
		return;
	for (size_t i = 0; i < ORDERS_MAX; i++) {
		json_decref((*orders)->list[i].answer);
		event_free((*orders)->list[i].late);
	}
	free(*orders);
	*orders = NULL;
}
