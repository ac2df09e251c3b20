/*
 * By which smart host a message leaves.
 *
 * route rule -> connector -> members -> drop down, drained, unhealthy ->
 * lowest cost -> balance -> list of next hops: the chosen one, then up to
 * 'failovers' others in cyclic order of their own cost, then of higher cost.
 * A member that is passed over keeps the reason, for explain.
 *
 * With balance = affinity a login has a home, his own (core/identity.h) or the
 * connector's default_home: while that member is usable it is the chosen one,
 * whatever it costs. Users that a client's network gave have none.
 *
 * With minimum_share so many percent of the messages go to the next cost
 * first, exactly, and the cheapest hosts stand behind.
 *
 * When no member is usable (sick, drained, down, over its max_rate), the
 * connector says what becomes of the mail: try, all but drained, down and
 * unresolved ones stand in the list, least recently failed first, and when
 * even those are none, mail waits as by queue; queue, it is taken and waits;
 * refuse; direct, it goes by MX; postfix, Postfix decides; or another connector
 * is chosen from.
 *
 * A host that waits for a real message to try it (health_take_mail_trial), and
 * costs no more than the one chosen, stands before that whole list for exactly
 * one decision. It does so too where mail would wait or be refused, with the
 * others of its connector behind, and before the list of another connector if
 * that has the same transport: else nothing could stand behind it, and the
 * message would wait for the sick host alone. So not where mail goes by MX.
 *
 * No allocation, no system call; the policy service, the socketmap and explain
 * call the same function, explain with dry set: it changes nothing.
 */
#ifndef WEIR_CORE_CHOOSE_H
#define WEIR_CORE_CHOOSE_H

#include "core/balance.h"
#include "core/facts.h"
#include "core/hosts.h"
#include "core/reason.h"

enum { ACTION_TEXT_MAX = 4096, CANDIDATES_MAX = 4 * MEMBERS_MAX };

/*
 * Where homes are looked up, valid until the next call; NULL: none. Without it
 * (find is NULL) in weir.conf alone.
 */
struct home_source {
	const char *(*find)(void *ctx, const struct identities *,
	    const char *user);
	void *ctx;
};

struct chooser {
	struct home_source homes;
	struct balance_member (*memory)[MEMBERS_MAX]; /* of every connector */
	unsigned *standby; /* of every connector: percent owed so far */
	/*
	 * Of every connector: 1 + hosts.changes when nothing spoke against any
	 * of its members, and nothing but such a change could. 0: never.
	 */
	uint64_t *calm;
	size_t nconnectors;
	bool unrated; /* decisions do not count for max_rate */
	uint64_t seed; /* of balance = random; 0 at first, set it as wished */
};

enum decision_kind {
	DECISION_DUNNO,
	DECISION_FILTER,
	DECISION_REJECT,
	DECISION_QUEUE, /* DUNNO, and a map says retry */
	DECISION_REFUSE, /* for now: 451, and a map says retry */
};

enum built_in { BUILT_IN_NONE, BUILT_IN_DIRECT, BUILT_IN_POSTFIX };

struct candidate {
	uint16_t host; /* index into hosts */
	const struct connector *connector; /* whose member it is */
	enum reason reason;
	unsigned position; /* 1 = chosen, 2... = failovers, 0 = not in list */
};

struct decision {
	enum decision_kind kind;
	enum reason reason;
	const struct route *route; /* NULL: none matched */
	const struct connector *connector; /* NULL: none, or one built in */
	enum built_in built_in;
	/* in member order, behind those of a connector that had none usable */
	struct candidate candidates[CANDIDATES_MAX];
	size_t ncandidates;
	uint16_t list[MEMBERS_MAX]; /* hosts in the order of the answer */
	size_t nlist;
};

void chooser_init(struct chooser *, const struct config *);
void chooser_clear(struct chooser *);

/* By the route that takes the message (route_find; NULL: none does). */
void choose(struct chooser *, const struct config *, struct hosts *,
    const struct route *, const struct facts *, struct now, bool dry,
    struct decision *decision_r);

/* The home of a login, as homes say; valid until the next call. NULL: none. */
const char *chooser_home(const struct chooser *, const struct config *,
    const char *user);

/*
 * The name of the connector, "direct" or "postfix"; NULL: none is involved.
 * Static, or the configuration's.
 */
const char *decision_connector(const struct decision *);

/*
 * "FILTER relay:[a]:587, [b]:587", "FILTER smtp:" (by MX), "DUNNO",
 * "550 5.7.1 text". A list that does not fit ends at a whole next hop.
 * Returns buf.
 */
const char *decision_action(const struct decision *, const struct config *,
    char buf[ACTION_TEXT_MAX]);

/*
 * The same as the value of a transport table: "relay:[a]:587, [b]:587",
 * "smtp:", "error:5.7.1 text", "retry:4.3.2 text" (the mail waits). Returns
 * buf, or NULL: no entry.
 */
const char *decision_entry(const struct decision *, const struct config *,
    char buf[ACTION_TEXT_MAX]);

#endif
