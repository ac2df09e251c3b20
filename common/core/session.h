/*
 * SMTP sessions in progress, as a milter reported them: who holds a
 * connection, and what the policy service needs to know of the message that is
 * being handed in.
 *
 * A session belongs to a milter instance (one process of weir-milter), not to
 * the connection that reported it: when an instance's last connection closes,
 * its sessions stay SESSION_GRACE so that it can come back and announce them.
 *
 * Not thread-safe.
 */
#ifndef WEIR_CORE_SESSION_H
#define WEIR_CORE_SESSION_H

#include "core/config.h"
#include "core/facts.h"
#include "core/limit.h"
#include "core/route.h"

enum { INSTANCE_MAX = 40, SESSIONS_MAX = 100000 };

#define SESSION_GRACE span_s(5)

struct session_key {
	char instance[INSTANCE_MAX + 1];
	uint64_t id; /* unique within the instance */
};

struct session {
	struct session_key key;
	char listener[NAME_MAX_LEN + 1];
	struct netaddr client;
	uint16_t port; /* 0: not known */

	/* the message in progress */
	bool mail; /* between MAIL and its end */
	bool has_user;
	bool by_network; /* the user is the client's network's, not a login */
	char user[LOGIN_MAX + 1];
	char sender[ADDRESS_MAX + 1];
	char queue_id[QUEUE_ID_MAX + 1]; /* "": not known yet */
	uint32_t recipients; /* accepted */
	bool all_default; /* each is for the default transport */
	struct route_fit fit; /* of those noted one by one */
	enum reason decision; /* the policy service's, for it; REASON_OK: none,
	                         REASON_SESSION_AMBIGUOUS: not known whose,
	                         REASON_STATE_AWAY: maybe, by an earlier run */
	bool filtered; /* Postfix was told a FILTER for it */
	struct receipts receipts; /* what it was charged */
};

struct sessions;

/* An address without a port (XCLIENT may give none) has port 0. */
struct sessions *sessions_new(const uint8_t seed[16]);
void sessions_free(struct sessions **);

/*
 * NULL when SESSIONS_MAX are open, the key is taken or a name is too long. The
 * session stays where it is until it is removed.
 */
struct session *sessions_add(struct sessions *, const struct session_key *,
    const char *listener, const struct netaddr *client, uint16_t port);
struct session *sessions_find(struct sessions *, const struct session_key *);
void sessions_remove(struct sessions *, struct session *);

/*
 * Keeps the indexes right: the queue id of the message in progress. One that is
 * too long is as if not known.
 */
void session_set_queue_id(struct sessions *, struct session *,
    const char *queue_id);

/*
 * What is known of its message; recipient: the one in question, or NULL. Good
 * as long as the session stays and nothing else is said of it.
 */
struct facts session_facts(const struct session *, const char *recipient);

/* Ends the message in progress; receipts are emptied. */
void session_reset(struct sessions *, struct session *);

/*
 * The one session the policy service means: by queue id ("" when it has none);
 * else, among those whose message has no other queue id, by client address and
 * port with that envelope sender. A queue id that two Postfix instances gave
 * out at the same time is told apart by client and sender too. NULL with
 * *ambiguous_r when several fit; each without a decision is marked so.
 */
struct session *sessions_match(struct sessions *, const char *queue_id,
    const struct netaddr *client, uint16_t port, const char *sender,
    bool *ambiguous_r);

/*
 * How much of an IPv6 address makes a source, 64 at first: all that are open
 * are counted anew when it changes.
 */
void sessions_use_prefix(struct sessions *, uint8_t ipv6_prefix);

/*
 * Open sessions: all of a listener, and those of one source in it: an IPv4
 * address, or the network of an IPv6 one. Any address of the source will do.
 */
uint32_t sessions_open(const struct sessions *, const char *listener);
uint32_t sessions_open_of(const struct sessions *, const char *listener,
    const struct netaddr *source);
size_t sessions_count(const struct sessions *);

/* Instances: a connection of one opened or closed. */
void sessions_instance_up(struct sessions *, const char *instance);
void sessions_instance_down(struct sessions *, const char *instance,
    struct mono now);

/*
 * Drops sessions of instances gone for SESSION_GRACE, SESSIONS_EXPIRE_MAX at
 * most, so that the caller is not held up; the rest with the next call. How
 * many.
 */
enum { SESSIONS_EXPIRE_MAX = 5000 };
size_t sessions_expire(struct sessions *, struct mono now);

/* Instances that have a connection, max at most; names live as long. */
size_t sessions_instances(const struct sessions *,
    const char **names_r, size_t max);

/* Walks sources with open sessions, for weirctl connections. */
typedef void (*source_fn)(void *ctx, const char *listener,
    const struct netaddr *source, uint32_t open);
void sessions_sources(const struct sessions *, source_fn, void *ctx);

#endif
