/*
 * Counters as the store keeps them: swept, handed to it and taken back from it.
 */
#include "core/limit.h"

#include "core/limit_state.h"

#include <string.h>

struct walk {
	struct limits *limits;
	struct now now;
	limit_record_fn fn;
	void *ctx;
};

/* --- swept --- */

static void
sweep_entry(void *ctx, const void *table_key, size_t len, void *value)
{
	const struct walk *walk = ctx;
	struct limits *limits = walk->limits;
	char key[LIMIT_KEY_MAX];
	unsigned rule;

	if (!counter_idle(value, walk->now.mono))
		return;
	rule = limit_table_key_split(table_key, len, key);
	table_remove(limits->table, table_key, len);
	walk->fn(walk->ctx, limits->rules[rule].name, key, NULL, 0);
}

void
limits_sweep(struct limits *limits, size_t budget, struct now now,
    limit_record_fn fn, void *ctx)
{
	struct walk walk = { .limits = limits, .now = now, .fn = fn,
		.ctx = ctx };

	table_walk(limits->table, &limits->swept, budget, sweep_entry, &walk);
}

/* --- handed out --- */

static void
dump_counter(const struct walk *walk, unsigned rule, const char *key,
    struct counter *counter)
{
	unsigned char bytes[COUNTER_BYTES_MAX];
	struct counts counts;

	if (!counter->changed)
		return;
	counter->changed = false;
	counter_read(counter, &counts);
	walk->fn(walk->ctx, walk->limits->rules[rule].name, key, bytes,
	    counter_pack(&counts, bytes));
}

static void
dump_entry(void *ctx, const void *table_key, size_t len, void *value)
{
	char key[LIMIT_KEY_MAX];
	unsigned rule = limit_table_key_split(table_key, len, key);

	dump_counter(ctx, rule, key, value);
}

bool
limits_dump(struct limits *limits, size_t budget, limit_record_fn fn,
    void *ctx)
{
	struct walk walk = { .limits = limits, .fn = fn, .ctx = ctx };

	for (unsigned i = 0; i < limits->nrules; i++) {
		if (limits->rules[i].shared != NULL)
			dump_counter(&walk, i, LIMIT_KEY_SHARED,
			    limits->rules[i].shared);
	}
	return table_marked(limits->table, budget, dump_entry, &walk);
}

static void
touch_entry(void *ctx, const void *table_key, size_t len, void *value)
{
	struct limits *limits = ctx;
	struct counter *counter = value;

	(void)table_key;
	(void)len;
	counter->changed = true;
	table_mark(limits->table, counter);
}

void
limits_touch(struct limits *limits, uint64_t *cursor, size_t budget)
{
	for (unsigned i = 0; i < limits->nrules; i++) {
		if (limits->rules[i].shared != NULL)
			limits->rules[i].shared->changed = true;
	}
	table_walk(limits->table, cursor, budget, touch_entry, limits);
}

/* --- taken back --- */

int
limits_load(struct limits *limits, const struct config *config,
    const char *rule, const char *key, const void *record, size_t len,
    struct span shift, struct now now)
{
	const struct throttle *throttle = config_throttle(config, rule);
	struct limit_spot *spot = &limits->spots[0];
	struct counts counts;

	if (throttle == NULL)
		return 1;
	if (key[0] == '\0' || strlen(key) >= sizeof(spot->key) ||
	    counter_unpack(record, len, throttle, shift, now.mono,
		&counts) == -1)
		return -1;
	if (counts_idle(&counts, now.mono))
		return 1;
	spot->throttle = throttle;
	memcpy(spot->key, key, strlen(key) + 1);
	limit_spot_take_kept(limits, spot, now);
	counts_merge(&spot->counts, &counts, now.mono);
	limit_spot_save(limits, spot, true);
	limit_spot_done(spot);
	return 0;
}
