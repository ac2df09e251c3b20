/*
 * Server side of the state protocol (core/wire.h) on a libevent loop.
 *
 * Guards, each for something that was seen to hurt: at most 16 KiB are fed to
 * the reader before it is drained; more than WIRE_PENDING_MAX undecoded bytes,
 * more than WIRE_ARGS_MAX elements, nesting, or anything but arrays of bulk
 * strings closes the connection with one log line. A client that does not read
 * its answers is closed at WIRE_OUTPUT_MAX. Other connections never notice.
 *
 * The role of a client is by its user (SO_PEERCRED): root and state.admins may
 * operate, our own user and state.daemons may report, others read. HELLO may
 * lower it, never raise it.
 */
#ifndef WEIR_IO_STATE_SERVER_H
#define WEIR_IO_STATE_SERVER_H

#include "core/config.h"
#include "core/wire.h"

#include <event2/event.h>

enum { WIRE_OUTPUT_MAX = 8 << 20 };

enum state_role { STATE_READ = 1, STATE_REPORT = 2, STATE_OPERATE = 4 };

struct state_peer; /* one connection */

struct state_verb {
	const char *name;
	unsigned role; /* needed, one of enum state_role */
	size_t min_args, max_args; /* without the verb */
	bool note; /* has no answer */
	/* args are NUL-terminated and hold no NUL of their own */
	void (*fn)(void *ctx, struct state_peer *, size_t argc,
	    const char *const *argv);
};

struct state_server_settings {
	const struct state_verb *verbs;
	size_t nverbs;
	void *ctx;
	const char *epoch;
	/* a milter's connection opened or closed; may be NULL */
	void (*instance_up)(void *ctx, const char *instance);
	void (*instance_down)(void *ctx, const char *instance);
};

struct state_server;

/* fd: listening; owned from now on. */
struct state_server *state_server_new(struct event_base *, int fd,
    const struct state_server_settings *, const struct config *);
void state_server_free(struct state_server **);

/* New roles and generation. */
void state_server_reload(struct state_server *, const struct config *);

const char *state_peer_instance(const struct state_peer *); /* "": none */
unsigned state_peer_roles(const struct state_peer *);

/* Replies; exactly one a request. */
void state_reply_ok(struct state_peer *);
void state_reply_error(struct state_peer *, const char *error);
void state_reply_bulk(struct state_peer *, const char *bytes, size_t len);
void state_reply_strings(struct state_peer *, const char *const *list,
    size_t count);

/*
 * An answer that has to wait (for the disk): no further request of this peer
 * is served until state_resume, which takes the ticket and returns the peer to
 * reply to, or NULL when it has left.
 */
uint64_t state_suspend(struct state_peer *);
struct state_peer *state_resume(struct state_server *, uint64_t ticket);

#endif
