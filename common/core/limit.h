/*
 * Throttles: rules that count messages, recipients, bytes, connections or
 * networks by key, and act beyond a limit.
 *
 * Order, for one request: which rules of its kind take in the session, and
 * which of them are excepted or replaced, says limit_scope.h. Those that apply
 * are asked in file order. The first without room that defers, rejects or
 * disconnects is named; nothing is charged then, by no rule. Else all are
 * charged, but for a rule without room that holds: the message waits for an
 * operator, and the rule counts what went out. A rule that observes counts
 * all, and says so once when there was no room. Excepted traffic is counted,
 * with room or without.
 *
 * A refusal and a hold are told by one LimitReached event a period and key, an
 * observed one by LimitObserved; the next event has those untold between as
 * repeats. A key that comes to 80 % of a limit is told by LimitWarning, once a
 * period.
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
#include "core/limit_scope.h"
#include "core/receipts.h"
#include "core/verdict.h"

struct limits;

/* What a session wants, by kind; 0: rules of that kind are not asked. */
struct limit_request {
	uint64_t cost[LIMIT_WHATS];
	/* Bytes the message will have, as its client says: asked about, so
	   that one that cannot fit need not come, and not charged. */
	uint64_t foreseen;
};

/*
 * The key of the counter that keys share when there is no room for them. Only
 * idle counters make room: a flood of keys frees nobody.
 */
#define LIMIT_KEY_SHARED "(others)"

/* A counter for the store; len 0: it counts nothing any more. */
typedef void (*limit_record_fn)(void *ctx, const char *rule, const char *key,
    const void *record, size_t len);

/* events may be NULL. seed keys the hash and the reference codes. */
struct limits *limits_new(uint32_t max_keys, const uint8_t seed[16],
    struct events *);
void limits_free(struct limits **);

/* A reference code for a refusal: 2^24 calls give as many codes. */
void limits_ref(struct limits *, char ref_r[REF_MAX]);

/*
 * Charges every rule that applies, or none. The verdict tells; receipts are
 * added to (NULL: nothing will be given back). Returns true when it may pass,
 * also when it is to be held.
 */
bool limits_ask(struct limits *, const struct config *, const struct facts *,
    const struct limit_request *, struct now, struct receipts *,
    struct verdict *);

/* The same for one kind. */
bool limits_charge(struct limits *, const struct config *,
    const struct facts *, enum limit_what, uint64_t cost, struct now,
    struct receipts *, struct verdict *);

/*
 * The same question of one unit without charging, for explain: each rule of
 * these kinds (limit_scope.h) that takes in the session. The verdict's action
 * is accept when the rule has room, excepts or is replaced, else the rule's
 * own; used, limit and period are of the period nearest its end.
 */
struct limit_view {
	struct verdict verdict;
	enum limit_scope scope;
	const char *replaced_by; /* NULL: by none */
	struct span resets_in;
};
size_t limits_explain(struct limits *, const struct config *,
    const struct facts *, unsigned whats, struct now,
    struct limit_view *list_r, size_t max);

/*
 * What a message was charged comes back, each unit to the time it came from;
 * the receipts are empty then.
 */
void limits_give_back(struct limits *, struct receipts *, struct now);

/*
 * All that is counted by configured rules, in claims with their age, for
 * limits_add of another: counts_claims.h says how true that is.
 */
typedef void (*limit_claim_fn)(void *ctx, const char *rule, const char *key,
    const struct claim *, struct span age);
void limits_claims(struct limits *, const struct config *, struct now,
    limit_claim_fn, void *ctx);

/*
 * Adds what was counted elsewhere, by a milter while the state was away: units,
 * or for a rule that counts clients a network. No check is made.
 */
void limits_add(struct limits *, const struct config *, const char *rule,
    const char *key, const struct claim *, struct span age, struct now);

/*
 * Forgets what a key used, under one rule or (NULL) under all that are
 * configured; each is handed over without bytes, so that the store forgets it
 * too. How many there were.
 */
unsigned limits_reset(struct limits *, const struct config *, const char *rule,
    const char *key, struct now, limit_record_fn, void *ctx);

/* One line of weirctl limits. */
struct limit_row {
	const char *rule;
	const char *key;
	enum limit_what what;
	uint64_t used; /* clients: beyond the limit it is "more than that" */
	struct rate_spec rate;
	struct span resets_in;
	const struct networks *networks; /* what: clients; else NULL */
};

/*
 * Shows about budget counters from *cursor on (see table_walk), a row for each
 * period; idle ones are passed over, and those of rules that are not configured
 * now: these stay until they are idle, should the rule come back.
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

/* What became of the requests a rule was asked about, since the start. */
struct limit_tally {
	uint64_t allowed; /* there was room */
	uint64_t refused; /* deferred, rejected or disconnected by it */
	uint64_t held;
	uint64_t observed; /* no room, and let pass */
	uint64_t excepted; /* not asked */
	uint64_t warned; /* LimitWarning events */
};

/* Each configured rule, in file order. */
typedef void (*limit_tally_fn)(void *ctx, const struct throttle *,
    const struct limit_tally *);
void limits_tallies(struct limits *, const struct config *, limit_tally_fn,
    void *ctx);

/* Keys counted. */
size_t limits_count(const struct limits *);

/*
 * Lets go about budget counters a call, round and round, of those that count
 * nothing any more, so that the store does not keep them either: each is
 * handed over without bytes. Once a second with 1000 is plenty.
 */
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
