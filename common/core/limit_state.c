/*
 * Where the counters of throttles are kept.
 */
#include "core/limit_state.h"

#include "core/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool
may_leave(void *ctx, const void *value)
{
	const struct limits *limits = ctx;
	const struct counter *counter = value;

	return !counter->taken && counter_idle(counter, limits->now);
}

struct limits *
limits_new(uint32_t max_keys, const uint8_t seed[16], struct events *events)
{
	struct limits *limits = calloc(1, sizeof(*limits));
	struct table_settings settings = {
		.max = max_keys,
		.may_leave = may_leave,
		.ctx = limits,
	};

	if (limits == NULL)
		abort();
	memcpy(settings.seed, seed, sizeof(settings.seed));
	memcpy(limits->seed, seed, sizeof(limits->seed));
	limits->table = table_new(&settings);
	limits->events = events;
	return limits;
}

void
limits_free(struct limits **limits)
{
	if (*limits == NULL)
		return;
	table_free(&(*limits)->table);
	for (unsigned i = 0; i < (*limits)->nrules; i++)
		free((*limits)->rules[i].shared);
	free((*limits)->rules);
	free(*limits);
	*limits = NULL;
}

size_t
limits_count(const struct limits *limits)
{
	return table_count(limits->table);
}

/*
 * 65535 names in the life of one process come from no file an operator writes;
 * the daemon then starts again from its store, which knows the present ones.
 */
static unsigned
rule_new(struct limits *limits, const char *name)
{
	struct limit_rule *rule;

	if (limits->nrules == RULES_MAX)
		abort();
	limits->rules = reallocarray(limits->rules, limits->nrules + 1,
	    sizeof(*limits->rules));
	if (limits->rules == NULL)
		abort();
	rule = &limits->rules[limits->nrules];
	memset(rule, 0, sizeof(*rule));
	if (text_copy(rule->name, sizeof(rule->name), name) == -1)
		assert(!"a rule's name is no longer than RULE_MAX_LEN");
	return limits->nrules++;
}

unsigned
limit_rule_number(struct limits *limits, const char *name)
{
	for (unsigned i = 0; i < limits->nrules; i++) {
		if (strcmp(limits->rules[i].name, name) == 0)
			return i;
	}
	return rule_new(limits, name);
}

size_t
limit_table_key(unsigned rule, const char *key,
    char table_key_r[TABLE_KEY_MAX])
{
	size_t len = strlen(key);

	assert(len < LIMIT_KEY_MAX);
	table_key_r[0] = (char)(rule & 0xFF);
	table_key_r[1] = (char)(rule >> 8);
	memcpy(table_key_r + RULE_BYTES, key, len);
	return RULE_BYTES + len;
}

unsigned
limit_table_key_split(const void *table_key, size_t len,
    char key_r[LIMIT_KEY_MAX])
{
	const unsigned char *bytes = table_key;

	memcpy(key_r, bytes + RULE_BYTES, len - RULE_BYTES);
	key_r[len - RULE_BYTES] = '\0';
	return bytes[0] | (unsigned)bytes[1] << 8;
}

static struct counter *
counter_add(struct limits *limits, const char *table_key, size_t len,
    const struct counts *counts)
{
	size_t size = counter_size_for(counts);
	struct counter *counter = table_add(limits->table, table_key, len,
	    size);

	if (counter != NULL)
		counter_set_size(counter, size);
	return counter;
}

static struct counter *
shared_counter(struct limit_rule *rule, const struct counts *counts)
{
	size_t size = counter_size_for(counts);

	if (rule->shared == NULL) {
		rule->shared = calloc(1, size);
		if (rule->shared == NULL)
			abort();
		counter_set_size(rule->shared, size);
	}
	return rule->shared;
}

/*
 * Who is given a counter now may be one of those who had to share one: what
 * they used together is the most he can have used.
 */
