/*
 * Server side of the state protocol (core/wire.h) on a libevent loop.
 *
 * Guards, each for something that was seen to hurt: at most 16 KiB are fed to
 * the reader before it is drained; a request of more than WIRE_PENDING_MAX
 * bytes, more than WIRE_ARGS_MAX elements, nesting, a NUL, or anything but
 * arrays of bulk strings closes the connection with one log line (repeated
 * ones are counted and summed up). A client that does not read its answers is
 * not served until it does; one answer beyond WIRE_OUTPUT_MAX closes. Other
 * connections never notice.
 *
 * A wake-up serves a bounded number of requests of one client for a bounded
 * time, and after some milliseconds of state requests the policy sockets get a
 * turn although state sockets come first (io/loop.h).
 *
 * Clients who may only read are closed beyond STATE_READERS_MAX, so that they
 * keep nobody out who reports or operates.
 *
 * The role of a client is by its user (SO_PEERCRED): root and state.admins may
 * operate and report, our own user and state.daemons may report, all may read.
 * HELLO lowers it: a milter reports and reads, ctl operates and reads, each as
 * far as its user may. HELLO milter of one who may not report is refused, so
 * that a stranger cannot keep an instance's leases alive.
 *
 * Answered here, whatever the table says: HELLO and PING.
 */
#ifndef WEIR_IO_STATE_SERVER_H
#define WEIR_IO_STATE_SERVER_H

#include "core/wire.h"
#include "io/state_roles.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WIRE_OUTPUT_MAX = 8 << 20,
	STATE_CLIENTS_MAX = 1024,
	STATE_READERS_MAX = 256, /* of them, who may only read */
	STATE_INSTANCE_MAX = 64, /* with its NUL */
};

enum state_role { STATE_READ = 1, STATE_REPORT = 2, STATE_OPERATE = 4 };

struct state_peer; /* one connection */

struct state_verb {
	const char *name; /* upper case; asked for in any case */
	unsigned role; /* needed, one of enum state_role */
	size_t min_args, max_args; /* without the verb */
	bool note; /* has no answer */
	/*
	 * argv[0] is the first after the verb; NUL-terminated, without a NUL
	 * of their own, valid until it returns. Answers exactly once, or
	 * suspends. A note answers only when it is malformed, by
	 * state_reply_error: the connection is closed and the error logged.
	 */
	void (*fn)(void *ctx, struct state_peer *, size_t argc,
	    const char *const *argv);
};

struct state_server_settings {
	const struct state_verb *verbs; /* must outlive the server */
	size_t nverbs;
	void *ctx;
	const char *epoch; /* must outlive the server */
	/*
	 * A milter that named its instance opened or closed a connection; may
	 * be NULL. instance_down is also called for those that are open when
	 * the server is freed.
	 */
	void (*instance_up)(void *ctx, const char *instance);
	void (*instance_down)(void *ctx, const char *instance);
};

struct state_server;

/*
 * fd: listening; owned from now on, as what the roles hold: they are left
 * empty. generation: of the configuration in use (core/wire.h).
 */
struct state_server *state_server_new(struct event_base *, int fd,
    const struct state_server_settings *, uint64_t generation,
    struct state_roles *);
void state_server_free(struct state_server **);

/* Of another configuration; the roles of those already connected change too. */
void state_server_reload(struct state_server *, uint64_t generation,
    struct state_roles *);

/* Connections that are open now. */
uint32_t state_server_clients(const struct state_server *);

const char *state_peer_instance(const struct state_peer *); /* "": none */
unsigned state_peer_roles(const struct state_peer *);

/*
 * Replies; exactly one a request. An error begins with its word: "ERR no such
 * host", "NOSESSION announce it".
 */
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

/*
 * Has it closed its end? Then nobody hears the answer to the request being
 * served, and none need be given.
 */
bool state_peer_left(struct state_peer *);

struct state_peer *state_resume(struct state_server *, uint64_t ticket);

#endif
