/*
 * Run-time state of the smart hosts: the list itself, its addresses, and the
 * way evidence finds the address it is about. What they say together is in
 * host_view.c, orders and events are in host_order.c and host_events.c.
 */
#include "core/hosts.h"

#include "core/host_events.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>

static const struct netaddr no_address = { .family = 0 };

/* The i-th of n first probes: all within a second, or within an interval. */
static struct span
spread(const struct health_settings *settings, size_t i, size_t n)
{
	int64_t all = settings->heartbeat.us < SPAN_SECOND
	    ? settings->heartbeat.us : SPAN_SECOND;

	return span_us(all * (int64_t)i / (int64_t)n);
}

static void
address_init(struct host_address *address, const struct netaddr *ip,
    struct span first, struct mono now)
{
	address->ip = *ip;
	health_init(&address->health, first, now);
}

static void
host_init_addresses(struct host *host, struct span first, struct mono now)
{
	struct netaddr ip;

	if (netaddr_parse(host->config->host, &ip) == -1)
		ip = no_address;
	host->naddresses = 1;
	address_init(&host->addresses[0], &ip, first, now);
}

/* Config refuses longer names, so the copy is whole. */
static void
host_init(struct host *host, const struct smart_host *config,
    struct span first, struct mono now)
{
	host->config = config;
	(void)text_copy(host->name, sizeof(host->name), config->name);
	host_init_addresses(host, first, now);
}

static struct host *
list_new(const struct config *config, struct mono now)
{
	struct host *list = calloc(config->nhosts + 1, sizeof(*list));
	struct host_address *addresses = calloc(config->nhosts + 1,
	    HOST_ADDRESSES_MAX * sizeof(*addresses));

	if (list == NULL || addresses == NULL)
		abort();
	list->addresses = addresses; /* for list_free, when there is no host */
	for (size_t i = 0; i < config->nhosts; i++) {
		list[i].addresses = addresses + i * HOST_ADDRESSES_MAX;
		host_init(&list[i], &config->hosts[i],
		    spread(&config->health, i, config->nhosts), now);
	}
	return list;
}

static void
list_free(struct host *list)
{
	if (list != NULL)
		free(list->addresses);
	free(list);
}

static struct host_names
names_new(const struct host *list, size_t count)
{
	struct host_names names = { calloc(count + 1, HOST_NAME_TEXT),
		calloc(count + 1, sizeof(*names.at)) };

	if (names.text == NULL || names.at == NULL)
		abort();
	for (size_t i = 0; i < count; i++) {
		char *to = names.text + names.at[i];
		size_t len = strlen(list[i].name);

		*to = ' ';
		memcpy(to + 1, list[i].name, len);
		names.at[i + 1] = names.at[i] + 1 + len;
	}
	return names;
}

static void
names_free(struct host_names *names)
{
	free(names->text);
	free(names->at);
}

void
hosts_init(struct hosts *hosts, const struct config *config,
    struct events *events, struct mono now)
{
	hosts->list = list_new(config, now);
	hosts->names = names_new(hosts->list, config->nhosts);
	hosts->count = config->nhosts;
	hosts->events = events;
	hosts->changes = 0;
}

void
hosts_clear(struct hosts *hosts)
{
	list_free(hosts->list);
	names_free(&hosts->names);
	memset(hosts, 0, sizeof(*hosts));
}

/* What was counted counts under the new rate too. */
static void
host_inherit_rate(struct host *host, const struct host *old, struct mono now)
{
	struct rate_spec spec = host->config->max_rate;
	struct rate_bin bins[RATE_SLOTS + 1];
	size_t count;

	if (spec.limit == 0 || old->config->max_rate.limit == 0)
		return;
	count = rate_bins(&old->rate, old->config->max_rate, bins);
	for (size_t i = 0; i < count; i++)
		rate_add(&host->rate, spec, bins[i].last, bins[i].count, now);
}

/* Health of another port or name says nothing of this one. */
static void
host_inherit(struct host *host, const struct host *old,
    const struct health_settings *settings, struct span first,
    struct mono now)
{
	bool same = host->config->port == old->config->port &&
	    host->config->mx == old->config->mx &&
	    strcmp(host->config->host, old->config->host) == 0;

	host->order = old->order;
	host->order_until = old->order_until;
	host->ordered = old->ordered;
	host->selected = old->selected;
	host->delivered = old->delivered;
	host->failed = old->failed;
	host_inherit_rate(host, old, now);
	if (!same)
		return;
	host->naddresses = old->naddresses;
	memcpy(host->addresses, old->addresses,
	    old->naddresses * sizeof(host->addresses[0]));
	for (unsigned i = 0; i < host->naddresses; i++) {
		struct health *health = &host->addresses[i].health;

		health_retune(health, settings, first, now);
		health_shorten(health, probe_reach(host->config->probe));
	}
}

void
hosts_reload(struct hosts *hosts, const struct config *config, struct mono now)
{
	struct host *list = list_new(config, now);

	for (size_t i = 0; i < config->nhosts; i++) {
		const struct host *old = hosts_find(hosts, list[i].name);

		if (old != NULL)
			host_inherit(&list[i], old, &config->health,
			    spread(&config->health, i, config->nhosts), now);
	}
	list_free(hosts->list);
	names_free(&hosts->names);
	hosts->list = list;
	hosts->names = names_new(list, config->nhosts);
	hosts->count = config->nhosts;
	hosts->changes++;
}

struct host *
hosts_find(struct hosts *hosts, const char *name)
{
	for (size_t i = 0; i < hosts->count; i++) {
		if (strcmp(hosts->list[i].name, name) == 0)
			return &hosts->list[i];
	}
	return NULL;
}

/* --- addresses --- */

