/*
 * Sessions and their indexes. Each session is in the table by its key, in the
 * chain of its instance, in that of its client's address and port, and in that
 * of its queue id while it has one; counters of its listener and of its source
 * go with it.
 *
 * The tables never let an entry go by themselves: a session ends when its
 * milter says so, or is gone.
 */
#include "core/session.h"

#include "core/limit_key.h"
#include "core/session_state.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>

static bool
stays(void *ctx, const void *value)
{
	(void)ctx;
	(void)value;
	return false;
}

static struct table *
index_new(const uint8_t seed[16])
{
	struct table_settings settings = {
		.max = SESSIONS_MAX,
		.may_leave = stays,
	};

	memcpy(settings.seed, seed, sizeof(settings.seed));
	return table_new(&settings);
}

struct sessions *
sessions_new(const uint8_t seed[16])
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));

	if (sessions == NULL)
		abort();
	sessions->keys = index_new(seed);
	sessions->clients = index_new(seed);
	sessions->queue_ids = index_new(seed);
	sessions->listeners = index_new(seed);
	sessions->sources = index_new(seed);
	sessions->ipv6_prefix = LIMIT_IPV6_PREFIX;
	return sessions;
}

static void
free_receipts(void *ctx, const void *key, size_t len, void *value)
{
	struct held *held = value;

	(void)ctx;
	(void)key;
	(void)len;
	receipts_clear(&held->session.receipts);
}

void
sessions_free(struct sessions **sessions)
{
	struct instance *instance, *next;
	uint64_t cursor = 0;

	if (*sessions == NULL)
		return;
	do
		table_walk((*sessions)->keys, &cursor, SIZE_MAX,
		    free_receipts, NULL);
	while (cursor != 0);
	table_free(&(*sessions)->keys);
	table_free(&(*sessions)->clients);
	table_free(&(*sessions)->queue_ids);
	table_free(&(*sessions)->listeners);
	table_free(&(*sessions)->sources);
	for (instance = (*sessions)->instances; instance != NULL;
	     instance = next) {
		next = instance->next;
		free(instance);
	}
	free(*sessions);
	*sessions = NULL;
}

/* --- sources --- */

static struct index_key
source_key(const struct sessions *sessions, const char *listener,
    const struct netaddr *client)
{
	struct netaddr source = limit_source(client, sessions->ipv6_prefix);

	return session_index_source(listener, &source);
}

/* The index itself is empty. */
static void
count_source(void *ctx, const void *key, size_t len, void *value)
{
	struct sessions *sessions = ctx;
	const struct held *held = value;

	(void)key;
	(void)len;
	session_count_up(sessions->sources, source_key(sessions,
	    held->session.listener, &held->session.client));
}

static void
drop_source(void *ctx, const void *key, size_t len, void *value)
{
	(void)value;
	table_remove(ctx, key, len);
}

void
sessions_use_prefix(struct sessions *sessions, uint8_t ipv6_prefix)
{
	uint64_t cursor = 0;

	if (sessions->ipv6_prefix == ipv6_prefix)
		return;
	sessions->ipv6_prefix = ipv6_prefix;
	do
		table_walk(sessions->sources, &cursor, SIZE_MAX, drop_source,
		    sessions->sources);
	while (cursor != 0);
	do
		table_walk(sessions->keys, &cursor, SIZE_MAX, count_source,
		    sessions);
	while (cursor != 0);
}

/* --- sessions --- */

static struct held *
held_of(struct session *session)
{
	return (struct held *)session; /* its first member */
}

struct session *
sessions_add(struct sessions *sessions, const struct session_key *session_key,
    const char *listener, const struct netaddr *client, uint16_t port)
{
	struct index_key key = session_index_session(session_key);
	struct held *held;

	if (strlen(listener) > NAME_MAX_LEN ||
	    table_peek(sessions->keys, key.bytes, key.len) != NULL)
		return NULL;
	held = table_add(sessions->keys, key.bytes, key.len, sizeof(*held));
	if (held == NULL)
		return NULL;
	held->session.key = *session_key;
	(void)text_copy(held->session.listener, sizeof(held->session.listener),
	    listener);
	held->session.client = *client;
	held->session.port = port;
	held->instance = session_instance_get(sessions, session_key->instance);
	session_chain_put(&held->instance->first, held, BY_INSTANCE);
	session_index_put(sessions->clients,
	    session_index_client(client, port), held, BY_CLIENT);
	session_count_up(sessions->listeners, session_index_text(listener));
	session_count_up(sessions->sources,
	    source_key(sessions, listener, client));
	return &held->session;
}

struct session *
sessions_find(struct sessions *sessions, const struct session_key *session_key)
{
	struct index_key key = session_index_session(session_key);

	return table_peek(sessions->keys, key.bytes, key.len);
}

