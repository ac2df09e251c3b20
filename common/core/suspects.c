/*
 * One place a sender, looked through from end to end: failures are rare.
 */
#include "core/suspects.h"

#include "core/text.h"

/* His place, or the one that is free or was used longest ago. */
static struct suspect *
place_of(struct suspects *suspects, uint64_t sender)
{
	struct suspect *place = &suspects->list[0];

	for (unsigned i = 0; i < SUSPECTS_MAX; i++) {
		struct suspect *suspect = &suspects->list[i];

		if (suspect->sender == sender)
			return suspect;
		if (place->sender != 0 && (suspect->sender == 0 ||
		    mono_before(suspect->at, place->at)))
			place = suspect;
	}
	return place;
}

/* One of its addresses is; another may be tried next. */
static bool
is_sick(const struct host *host)
{
	for (unsigned i = 0; i < host->naddresses; i++) {
		if (!host->addresses[i].health.healthy)
			return true;
	}
	return false;
}

static struct host *
host_at(const struct hosts *hosts, const struct netaddr *ip)
{
	for (size_t i = 0; i < hosts->count; i++) {
		if (host_find_address(&hosts->list[i], ip) != NULL)
			return &hosts->list[i];
	}
	return NULL;
}

bool
suspects_believe(struct suspects *suspects, struct hosts *hosts,
    uint64_t sender, const struct netaddr *ip, struct mono now)
{
	struct suspect *suspect = place_of(suspects, sender);
	struct host *before = NULL, *host = host_at(hosts, ip);

	if (sender == 0 || host == NULL)
		return true;
	if (suspect->sender == sender)
		before = hosts_find(hosts, suspect->host);
	if (before != NULL && host_find_address(before, ip) != NULL)
		host = before;
	else if (before != NULL && (is_sick(before) ||
	    mono_since(now, suspect->at).us <= SUSPECT_SPAN.us))
		return false;
	suspect->sender = sender;
	suspect->at = now;
	(void)text_copy(suspect->host, sizeof(suspect->host), host->name);
	return true;
}