static void
inherit(struct limits *limits, struct limit_spot *spot, struct now now)
{
	const struct counter *shared = limits->rules[spot->rule].shared;
	struct counts counts;

	counter_read_for(shared, spot->throttle, now.mono, &counts);
	if (counts_idle(&counts, now.mono))
		return;
	counts_merge(&spot->counts, &counts, now.mono);
	limit_spot_save(limits, spot, true);
}

/* The counter of this very key, made if need be; NULL when there is no room. */
static struct counter *
own_counter(struct limits *limits, struct limit_spot *spot, struct now now,
    bool *made_r)
{
	char table_key[TABLE_KEY_MAX];
	size_t len = limit_table_key(spot->rule, spot->key, table_key);
	struct counter *counter;

	*made_r = false;
	if (strcmp(spot->key, LIMIT_KEY_SHARED) == 0)
		return NULL;
	spot->name = table_name(limits->table, table_key, len);
	counter = table_find(limits->table, table_key, len);
	counter_read_for(counter, spot->throttle, now.mono, &spot->counts);
	if (counter != NULL)
		return counter;
	*made_r = true;
	return counter_add(limits, table_key, len, &spot->counts);
}

/* Was a counter made for it? */
static bool
take(struct limits *limits, struct limit_spot *spot, struct now now)
{
	bool made;

	limits->now = now.mono;
	spot->rule = limit_rule_number(limits, spot->throttle->name);
	spot->counter = own_counter(limits, spot, now, &made);
	spot->shared = spot->counter == NULL;
	if (spot->shared) {
		struct limit_rule *rule = &limits->rules[spot->rule];

		spot->name = spot->rule;
		memcpy(spot->key, LIMIT_KEY_SHARED, sizeof(LIMIT_KEY_SHARED));
		counter_read_for(rule->shared, spot->throttle, now.mono,
		    &spot->counts);
		spot->counter = shared_counter(rule, &spot->counts);
	}
	spot->counter->taken = true;
	return made && !spot->shared;
}

void
limit_spot_take(struct limits *limits, struct limit_spot *spot,
    struct now now)
{
	if (take(limits, spot, now))
		inherit(limits, spot, now);
}

void
limit_spot_take_kept(struct limits *limits, struct limit_spot *spot,
    struct now now)
{
	(void)take(limits, spot, now);
}

void
limit_spot_done(struct limit_spot *spot)
{
	spot->counter->taken = false;
}

void
limit_spot_look(struct limits *limits, struct limit_spot *spot,
    struct now now)
{
	char table_key[TABLE_KEY_MAX];
	size_t len;

	spot->rule = limit_rule_number(limits, spot->throttle->name);
	len = limit_table_key(spot->rule, spot->key, table_key);
	spot->counter = table_peek(limits->table, table_key, len);
	spot->shared = spot->counter == NULL &&
	    strcmp(spot->key, LIMIT_KEY_SHARED) == 0;
	if (spot->shared)
		spot->counter = limits->rules[spot->rule].shared;
	counter_read_for(spot->counter, spot->throttle, now.mono,
	    &spot->counts);
}

struct rate_answer
limit_spot_ask(struct limit_spot *spot, struct now now, unsigned *rate_r)
{
	return counts_ask(&spot->counts, &spot->claim, now.mono, rate_r);
}

static void
spot_grow(struct limits *limits, struct limit_spot *spot, size_t size)
{
	struct counter *counter = spot->counter;

	if (spot->shared) {
		counter = realloc(counter, size);
		if (counter == NULL)
			abort();
		limits->rules[spot->rule].shared = counter;
	} else {
		counter = table_resize(limits->table, counter, counter->size,
		    size);
	}
	counter_set_size(counter, size);
	spot->counter = counter;
}

void
limit_spot_save(struct limits *limits, struct limit_spot *spot, bool counted)
{
	size_t size = counter_size_for(&spot->counts);

	if (size > spot->counter->size)
		spot_grow(limits, spot, size);
	counter_write(spot->counter, &spot->counts);
	if (!counted)
		return;
	spot->counter->changed = true;
	if (!spot->shared)
		table_mark(limits->table, spot->counter);
}
