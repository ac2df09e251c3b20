/*
 * Verbs of weirctl (core/wire.h). A question is answered by one JSON object;
 * an order by OK once it is on disk.
 */
#include "persist.h"
#include "probe_order.h"
#include "reload_order.h"
#include "show.h"

#include "core/nearest.h"
#include "io/clock.h"

#include <stdio.h>

enum { ORDER_SECONDS_MAX = 10 * 366 * 86400 };

/* --- questions --- */

static void
verb_status(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	(void)argc;
	(void)argv;
	show_reply(peer, show_status(ctx, clock_now()));
}

static void
verb_hosts(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	uint64_t from = 0;

	if (argc > 0 && wire_number(argv[0], HOSTS_MAX, &from) == -1)
		show_wrong(peer, "HOSTS takes a number");
	else
		show_reply(peer, show_hosts(ctx, from, clock_now()));
}

static void
reply_no_host(struct daemon *daemon, struct state_peer *peer,
    const char *name)
{
	const char *names[HOSTS_MAX], *near;
	char text[SHOW_WRONG_MAX];
	size_t count = daemon->model.hosts.count;

	for (size_t i = 0; i < count; i++)
		names[i] = daemon->model.hosts.list[i].name;
	near = nearest_word(name, names, count);
	(void)snprintf(text, sizeof(text), "no smart host has that name%s%s%s",
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
	show_wrong(peer, text);
}

static void
verb_host(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct host *host = hosts_find(&daemon->model.hosts, argv[0]);
	json_t *object;

	(void)argc;
	if (host == NULL) {
		reply_no_host(daemon, peer, argv[0]);
		return;
	}
	object = show_host(daemon, host, clock_now());
	json_object_set_new(object, "history", show_history(daemon, host));
	show_reply(peer, object);
}

static void
verb_connections(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	(void)argc;
	(void)argv;
	show_reply(peer, show_connections(ctx));
}

static void
verb_events(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	uint64_t after, max;

	(void)argc;
	if (wire_number(argv[0], UINT64_MAX, &after) == -1 ||
	    wire_number(argv[1], UINT32_MAX, &max) == -1)
		show_wrong(peer, "EVENTS takes a number and a count");
	else
		show_reply(peer, show_events(ctx, after, max));
}

static void
verb_past(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	(void)argc;
	show_reply(peer, show_past(ctx, argv[0]));
}

/* --- orders --- */

static void
order(struct daemon *daemon, struct state_peer *peer, const char *name,
    enum operator_state state, uint64_t seconds)
{
	struct host *host = hosts_find(&daemon->model.hosts, name);
	struct now now = clock_now();
	struct wall until = { 0 };

	if (host == NULL) {
		reply_no_host(daemon, peer, name);
		return;
	}
	if (seconds > 0)
		until.us = now.wall.us + (int64_t)seconds * SPAN_SECOND;
	host_set_order(&daemon->model.hosts, host, state, until, now);
	daemon_health_changed(daemon);
	persist_order(daemon, host, peer);
}

static void
verb_drain(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	uint64_t seconds = 0;

	if (argc > 1 && (wire_number(argv[1], ORDER_SECONDS_MAX,
	    &seconds) == -1 || seconds == 0))
		show_wrong(peer, "DRAIN takes a name and seconds");
	else
		order(ctx, peer, argv[0], OPERATOR_DRAIN, seconds);
}

static void
verb_down(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	(void)argc;
	order(ctx, peer, argv[0], OPERATOR_DOWN, 0);
}

static void
verb_enable(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	(void)argc;
	order(ctx, peer, argv[0], OPERATOR_NONE, 0);
}

static void
verb_probe(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct host *host = hosts_find(&daemon->model.hosts, argv[0]);

	(void)argc;
	if (host == NULL)
		reply_no_host(daemon, peer, argv[0]);
	else
		probe_orders_add(daemon->orders, host, peer);
}

static void
verb_reload(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;

	(void)argc;
	(void)argv;
	reload_orders_add(daemon->reload_orders, peer);
}

const struct state_verb verbs_ctl[] = {
	{ "STATUS", STATE_READ, 0, 0, false, verb_status },
	{ "HOSTS", STATE_READ, 0, 1, false, verb_hosts },
	{ "HOST", STATE_READ, 1, 1, false, verb_host },
	{ "CONNECTIONS", STATE_READ, 0, 0, false, verb_connections },
	{ "EVENTS", STATE_READ, 2, 2, false, verb_events },
	{ "PAST", STATE_READ, 1, 1, false, verb_past },
	{ "DRAIN", STATE_OPERATE, 1, 2, false, verb_drain },
	{ "DOWN", STATE_OPERATE, 1, 1, false, verb_down },
	{ "ENABLE", STATE_OPERATE, 1, 1, false, verb_enable },
	{ "PROBE", STATE_OPERATE, 1, 1, false, verb_probe },
	{ "RELOAD", STATE_OPERATE, 0, 0, false, verb_reload },
};
const size_t verbs_ctl_count = sizeof(verbs_ctl) / sizeof(verbs_ctl[0]);
