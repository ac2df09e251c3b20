/*
 * Keys, counts and chains under the tables of sessions.
 */
#include "core/session_state.h"
#include "core/text.h"

#include <assert.h>
#include <string.h>

/* --- keys --- */

static void
key_put(struct index_key *key, const void *bytes, size_t len)
{
	assert(len <= sizeof(key->bytes) - key->len);
	memcpy(key->bytes + key->len, bytes, len);
	key->len += len;
}

struct index_key
session_index_session(const struct session_key *session_key)
{
	struct index_key key = { 0 };

	key_put(&key, &session_key->id, sizeof(session_key->id));
	key_put(&key, session_key->instance, strlen(session_key->instance));
	return key;
}

struct index_key
session_index_client(const struct netaddr *client, uint16_t port)
{
	struct index_key key = { 0 };

	key_put(&key, &client->family, sizeof(client->family));
	key_put(&key, client->bytes, sizeof(client->bytes));
	key_put(&key, &port, sizeof(port));
	return key;
}

struct index_key
session_index_source(const char *listener, const struct netaddr *source)
{
	struct index_key key = { 0 };

	key_put(&key, &source->family, sizeof(source->family));
	key_put(&key, source->bytes, sizeof(source->bytes));
	key_put(&key, listener, strlen(listener));
	return key;
}

void
session_source_of_index(const void *bytes, size_t len,
    char listener_r[NAME_MAX_LEN + 1], struct netaddr *source_r)
{
	const unsigned char *byte = bytes;
	size_t head = 1 + sizeof(source_r->bytes);

	memset(source_r, 0, sizeof(*source_r));
	source_r->family = byte[0];
	memcpy(source_r->bytes, byte + 1, sizeof(source_r->bytes));
	(void)text_copy_n(listener_r, NAME_MAX_LEN + 1,
	    (const char *)byte + head, len - head);
}

struct index_key
session_index_text(const char *text)
{
	struct index_key key = { 0 };

	/* With its NUL: a key is never empty. */
	key_put(&key, text, strlen(text) + 1);
	return key;
}

/* --- counts by key --- */

uint32_t
session_count(struct table *table, struct index_key key)
{
	const uint32_t *count = table_peek(table, key.bytes, key.len);

	return count == NULL ? 0 : *count;
}

void
session_count_up(struct table *table, struct index_key key)
{
	uint32_t *count = table_find(table, key.bytes, key.len);

	if (count == NULL)
		count = table_add(table, key.bytes, key.len, sizeof(*count));
	assert(count != NULL);
	++*count;
}

void
session_count_down(struct table *table, struct index_key key)
{
	uint32_t *count = table_find(table, key.bytes, key.len);

	assert(count != NULL);
	if (--*count == 0)
		table_remove(table, key.bytes, key.len);
}

/* --- chains of sessions by key --- */

void
session_chain_put(struct held **first, struct held *held, enum chain chain)
{
	held->links[chain].prev = NULL;
	held->links[chain].next = *first;
	if (*first != NULL)
		(*first)->links[chain].prev = held;
	*first = held;
}

void
session_chain_take(struct held **first, struct held *held, enum chain chain)
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

struct held *
session_index_first(struct table *table, struct index_key key)
{
	struct held **first = table_peek(table, key.bytes, key.len);

	return first == NULL ? NULL : *first;
}

void
session_index_put(struct table *table, struct index_key key, struct held *held,
    enum chain chain)
{
	struct held **first = table_find(table, key.bytes, key.len);

	if (first == NULL)
		first = table_add(table, key.bytes, key.len,
		    sizeof(*first)); /* NOLINT(*-sizeof-*): of a pointer */
	assert(first != NULL);
	session_chain_put(first, held, chain);
}

void
session_index_take(struct table *table, struct index_key key, struct held *held,
    enum chain chain)
{
	struct held **first = table_find(table, key.bytes, key.len);

	assert(first != NULL);
	session_chain_take(first, held, chain);
	if (*first == NULL)
		table_remove(table, key.bytes, key.len);
}
