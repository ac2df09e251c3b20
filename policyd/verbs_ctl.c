/*
 * Verbs of weirctl (core/wire.h). A question is answered by one JSON object;
 * an order by OK once it is on disk.
 */
#include "persist.h"
#include "probe_order.h"
#include "reload_order.h"
#include "rights.h"
#include "show.h"

#include "core/identity.h"
#include "core/nearest.h"
#include "core/text.h"
#include "io/clock.h"
#include "io/idn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ERROR_TEXT_MAX_LEN = 150, ORDER_SECONDS_MAX = 10 * 366 * 86400 };

/* --- questions --- */

static void
verb_status(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	(void)argc;
	(void)argv;
	show_reply(peer, show_status(ctx, clock_now()));
}

/* "ERR" in front: wire.h, a tag for programs. */
static void
reply_wrong(struct state_peer *peer, const char *words)
{
	char text[sizeof("ERR ") + ERROR_TEXT_MAX_LEN];

	(void)snprintf(text, sizeof(text), "ERR %s", words);
	state_reply_error(peer, text);
}

static void
verb_hosts(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	uint64_t from = 0;

	if (argc > 0 && wire_number(argv[0], HOSTS_MAX, &from) == -1)
		reply_wrong(peer, "HOSTS takes a number");
	else
		show_reply(peer, show_hosts(ctx, from, clock_now()));
}

