/*
 * What all addresses of a smart host say together.
 */
#include "core/hosts.h"

bool
host_healthy(const struct host *host)
{
	for (unsigned i = 0; i < host->naddresses; i++) {
		if (host->addresses[i].health.healthy)
			return true;
	}
	return false;
}

unsigned
host_weight_share(const struct host *host, struct mono now)
{
	unsigned best = 0, least = UINT16_MAX;

	for (unsigned i = 0; i < host->naddresses; i++) {
		const struct host_address *address = &host->addresses[i];
		unsigned share = health_share(&address->health, now);

		if (share == 0 || address->preference > least)
			continue;
		if (address->preference < least || share > best)
			best = share;
		least = address->preference;
	}
	return best;
}

bool
host_sick_by_log(const struct host *host, struct mono *since_r)
{
	bool by_log = false;

	*since_r = host_sick_since(host);
	for (unsigned i = 0; i < host->naddresses; i++) {
		const struct health *health = &host->addresses[i].health;

		if (health->healthy)
			return false;
		by_log = by_log || !health->probed;
	}
	return by_log;
}

const struct health *
host_failure(const struct host *host)
{
	const struct health *first = NULL;

	if (host_healthy(host))
		return NULL;
	for (unsigned i = 0; i < host->naddresses; i++) {
		const struct health *health = &host->addresses[i].health;

		if (first == NULL || mono_before(health_next_trial(health),
		    health_next_trial(first)))
			first = health;
	}
	return first;
}

struct mono
host_sick_since(const struct host *host)
{
	struct mono since = host->addresses[0].health.since;

	for (unsigned i = 1; i < host->naddresses; i++) {
		struct mono one = host->addresses[i].health.since;

		if (mono_before(since, one))
			since = one;
	}
	return since;
}

struct wall
host_tls_expires(const struct host *host)
{
	struct wall first = { 0 };

	for (unsigned i = 0; i < host->naddresses; i++) {
		struct wall one = host->addresses[i].tls_expires;

		if (one.us != 0 && (first.us == 0 || one.us < first.us))
			first = one;
	}
	return first;
}

/* Addresses it had are kept when its name is gone: that is where it failed. */
static bool
unresolved(const struct host_address *address)
{
	const struct health *health = &address->health;

	return !health->healthy && (address->ip.family == 0 ||
	    (health->last.grade == EVIDENCE_HARD &&
	        health->last.stage == STAGE_DNS));
}

bool
host_unresolved(const struct host *host)
{
	for (unsigned i = 0; i < host->naddresses; i++) {
		if (!unresolved(&host->addresses[i]))
			return false;
	}
	return true;
}

struct mono
host_failed_at(const struct host *host)
{
	struct mono latest = { INT64_MIN };

	for (unsigned i = 0; i < host->naddresses; i++) {
		const struct health *health = &host->addresses[i].health;

		if (!health->healthy && mono_before(latest, health->failed_at))
			latest = health->failed_at;
	}
	return latest;
}
