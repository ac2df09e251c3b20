/*
 * Asks a server as fast as it answers, over a number of connections with one
 * request under way on each, as smtpd and trivial-rewrite processes do; or runs
 * sessions of more than one step, each on a connection of its own.
 */
#ifndef WEIR_TESTS_LOAD_KIT_H
#define WEIR_TESTS_LOAD_KIT_H

#include "io/listen.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOAD_REQUEST_MAX = 2048 };

/*
 * The user of the n-th request, of so many (1000 unless told otherwise): every
 * one comes in turn, and those that follow each other are far apart.
 */
extern unsigned load_users;
unsigned load_user(unsigned n);

struct load {
	/* The n-th request; its length. */
	size_t (*request)(unsigned n, char buf[LOAD_REQUEST_MAX]);
	/* Is this the whole of a right answer? */
	bool (*right)(const char *bytes, size_t len);
};

/* A blocking connection; ends the program when there is none. */
int load_connect(const struct listen_address *);

/*
 * main of a program called with ADDRESS CONNECTIONS SECONDS [USERS]. Prints
 * "requests/s p50 p99" (microseconds), and their number, on one line.
 */
int load_main(int argc, char *argv[], const struct load *);

/* The n-th session, from its connection to its end; what it took, us. */
typedef int64_t (*load_session_fn)(const struct listen_address *, unsigned n);

/* The same for sessions, as many at once as CONNECTIONS, a thread each. */
int load_sessions_main(int argc, char *argv[], load_session_fn);

#endif
