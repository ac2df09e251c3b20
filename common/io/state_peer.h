/*
 * Between state_server.c (who is asked what) and state_peer.c (one client's
 * bytes and turns); for nobody else.
 */
#ifndef WEIR_IO_STATE_PEER_H
#define WEIR_IO_STATE_PEER_H

#include "io/acceptor.h"
#include "io/complaints.h"
#include "io/resp.h"
#include "io/state_roles.h"
#include "io/state_server.h"

#include <sys/queue.h>
#include <sys/socket.h>

enum { STATE_WHY_MAX = 160 };

struct state_peer {
	struct state_server *server;
	TAILQ_ENTRY(state_peer) link; /* of all */
	TAILQ_ENTRY(state_peer) again_link;
	int fd;
	struct ucred user;
	struct event *readable, *writable;
	struct resp *resp;
	struct resp_out out;

	unsigned roles; /* by its user */
	bool counted; /* among the server's readers */
	unsigned lowered; /* what HELLO left of any role */
	char instance[STATE_INSTANCE_MAX];
	bool greeted;

	bool awake; /* in state_peer_wake */
	bool again; /* waits for the next turn */
	bool note; /* the request being served has no answer */
	bool answered;
	uint64_t ticket; /* suspended; 0: not */
	bool gone; /* by itself */
	char why[STATE_WHY_MAX]; /* it has to go; "": it may stay */
};

TAILQ_HEAD(state_peers, state_peer);

struct state_server {
	struct state_server_settings settings;
	struct event_base *base;
	struct acceptor *acceptor;
	struct complaints *complaints;
	struct state_roles roles;
	uint64_t generation;
	uint64_t tickets;
	struct state_peers peers;
	unsigned readers; /* who could only read when they came */
	struct state_peers again; /* who waits for the next turn */
	struct event *turn;
	int64_t spent_us; /* on requests since the last turn */
};

enum { STATE_TURN_US = 2000 }; /* then lower priorities have theirs */

/* fd belongs to the peer, which frees itself when it is done. */
void state_peer_open(struct state_server *, int fd);
void state_peer_close(struct state_peer *);

/* Serves some requests; the peer may be gone afterwards. */
void state_peer_wake(struct state_peer *);

/* A reply (see io/state_server.h) of one word of ours. */
void state_reply_status(struct state_peer *, const char *text);

/* Answers one request; from state_peer_wake to state_server.c. */
void state_server_request(struct state_peer *, const struct resp_frame *);

#endif
