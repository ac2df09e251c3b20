/*
 * The state protocol's server: who is asked what, and whose turn it is.
 */
#include "io/state_server.h"

#include "core/text.h"
#include "io/loop.h"
#include "io/state_peer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void
ping_fn(
    void *ctx, struct state_peer *peer, size_t argc, const char *const *argv)
{
	(void)ctx;
	if (argc == 0)
		state_reply_status(peer, "PONG");
	else
		state_reply_bulk(peer, argv[0], strlen(argv[0]));
}

static bool
is_instance_name(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return len > 0 && len < STATE_INSTANCE_MAX;
}

/* Why this HELLO is refused; NULL when it is not. */
static const char *
hello_problem(
    const struct state_peer *peer, size_t argc, const char *const *argv)
{
	bool milter = strcmp(argv[2], "milter") == 0;

	if (peer->greeted)
		return "ERR HELLO was said before";
	if (strcmp(argv[0], "weir") != 0 || strcmp(argv[1], "1") != 0)
		return "ERR HELLO weir 1 is spoken here";
	if (!milter && strcmp(argv[2], "ctl") != 0)
		return "ERR HELLO as milter or ctl";
	if (argc == 4 && !is_instance_name(argv[3]))
		return "ERR no name for an instance";
	if (milter && !(peer->roles & STATE_REPORT))
		return "NOPERM this user may not report (state.daemons)";
	return NULL;
}

static void
hello_fn(
    void *ctx, struct state_peer *peer, size_t argc, const char *const *argv)
{
	const struct state_server *server = peer->server;
	const char *problem = hello_problem(peer, argc, argv);
	bool milter = strcmp(argv[2], "milter") == 0;
	char generation[24];
	const char *reply[] = { "weir", "1", server->settings.epoch,
		generation };

	(void)ctx;
	if (problem != NULL) {
		state_reply_error(peer, problem);
		return;
	}
	peer->greeted = true;
	peer->lowered = STATE_READ | (milter ? STATE_REPORT : STATE_OPERATE);
	(void)snprintf(generation, sizeof(generation), "%llu",
	    (unsigned long long)server->generation);
	state_reply_strings(peer, reply, 4);
	if (!milter || argc < 4)
		return;
	(void)text_copy(peer->instance, sizeof(peer->instance), argv[3]);
	if (server->settings.instance_up != NULL)
		server->settings.instance_up(
		    server->settings.ctx, peer->instance);
}

static const struct state_verb own_verbs[] = {
	{ "HELLO", STATE_READ, 3, 4, false, hello_fn },
	{ "PING", STATE_READ, 0, 1, false, ping_fn },
};

static const struct state_verb *
find_verb(const struct state_verb *verbs, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

/* A request the verb's function does not get to see. */
static void
refuse_request(
    struct state_peer *peer, const struct state_verb *verb, const char *error)
{
	char text[STATE_WHY_MAX];

	(void)snprintf(text, sizeof(text), "%s: %s", error, verb->name);
	state_reply_error(peer, text);
}

void
state_server_request(struct state_peer *peer, const struct resp_frame *frame)
{
	const struct state_server_settings *settings = &peer->server->settings;
	const struct state_verb *verb = find_verb(own_verbs,
	    sizeof(own_verbs) / sizeof(own_verbs[0]), frame->elements[0]);
	size_t argc = frame->count - 1;

	if (verb == NULL)
		verb = find_verb(
		    settings->verbs, settings->nverbs, frame->elements[0]);
	peer->note = verb != NULL && verb->note;
	peer->answered = false;
	if (verb == NULL)
		state_reply_error(peer, "ERR unknown command");
	else if (!(state_peer_roles(peer) & verb->role))
		refuse_request(peer, verb, "NOPERM your role does not allow");
	else if (argc < verb->min_args || argc > verb->max_args)
		refuse_request(peer, verb, "ERR wrong number of arguments");
	else
		verb->fn(settings->ctx, peer, argc, frame->elements + 1);
	assert(peer->note || peer->answered || peer->ticket != 0 || peer->gone);
	peer->note = false;
}

/*
 * Those who were stopped go on, in their order, until the time is up again.
 * A timer that is due at once comes round with the next look at the
 * descriptors, behind the policy sockets that are ready by then; an event made
 * active by its own callback would keep the loop from ever looking.
 */
static void
turn_cb(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval at_once = { 0 };
	struct state_server *server = arg;
	struct state_peers stopped = TAILQ_HEAD_INITIALIZER(stopped);
	struct state_peer *peer;

	(void)fd;
	(void)what;
	server->spent_us = 0;
	TAILQ_CONCAT(&stopped, &server->again, again_link);
	while ((peer = TAILQ_FIRST(&stopped)) != NULL &&
	       server->spent_us < STATE_TURN_US) {
		TAILQ_REMOVE(&stopped, peer, again_link);
		peer->again = false;
		state_peer_wake(peer);
	}
	TAILQ_CONCAT(&stopped, &server->again, again_link);
	TAILQ_CONCAT(&server->again, &stopped, again_link);
	if (!TAILQ_EMPTY(&server->again))
		(void)event_add(server->turn, &at_once);
}

static void
accepted(void *ctx, int fd)
{
	state_peer_open(ctx, fd);
}

static void
take(struct state_server *server, uint64_t generation,
    struct state_roles *roles)
{
	server->generation = generation;
	server->roles = *roles;
	memset(roles, 0, sizeof(*roles));
}

struct state_server *
state_server_new(struct event_base *base, int fd,
    const struct state_server_settings *settings, uint64_t generation,
    struct state_roles *roles)
{
	struct state_server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		abort();
	server->settings = *settings;
	server->base = base;
	take(server, generation, roles);
	TAILQ_INIT(&server->peers);
	TAILQ_INIT(&server->again);
	server->turn = loop_event_new(base, LOOP_PRIORITY_POLICY, -1, 0,
	    turn_cb, server);
	server->complaints =
	    complaints_new(base, "state", "clients closed for what they sent");
	server->acceptor = acceptor_new(
	    base, fd, STATE_CLIENTS_MAX, "state", accepted, server);
	return server;
}

void
state_server_free(struct state_server **serverp)
{
	struct state_server *server = *serverp;
	struct state_peer *peer;

	if (server == NULL)
		return;
	while ((peer = TAILQ_FIRST(&server->peers)) != NULL)
		state_peer_close(peer);
	acceptor_free(&server->acceptor);
	complaints_free(&server->complaints);
	state_roles_clear(&server->roles);
	event_free(server->turn);
	free(server);
	*serverp = NULL;
}

void
state_server_reload(struct state_server *server, uint64_t generation,
    struct state_roles *roles)
{
	struct state_peer *peer;

	state_roles_clear(&server->roles);
	take(server, generation, roles);
	TAILQ_FOREACH(peer, &server->peers, link)
		peer->roles = state_roles_of(&server->roles, peer->user.uid);
}

uint32_t
state_server_clients(const struct state_server *server)
{
	return acceptor_open(server->acceptor);
}
