/*
 * A hash table from domains and logins to routes that is never changed. Its
 * keys are the hashes alone: what shares one by chance is asked, and does not
 * hold.
 *
 * A sender pattern has a key when it can only match one domain, or that and
 * those below it: "@domain", "@.domain", "anything@domain", with no '*' in the
 * domain; a login when it has no '*'. A route whose sender patterns all have a
 * key is found by these, else by its logins if all of them have, else it is
 * always asked.
 */
#include "core/route_index.h"

#include "core/text.h"

#include <string.h>

struct key {
	uint64_t hash;
	uint32_t next; /* in the chain, by place + 1; 0: the end */
	uint16_t route;
};

struct route_index {
	struct key *keys;
	uint32_t *first; /* of each chain, as next; routes ascend in it */
	size_t mask; /* chains less one */
	uint16_t *others; /* routes without a key, ascending */
	size_t nothers;
};

enum by { BY_NOTHING, BY_DOMAIN, BY_USER };

/* FNV-1a from the last character back, so that a domain passes its parents. */
static uint64_t
hash_add(uint64_t hash, char c)
{
	return (hash ^ (uint8_t)text_lower_of(c)) * UINT64_C(0x100000001B3);
}

/* Another start for each kind: a login is no domain. */
static uint64_t
hash_start(enum by by)
{
	return UINT64_C(0xCBF29CE484222325) + by;
}

static uint64_t
hash_of(enum by by, const char *text)
{
	uint64_t hash = hash_start(by);

	for (size_t i = strlen(text); i > 0; i--)
		hash = hash_add(hash, text[i - 1]);
	return hash;
}

/* The low bits of FNV alone hang on few characters. */
static size_t
chain_of(const struct route_index *index, uint64_t hash)
{
	return (size_t)(hash ^ hash >> 32) & index->mask;
}

/* The domain a sender pattern asks for; NULL when it has no key. */
static const char *
pattern_domain(const char *pattern)
{
	const char *at = strrchr(pattern, '@');
	const char *domain = at == NULL ? NULL : at + 1;

	if (at == pattern && domain[0] == '.')
		domain++;
	return domain == NULL || domain[0] == '\0' ||
	    strchr(domain, '*') != NULL ? NULL : domain;
}

static const char *
pattern_user(const char *pattern)
{
	return strchr(pattern, '*') == NULL ? pattern : NULL;
}

static bool
all_have(const struct strings *patterns, const char *(*key)(const char *))
{
	for (size_t i = 0; i < patterns->count; i++) {
		if (key(patterns->list[i]) == NULL)
			return false;
	}
	return patterns->count > 0;
}

static enum by
route_by(const struct route *route)
{
	if (all_have(&route->sender, pattern_domain))
		return BY_DOMAIN;
	return all_have(&route->user, pattern_user) ? BY_USER : BY_NOTHING;
}

static void
add_key(struct route_index *index, size_t at, uint64_t hash, size_t route)
{
	uint32_t *first = &index->first[chain_of(index, hash)];

	index->keys[at] = (struct key) { hash, *first, (uint16_t)route };
	*first = (uint32_t)at + 1;
}

/* Every key of a route, from place n on; the place behind them. */
static size_t
add_route(struct route_index *index, size_t n, const struct route *route,
    size_t at)
{
	enum by by = route_by(route);
	const struct strings *patterns =
	    by == BY_DOMAIN ? &route->sender : &route->user;

	for (size_t i = 0; by != BY_NOTHING && i < patterns->count; i++) {
		const char *pattern = patterns->list[i];

		add_key(index, n++, hash_of(by, by == BY_DOMAIN
		    ? pattern_domain(pattern) : pattern), at);
	}
	return n;
}

struct route_index *
route_index_new(struct arena *arena, const struct route *routes, size_t count)
{
	struct route_index *index = arena_array(arena, 1, sizeof(*index));
	size_t patterns = 0, chains = 1, n = 0;

	for (size_t i = 0; i < count; i++)
		patterns += routes[i].sender.count + routes[i].user.count;
	while (chains < patterns)
		chains *= 2;
	index->mask = chains - 1;
	index->keys = arena_array(arena, patterns, sizeof(*index->keys));
	index->first = arena_array(arena, chains, sizeof(*index->first));
	index->others = arena_array(arena, count, sizeof(*index->others));
	index->nothers = 0;
	for (size_t i = 0; i < count; i++) {
		if (route_by(&routes[i]) == BY_NOTHING)
			index->others[index->nothers++] = (uint16_t)i;
	}
	/* from the last one: each is put before those of its chain */
	for (size_t i = count; i-- > 0;)
		n = add_route(index, n, &routes[i], i);
	return index;
}

struct search {
	const struct route_index *index;
	bool (*holds)(void *ctx, size_t route);
	void *ctx;
	size_t best;
};

static void
try_key(struct search *search, uint64_t hash)
{
	const struct route_index *index = search->index;
	uint32_t at = index->first[chain_of(index, hash)];

	for (; at != 0 && index->keys[at - 1].route < search->best;
	     at = index->keys[at - 1].next) {
		const struct key *key = &index->keys[at - 1];

		if (key->hash == hash && search->holds(search->ctx, key->route))
			search->best = key->route;
	}
}

/* The domain itself and every one above it, shortest first. */
static void
try_domains(struct search *search, const char *domain)
{
	uint64_t hash = hash_start(BY_DOMAIN);

	for (size_t i = strlen(domain); i > 0; i--) {
		hash = hash_add(hash, domain[i - 1]);
		if (i == 1 || domain[i - 2] == '.')
			try_key(search, hash);
	}
}

size_t
route_index_find(const struct route_index *index, const char *domain,
    const char *user, bool (*holds)(void *ctx, size_t route),
    void *ctx)
{
	struct search search = { index, holds, ctx, SIZE_MAX };

	if (domain != NULL)
		try_domains(&search, domain);
	if (user != NULL)
		try_key(&search, hash_of(BY_USER, user));
	for (size_t i = 0; i < index->nothers &&
	     index->others[i] < search.best; i++) {
		if (holds(ctx, index->others[i]))
			search.best = index->others[i];
	}
	return search.best;
}
