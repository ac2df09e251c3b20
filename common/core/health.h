/*
 * Health of one address of a smart host: evidence and time go in, a change of
 * state comes out.
 *
 * Healthy until hard evidence ('fall' in a row), or three soft failures within
 * 60 s with no success between. While unhealthy, trials are made along the
 * ladder, exactly one a step whatever else is seen; failures seen meanwhile
 * count and set the last error but not the step. A regular heartbeat goes on
 * regardless.
 *
 * What a success heals ('rise' of them in a row). A failure is kept with its
 * stage and with who found it, deliveries or our probes, since these may go by
 * different ways: Postfix may do without the TLS or the login that a probe
 * insists on, or insist on more.
 * - A success heals failures from the first stage it passed to the last one it
 *   reached. A delivery over a connection that was open before passed MAIL and
 *   DATA only.
 * - "status=sent" proves that mail passes by the way Postfix goes, and nothing
 *   else. So a delivery heals what deliveries found, at TLS and AUTH too; what
 *   a probe found at TLS or AUTH it does not, as it may have gone without.
 * - A probe heals whatever lies within its reach, whoever found it.
 * - A delivery or a probe that began before the last failure is of the time
 *   before it, and heals no hard failure, nor an address that is marked.
 * For 'slow_start' from then on its share of the mail grows. A failure beyond
 * the probe's reach (it got as far as EHLO, and the failure was at AUTH) is
 * tried with one real message a ladder step, once that step's probe was good:
 * health_take_mail_trial.
 *
 * A failure from before the address last healed counts for nothing: of a probe
 * that began before, as the next one tells; of a delivery that was over before,
 * whose line is only read now. But what DNS answers is of the time it does; and
 * a delivery that hung until now is news of a host that is taken to be well.
 */
#ifndef WEIR_CORE_HEALTH_H
#define WEIR_CORE_HEALTH_H

#include "core/config.h"
#include "core/span.h"

enum stage { /* of an SMTP delivery, in the order they are reached */
	STAGE_DNS,
	STAGE_TCP,
	STAGE_BANNER,
	STAGE_EHLO,
	STAGE_TLS,
	STAGE_AUTH,
	STAGE_MAIL,
	STAGE_DATA,
	STAGE_COUNT
};

enum evidence_grade {
	EVIDENCE_GOOD,
	EVIDENCE_SOFT,
	EVIDENCE_HARD,
	EVIDENCE_NONE, /* a probe that we could not make: nothing is known */
};
enum evidence_source {
	EVIDENCE_TRIAL, /* a probe of ours, on the ladder */
	EVIDENCE_HEARTBEAT, /* a probe of ours, as always */
	EVIDENCE_DELIVERY,
	EVIDENCE_OPERATOR,
};

enum { ERROR_NAME_MAX = 24, ERROR_TEXT_MAX = 160 };

/*
 * An address that healed so often within so long is flapping: its share grows
 * over so long, when there is no slow_start.
 */
enum { FLAPS = 5, FLAPS_WITHIN_S = 600, FLAPPING_RAMP_S = 60 };

enum { SHARE_FULL = 60 }; /* parts of a weight */

struct evidence {
	enum evidence_grade grade;
	enum evidence_source source;
	enum stage stage; /* failed there, or reached it */
	enum stage first; /* of a good delivery: where it began, most at dns */
	struct span age; /* how long ago it began */
	struct span over; /* how long ago a delivery ended */
	int code; /* errno or SMTP code, 0 for none */
	char error[ERROR_NAME_MAX]; /* "ECONNREFUSED", "smtp_421" */
	char text[ERROR_TEXT_MAX]; /* plain words, printable */
};

struct soft_failure {
	struct mono at;
	enum stage stage;
};

enum finder { FOUND_BY_MAIL, FOUND_BY_PROBE, FINDERS };

struct fault { /* hard, unless only soft ones have marked */
	bool there;
	enum stage stage; /* the furthest: what a success must pass */
	unsigned rises; /* successes in a row that did */
};

