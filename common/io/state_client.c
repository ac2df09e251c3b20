/*
 * The pool of connections to the state, and the breaker.
 *
 * The breaker is one counter: every change from here to away and back adds
 * one, so odd means away. Changes are told in their order by whoever finds no
 * one else telling them, outside the lock.
 */
#include "io/state_client.h"

#include "core/text.h"
#include "core/wire.h"
#include "io/clock.h"
#include "io/state_pipe.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TEXT_MAX = 128,
	EPOCH_MAX = 64,
	ATTEMPTS = 2, /* a connection closed on us is replaced once */
};

struct state_client {
	struct state_client_settings settings; /* strings are those below */
	char *socket;
	char role[TEXT_MAX], instance[TEXT_MAX];

	pthread_mutex_t lock; /* of all below; never held over I/O */
	struct state_pipe *idle[STATE_POOL_MAX]; /* the last used on top */
	size_t nidle;
	char epoch[EPOCH_MAX]; /* of the owner seen last; "": none yet */
	uint64_t generation;
	uint64_t changes, told;
	bool telling;
	bool trying; /* one caller tries whether it is back */
	struct mono retry_at;
	char why[PIPE_WHY_MAX]; /* it is away */
};

struct call { /* one state_call or state_note */
	size_t argc;
	const char *const *argv;
	struct mono deadline;
	struct state_reply *reply; /* NULL: a note */
	const struct state_preface *preface; /* or NULL */
	enum state_result result;
	char why[PIPE_WHY_MAX];
};

static void
lock(struct state_client *client)
{
	(void)pthread_mutex_lock(&client->lock);
}

static void
unlock(struct state_client *client)
{
	(void)pthread_mutex_unlock(&client->lock);
}

struct state_client *
state_client_new(const struct state_client_settings *settings)
{
	struct state_client *client = calloc(1, sizeof(*client));

	if (client == NULL)
		abort();
	client->settings = *settings;
	client->socket = strdup(settings->socket);
	if (client->socket == NULL ||
	    text_copy(client->role, TEXT_MAX, settings->role) == -1 ||
	    text_copy(client->instance, TEXT_MAX, settings->instance) == -1)
		abort(); /* we choose both, so too long is a bug */
	(void)pthread_mutex_init(&client->lock, NULL);
	return client;
}

void
state_client_free(struct state_client **clientp)
{
	struct state_client *client = *clientp;

	if (client == NULL)
		return;
	for (size_t i = 0; i < client->nidle; i++)
		state_pipe_free(&client->idle[i]);
	(void)pthread_mutex_destroy(&client->lock);
	free(client->socket);
	free(client);
	*clientp = NULL;
}

/* --- connections --- */

/* What a new owner is told must arrive whole, or the next one is told it. */
static void
greet(struct state_client *client, struct state_pipe *pipe, bool epoch_new)
{
	if (client->settings.on_hello == NULL)
		return;
	client->settings.on_hello(client->settings.ctx, pipe, epoch_new);
	if (state_pipe_flush(pipe) == PIPE_OK || !epoch_new)
		return;
	lock(client);
	client->epoch[0] = '\0';
	unlock(client);
}

/* [ "weir", "1", epoch, generation ] */
static int
read_hello(struct state_client *client, const struct resp_frame *frame,
    bool *epoch_new_r)
{
	const char *const *list = frame->elements;
	uint64_t generation;

	if (frame->type != '*' || frame->count < 4 ||
	    strcmp(list[0], "weir") != 0 || strcmp(list[1], "1") != 0 ||
	    list[2][0] == '\0' || frame->lengths[2] >= EPOCH_MAX ||
	    wire_number(list[3], UINT64_MAX, &generation) == -1)
		return -1;
	lock(client);
	*epoch_new_r = strcmp(client->epoch, list[2]) != 0;
	(void)text_copy(client->epoch, EPOCH_MAX, list[2]);
	client->generation = generation;
	unlock(client);
	return 0;
}