void
sessions_remove(struct sessions *sessions, struct session *session)
{
	struct held *held = held_of(session);
	struct instance *instance = held->instance;
	struct index_key key = session_index_session(&session->key);

	session_reset(sessions, session);
	session_chain_take(&instance->first, held, BY_INSTANCE);
	session_index_take(sessions->clients,
	    session_index_client(&session->client, session->port), held,
	    BY_CLIENT);
	session_count_down(sessions->listeners,
	    session_index_text(session->listener));
	session_count_down(sessions->sources, source_key(sessions,
	    session->listener, &session->client));
	table_remove(sessions->keys, key.bytes, key.len);
	session_instance_drop(sessions, instance);
}

void
session_set_queue_id(struct sessions *sessions, struct session *session,
    const char *queue_id)
{
	struct held *held = held_of(session);

	if (strcmp(session->queue_id, queue_id) == 0)
		return;
	if (session->queue_id[0] != '\0')
		session_index_take(sessions->queue_ids,
		    session_index_text(session->queue_id), held, BY_QUEUE_ID);
	if (text_copy(session->queue_id, sizeof(session->queue_id),
		queue_id) == 0 && queue_id[0] != '\0')
		session_index_put(sessions->queue_ids,
		    session_index_text(queue_id), held, BY_QUEUE_ID);
}

struct facts
session_facts(const struct session *session, const char *recipient)
{
	return (struct facts) {
		.listener = session->listener,
		.user = session->has_user ? session->user : NULL,
		.by_network = session->by_network,
		.client = session->client,
		.sender = session->sender,
		.recipient = recipient,
		.queue_id = session->queue_id,
	};
}

void
session_reset(struct sessions *sessions, struct session *session)
{
	session_set_queue_id(sessions, session, "");
	session->mail = false;
	session->has_user = false;
	session->by_network = false;
	session->user[0] = '\0';
	session->sender[0] = '\0';
	session->recipients = 0;
	session->fit.recipients = 0;
	session->all_default = false;
	session->decision = REASON_OK;
	session->filtered = false;
	receipts_clear(&session->receipts);
}

/* --- which one is meant --- */

static bool
same_envelope(const struct session *session, const struct netaddr *client,
    uint16_t port, const char *sender)
{
	return session->mail && session->port == port &&
	    netaddr_equal(&session->client, client) &&
	    strcmp(session->sender, sender) == 0;
}

/* One that was decided about already is not the one that was meant now. */
static void
mark_ambiguous(struct session *session)
{
	if (session->decision == REASON_OK)
		session->decision = REASON_SESSION_AMBIGUOUS;
}

struct session *
sessions_match(struct sessions *sessions, const char *queue_id,
    const struct netaddr *client, uint16_t port, const char *sender,
    bool *ambiguous_r)
{
	enum chain chain = BY_QUEUE_ID;
	struct held *held = NULL, *found = NULL;

	*ambiguous_r = false;
	if (queue_id[0] != '\0' && strlen(queue_id) <= QUEUE_ID_MAX)
		held = session_index_first(sessions->queue_ids,
		    session_index_text(queue_id));
	if (held != NULL && held->links[chain].next == NULL)
		return &held->session;
	if (held == NULL) {
		chain = BY_CLIENT;
		held = session_index_first(sessions->clients,
		    session_index_client(client, port));
	}
	for (; held != NULL; held = held->links[chain].next) {
		if (!same_envelope(&held->session, client, port, sender) ||
		    (chain == BY_CLIENT && queue_id[0] != '\0' &&
			held->session.queue_id[0] != '\0'))
			continue;
		if (found != NULL) {
			*ambiguous_r = true;
			mark_ambiguous(&found->session);
			mark_ambiguous(&held->session);
		}
		found = held;
	}
	return found == NULL || *ambiguous_r ? NULL : &found->session;
}

/* --- counts --- */

uint32_t
sessions_open(const struct sessions *sessions, const char *listener)
{
	return strlen(listener) > NAME_MAX_LEN ? 0 :
	    session_count(sessions->listeners, session_index_text(listener));
}

uint32_t
sessions_open_of(const struct sessions *sessions, const char *listener,
    const struct netaddr *source)
{
	return strlen(listener) > NAME_MAX_LEN ? 0 :
	    session_count(sessions->sources,
	        source_key(sessions, listener, source));
}

size_t
sessions_count(const struct sessions *sessions)
{
	return table_count(sessions->keys);
}

struct source_walk {
	source_fn fn;
	void *ctx;
};

static void
show_source(void *ctx, const void *key, size_t len, void *value)
{
	const struct source_walk *walk = ctx;
	char listener[NAME_MAX_LEN + 1];
	struct netaddr source;

	session_source_of_index(key, len, listener, &source);
	walk->fn(walk->ctx, listener, &source, *(const uint32_t *)value);
}

void
sessions_sources(const struct sessions *sessions, source_fn fn, void *ctx)
{
	struct source_walk walk = { fn, ctx };
	uint64_t cursor = 0;

	do
		table_walk(sessions->sources, &cursor, SIZE_MAX, show_source,
		    &walk);
	while (cursor != 0);
}
