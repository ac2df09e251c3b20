/*
 * The pool of connections to one socketmap, and its breaker.
 */
#include "io/socketmap_client.h"

#include "core/text.h"
#include "io/clock.h"
#include "io/deadline.h"
#include "io/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROOM_FIRST = 4096, MAP_MAX = 64 };

struct socketmap_client {
	union listen_sockaddr address;
	socklen_t address_len;
	char map[MAP_MAX];
	char *shown;

	pthread_mutex_t lock; /* of all below; never held over a wait */
	int idle[SOCKETMAP_POOL_MAX]; /* the last used on top */
	size_t nidle;
	bool away;
	bool trying; /* one caller tries whether it is back */
	struct mono retry_at;
};

struct question { /* one call */
	char request[SOCKETMAP_WIRE_MAX];
	size_t request_len;
	struct mono deadline;
	char *bytes; /* of the answer, for free() */
	size_t len, room;
	bool closed; /* before a byte of it came: worth a second try */
	char *why;
};

static void
lock(struct socketmap_client *client)
{
	(void)pthread_mutex_lock(&client->lock);
}

static void
unlock(struct socketmap_client *client)
{
	(void)pthread_mutex_unlock(&client->lock);
}

struct socketmap_client *
socketmap_client_new(const struct listen_address *address, const char *map,
    const char *shown)
{
	struct socketmap_client *client = calloc(1, sizeof(*client));

	if (client == NULL || (client->shown = strdup(shown)) == NULL ||
	    text_copy(client->map, sizeof(client->map), map) == -1)
		abort();
	client->address_len = listen_sockaddr(address, &client->address);
	(void)pthread_mutex_init(&client->lock, NULL);
	return client;
}

void
socketmap_client_free(struct socketmap_client **client_p)
{
	struct socketmap_client *client = *client_p;

	if (client == NULL)
		return;
	for (size_t i = 0; i < client->nidle; i++)
		(void)close(client->idle[i]);
	(void)pthread_mutex_destroy(&client->lock);
	free(client->shown);
	free(client);
	*client_p = NULL;
}

/* --- connections --- */

static void
fail(struct question *question, const char *why)
{
	(void)text_escape(question->why, SOCKETMAP_WHY_MAX, why, strlen(why));
}

/* Still open, and nothing came that was not asked for. */
static bool
is_quiet(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == -1 &&
	    (errno == EAGAIN || errno == EINTR);
}

static int
take_idle(struct socketmap_client *client)
{
	int fd = -1;

	lock(client);
	while (client->nidle > 0 && fd == -1) {
		fd = client->idle[--client->nidle];
		if (!is_quiet(fd)) {
			(void)close(fd);
			fd = -1;
		}
	}
	unlock(client);
	return fd;
}

static void
give_back(struct socketmap_client *client, int fd)
{
	lock(client);
	if (client->nidle < SOCKETMAP_POOL_MAX) {
		client->idle[client->nidle++] = fd;
		fd = -1;
	}
	unlock(client);
	if (fd != -1)
		(void)close(fd);
}

static int
connect_new(struct socketmap_client *client, struct question *question)
{
	int fd = socket(client->address.sa.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd != -1 && deadline_connect(fd, &client->address.sa,
	    client->address_len, question->deadline) == 0)
		return fd;
	fail(question, errno == ETIMEDOUT ? "no connection in time" :
	                                    strerror(errno));
	if (fd != -1)
		(void)close(fd);
	return -1;
}

/* --- one question --- */

static bool
send_request(struct question *question, int fd)
{
	size_t sent = 0;

	while (sent < question->request_len) {
		ssize_t n = send(fd, question->request + sent,
		    question->request_len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			sent += (size_t)n;
		} else if (errno == EAGAIN) {
			if (deadline_wait(fd, POLLOUT,
			    question->deadline) == 0)
				continue;
			fail(question, "it takes no question in time");
			return false;
		} else if (errno != EINTR) {
			question->closed = true;
			fail(question, strerror(errno));
			return false;
		}
	}
	return true;
}

static void
make_room(struct question *question)
{
	if (question->len < question->room)
		return;
	question->room = question->room == 0 ? ROOM_FIRST : 2 * question->room;
	question->bytes = realloc(question->bytes, question->room);
	if (question->bytes == NULL)
		abort();
}

