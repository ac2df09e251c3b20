/*
 * Records of hosts. Fixed fields, no pointers, numbers where the model has
 * enums and flags: any byte may come back from a disk.
 */
#include "host_record.h"

#include "core/text.h"
#include "core/utf8.h"

#include <stddef.h>
#include <string.h>

static void
put_faults(const struct health *health, uint8_t faults_r[FINDERS])
{
	for (unsigned i = 0; i < FINDERS; i++) {
		const struct fault *fault = &health->faults[i];

		faults_r[i] = fault->there ? (uint8_t)(fault->stage + 1) : 0;
	}
}

static void
put_address(const struct host_address *address, struct address_record *record)
{
	const struct health *health = &address->health;

	record->family = address->ip.family;
	memcpy(record->ip, address->ip.bytes, sizeof(record->ip));
	record->healthy = health->healthy;
	put_faults(health, record->faults);
	record->by_soft = health->by_soft;
	record->probed = health->probed;
	record->mail_trial = health->mail_trial;
	record->last_grade = (uint8_t)health->last.grade;
	record->last_source = (uint8_t)health->last.source;
	record->last_stage = (uint8_t)health->last.stage;
	record->failures = health->failures;
	record->rung = health->rung;
	record->last_code = health->last.code;
	record->since = health->since.us;
	record->failed_at = health->failed_at.us;
	record->next_trial = health->next_trial.us;
	record->flapping = health->flapping;
	record->nheals = (uint8_t)health->nheals;
	record->ramp = health->ramp.us;
	for (unsigned i = 0; i < FLAPS; i++)
		record->heals[i] = health->heals[i].us;
	(void)text_copy(record->error, sizeof(record->error),
	    health->last.error);
	(void)text_copy(record->text, sizeof(record->text),
	    health->last.text);
}

static uint32_t
port_of(const struct smart_host *host)
{
	return host->port | (host->mx ? RECORD_MX : 0);
}

size_t
host_record_make(const struct host *host, struct host_record *record_r)
{
	memset(record_r, 0, sizeof(*record_r));
	record_r->version = HOST_RECORD_VERSION;
	record_r->naddresses = host->naddresses;
	record_r->order = host->order;
	record_r->port = port_of(host->config);
	record_r->order_until = host->order_until.us;
	record_r->selected = host->selected;
	record_r->delivered = host->delivered;
	record_r->failed = host->failed;
	(void)text_copy(record_r->host, sizeof(record_r->host),
	    host->config->host);
	for (unsigned i = 0; i < host->naddresses; i++)
		put_address(&host->addresses[i], &record_r->addresses[i]);
	return offsetof(struct host_record, addresses) +
	    host->naddresses * sizeof(record_r->addresses[0]);
}

/* Ends, and is fit for a log and a page. */
static bool
text_valid(const char *text, size_t size)
{
	size_t len = strnlen(text, size), at = 0, used = 1;
	uint32_t character;

	while (at < len && used != 0) {
		used = utf8_next(text + at, len - at, &character);
		if (used != 0 && utf8_is_control(character))
			return false;
		at += used;
	}
	return len < size && used != 0;
}

static bool
times_valid(const struct address_record *record)
{
	bool valid = time_is_sane(record->since) &&
	    time_is_sane(record->failed_at) &&
	    time_is_sane(record->next_trial) && time_is_sane(record->ramp);

	for (unsigned i = 0; i < FLAPS; i++)
		valid = valid && time_is_sane(record->heals[i]);
	return valid;
}

static bool
address_valid(const struct address_record *record)
{
	return (record->family == 4 || record->family == 6 ||
	    record->family == 0) && record->healthy <= 1 &&
	    record->mail_trial <= 1 && record->by_soft <= 1 &&
	    record->probed <= 1 && record->flapping <= 1 &&
	    record->nheals <= FLAPS && record->ramp >= 0 &&
	    record->faults[FOUND_BY_MAIL] <= STAGE_COUNT &&
	    record->faults[FOUND_BY_PROBE] <= STAGE_COUNT &&
	    record->last_stage < STAGE_COUNT &&
	    record->last_grade <= EVIDENCE_HARD &&
	    record->last_source <= EVIDENCE_OPERATOR &&
	    times_valid(record) &&
	    text_valid(record->error, sizeof(record->error)) &&
	    text_valid(record->text, sizeof(record->text));
}

static bool
record_valid(const struct host_record *record, size_t len)
{
	if (len < offsetof(struct host_record, addresses) ||
	    record->version != HOST_RECORD_VERSION ||
	    record->naddresses > HOST_ADDRESSES_MAX ||
	    len != offsetof(struct host_record, addresses) +
	    record->naddresses * sizeof(record->addresses[0]) ||
	    record->order > OPERATOR_DOWN ||
	    !time_is_sane(record->order_until) ||
	    !text_valid(record->host, sizeof(record->host)))
		return false;
	for (uint32_t i = 0; i < record->naddresses; i++) {
		if (!address_valid(&record->addresses[i]))
			return false;
	}
	return true;
}

static struct netaddr
ip_of(const struct address_record *record)
{
	struct netaddr ip = { .family = record->family };

	memcpy(ip.bytes, record->ip, record->family == 4 ? 4 : 16);
	return ip;
}

/*
 * A point that was read, on the present clock. It is past (one of ages ago may
 * as well be that of the boot), or lies no farther ahead than it may: else the
 * host would be waited for without end.
 */
