/*
 * When an address is probed.
 *
 * What would surprise: the ladder's step is set when a trial starts, not when
 * its result is known, so that neither a slow probe nor evidence from elsewhere
 * moves the instants; they stay on the grid the first failure laid.
 */
#include "core/health.h"

enum { LOST_AFTER_TIMEOUTS = 10 };

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
health_shorten(struct health *health, enum stage reach)
{
	struct fault *fault = &health->faults[FOUND_BY_PROBE];

	if (fault->stage > reach)
		fault->stage = reach;
}

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
bring_forward(struct mono *due, struct mono now, struct span wait)
{
	struct mono latest = mono_add(now, wait);

	if (mono_before(latest, *due))
		*due = latest;
}

void
health_retune(struct health *health, const struct health_settings *settings,
    struct span first, struct mono now)
{
	if (mono_before(health->next_heartbeat, now))
		health->next_heartbeat = mono_add(now, first);
	bring_forward(&health->next_heartbeat, now,
	    jittered(health, settings->heartbeat));
	if (!health->healthy)
		bring_forward(&health->next_trial, now,
		    ladder_step(&settings->ladder, health->rung));
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
