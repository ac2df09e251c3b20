/*
 * One small record a source and listener.
 */
#include "core/refusals.h"

#include "core/session_state.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>

struct refusal {
	struct mono told_at;
	uint32_t refused;
	uint32_t untold;
	bool told; /* ever */
};

struct refusals {
	struct table *table; /* listener and source -> struct refusal */
	unsigned nlisteners; /* those that refused someone */
	struct {
		char name[NAME_MAX_LEN + 1];
		uint64_t refused;
	} listeners[LISTENERS_MAX]; /* that many at a time */
};

struct refusals *
refusals_new(const uint8_t seed[16])
{
	struct refusals *refusals = calloc(1, sizeof(*refusals));
	struct table_settings settings = { .max = REFUSALS_MAX };

	if (refusals == NULL)
		abort();
	memcpy(settings.seed, seed, sizeof(settings.seed));
	refusals->table = table_new(&settings);
	return refusals;
}

void
refusals_free(struct refusals **refusals)
{
	if (*refusals == NULL)
		return;
	table_free(&(*refusals)->table);
	free(*refusals);
	*refusals = NULL;
}

static struct refusal *
refusal_get(struct refusals *refusals, struct index_key key)
{
	struct refusal *refusal =
	    table_find(refusals->table, key.bytes, key.len);

	if (refusal == NULL)
		refusal = table_add(
		    refusals->table, key.bytes, key.len, sizeof(*refusal));
	return refusal;
}

static uint64_t *
by_listener(struct refusals *refusals, const char *name)
{
	unsigned i = 0;

	while (i < refusals->nlisteners &&
	       strcmp(refusals->listeners[i].name, name) != 0)
		i++;
	if (i == LISTENERS_MAX)
		return NULL; /* so many reloads changed their names */
	if (i == refusals->nlisteners) {
		(void)text_copy(refusals->listeners[i].name,
		    sizeof(refusals->listeners[i].name), name);
		refusals->nlisteners++;
	}
	return &refusals->listeners[i].refused;
}

uint64_t
refusals_by(const struct refusals *refusals, const char *listener)
{
	for (unsigned i = 0; i < refusals->nlisteners; i++) {
		if (strcmp(refusals->listeners[i].name, listener) == 0)
			return refusals->listeners[i].refused;
	}
	return 0;
}

static bool
is_time(const struct refusal *refusal, struct mono now)
{
	return !refusal->told ||
	       mono_since(now, refusal->told_at).us >= REFUSALS_TELL_EACH.us;
}

void
refusals_count(struct refusals *refusals, const char *listener,
    const struct netaddr *source)
{
	struct refusal *refusal =
	    refusal_get(refusals, session_index_source(listener, source));
	uint64_t *all = by_listener(refusals, listener);

	if (refusal->refused < UINT32_MAX)
		refusal->refused++;
	if (all != NULL)
		++*all;
}

bool
refusals_tell(struct refusals *refusals, const char *listener,
    const struct netaddr *source, struct mono now, unsigned *untold_r)
{
	struct refusal *refusal =
	    refusal_get(refusals, session_index_source(listener, source));

	*untold_r = refusal->untold;
	if (!is_time(refusal, now)) {
		refusal->untold++;
		return false;
	}
	refusal->told = true;
	refusal->told_at = now;
	refusal->untold = 0;
	return true;
}

uint32_t
refusals_of(const struct refusals *refusals, const char *listener,
    const struct netaddr *source)
{
	struct index_key key = session_index_source(listener, source);
	const struct refusal *refusal =
	    table_peek(refusals->table, key.bytes, key.len);

	return refusal == NULL ? 0 : refusal->refused;
}

struct refusal_walk {
	refusal_fn fn;
	void *ctx;
};

static void
show_refusal(void *ctx, const void *key, size_t len, void *value)
{
	const struct refusal_walk *walk = ctx;
	const struct refusal *refusal = value;
	char listener[NAME_MAX_LEN + 1];
	struct netaddr source;

	if (refusal->refused == 0)
		return;
	session_source_of_index(key, len, listener, &source);
	walk->fn(walk->ctx, listener, &source, refusal->refused);
}

void
refusals_walk(struct refusals *refusals, refusal_fn fn, void *ctx)
{
	struct refusal_walk walk = { fn, ctx };
	uint64_t cursor = 0;

	do
		table_walk(
		    refusals->table, &cursor, SIZE_MAX, show_refusal, &walk);
	while (cursor != 0);
}
