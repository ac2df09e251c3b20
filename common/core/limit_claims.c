/*
 * Counters taken apart, for whoever counts on.
 */
#include "core/counts_claims.h"
#include "core/limit.h"
#include "core/limit_state.h"

struct walk {
	struct limits *limits;
	const struct config *config;
	struct now now;
	limit_claim_fn fn;
	void *ctx;
};

static void
tell_counter(const struct walk *walk, unsigned rule, const char *key,
    const struct counter *counter)
{
	const struct throttle *throttle =
	    config_throttle(walk->config, walk->limits->rules[rule].name);
	struct timed_claim list[CLAIMS_MAX];
	struct counts counts;
	size_t n;

	if (throttle == NULL || counter == NULL)
		return;
	counter_read_for(counter, throttle, walk->now.mono, &counts);
	n = counts_claims(&counts, walk->now.mono, list);
	for (size_t i = 0; i < n; i++)
		walk->fn(walk->ctx, throttle->name, key, &list[i].claim,
		    mono_since(walk->now.mono, list[i].at));
}

static void
tell_entry(void *ctx, const void *table_key, size_t len, void *value)
{
	char key[LIMIT_KEY_MAX];
	unsigned rule = limit_table_key_split(table_key, len, key);

	tell_counter(ctx, rule, key, value);
}

void
limits_claims(struct limits *limits, const struct config *config,
    struct now now, limit_claim_fn fn, void *ctx)
{
	struct walk walk = { .limits = limits,
		.config = config,
		.now = now,
		.fn = fn,
		.ctx = ctx };
	uint64_t cursor = 0;

	for (unsigned i = 0; i < limits->nrules; i++)
		tell_counter(
		    &walk, i, LIMIT_KEY_SHARED, limits->rules[i].shared);
	do
		table_walk(limits->table, &cursor, SIZE_MAX, tell_entry, &walk);
	while (cursor != 0);
}
