/*
 * What an address that healed gets: all at once, or a growing share when the
 * settings say so, or when it comes and goes too often.
 */
#include "core/health.h"

#include <string.h>

static bool
heals_often(const struct health *health, struct mono now)
{
	return health->nheals == FLAPS &&
	    mono_since(now, health->heals[FLAPS - 1]).us <=
	        FLAPS_WITHIN_S * SPAN_SECOND;
}

void
health_healed(struct health *health, const struct health_settings *settings,
    struct mono now)
{
	memmove(health->heals + 1, health->heals,
	    (FLAPS - 1) * sizeof(health->heals[0]));
	health->heals[0] = now;
	if (health->nheals < FLAPS)
		health->nheals++;
	health->flapping = heals_often(health, now);
	health->ramp = settings->slow_start;
	if (health->flapping && health->ramp.us == 0)
		health->ramp = span_s(FLAPPING_RAMP_S);
}

unsigned
health_share(const struct health *health, struct mono now)
{
	static const unsigned least = SHARE_FULL / 10;
	int64_t gone = mono_since(now, health->since).us;

	if (!health->healthy)
		return 0;
	if (gone >= health->ramp.us)
		return SHARE_FULL;
	if (gone < 0) /* of another boot, whose wall clock was ahead */
		return least;
	return least + (unsigned)((SHARE_FULL - least) * gone /
	    health->ramp.us);
}
