/*
 * The state machine of one address's health.
 *
 * What would surprise: the ladder's step is set when a trial starts, not when
 * its result is known, so that neither a slow probe nor evidence from elsewhere
 * moves the instants; they stay on the grid the first failure laid.
 */
#include "core/health.h"

#include <string.h>

enum { SOFT_TO_FALL = 3 }; /* soft failures that mark */
enum { LOST_AFTER_TIMEOUTS = 10 };

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

enum stage
probe_reach(enum probe_level level)
{
	static const enum stage reach[] = {
		[PROBE_TCP] = STAGE_TCP,
		[PROBE_BANNER] = STAGE_BANNER,
		[PROBE_EHLO] = STAGE_EHLO,
		[PROBE_STARTTLS] = STAGE_TLS,
		[PROBE_TLS] = STAGE_TLS,
		[PROBE_AUTH] = STAGE_AUTH,
	};

	return reach[level];
}

struct span
ladder_step(const struct ladder *ladder, unsigned n)
{
	unsigned rung = 0;

	while (rung + 1 < ladder->count && n > ladder->rungs[rung].times)
		n -= ladder->rungs[rung++].times;
	return ladder->rungs[rung].step;
}

/* The next point of a grid that began at 'due'; from now when that is past. */
static struct mono
after(struct mono due, struct span step, struct mono now)
{
	struct mono next = mono_add(due, step);

	return mono_before(now, next) ? next : mono_add(now, step);
}

void
health_init(struct health *health, const struct health_settings *settings,
    struct span first_heartbeat, struct mono now)
{
	memset(health, 0, sizeof(*health));
	health->healthy = true;
	health->since = now;
	health->next_heartbeat = mono_add(now, first_heartbeat);
	health_retune(health, settings, now);
}

void
health_retune(struct health *health, const struct health_settings *settings,
    struct mono now)
{
	struct mono latest = mono_add(now, settings->heartbeat);

	if (mono_before(latest, health->next_heartbeat))
		health->next_heartbeat = latest;
}

/* --- evidence --- */

static void
mark(struct health *health, const struct health_settings *settings,
    enum stage stage, struct mono now)
{
	health->healthy = false;
	health->since = now;
	health->stage = stage;
	health->rung = 1;
	health->next_trial =
	    mono_add(now, ladder_step(&settings->ladder, health->rung));
	health->nsoft = 0;
	health->falls = 0;
	health->rises = 0;
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
	health_healed(health, settings, now);
}

static void
drop_old_soft(struct health *health, struct mono now)
{
	while (health->nsoft > 0 &&
	    mono_since(now, health->soft[health->nsoft - 1].at).us >
	        SOFT_WINDOW_S * SPAN_SECOND)
		health->nsoft--;
}

