/*
 * What session*.c share: a session with its links, and the indexes.
 */
#ifndef WEIR_CORE_SESSION_STATE_H
#define WEIR_CORE_SESSION_STATE_H

#include "core/session.h"
#include "core/table.h"

enum chain { BY_INSTANCE, BY_CLIENT, BY_QUEUE_ID, CHAINS };

struct held {
	struct session session;
	struct instance *instance;
	struct {
		struct held *prev, *next;
	} links[CHAINS];
};

struct instance {
	struct instance *next;
	char name[INSTANCE_MAX + 1];
	unsigned connections;
	bool gone; /* had connections, and lost the last one ... */
	struct mono since; /* ... then */
	struct held *first;
};

struct sessions {
	struct table *keys; /* session_key -> struct held */
	struct table *clients; /* address and port -> struct held *, first */
	struct table *queue_ids; /* queue id -> struct held *, first */
	struct table *listeners; /* name -> uint32_t, open */
	struct table *sources; /* source and listener -> uint32_t, open */
	struct instance *instances;
	uint8_t ipv6_prefix; /* of a source */
};

/* A key of any of the tables. */
struct index_key {
	size_t len;
	unsigned char bytes[128];
};

struct index_key session_index_session(const struct session_key *);
struct index_key session_index_client(const struct netaddr *, uint16_t port);
/* source: as limit_source makes it of a client. */
struct index_key session_index_source(const char *listener,
    const struct netaddr *source);

/* What session_index_source was made of: bytes and length of the key. */
void session_source_of_index(const void *bytes, size_t len,
    char listener_r[NAME_MAX_LEN + 1], struct netaddr *source_r);
struct index_key session_index_text(const char *text);

/* Counts by key; one that falls to 0 leaves. */
uint32_t session_count(struct table *, struct index_key);
void session_count_up(struct table *, struct index_key);
void session_count_down(struct table *, struct index_key);

/* Chains of sessions, and tables of such chains by key. */
void session_chain_put(struct held **first, struct held *, enum chain);
void session_chain_take(struct held **first, struct held *, enum chain);
struct held *session_index_first(struct table *, struct index_key);
void session_index_put(struct table *, struct index_key, struct held *,
    enum chain);
void session_index_take(struct table *, struct index_key, struct held *,
    enum chain);

/* The instance of that name, made if need be; NULL when it is too long. */
struct instance *session_instance_get(struct sessions *, const char *name);

/* Forgets one without a connection or a session. */
void session_instance_drop(struct sessions *, struct instance *);

#endif
