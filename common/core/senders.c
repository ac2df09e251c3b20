/*
 * A place holds two hashes. 64 bits of a keyed hash are as good as the queue
 * id itself: nobody can look for two that are equal.
 */
#include "core/senders.h"

#include "core/limit_key.h"
#include "core/siphash.h"

#include <stdlib.h>
#include <string.h>

struct place {
	uint64_t message; /* 0: empty */
	uint64_t sender;
};

struct senders {
	uint8_t key[16];
	struct place places[SENDERS_MAX];
};

struct senders *
senders_new(const uint8_t key[16])
{
	struct senders *senders = calloc(1, sizeof(*senders));

	if (senders == NULL)
		abort();
	memcpy(senders->key, key, sizeof(senders->key));
	return senders;
}

void
senders_free(struct senders **senders)
{
	free(*senders);
	*senders = NULL;
}

/* Never 0. */
static uint64_t
hash(const struct senders *senders, const char *text)
{
	uint64_t hash = siphash(senders->key, text, strlen(text));

	return hash != 0 ? hash : 1;
}

static uint64_t
sender_hash(const struct senders *senders, const struct config *config,
    const struct facts *facts)
{
	char source[SOURCE_TEXT_MAX];

	if (facts->user != NULL)
		return hash(senders, facts->user);
	if (facts->client.family != 0)
		return hash(senders, limit_source_text(&facts->client,
		    limit_prefix(config), source));
	return facts->sender != NULL ? hash(senders, facts->sender) : 0;
}

void
senders_note(struct senders *senders, const struct config *config,
    const char *queue_id, const struct facts *facts)
{
	uint64_t message;

	if (queue_id[0] == '\0')
		return;
	message = hash(senders, queue_id);
	senders->places[message % SENDERS_MAX] = (struct place) { message,
		sender_hash(senders, config, facts) };
}

uint64_t
senders_of(const struct senders *senders, const char *queue_id)
{
	uint64_t message = hash(senders, queue_id);
	const struct place *place = &senders->places[message % SENDERS_MAX];

	return place->message == message ? place->sender : 0;
}
