/*
 * The state machine of one address's health: what evidence does to it. When
 * it is probed is told by health_probes.c.
 */
#include "core/health.h"

#include <string.h>

enum { SOFT_TO_FALL = 3 }; /* soft failures that mark */

#define SOFT_WINDOW_S 60

static const char *const stage_names[STAGE_COUNT] = {
	[STAGE_DNS] = "dns",
	[STAGE_TCP] = "tcp",
	[STAGE_BANNER] = "banner",
	[STAGE_EHLO] = "ehlo",
	[STAGE_TLS] = "tls",
	[STAGE_AUTH] = "auth",
	[STAGE_MAIL] = "mail",
	[STAGE_DATA] = "data",
};

const char *
stage_name(enum stage stage)
{
	return stage_names[stage];
}

const char *
evidence_source_name(enum evidence_source source)
{
	static const char *const source_names[] = {
		[EVIDENCE_TRIAL] = "probe",
		[EVIDENCE_HEARTBEAT] = "heartbeat",
		[EVIDENCE_DELIVERY] = "delivery",
		[EVIDENCE_OPERATOR] = "operator",
	};

	return source_names[source];
}

void
health_init(struct health *health, struct span first, struct mono now)
{
	memset(health, 0, sizeof(*health));
	health->healthy = true;
	health->since = now;
	health->next_heartbeat = mono_add(now, first);
}

/* --- evidence --- */

static void
mark(struct health *health, const struct health_settings *settings,
    struct mono now)
{
	health->healthy = false;
	health->since = now;
	health->rung = 1;
	health->next_trial =
	    mono_add(now, ladder_step(&settings->ladder, health->rung));
	health->nsoft = 0;
	health->falls = 0;
}

static void
heal(struct health *health, const struct health_settings *settings,
    struct mono now)
{
	health->healthy = true;
	health->since = now;
	health->failures = 0;
	health->rung = 0;
	health->mail_trial = false;
	health->probed = false;
	health->by_soft = false;
	health_healed(health, settings, now);
}

/* --- soft failures --- */

static void
drop_old_soft(struct health *health, struct mono now)
{
	while (health->nsoft > 0 &&
	    mono_since(now, health->soft[health->nsoft - 1].at).us >
	        SOFT_WINDOW_S * SPAN_SECOND)
		health->nsoft--;
}

static bool
passed(const struct evidence *success, enum stage stage)
{
	return stage >= success->first && stage <= success->stage;
}

/* Whatever began when: of two at the same time one failed and one did not. */
static void
drop_healed_soft(struct health *health, const struct evidence *success)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < health->nsoft; i++) {
		if (!passed(success, health->soft[i].stage))
			health->soft[kept++] = health->soft[i];
	}
	health->nsoft = kept;
}

/* Remembers a soft failure; true when it is the one too many. */
static bool
add_soft(struct health *health, enum stage *stage, struct mono now)
{
	drop_old_soft(health, now);
	if (health->nsoft < SOFT_TO_FALL - 1) {
		health->soft[1] = health->soft[0];
		health->soft[0] = (struct soft_failure) { now, *stage };
		health->nsoft++;
		return false;
	}
	for (unsigned i = 0; i < health->nsoft; i++) {
		if (health->soft[i].stage > *stage)
			*stage = health->soft[i].stage;
	}
	return true;
}

/* --- what a success must pass --- */

static enum finder
finder_of(const struct evidence *evidence)
{
	return evidence->source == EVIDENCE_DELIVERY ? FOUND_BY_MAIL
	                                             : FOUND_BY_PROBE;
}

static bool
any_fault(const struct health *health)
{
	return health->faults[FOUND_BY_MAIL].there ||
	    health->faults[FOUND_BY_PROBE].there;
}

static void
add_fault(struct health *health, enum finder finder, enum stage stage)
{
	struct fault *fault = &health->faults[finder];

	if (!fault->there || stage > fault->stage)
		*fault = (struct fault) { .there = true, .stage = stage };
}

/*
 * Of a hard failure. Soft ones give way to it, whatever their stage: a host
 * that dies first loses its connections in the middle of a message and then
 * refuses new ones, and when it takes them again it lives.
 */
static void
blame(struct health *health, const struct evidence *evidence)
{
	if (health->by_soft)
		memset(health->faults, 0, sizeof(health->faults));
	health->by_soft = false;
	add_fault(health, finder_of(evidence), evidence->stage);
}