/* A success says nothing of what lies beyond the stage it reached. */
static void
drop_healed_soft(struct health *health, enum stage reached)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < health->nsoft; i++) {
		if (health->soft[i].stage > reached)
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

/*
 * A hard failure of one that is marked: the furthest stage is what a success
 * must reach. Soft ones give way to it, whatever their stage: a host that dies
 * first loses its connections in the middle of a message and then refuses new
 * ones, and when it takes them again it lives.
 */
static void
blame(struct health *health, enum stage stage)
{
	if (health->by_soft || stage > health->stage)
		health->stage = stage;
	health->by_soft = false;
}

/* Counts a hard failure; true when it is the one too many. */
static bool
add_hard(struct health *health, const struct health_settings *settings,
    enum stage *stage)
{
	if (health->falls != 0 && health->falls_stage > *stage)
		*stage = health->falls_stage;
	health->falls_stage = *stage;
	return ++health->falls >= settings->fall;
}

static bool
is_probe(const struct evidence *evidence)
{
	return evidence->source != EVIDENCE_DELIVERY;
}

/* It was sick before: the failure counts, and its success is farther away. */
static enum health_change
on_another_failure(struct health *health, const struct evidence *evidence)
{
	health->failures++;
	health->rises = 0;
	health->probed = health->probed || is_probe(evidence);
	if (evidence->grade == EVIDENCE_HARD)
		blame(health, evidence->stage);
	return HEALTH_SAME;
}

static enum health_change
on_failure(struct health *health, const struct health_settings *settings,
    const struct evidence *evidence, struct mono now)
{
	bool hard = evidence->grade == EVIDENCE_HARD;
	enum stage stage = evidence->stage;

	health->last = *evidence;
	health->failed_at = now;
	if (!health->healthy)
		return on_another_failure(health, evidence);
	if (hard ? !add_hard(health, settings, &stage)
	         : !add_soft(health, &stage, now))
		return HEALTH_SAME;
	health->failures = hard ? health->falls : SOFT_TO_FALL;
	health->probed = is_probe(evidence);
	mark(health, settings, stage, now);
	health->by_soft = !hard;
	return HEALTH_WENT_DOWN;
}

static enum health_change
on_success(struct health *health, const struct health_settings *settings,
    const struct evidence *evidence, struct mono now)
{
	drop_healed_soft(health, evidence->stage);
	if (evidence->stage >= health->falls_stage)
		health->falls = 0;
	if (health->healthy)
		return HEALTH_SAME;
	if (evidence->stage >= health->stage) {
		if (++health->rises < settings->rise)
			return HEALTH_SAME;
		heal(health, settings, now);
		return HEALTH_WENT_UP;
	}
	if (evidence->source == EVIDENCE_TRIAL)
		health->mail_trial = true;
	return HEALTH_SAME;
}

enum health_change
health_on(struct health *health, const struct health_settings *settings,
    const struct evidence *evidence, struct mono now)
{
	if (evidence->source == EVIDENCE_TRIAL ||
	    evidence->source == EVIDENCE_HEARTBEAT)
		health->probing = false;
	return evidence->grade == EVIDENCE_GOOD
	    ? on_success(health, settings, evidence, now)
	    : on_failure(health, settings, evidence, now);
}

/* --- when to probe --- */

static struct mono
probe_lost_at(const struct health *health,
    const struct health_settings *settings)
{
	return mono_add(health->probing_since,
	    span_us(settings->timeout.us * LOST_AFTER_TIMEOUTS));
}

static struct mono
trial_due(const struct health *health)
{
	return health->healthy ? MONO_NEVER : health->next_trial;
}

/* Within a tenth of its interval of a trial, a heartbeat is that trial. */
static struct mono
heartbeat_due(const struct health *health,
    const struct health_settings *settings)
{
	struct mono due = health->next_heartbeat, trial = trial_due(health);

	if (settings->heartbeat.us == 0)
		return MONO_NEVER;
	if (mono_before(due, trial) && trial.us != MONO_NEVER.us &&
	    mono_since(trial, due).us <= settings->heartbeat.us / 10)
		return trial;
	return due;
}

/* Marsaglia's xorshift: never 0 from what is not. */
static uint32_t
throw_dice(struct health *health)
{
	health->dice ^= health->dice << 13;
	health->dice ^= health->dice >> 17;
	health->dice ^= health->dice << 5;
	return health->dice;
}

void
health_jitter(struct health *health, uint32_t seed)
{
	health->dice = seed != 0 ? seed : 1;
}

/* The interval, a tenth of it longer or shorter at most. */
static struct span
jittered(struct health *health, struct span interval)
{
	int64_t fifth = interval.us / 5;

	if (health->dice == 0 || fifth == 0)
		return interval;
	return span_us(interval.us - fifth / 2 +
	    (int64_t)(throw_dice(health) % (uint64_t)(fifth + 1)));
}

static void
start_heartbeat(struct health *health, const struct health_settings *settings,
    struct mono now)
{
	health->next_heartbeat = after(health->next_heartbeat,
	    jittered(health, settings->heartbeat), now);
}

static void
start_trial(struct health *health, const struct health_settings *settings,
    struct mono now)
{
	struct span near = span_us(settings->heartbeat.us / 10);

	health->rung++;
	health->next_trial = after(health->next_trial,
	    ladder_step(&settings->ladder, health->rung), now);
	if (settings->heartbeat.us != 0 &&
	    !mono_before(mono_add(now, near), health->next_heartbeat))
		start_heartbeat(health, settings, now);
}

bool
health_take_probe(struct health *health,
    const struct health_settings *settings, struct mono now,
    enum evidence_source *as_r)
{
	bool lost = !mono_before(now, probe_lost_at(health, settings));

	if (health->probing && !lost)
		return false;
	health->probing = false;
	if (!mono_before(now, trial_due(health))) {
		start_trial(health, settings, now);
		*as_r = EVIDENCE_TRIAL;
	} else if (!mono_before(now, heartbeat_due(health, settings))) {
		start_heartbeat(health, settings, now);
		*as_r = EVIDENCE_HEARTBEAT;
	} else {
		return false;
	}
	health->probing = true;
	health->probing_since = now;
	health->probe_as = *as_r;
	return true;
}

bool
health_take_mail_trial(struct health *health)
{
	bool taken = health->mail_trial;

	health->mail_trial = false;
	return taken;
}

struct mono
health_next(const struct health *health,
    const struct health_settings *settings)
{
	struct mono trial = trial_due(health);
	struct mono beat = heartbeat_due(health, settings);

	if (health->probing)
		return probe_lost_at(health, settings);
	return mono_before(trial, beat) ? trial : beat;
}

struct mono
health_next_trial(const struct health *health)
{
	return health->next_trial;
}