static void
reply_no_host(struct daemon *daemon, struct state_peer *peer,
    const char *name)
{
	const char *names[HOSTS_MAX], *near;
	char text[ERROR_TEXT_MAX_LEN];
	size_t count = daemon->model.hosts.count;

	for (size_t i = 0; i < count; i++)
		names[i] = daemon->model.hosts.list[i].name;
	near = nearest_word(name, names, count);
	(void)snprintf(text, sizeof(text), "no smart host has that name%s%s%s",
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
	reply_wrong(peer, text);
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
		reply_wrong(peer, "EVENTS takes a number and a count");
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

/* --- EXPLAIN [key value]... --- */

/* Each takes one value to canonical form; NULL or what would be right. */

static const char *
explain_user(struct daemon *daemon, struct explain_request *request,
    const char *value)
{
	request->has_user = true;
	request->login = identity_login(&daemon->config->identities, value,
	    request->user);
	return NULL;
}

static const char *
explain_sender(struct daemon *daemon, struct explain_request *request,
    const char *value)
{
	(void)daemon;
	if (strcmp(value, "<>") == 0)
		value = "";
	return idn_address(value, request->sender) == 0 ? NULL :
	    "sender is no address";
}

static const char *
explain_recipient(struct daemon *daemon, struct explain_request *request,
    const char *value)
{
	(void)daemon;
	if (request->nrecipients == EXPLAIN_RECIPIENTS_MAX)
		return "too many recipients";
	if (idn_address(value, request->recipients[request->nrecipients]) != 0)
		return "recipient is no address";
	request->nrecipients++;
	return NULL;
}

static const char *
explain_client(struct daemon *daemon, struct explain_request *request,
    const char *value)
{
	(void)daemon;
	return netaddr_parse(value, &request->client) == 0 ? NULL :
	    "client is no IP address";
}

static const char *
explain_listener(struct daemon *daemon, struct explain_request *request,
    const char *value)
{
	request->listener = config_find_listener(daemon->config, value);
	return request->listener != NULL ? NULL : "no listener has that name";
}

static const char *
explain_author(struct explain_request *request, enum author kind,
    const char *value)
{
	if (request->nheaders == EXPLAIN_HEADERS_MAX)
		return "too many headers";
	request->headers[request->nheaders++] = (struct author_header) {
	    .kind = kind, .value = value, .len = strlen(value) };
	return NULL;
}

static const char *
explain_from(struct daemon *daemon, struct explain_request *request,
    const char *value)
{
	(void)daemon;
	return explain_author(request, AUTHOR_FROM, value);
}

/* "Sender: alice@example.com" */
static const char *
explain_header(struct daemon *daemon, struct explain_request *request,
    const char *value)
{
	char name[sizeof("Resent-Sender")];
	size_t len = strcspn(value, ":");
	enum author kind;

	(void)daemon;
	if (value[len] != ':' ||
	    text_copy_n(name, sizeof(name), value, len) == -1)
		return "header is none that names an author";
	kind = author_by_name(name);
	return kind == AUTHORS ? "header is none that names an author" :
	    explain_author(request, kind, value + len + 1);
}

static const struct {
	const char *key;
	const char *(*take)(struct daemon *, struct explain_request *,
	    const char *value);
} explain_keys[] = {
	{ "user", explain_user },
	{ "sender", explain_sender },
	{ "recipient", explain_recipient },
	{ "client", explain_client },
	{ "listener", explain_listener },
	{ "from", explain_from },
	{ "header", explain_header },
};

static const char *
explain_take(struct daemon *daemon, struct explain_request *request,
    const char *key, const char *value)
{
	for (size_t i = 0;
	    i < sizeof(explain_keys) / sizeof(explain_keys[0]); i++) {
		if (strcmp(explain_keys[i].key, key) == 0)
			return explain_keys[i].take(daemon, request, value);
	}
	return "EXPLAIN takes user, sender, recipient, client, listener, from, "
	    "header";
}

/* NULL, or what would be right. */
static const char *
explain_parse(struct daemon *daemon, size_t argc, const char *const *argv,
    struct explain_request *request)
{
	const char *wrong = argc % 2 != 0 ? "EXPLAIN takes pairs" : NULL;

	memset(request, 0, sizeof(*request));
	request->login = REASON_OK;
	request->listener = config_listener(daemon->config, NULL, 0);
	for (size_t i = 0; wrong == NULL && i < argc; i += 2)
		wrong = explain_take(daemon, request, argv[i], argv[i + 1]);
	return wrong;
}

/* found is of the user that the question names, and held by the caller. */
void
verb_explain_answer(struct daemon *daemon, struct state_peer *peer,
    size_t argc, const char *const *argv, const struct explain_found *found)
{
	struct explain_request request;
	const char *wrong = explain_parse(daemon, argc, argv, &request);

	if (wrong != NULL) /* the listener went with a reload meanwhile */
		reply_wrong(peer, wrong);
	else
		show_reply(peer, show_explain(daemon, &request, found,
		    clock_now()));
}

static void
verb_explain(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct explain_request request;
	struct explain_found found = { .reason = REASON_OK };
	const char *wrong = explain_parse(daemon, argc, argv, &request);
	const char *user = wrong != NULL ? NULL :
	    explain_user_of(daemon->config, &request);
	struct tables *tables = rights_tables(daemon->rights);

	if (wrong != NULL) {
		reply_wrong(peer, wrong);
		return;
	}
	if (user != NULL && tables_may_wait(tables)) {
		explain_orders_add(daemon->explains, peer, user, argc, argv);
		return;
	}
	if (user != NULL)
		found.reason = tables_find(tables, user, &found.answer,
		    &found.table);
	show_reply(peer, show_explain(daemon, &request, &found, clock_now()));
	tables_let_go(&found.answer);
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
		reply_wrong(peer, "DRAIN takes a name and seconds");
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
	{ "EXPLAIN", STATE_READ, 0, WIRE_ARGS_MAX - 1, false, verb_explain },
	{ "PAST", STATE_READ, 1, 1, false, verb_past },
	{ "DRAIN", STATE_OPERATE, 1, 2, false, verb_drain },
	{ "DOWN", STATE_OPERATE, 1, 1, false, verb_down },
	{ "ENABLE", STATE_OPERATE, 1, 1, false, verb_enable },
	{ "PROBE", STATE_OPERATE, 1, 1, false, verb_probe },
	{ "RELOAD", STATE_OPERATE, 0, 0, false, verb_reload },
};
const size_t verbs_ctl_count = sizeof(verbs_ctl) / sizeof(verbs_ctl[0]);
