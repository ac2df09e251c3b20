/*
 * Counters shown, and forgotten when an administrator says so.
 */
#include "core/limit.h"

#include "core/limit_state.h"

#include <stdlib.h>
#include <string.h>

/* --- shown --- */

static void
row_fill(struct limit_row *row, struct limit_spot *spot, unsigned rate,
    struct now now)
{
	row->rule = spot->throttle->name;
	row->key = spot->key;
	row->what = spot->throttle->what;
	row->used = counts_used(&spot->counts, rate, now.mono);
	row->rate = spot->counts.specs[rate];
	row->resets_in = counts_resets_in(&spot->counts, rate, now.mono);
	row->networks = row->what == LIMIT_CLIENTS ? &spot->counts.networks :
	                                             NULL;
}

/* By rule and key, which the caller checked. */
static bool
spot_find(struct limits *limits, const struct throttle *throttle,
    const char *key, struct now now)
{
	struct limit_spot *spot = &limits->spots[0];

	spot->throttle = throttle;
	memcpy(spot->key, key, strlen(key) + 1);
	limit_spot_look(limits, spot, now);
	return spot->counter != NULL && !counts_idle(&spot->counts, now.mono);
}

bool
limits_find(struct limits *limits, const struct config *config,
    const char *rule, const char *key, struct now now,
    struct limit_row *row_r)
{
	const struct throttle *throttle = config_throttle(config, rule);
	struct limit_spot *spot = &limits->spots[0];
	unsigned rate;

	if (throttle == NULL || strlen(key) >= sizeof(spot->key) ||
	    !spot_find(limits, throttle, key, now))
		return false;
	spot->claim = (struct claim) { .cost = 1 };
	(void)limit_spot_ask(spot, now, &rate);
	row_fill(row_r, spot, rate, now);
	row_r->key = key;
	return true;
}

struct walk {
	struct limits *limits;
	const struct config *config;
	struct now now;
	limit_fn fn;
	void *ctx;
};

/* The counter of the spot, a row for each period that counts something. */
static void
show_spot(const struct walk *walk, struct limit_spot *spot)
{
	struct limit_row row;

	counter_read_for(spot->counter, spot->throttle, walk->now.mono,
	    &spot->counts);
	for (unsigned i = 0; i < spot->counts.n; i++) {
		row_fill(&row, spot, i, walk->now);
		if (row.used > 0)
			walk->fn(walk->ctx, &row);
	}
}

static void
show_entry(void *ctx, const void *table_key, size_t len, void *value)
{
	const struct walk *walk = ctx;
	struct limits *limits = walk->limits;
	struct limit_spot *spot = &limits->spots[0];
	unsigned rule = limit_table_key_split(table_key, len, spot->key);

	spot->throttle = config_throttle(walk->config,
	    limits->rules[rule].name);
	spot->counter = value;
	if (spot->throttle != NULL)
		show_spot(walk, spot);
}

static void
show_shared(const struct walk *walk)
{
	struct limits *limits = walk->limits;
	struct limit_spot *spot = &limits->spots[0];

	for (unsigned i = 0; i < limits->nrules; i++) {
		spot->throttle = config_throttle(walk->config,
		    limits->rules[i].name);
		spot->counter = limits->rules[i].shared;
		memcpy(spot->key, LIMIT_KEY_SHARED, sizeof(LIMIT_KEY_SHARED));
		if (spot->throttle != NULL && spot->counter != NULL)
			show_spot(walk, spot);
	}
}

void
limits_walk(struct limits *limits, const struct config *config,
    struct now now, uint64_t *cursor, size_t budget, limit_fn fn, void *ctx)
{
	struct walk walk = { .limits = limits, .config = config, .now = now,
		.fn = fn, .ctx = ctx };

	if (*cursor == 0)
		show_shared(&walk);
	table_walk(limits->table, cursor, budget, show_entry, &walk);
}

void
limits_tallies(struct limits *limits, const struct config *config,
    limit_tally_fn fn, void *ctx)
{
	for (size_t i = 0; i < config->nthrottles; i++) {
		const struct throttle *throttle = &config->throttles[i];
		unsigned rule = limit_rule_number(limits, throttle->name);

		fn(ctx, throttle, &limits->rules[rule].tally);
	}
}

/* --- forgotten --- */

static void
forget(struct limits *limits, const struct limit_spot *spot)
{
	char table_key[TABLE_KEY_MAX];

	if (spot->shared) {
		free(limits->rules[spot->rule].shared);
		limits->rules[spot->rule].shared = NULL;
		return;
	}
	table_remove(limits->table, table_key,
	    limit_table_key(spot->rule, spot->key, table_key));
}

unsigned
limits_reset(struct limits *limits, const struct config *config,
    const char *rule, const char *key, struct now now, limit_record_fn fn,
    void *ctx)
{
	struct limit_spot *spot = &limits->spots[0];
	unsigned n = 0;

	if (strlen(key) >= sizeof(spot->key))
		return 0;
	for (size_t i = 0; i < config->nthrottles; i++) {
		const struct throttle *throttle = &config->throttles[i];

		if ((rule != NULL && strcmp(throttle->name, rule) != 0) ||
		    !spot_find(limits, throttle, key, now))
			continue;
		forget(limits, spot);
		fn(ctx, throttle->name, key, NULL, 0);
		n++;
	}
	return n;
}