struct host_address *
host_find_address(struct host *host, const struct netaddr *ip)
{
	for (unsigned i = 0; i < host->naddresses; i++) {
		if (netaddr_equal(&host->addresses[i].ip, ip))
			return &host->addresses[i];
	}
	return NULL;
}

static bool
listed(const struct netaddr *list, unsigned count, const struct netaddr *ip)
{
	for (unsigned i = 0; i < count; i++) {
		if (netaddr_equal(&list[i], ip))
			return true;
	}
	return false;
}

void
host_set_addresses(struct hosts *hosts, struct host *host,
    const struct netaddr *list, unsigned count, struct mono now)
{
	unsigned kept = 0;

	hosts->changes++;
	if (count == 0) {
		list = &no_address;
		count = 1;
	}
	for (unsigned i = 0; i < host->naddresses; i++) {
		if (listed(list, count, &host->addresses[i].ip))
			host->addresses[kept++] = host->addresses[i];
	}
	host->naddresses = kept;
	for (unsigned i = 0;
	     i < count && host->naddresses < HOST_ADDRESSES_MAX; i++) {
		if (host_find_address(host, &list[i]) == NULL)
			address_init(&host->addresses[host->naddresses++],
			    &list[i], span_us(0), now);
	}
}

void
host_set_exchanger(struct hosts *hosts, struct host *host,
    const struct netaddr *ip, const char *name, uint16_t preference)
{
	struct host_address *address = host_find_address(host, ip);

	if (address == NULL)
		return;
	hosts->changes += address->preference != preference;
	address->preference = preference;
	(void)text_copy(address->exchanger, sizeof(address->exchanger), name);
}

/* --- evidence --- */

static void
count_evidence(struct host *host, const struct evidence *evidence)
{
	if (evidence->grade == EVIDENCE_HARD ||
	    evidence->grade == EVIDENCE_SOFT)
		host->failed++;
	else if (evidence->source == EVIDENCE_DELIVERY &&
	    evidence->stage == STAGE_DATA)
		host->delivered++;
}

static void
address_on(struct hosts *hosts, const struct host *host,
    struct host_address *address, const struct health_settings *settings,
    const struct evidence *evidence, struct now now)
{
	struct mono since = address->health.since;
	bool flapping = address->health.flapping;
	bool probed = address->health.probed;

	switch (health_on(&address->health, settings, evidence, now.mono)) {
	case HEALTH_WENT_DOWN:
		hosts->changes++;
		host_event_unhealthy(hosts->events, host, address, now);
		break;
	case HEALTH_WENT_UP:
		hosts->changes++;
		host_event_healthy(hosts->events, host, address,
		    mono_since(now.mono, since), evidence->source, now);
		if (address->health.flapping && !flapping)
			host_event_flapping(hosts->events, host, address, now);
		break;
	case HEALTH_SAME:
		/* one kept in by max_ejection is out now */
		hosts->changes += address->health.probed != probed;
		break;
	}
}

void
host_address_on(struct hosts *hosts, struct host *host,
    struct host_address *address, const struct health_settings *settings,
    const struct evidence *evidence, struct now now)
{
	count_evidence(host, evidence);
	address_on(hosts, host, address, settings, evidence, now);
}

unsigned
hosts_on(struct hosts *hosts, const struct config *config,
    const char *transport, const struct netaddr *ip, uint16_t port,
    const struct evidence *evidence, struct now now)
{
	unsigned found = 0;

	for (size_t i = 0; i < hosts->count && ip->family != 0; i++) {
		struct host *host = &hosts->list[i];
		struct host_address *address = host_find_address(host, ip);

		if (address == NULL ||
		    (port != 0 && port != host->config->port) ||
		    !config_transport_reaches(config, transport, i))
			continue;
		host_address_on(hosts, host, address, &config->health, evidence,
		    now);
		found++;
	}
	return found;
}

bool
hosts_healed_since(struct hosts *hosts, const struct netaddr *ip,
    struct mono then)
{
	for (size_t i = 0; i < hosts->count && ip->family != 0; i++) {
		const struct host_address *address =
		    host_find_address(&hosts->list[i], ip);

		if (address != NULL && address->health.nheals != 0 &&
		    mono_before(then, address->health.heals[0]))
			return true;
	}
	return false;
}

/* One failure, however many of its addresses it is about. */
static unsigned
host_on_name(struct hosts *hosts, struct host *host,
    const struct health_settings *settings, const char *name,
    const struct evidence *evidence, struct now now)
{
	bool all = text_equal_nocase(host->config->host, name);
	unsigned found = 0;

	for (unsigned i = 0; i < host->naddresses; i++) {
		struct host_address *address = &host->addresses[i];

		if (!all && !text_equal_nocase(address->exchanger, name))
			continue;
		if (found++ == 0)
			count_evidence(host, evidence);
		address_on(hosts, host, address, settings, evidence, now);
	}
	return found;
}

unsigned
hosts_on_name(struct hosts *hosts, const struct health_settings *settings,
    const char *name, const struct evidence *evidence, struct now now)
{
	unsigned found = 0;

	for (size_t i = 0; i < hosts->count; i++)
		found += host_on_name(hosts, &hosts->list[i], settings, name,
		    evidence, now);
	return found;
}

/* --- decisions that named it --- */

bool
host_over_capacity(struct host *host, struct mono now)
{
	struct rate_spec spec = host->config->max_rate;

	return spec.limit != 0 && !rate_ask(&host->rate, spec, 1, now).fits;
}

void
host_selected(struct host *host, struct mono now)
{
	struct rate_spec spec = host->config->max_rate;

	host->selected++;
	if (spec.limit != 0)
		(void)rate_take(&host->rate, spec, 1, now);
}