static struct mono
point(int64_t us, struct span shift, struct mono latest)
{
	struct mono at = { us + shift.us };

	if (mono_before(latest, at))
		return latest;
	return time_is_sane(at.us) ? at : (struct mono) { 0 };
}

static struct span
longest_step(const struct ladder *ladder)
{
	struct span longest = { 0 };

	for (unsigned i = 0; i < ladder->count; i++) {
		if (ladder->rungs[i].step.us > longest.us)
			longest = ladder->rungs[i].step;
	}
	return longest;
}

/* How often it healed lately, and whether its share still grows. */
static void
take_heals(struct health *health, const struct address_record *record,
    const struct health_settings *settings, struct span shift,
    struct mono now)
{
	int64_t longest = FLAPPING_RAMP_S * SPAN_SECOND;

	if (settings->slow_start.us > longest)
		longest = settings->slow_start.us;
	health->flapping = record->flapping != 0;
	health->ramp.us = record->ramp < longest ? record->ramp : longest;
	health->nheals = record->nheals;
	for (unsigned i = 0; i < FLAPS; i++)
		health->heals[i] = point(record->heals[i], shift, now);
}

static void
take_faults(struct health *health, const struct address_record *record)
{
	for (unsigned i = 0; i < FINDERS; i++) {
		if (record->faults[i] != 0)
			health->faults[i] = (struct fault) { .there = true,
				.stage = (enum stage)(record->faults[i] - 1) };
	}
	health->by_soft = record->by_soft != 0;
}

/*
 * Heartbeats are not kept: every host begins them anew, spread as at any
 * start.
 */
static void
take_health(struct health *health, const struct address_record *record,
    const struct health_settings *settings, struct span shift,
    struct mono now)
{
	struct mono latest = mono_add(now, longest_step(&settings->ladder));

	take_faults(health, record);
	take_heals(health, record, settings, shift, now);
	health->healthy = record->healthy != 0;
	health->probed = record->probed != 0;
	health->mail_trial = record->mail_trial != 0;
	health->failures = record->failures;
	health->rung = record->rung;
	health->since = point(record->since, shift, now);
	health->failed_at = point(record->failed_at, shift, now);
	health->next_trial = point(record->next_trial, shift, latest);
	health->last.grade = (enum evidence_grade)record->last_grade;
	health->last.source = (enum evidence_source)record->last_source;
	health->last.stage = (enum stage)record->last_stage;
	health->last.code = record->last_code;
	(void)text_copy(health->last.error, sizeof(health->last.error),
	    record->error);
	(void)text_copy(health->last.text, sizeof(health->last.text),
	    record->text);
}

/* A name has no address before DNS has answered: take those it had. */
static void
take_addresses(struct hosts *hosts, struct host *host,
    const struct host_record *record, struct mono now)
{
	struct netaddr list[HOST_ADDRESSES_MAX];
	unsigned count = 0;

	for (uint32_t i = 0; i < record->naddresses; i++) {
		if (record->addresses[i].family != 0)
			list[count++] = ip_of(&record->addresses[i]);
	}
	if (count != 0 && host->addresses[0].ip.family == 0)
		host_set_addresses(hosts, host, list, count, now);
}

static void
take_address(struct host *host, struct host_address *address,
    const struct host_record *record, const struct health_settings *settings,
    struct span shift, struct mono now)
{
	for (uint32_t i = 0; i < record->naddresses; i++) {
		struct netaddr ip = ip_of(&record->addresses[i]);

		if (!netaddr_equal(&ip, &address->ip))
			continue;
		take_health(&address->health, &record->addresses[i], settings,
		    shift, now);
		health_shorten(&address->health,
		    probe_reach(host->config->probe));
	}
}

static bool
read_record(const void *bytes, size_t len, struct host_record *record_r)
{
	memset(record_r, 0, sizeof(*record_r));
	if (len > sizeof(*record_r))
		return false;
	memcpy(record_r, bytes, len);
	return record_valid(record_r, len);
}

int
host_record_add(struct hosts *hosts, struct host *host, const void *bytes,
    size_t len, struct now now)
{
	struct host_record record;
	struct wall until;

	if (!read_record(bytes, len, &record))
		return -1;
	host->selected += record.selected;
	host->delivered += record.delivered;
	host->failed += record.failed;
	until.us = record.order_until;
	if (!host->ordered && (until.us == 0 || now.wall.us < until.us))
		host_set_order(hosts, host,
		    (enum operator_state)record.order, until, now);
	return 0;
}

int
host_record_take(struct hosts *hosts, struct host *host, const void *bytes,
    size_t len, const struct health_settings *settings, struct span shift,
    struct mono now)
{
	struct host_record record;

	if (!time_is_sane(shift.us) || !read_record(bytes, len, &record))
		return -1;
	hosts->changes++;
	host->order = (enum operator_state)record.order;
	host->order_until.us = record.order_until;
	host->selected = record.selected;
	host->delivered = record.delivered;
	host->failed = record.failed;
	if (strcmp(record.host, host->config->host) != 0 ||
	    record.port != port_of(host->config))
		return 0;
	take_addresses(hosts, host, &record, now);
	for (unsigned i = 0; i < host->naddresses; i++)
		take_address(host, &host->addresses[i], &record, settings,
		    shift, now);
	return 0;
}