/* More of the answer; it never grows beyond what the parser would take. */
static bool
receive_some(struct question *question, int fd)
{
	ssize_t n;

	make_room(question);
	if (deadline_wait(fd, POLLIN, question->deadline) == -1) {
		fail(question, "no answer in time");
		return false;
	}
	n = recv(fd, question->bytes + question->len,
	    question->room - question->len, MSG_DONTWAIT);
	if (n > 0)
		question->len += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		question->closed = question->len == 0;
		fail(question, "closed before the answer");
		return false;
	}
	return true;
}

static bool
receive_answer(struct question *question, int fd,
    struct socketmap_answer *answer)
{
	enum socketmap_parse parsed = SOCKETMAP_PARSE_MORE;
	const char *why = NULL;
	size_t used = 0;

	while (parsed == SOCKETMAP_PARSE_MORE) {
		if (!receive_some(question, fd))
			return false;
		parsed = socketmap_answer_parse(question->bytes,
		    question->len, answer, &used, &why);
	}
	if (parsed == SOCKETMAP_PARSE_DONE && used != question->len) {
		parsed = SOCKETMAP_PARSE_BAD;
		why = "more than was asked for";
	}
	if (parsed == SOCKETMAP_PARSE_BAD)
		fail(question, why);
	return parsed == SOCKETMAP_PARSE_DONE;
}

static bool
attempt(struct socketmap_client *client, struct question *question, bool again,
    struct socketmap_answer *answer)
{
	int fd = again ? -1 : take_idle(client);
	bool answered;

	question->closed = false;
	question->len = 0;
	if (fd == -1)
		fd = connect_new(client, question);
	if (fd == -1)
		return false;
	answered = send_request(question, fd) &&
	    receive_answer(question, fd, answer);
	if (answered)
		give_back(client, fd);
	else
		(void)close(fd);
	return answered;
}

/* --- the breaker --- */

/* May this question be put? *trial_r: it is the one that tries. */
static bool
enter(struct socketmap_client *client, bool *trial_r)
{
	bool may = true;

	*trial_r = false;
	lock(client);
	if (client->away) {
		may = !client->trying &&
		    !mono_before(clock_now().mono, client->retry_at);
		*trial_r = may;
		client->trying = client->trying || may;
	}
	unlock(client);
	return may;
}

/* Only the trial brings it back: others were asked before it went. */
static void
leave(struct socketmap_client *client, bool trial, bool answered,
    const char *why)
{
	bool changed;

	lock(client);
	changed = answered ? trial : !client->away;
	if (changed)
		client->away = !answered;
	if (trial)
		client->trying = false;
	if (!answered)
		client->retry_at = mono_add(clock_now().mono, SOCKETMAP_RETRY);
	unlock(client);
	if (changed && answered)
		log_info("%s: answers again", client->shown);
	else if (changed)
		log_error("%s: does not answer: %s; mail of logins that may be "
		    "in it waits", client->shown, why);
}

/* --- the whole --- */

static enum socketmap_result
take_value(const struct socketmap_answer *answer, char **value_r,
    size_t *len_r, char why[SOCKETMAP_WHY_MAX])
{
	switch (answer->status) {
	case SOCKETMAP_OK:
		*value_r = malloc(answer->len + 1);
		if (*value_r == NULL)
			abort();
		memcpy(*value_r, answer->value, answer->len);
		(*value_r)[answer->len] = '\0';
		*len_r = answer->len;
		return SOCKETMAP_FOUND;
	case SOCKETMAP_NOTFOUND:
		return SOCKETMAP_NONE;
	default:
		(void)text_escape(why, SOCKETMAP_WHY_MAX, answer->value,
		    answer->len);
		return SOCKETMAP_AWAY;
	}
}

enum socketmap_result
socketmap_client_ask(struct socketmap_client *client, const char *key,
    struct mono deadline, char **value_r, size_t *len_r,
    char why_r[SOCKETMAP_WHY_MAX])
{
	struct question question = { .why = why_r, .deadline = deadline };
	enum socketmap_result result = SOCKETMAP_AWAY;
	struct socketmap_answer answer;
	bool answered, trial;

	why_r[0] = '\0';
	question.request_len = socketmap_ask(question.request,
	    sizeof(question.request), client->map, key);
	if (question.request_len == 0)
		return SOCKETMAP_NONE; /* no map has so long a key */
	if (!enter(client, &trial)) {
		fail(&question, "it did not answer a moment ago");
		return SOCKETMAP_AWAY;
	}
	answered = attempt(client, &question, false, &answer) ||
	    (question.closed && attempt(client, &question, true, &answer));
	leave(client, trial, answered, why_r);
	if (answered)
		result = take_value(&answer, value_r, len_r, why_r);
	free(question.bytes);
	return result;
}
