/*
 * What limit*.c share: the counters and how to reach one.
 *
 * A key in the table is two bytes for the rule, then the text of the key. The
 * rules seen so far have a number each, kept until the end: a reload that
 * takes a rule out and brings it back finds its counters.
 */
#ifndef WEIR_CORE_LIMIT_STATE_H
#define WEIR_CORE_LIMIT_STATE_H

#include "core/counter.h"
#include "core/limit.h"
#include "core/table.h"

enum {
	RULES_MAX = UINT16_MAX,
	RULE_BYTES = 2,
	TABLE_KEY_MAX = RULE_BYTES + LIMIT_KEY_MAX,
};

struct limit_rule {
	char name[RULE_MAX_LEN + 1];
	struct counter *shared; /* of the keys there is no room for; or NULL */
	struct limit_tally tally;
};

/* One counter found, with what it counts by the periods of its rule. */
struct limit_spot {
	const struct throttle *throttle;
	enum limit_scope scope;
	struct claim claim; /* what it is asked for */
	bool foreseen; /* and is not to be charged */
	bool full; /* asked, and had no room */
	unsigned rule;
	char key[LIMIT_KEY_MAX];
	struct counter *counter; /* NULL: nothing counted */
	uint64_t name; /* for receipts; the rule's number when shared */
	bool shared;
	struct counts counts;
};

struct limits {
	struct table *table; /* table key -> struct counter */
	struct limit_rule *rules;
	unsigned nrules;
	struct events *events;
	uint64_t refusals;
	uint64_t swept; /* how far limits_sweep is */
	uint8_t seed[16];

	/* of the call in progress */
	struct mono now;
	const struct facts *facts; /* of what is asked about */
	unsigned nspots;
	struct limit_spot spots[LIMIT_SCOPE_MAX]; /* rules that are charged */
};

unsigned limit_rule_number(struct limits *, const char *name);

/* Length of the table key. key is shorter than LIMIT_KEY_MAX. */
size_t limit_table_key(unsigned rule, const char *key,
    char table_key_r[TABLE_KEY_MAX]);

/* The rule and the key of one. */
unsigned limit_table_key_split(const void *table_key, size_t len,
    char key_r[LIMIT_KEY_MAX]);

/*
 * By throttle and key, which the caller has set. To charge: the counter is made
 * if it was not there, or it is the shared one when there is no room; it stays
 * where it is until limit_spot_done. One that is made begins with what the
 * shared one counts; not so where all that its key used is known (kept). To
 * look: no counter is made.
 */
void limit_spot_take(struct limits *, struct limit_spot *, struct now);
void limit_spot_take_kept(struct limits *, struct limit_spot *, struct now);
void limit_spot_look(struct limits *, struct limit_spot *, struct now);
void limit_spot_done(struct limit_spot *);

/* Has it room? The period nearest its end. */
struct rate_answer limit_spot_ask(struct limit_spot *, struct now,
    unsigned *rate_r);

/*
 * Writes back what was changed in the counts of a spot that was taken.
 * counted: it is to be stored; else only what was said of it changed.
 */
void limit_spot_save(struct limits *, struct limit_spot *, bool counted);

/*
 * LimitReached or LimitObserved of a spot that is taken, by the period 'rate'
 * of its rule; the caller saves it. And LimitWarning.
 */
void limit_tell(struct limits *, struct limit_spot *, enum event_kind,
    unsigned rate, const struct verdict *, struct now);
void limit_tell_warning(struct limits *, const struct verdict *, struct now);

#endif
