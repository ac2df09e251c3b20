/*
 * Throttles: rules that count messages or recipients by key and refuse beyond
 * a rate.
 *
 * Order, for one request of one kind: every rule of that kind that applies is
 * asked, in file order. A rule applies when the session has every part of its
 * key, its listeners, users and clients (where given) include the session and
 * its exceptions do not, and the client is not exempt: exempt_clients of a
 * listener frees from rules by client alone. The first rule without room
 * refuses and is named; nothing is then charged. When all have room, all are
 * charged. A rule with action observe never refuses; it counts, and says so
 * once when it would.
 *
 * A refusal is told by one LimitReached event a period and key, an observed
 * one by LimitObserved; the next event has those untold between as repeats.
 *
 * One table holds the counters of all rules, keyed by rule name and canonical
 * key, so that a reload keeps what was used. When the table is full and every
 * entry is busy, new keys share one counter per rule, limited too.
 *
 * Not thread-safe: the state owner calls it from its loop, weir-milter under
 * one lock while the state is away.
 */
#ifndef WEIR_CORE_LIMIT_H
#define WEIR_CORE_LIMIT_H

#include "core/config.h"
#include "core/event.h"
#include "core/facts.h"
#include "core/verdict.h"

struct limits;

/* Rules that can apply to one session: the file's, two of its listener. */
enum { LIMITS_APPLY_MAX = THROTTLES_MAX + 2 };

/* What one message was charged, so that a refusal can give it back. */
struct receipt {
	uint64_t counter; /* its name; the same again for the same key only */
	struct span period; /* which one of its rule */
	int64_t part;
	uint32_t cost;
};

enum { RECEIPTS_MAX = 128 };

struct receipts { /* of one message; beyond the bound nothing is given back */
	unsigned count;
	struct receipt list[RECEIPTS_MAX];
};

/*
 * The key of the counter that keys share when there is no room for them. Only
 * idle counters make room: a flood of keys frees nobody.
 */
#define LIMIT_KEY_SHARED "(others)"

/* events may be NULL. seed keys the hash and the reference codes. */
struct limits *limits_new(uint32_t max_keys, const uint8_t seed[16],
    struct events *);
void limits_free(struct limits **);

/* A reference code for a refusal: 2^24 calls give as many codes. */
void limits_ref(struct limits *, char ref_r[REF_MAX]);

/*
 * Charges cost units of 'what' to every rule that applies, or to none. The
 * verdict tells; receipts are added to. Returns true when it may pass.
 */
bool limits_charge(struct limits *, const struct config *,
    const struct facts *, enum limit_what, uint32_t cost, struct now,
    struct receipts *, struct verdict *);

/*
 * The same question of one unit without charging, for explain: a verdict for
 * each rule that applies. Its action is accept when the rule has room, else
 * the rule's own; used, limit and period are of the period nearest its end.
 */
size_t limits_explain(struct limits *, const struct config *,
    const struct facts *, enum limit_what, struct now,
    struct verdict *list_r, size_t max);

void limits_give_back(struct limits *, struct receipts *, struct now);

/*
 * Adds what was counted elsewhere (a milter while the state was away, or the
 * store after a restart). No check is made.
 */
void limits_add(struct limits *, const struct config *, const char *rule,
    const char *key, uint32_t used, struct span age, struct now);

/* One line of weirctl limits. */
struct limit_row {
	const char *rule;
	const char *key;
	enum limit_what what;
	uint32_t used;
	struct rate_spec rate;
	struct span resets_in;
};

/*
 * Shows about budget counters from *cursor on (see table_walk), a row for each
 * period; idle ones are passed over. Counters of rules that are no longer
 * configured leave.
 */
typedef void (*limit_fn)(void *ctx, const struct limit_row *);
void limits_walk(struct limits *, const struct config *, struct now,
    uint64_t *cursor, size_t budget, limit_fn, void *ctx);

/*
 * The row of one key under one rule, of the period nearest its end; false when
 * not counted. rule and key of the row are those of the call.
 */
bool limits_find(struct limits *, const struct config *, const char *rule,
    const char *key, struct now, struct limit_row *row_r);

/* Keys counted, and the bound. */
size_t limits_count(const struct limits *);

/*
 * Lets go about budget counters a call, round and round, of those that count
 * nothing any more, so that the store does not keep them either: each is
 * handed over without bytes. Once a second with 1000 is plenty.
 */
typedef void (*limit_record_fn)(void *ctx, const char *rule, const char *key,
    const void *record, size_t len);
void limits_sweep(struct limits *, size_t budget, struct now,
    limit_record_fn, void *ctx);

/*
 * Durability. limits_dump hands each counter that changed since it was last
 * handed out, as opaque bytes, about budget a call; true when there are more.
 *
 * limits_load takes one back after a restart; shift is what to add to a point
 * on the clock of the boot it was written in to get that point on the present
 * clock (0 within one boot), rounded up so that no one is freed early. A record
 * of another version or a wrong length is refused (-1); one of a rule that is
 * gone, or that holds nothing any more, may be forgotten (1).
 */
bool limits_dump(struct limits *, size_t budget, limit_record_fn, void *ctx);

/*
 * What was handed out is gone: each counter counts as changed again. About
 * budget a call from *cursor on, which is 0 at first and at the end.
 */
void limits_touch(struct limits *, uint64_t *cursor, size_t budget);
int limits_load(struct limits *, const struct config *, const char *rule,
    const char *key, const void *record, size_t len, struct span shift,
    struct now);

#endif
