/*
 * What all addresses of a smart host say together, for those who look at it.
 */
#include "core/hosts.h"

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