/* A delivery may have gone without the TLS and the login a probe wants. */
static bool
heals(const struct evidence *success, enum finder finder, enum stage stage)
{
	bool unproven = finder == FOUND_BY_PROBE &&
	    (stage == STAGE_TLS || stage == STAGE_AUTH);

	return passed(success, stage) &&
	    !(unproven && finder_of(success) == FOUND_BY_MAIL);
}

/* While it is healthy one success ends the failures that did not mark it. */
static void
mend(struct health *health, const struct health_settings *settings,
    const struct evidence *success)
{
	for (unsigned i = 0; i < FINDERS; i++) {
		struct fault *fault = &health->faults[i];

		if (fault->there &&
		    heals(success, (enum finder)i, fault->stage) &&
		    (health->healthy || ++fault->rises >= settings->rise))
			fault->there = false;
	}
}

/* --- evidence --- */

/* It was sick before: the failure counts, and its success is farther away. */
static enum health_change
on_another_failure(struct health *health, const struct evidence *evidence)
{
	health->failures++;
	for (unsigned i = 0; i < FINDERS; i++)
		health->faults[i].rises = 0;
	health->probed = health->probed ||
	    finder_of(evidence) == FOUND_BY_PROBE;
	if (evidence->grade == EVIDENCE_HARD)
		blame(health, evidence);
	return HEALTH_SAME;
}

/* True when it is the one too many. */
static bool
on_hard(struct health *health, const struct health_settings *settings,
    const struct evidence *evidence)
{
	blame(health, evidence);
	return ++health->falls >= settings->fall;
}

static bool
on_soft(struct health *health, const struct evidence *evidence,
    struct mono now)
{
	enum stage stage = evidence->stage;

	if (!add_soft(health, &stage, now))
		return false;
	health->by_soft = !any_fault(health);
	add_fault(health, finder_of(evidence), stage);
	return true;
}

static bool
is_before_heal(const struct health *health, const struct evidence *evidence,
    struct mono began, struct mono now)
{
	struct mono at = began;

	if (finder_of(evidence) == FOUND_BY_MAIL)
		at.us = now.us - evidence->over.us;
	else if (evidence->stage == STAGE_DNS)
		at = now;
	return health->nheals != 0 && mono_before(at, health->heals[0]);
}

static enum health_change
on_failure(struct health *health, const struct health_settings *settings,
    const struct evidence *evidence, struct mono began, struct mono now)
{
	bool hard = evidence->grade == EVIDENCE_HARD;

	if (is_before_heal(health, evidence, began, now))
		return HEALTH_SAME;
	health->last = *evidence;
	health->failed_at = now;
	if (!health->healthy)
		return on_another_failure(health, evidence);
	if (hard ? !on_hard(health, settings, evidence)
	         : !on_soft(health, evidence, now))
		return HEALTH_SAME;
	health->failures = hard ? health->falls : SOFT_TO_FALL;
	health->probed = finder_of(evidence) == FOUND_BY_PROBE;
	mark(health, settings, now);
	return HEALTH_WENT_DOWN;
}

static enum health_change
on_success(struct health *health, const struct health_settings *settings,
    const struct evidence *evidence, struct mono began, struct mono now)
{
	const struct fault *by_mail = &health->faults[FOUND_BY_MAIL];

	drop_healed_soft(health, evidence);
	if (mono_before(began, health->failed_at))
		return HEALTH_SAME;
	mend(health, settings, evidence);
	if (!any_fault(health))
		health->falls = 0;
	if (health->healthy)
		return HEALTH_SAME;
	if (!any_fault(health)) {
		heal(health, settings, now);
		return HEALTH_WENT_UP;
	}
	if (evidence->source == EVIDENCE_TRIAL && by_mail->there &&
	    by_mail->stage > evidence->stage)
		health->mail_trial = true;
	return HEALTH_SAME;
}

enum health_change
health_on(struct health *health, const struct health_settings *settings,
    const struct evidence *evidence, struct mono now)
{
	struct mono began = { now.us - evidence->age.us };

	if (evidence->source == EVIDENCE_TRIAL ||
	    evidence->source == EVIDENCE_HEARTBEAT) {
		if (health->probing)
			began = health->probing_since;
		health->probing = false;
	}
	if (evidence->grade == EVIDENCE_NONE)
		return HEALTH_SAME;
	return evidence->grade == EVIDENCE_GOOD
	    ? on_success(health, settings, evidence, began, now)
	    : on_failure(health, settings, evidence, began, now);
}