static void
say_hello(struct state_client *client, struct state_pipe *pipe)
{
	const char *const argv[] = { "HELLO", "weir", "1", client->role,
		client->instance };
	struct resp_frame frame;
	bool epoch_new = false;

	resp_put_strings(&pipe->out, client->instance[0] == '\0' ? 4 : 5, argv);
	if (state_pipe_flush(pipe) != PIPE_OK ||
	    state_pipe_receive(pipe, &frame) != PIPE_OK)
		return;
	if (read_hello(client, &frame, &epoch_new) == 0) {
		greet(client, pipe, epoch_new);
		return;
	}
	pipe->result = PIPE_FAILED;
	(void)text_escape(pipe->why, sizeof(pipe->why),
	    frame.type == '-' ? frame.elements[0] : "no HELLO in return",
	    frame.type == '-' ? frame.lengths[0] : 18);
}

static struct state_pipe *
take_idle(struct state_client *client)
{
	struct state_pipe *pipe = NULL;

	lock(client);
	if (client->nidle > 0)
		pipe = client->idle[--client->nidle];
	unlock(client);
	return pipe;
}

/*
 * An idle connection, else a new one. Where one was closed on us the others may
 * stand for a moment only, so the next must be new.
 */
static struct state_pipe *
take_pipe(struct state_client *client, struct mono deadline, bool must_be_new)
{
	struct state_pipe *pipe;

	if (!must_be_new && (pipe = take_idle(client)) != NULL) {
		pipe->deadline = deadline;
		if (!pipe->patient)
			state_pipe_let_wait(pipe, client->settings.timeout);
		return pipe;
	}
	pipe = state_pipe_open(client->socket, deadline);
	if (pipe->result == PIPE_OK)
		say_hello(client, pipe);
	return pipe;
}

static void
give_pipe(struct state_client *client, struct state_pipe *pipe)
{
	if (pipe->result == PIPE_OK) {
		lock(client);
		if (client->nidle < STATE_POOL_MAX) {
			client->idle[client->nidle++] = pipe;
			pipe = NULL;
		}
		unlock(client);
	}
	state_pipe_free(&pipe);
}

/* --- one call --- */

/* Copies a frame: the pointers, then the strings they point to. */
static void
copy_reply(const struct resp_frame *frame, struct state_reply *reply)
{
	size_t size = frame->count * sizeof(char *);
	const char **list;
	char *bytes;

	for (size_t i = 0; i < frame->count; i++)
		size += frame->lengths[i] + 1;
	list = malloc(size);
	if (list == NULL)
		abort();
	bytes = (char *)(list + frame->count);
	for (size_t i = 0; i < frame->count; i++) {
		list[i] = bytes;
		memcpy(bytes, frame->elements[i], frame->lengths[i] + 1);
		bytes += frame->lengths[i] + 1;
	}
	reply->elements = list;
	reply->count = frame->count;
	reply->owner = list;
}

static void
take_reply(struct call *call, const struct resp_frame *frame)
{
	call->result = frame->type == '-' ? STATE_ERROR : STATE_OK;
	if (call->result == STATE_OK)
		copy_reply(frame, call->reply);
	else
		(void)text_escape(call->reply->error,
		    sizeof(call->reply->error), frame->elements[0],
		    frame->lengths[0]);
}

static enum pipe_result
attempt(struct state_client *client, struct call *call, bool again)
{
	struct state_pipe *pipe = take_pipe(client, call->deadline, again);
	struct resp_frame frame;
	enum pipe_result result;

	if (pipe->result == PIPE_OK) {
		if (call->preface != NULL)
			call->preface->fn(call->preface->ctx, pipe);
		resp_put_strings(&pipe->out, call->argc, call->argv);
		(void)state_pipe_flush(pipe);
	}
	if (pipe->result == PIPE_OK && call->reply == NULL)
		call->result = STATE_OK;
	else if (pipe->result == PIPE_OK &&
		 state_pipe_receive(pipe, &frame) == PIPE_OK)
		take_reply(call, &frame);
	(void)text_copy(call->why, sizeof(call->why), pipe->why);
	result = pipe->result;
	give_pipe(client, pipe);
	return result;
}

