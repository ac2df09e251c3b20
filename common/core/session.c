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
#include "core/table.h"
#include "core/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

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
};

/* A key of any of the tables. */
struct key {
	size_t len;
	unsigned char bytes[128];
};

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
	return sessions;
}

static void
free_receipts(void *ctx, const void *key, size_t len, void *value)
{
	struct held *held = value;

	(void)ctx;
	(void)key;
	(void)len;
	free(held->session.receipts);
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

/* --- keys --- */

static void
key_put(struct key *key, const void *bytes, size_t len)
{
	assert(len <= sizeof(key->bytes) - key->len);
	memcpy(key->bytes + key->len, bytes, len);
	key->len += len;
}

static struct key
key_of_session(const struct session_key *session_key)
{
	struct key key = { 0 };

	key_put(&key, &session_key->id, sizeof(session_key->id));
	key_put(&key, session_key->instance, strlen(session_key->instance));
	return key;
}

static struct key
key_of_client(const struct netaddr *client, uint16_t port)
{
	struct key key = { 0 };

	key_put(&key, &client->family, sizeof(client->family));
	key_put(&key, client->bytes, sizeof(client->bytes));
	key_put(&key, &port, sizeof(port));
	return key;
}

static struct key
key_of_source(const char *listener, const struct netaddr *client)
{
	struct netaddr source = limit_source(client);
	struct key key = { 0 };

	key_put(&key, &source.family, sizeof(source.family));
	key_put(&key, source.bytes, sizeof(source.bytes));
	key_put(&key, listener, strlen(listener));
	return key;
}

static struct key
key_of_text(const char *text)
{
	struct key key = { 0 };

	/* With its NUL: a key is never empty. */
	key_put(&key, text, strlen(text) + 1);
	return key;
}

/* --- counts by key --- */

static uint32_t
count_read(struct table *table, struct key key)
{
	const uint32_t *count = table_peek(table, key.bytes, key.len);

	return count == NULL ? 0 : *count;
}

static void
count_up(struct table *table, struct key key)
{
	uint32_t *count = table_find(table, key.bytes, key.len);

	if (count == NULL)
		count = table_add(table, key.bytes, key.len, sizeof(*count));
	assert(count != NULL);
	++*count;
}

static void
count_down(struct table *table, struct key key)
{
	uint32_t *count = table_find(table, key.bytes, key.len);

	assert(count != NULL);
	if (--*count == 0)
		table_remove(table, key.bytes, key.len);
}

/* --- chains of sessions by key --- */

static void
chain_put(struct held **first, struct held *held, enum chain chain)
{
	held->links[chain].prev = NULL;
	held->links[chain].next = *first;
	if (*first != NULL)
		(*first)->links[chain].prev = held;
	*first = held;
}

static void
chain_take(struct held **first, struct held *held, enum chain chain)
{
	struct held *prev = held->links[chain].prev;
	struct held *next = held->links[chain].next;

	if (prev == NULL)
		*first = next;
	else
		prev->links[chain].next = next;
	if (next != NULL)
		next->links[chain].prev = prev;
}

static struct held *
index_first(struct table *table, struct key key)
{
	struct held **first = table_peek(table, key.bytes, key.len);

	return first == NULL ? NULL : *first;
}

static void
index_put(struct table *table, struct key key, struct held *held,
    enum chain chain)
{
	struct held **first = table_find(table, key.bytes, key.len);

	if (first == NULL)
		first = table_add(table, key.bytes, key.len, sizeof(*first));
	assert(first != NULL);
	chain_put(first, held, chain);
}

static void
index_take(struct table *table, struct key key, struct held *held,
    enum chain chain)
{
	struct held **first = table_find(table, key.bytes, key.len);

	assert(first != NULL);
	chain_take(first, held, chain);
	if (*first == NULL)
		table_remove(table, key.bytes, key.len);
}

/* --- instances --- */

static struct instance *
instance_find(struct sessions *sessions, const char *name)
{
	struct instance *instance = sessions->instances;

	while (instance != NULL && strcmp(instance->name, name) != 0)
		instance = instance->next;
	return instance;
}

/* NULL when the name is too long. */
static struct instance *
instance_get(struct sessions *sessions, const char *name)
{
	struct instance *instance = instance_find(sessions, name);

	if (instance != NULL || strlen(name) > INSTANCE_MAX)
		return instance;
	instance = calloc(1, sizeof(*instance));
	if (instance == NULL)
		abort();
	(void)text_copy(instance->name, sizeof(instance->name), name);
	instance->next = sessions->instances;
	sessions->instances = instance;
	return instance;
}

/* Forgets one without a connection or a session. */
static void
instance_drop(struct sessions *sessions, struct instance *instance)
{
	struct instance **place = &sessions->instances;

	if (instance->connections > 0 || instance->first != NULL)
		return;
	while (*place != instance)
		place = &(*place)->next;
	*place = instance->next;
	free(instance);
}

void
sessions_instance_up(struct sessions *sessions, const char *name)
{
	struct instance *instance = instance_get(sessions, name);

	if (instance == NULL)
		return;
	instance->connections++;
	instance->gone = false;
}

void
sessions_instance_down(struct sessions *sessions, const char *name,
    struct mono now)
{
	struct instance *instance = instance_find(sessions, name);

	if (instance == NULL || instance->connections == 0 ||
	    --instance->connections > 0)
		return;
	instance->gone = true;
	instance->since = now;
}

size_t
sessions_instances(const struct sessions *sessions, const char **names_r,
    size_t max)
{
	const struct instance *instance = sessions->instances;
	size_t n = 0;

	for (; instance != NULL && n < max; instance = instance->next) {
		if (instance->connections > 0)
			names_r[n++] = instance->name;
	}
	return n;
}

/* The last session takes the instance with it. */
static size_t
instance_expire(struct sessions *sessions, struct instance *instance,
    size_t max)
{
	struct held *held = instance->first, *next;
	size_t dropped = 0;

	if (held == NULL)
		instance_drop(sessions, instance);
	for (; held != NULL && dropped < max; held = next) {
		next = held->links[BY_INSTANCE].next;
		sessions_remove(sessions, &held->session);
		dropped++;
	}
	return dropped;
}

size_t
sessions_expire(struct sessions *sessions, struct mono now)
{
	struct instance *instance, *next;
	size_t dropped = 0;

	for (instance = sessions->instances; instance != NULL;
	     instance = next) {
		next = instance->next;
		if (instance->gone &&
		    mono_since(now, instance->since).us >= SESSION_GRACE.us)
			dropped += instance_expire(sessions, instance,
			    SESSIONS_EXPIRE_MAX - dropped);
	}
	return dropped;
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
	struct key key = key_of_session(session_key);
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
	held->instance = instance_get(sessions, session_key->instance);
	chain_put(&held->instance->first, held, BY_INSTANCE);
	index_put(sessions->clients, key_of_client(client, port), held,
	    BY_CLIENT);
	count_up(sessions->listeners, key_of_text(listener));
	count_up(sessions->sources, key_of_source(listener, client));
	return &held->session;
}

struct session *
sessions_find(struct sessions *sessions, const struct session_key *session_key)
{
	struct key key = key_of_session(session_key);

	return table_peek(sessions->keys, key.bytes, key.len);
}

void
sessions_remove(struct sessions *sessions, struct session *session)
{
	struct held *held = held_of(session);
	struct instance *instance = held->instance;
	struct key key = key_of_session(&session->key);

	session_reset(sessions, session);
	chain_take(&instance->first, held, BY_INSTANCE);
	index_take(sessions->clients,
	    key_of_client(&session->client, session->port), held, BY_CLIENT);
	count_down(sessions->listeners, key_of_text(session->listener));
	count_down(sessions->sources,
	    key_of_source(session->listener, &session->client));
	table_remove(sessions->keys, key.bytes, key.len);
	instance_drop(sessions, instance);
}

void
session_set_queue_id(struct sessions *sessions, struct session *session,
    const char *queue_id)
{
	struct held *held = held_of(session);

	if (strcmp(session->queue_id, queue_id) == 0)
		return;
	if (session->queue_id[0] != '\0')
		index_take(sessions->queue_ids,
		    key_of_text(session->queue_id), held, BY_QUEUE_ID);
	if (text_copy(session->queue_id, sizeof(session->queue_id),
		queue_id) == 0 && queue_id[0] != '\0')
		index_put(sessions->queue_ids, key_of_text(queue_id), held,
		    BY_QUEUE_ID);
}

void
session_reset(struct sessions *sessions, struct session *session)
{
	session_set_queue_id(sessions, session, "");
	session->mail = false;
	session->has_user = false;
	session->user[0] = '\0';
	session->sender[0] = '\0';
	session->recipients = 0;
	session->all_default = false;
	free(session->receipts);
	session->receipts = NULL;
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

struct session *
sessions_match(struct sessions *sessions, const char *queue_id,
    const struct netaddr *client, uint16_t port, const char *sender,
    bool *ambiguous_r)
{
	enum chain chain = BY_QUEUE_ID;
	struct held *held = NULL, *found = NULL;

	*ambiguous_r = false;
	if (queue_id[0] != '\0' && strlen(queue_id) <= QUEUE_ID_MAX)
		held = index_first(sessions->queue_ids, key_of_text(queue_id));
	if (held != NULL && held->links[chain].next == NULL)
		return &held->session;
	if (held == NULL) {
		chain = BY_CLIENT;
		held = index_first(sessions->clients,
		    key_of_client(client, port));
	}
	for (; held != NULL; held = held->links[chain].next) {
		if (!same_envelope(&held->session, client, port, sender) ||
		    (chain == BY_CLIENT && queue_id[0] != '\0' &&
			held->session.queue_id[0] != '\0'))
			continue;
		*ambiguous_r = found != NULL;
		if (*ambiguous_r)
			return NULL;
		found = held;
	}
	return found == NULL ? NULL : &found->session;
}

/* --- counts --- */

uint32_t
sessions_open(const struct sessions *sessions, const char *listener)
{
	return strlen(listener) > NAME_MAX_LEN ? 0 :
	    count_read(sessions->listeners, key_of_text(listener));
}

uint32_t
sessions_open_of(const struct sessions *sessions, const char *listener,
    const struct netaddr *source)
{
	return strlen(listener) > NAME_MAX_LEN ? 0 :
	    count_read(sessions->sources, key_of_source(listener, source));
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
	const unsigned char *bytes = key;
	char listener[NAME_MAX_LEN + 1];
	struct netaddr source = { .family = bytes[0] };
	size_t head = 1 + sizeof(source.bytes);

	memcpy(source.bytes, bytes + 1, sizeof(source.bytes));
	(void)text_copy_n(listener, sizeof(listener),
	    (const char *)bytes + head, len - head);
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
