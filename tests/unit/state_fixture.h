/*
 * A state server with a few verbs of its own, running in a thread, and the
 * bytes to talk to it: shared by the tests of server and client.
 */
#ifndef WEIR_TESTS_STATE_FIXTURE_H
#define WEIR_TESTS_STATE_FIXTURE_H

#include "io/state_server.h"

#include <pthread.h>
#include <stdatomic.h>

struct fixture {
	char folder[32];
	char path[64]; /* of the socket */
	struct config config;
	const char *epoch;
	int listening; /* a copy: outlives the server, as a supervisor's */
	int stop;
	pthread_t thread;
	struct event_base *base;
	struct state_server *server;
	atomic_uint ups, downs, notes, served, low;
	uint64_t ticket; /* of the last WAIT */
	int low_fd; /* bytes written there are counted in low, at POLICY */
};

/*
 * Verbs: ECHO [text]... (read; answers its arguments), BULK size (read),
 * NOTE text (report; "bad" is malformed), REPORT (report), ORDER (operate),
 * WAIT (read; answered by RESUME, which tells "resumed" or "left").
 */
void fixture_init(struct fixture *);
void fixture_start(struct fixture *);
void fixture_stop(struct fixture *);
void fixture_clear(struct fixture *);

int fixture_connect(const struct fixture *);
void send_all(int fd, const char *bytes, size_t len);
void send_words(int fd, const char *words); /* split at blanks */

/* The next answer: "+OK", "-ERR ...", "*a,b", "$bulk"; "" at the end. */
void next_answer(int fd, char *told, size_t size);
const char *ask(int fd, const char *words); /* static buffer */

/* Waits until a count is reached; the test's time limit ends it. */
void await_count(atomic_uint *count, unsigned wanted);

#endif