struct health {
	bool healthy;
	struct mono since; /* of the present state */
	struct fault faults[FINDERS]; /* while any is there it does not heal */
	bool by_soft; /* only soft failures have set it */
	uint32_t dice; /* of heartbeats, never 0 once thrown; 0: no jitter */
	unsigned failures; /* since it was last healthy */
	unsigned rung; /* the ladder step waited for, from 1; 0 if healthy */
	struct mono failed_at; /* the last failure; meaningless before one */
	struct mono next_trial; /* while unhealthy */
	struct mono next_heartbeat;
	bool probing; /* a probe is under way */
	struct mono probing_since;
	enum evidence_source probe_as; /* what the one under way is */
	bool mail_trial; /* a real message may try this step */
	struct evidence last; /* the last failure; error "" before one */
	struct soft_failure soft[2]; /* the last ones, newest first */
	unsigned nsoft;
	unsigned falls; /* hard failures in a row while healthy */
	bool probed; /* while unhealthy: a probe of ours has failed too */
	struct span ramp; /* since it healed: how long its share grows */
	struct mono heals[FLAPS]; /* the last ones, newest first */
	unsigned nheals;
	bool flapping; /* as it was when it last healed */
};

enum health_change { HEALTH_SAME, HEALTH_WENT_DOWN, HEALTH_WENT_UP };

/* Healthy; the first heartbeat is made after first. */
void health_init(struct health *, struct span first, struct mono now);

const char *stage_name(enum stage); /* "dns", "tcp", ... */
const char *evidence_source_name(enum evidence_source); /* "probe", ... */
enum stage probe_reach(enum probe_level); /* the last stage a probe sees */

/*
 * Takes a piece of evidence. For a failure while healthy starts the ladder.
 * For the result of our own probe also ends it (probing).
 */
enum health_change health_on(struct health *, const struct health_settings *,
    const struct evidence *, struct mono now);

/*
 * Heartbeats are a tenth of their interval early or late from now on, so that
 * those of many hosts and machines do not come together. seed: any.
 */
void health_jitter(struct health *, uint32_t seed);

/*
 * Is a probe due? A heartbeat due within a tenth of its interval of a trial is
 * the trial (and waits for it). At most one is under way; one whose end was
 * not reported within ten times the probe's timeout is taken as lost. When it
 * returns true the caller starts the probe now and reports its end by
 * health_on, with *as_r as the source and the stage it got to.
 */
bool health_take_probe(struct health *, const struct health_settings *,
    struct mono now, enum evidence_source *as_r);

/* Takes the one real message of this ladder step, when there is one. */
bool health_take_mail_trial(struct health *);

/* When health_take_probe should be asked again; MONO_NEVER for no need. */
struct mono health_next(const struct health *,
    const struct health_settings *);

#define MONO_NEVER ((struct mono) { INT64_MAX })

/*
 * Probes go no farther than that from now on. What they found beyond it counts
 * as found there, or nothing could heal it.
 */
void health_shorten(struct health *, enum stage reach);

/*
 * Other settings from now on: neither heartbeat nor trial waits longer than
 * they say. A heartbeat whose time has passed, since there was none, is made
 * after first.
 */
void health_retune(struct health *, const struct health_settings *,
    struct span first, struct mono now);

/*
 * The part of its weight it counts with, in SHARE_FULL parts: none while
 * unhealthy, from a tenth to all of it while its share grows.
 */
unsigned health_share(const struct health *, struct mono now);

/* Notes that it healed now: the ramp, and whether it is flapping. */
void health_healed(struct health *, const struct health_settings *,
    struct mono now);

/* The next trial, for next_retry; only while unhealthy. */
struct mono health_next_trial(const struct health *);

/* The length of the n-th step of a ladder, n from 1 on. */
struct span ladder_step(const struct ladder *, unsigned n);

#endif