/* --- the breaker --- */

static bool
is_away(const struct state_client *client)
{
	return client->changes % 2 == 1;
}

/* Tells changes not told yet; locked. */
static void
tell_changes(struct state_client *client)
{
	if (client->telling)
		return;
	client->telling = true;
	while (client->told < client->changes) {
		bool away = ++client->told % 2 == 1;

		unlock(client);
		if (client->settings.on_change != NULL)
			client->settings.on_change(client->settings.ctx, away);
		lock(client);
	}
	client->telling = false;
}

/* May this call go out? *trial_r: it is the one that tries. */
static bool
enter(struct state_client *client, bool *trial_r)
{
	bool may = true;

	*trial_r = false;
	lock(client);
	if (is_away(client)) {
		may = !client->trying &&
		      !mono_before(clock_now().mono, client->retry_at);
		*trial_r = may;
		client->trying = client->trying || may;
	}
	unlock(client);
	return may;
}

/*
 * Only the trial brings the state back: an answer to a question asked before
 * it went says nothing of now.
 */
static void
leave(struct state_client *client, const struct call *call, bool trial)
{
	bool away = call->result == STATE_AWAY;

	lock(client);
	if (trial)
		client->trying = false;
	if (away && (trial || !is_away(client))) {
		client->retry_at = mono_add(clock_now().mono, STATE_RETRY);
		(void)text_copy(client->why, sizeof(client->why), call->why);
	}
	if (away ? !is_away(client) : trial)
		client->changes++;
	tell_changes(client);
	unlock(client);
}

static enum state_result
run(struct state_client *client, struct call *call)
{
	enum pipe_result result = PIPE_CLOSED;
	bool trial;

	call->result = STATE_AWAY;
	call->deadline = mono_add(clock_now().mono, client->settings.timeout);
	if (!enter(client, &trial)) {
		state_why(client, call->why);
		return STATE_AWAY;
	}
	for (int i = 0; i < ATTEMPTS && result == PIPE_CLOSED; i++)
		result = attempt(client, call, i > 0);
	leave(client, call, trial);
	return call->result;
}

enum state_result
state_call_behind(struct state_client *client,
    const struct state_preface *preface, size_t argc, const char *const *argv,
    struct state_reply *reply_r)
{
	struct call call = { .argc = argc, .argv = argv, .reply = reply_r,
		.preface = preface };

	*reply_r = (struct state_reply){ 0 };
	if (run(client, &call) == STATE_AWAY)
		(void)text_copy(
		    reply_r->error, sizeof(reply_r->error), call.why);
	return call.result;
}

enum state_result
state_call(struct state_client *client, size_t argc, const char *const *argv,
    struct state_reply *reply_r)
{
	return state_call_behind(client, NULL, argc, argv, reply_r);
}

void
state_reply_free(struct state_reply *reply)
{
	free(reply->owner);
	*reply = (struct state_reply){ 0 };
}

enum state_result
state_note(struct state_client *client, size_t argc, const char *const *argv)
{
	struct call call = { .argc = argc, .argv = argv };

	return run(client, &call);
}

bool
state_away(struct state_client *client)
{
	bool away;

	lock(client);
	away = is_away(client);
	unlock(client);
	return away;
}

void
state_why(struct state_client *client, char why_r[STATE_WHY_TEXT])
{
	lock(client);
	(void)text_copy(why_r, STATE_WHY_TEXT, client->why);
	unlock(client);
}

uint64_t
state_generation(struct state_client *client)
{
	uint64_t generation;

	lock(client);
	generation = client->generation;
	unlock(client);
	return generation;
}
