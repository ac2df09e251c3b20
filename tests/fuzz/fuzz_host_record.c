/*
 * Records of hosts from a damaged store. What is refused changes nothing; what
 * is taken is written again the same, and holds nobody for ever: the next probe
 * comes within the ladder's longest step, a probe and a delivery that are good
 * heal, and then the share grows to all of it.
 *
 * The first byte: is the host a name that has no address yet, whether the head
 * is made right (else hardly a record would come to its addresses), how far
 * its probes go. The second: from which clock to which.
 */
#include "fuzz.h"

#include "host_record.h"

#include "../unit/site.h"

enum { HEAD = offsetof(struct host_record, addresses), DAY = 86400 };
enum { A_NAME = 1, MADE_RIGHT = 2, LEVELS = PROBE_AUTH + 1 };

static void
begin(struct site *site, struct hosts *hosts, unsigned options,
    struct now now)
{
	site_init(site, 1);
	site->config.health.rise = 1;
	site->hosts[0].probe = (enum probe_level)((options >> 2) % LEVELS);
	hosts_init(hosts, &site->config, NULL, now.mono);
	if ((options & A_NAME) != 0)
		hosts->list[0].addresses[0].ip.family = 0;
}

static int
take(struct site *site, struct hosts *hosts, const void *bytes, size_t len,
    struct span shift, struct now now)
{
	return host_record_take(hosts, &hosts->list[0], bytes, len,
	    &site->config.health, shift, now.mono);
}

static bool
same(const struct host_record *a, size_t a_len, const struct host_record *b,
    size_t b_len)
{
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

/* A second restart reads what the first one wrote. */
static void
check_again(const struct host *host, unsigned options, struct now now)
{
	struct host_record record, again;
	size_t len = host_record_make(host, &record), again_len;
	struct site site;
	struct hosts hosts;

	begin(&site, &hosts, options, now);
	check(take(&site, &hosts, &record, len, span_us(0), now) == 0);
	again_len = host_record_make(&hosts.list[0], &again);
	check(same(&again, again_len, &record, len));
	hosts_clear(&hosts);
}

static void
check_heals(struct site *site, struct hosts *hosts,
    struct host_address *address, struct now now)
{
	const struct health_settings *settings = &site->config.health;
	struct evidence probe = { .grade = EVIDENCE_GOOD,
		.source = EVIDENCE_TRIAL,
		.stage = probe_reach(site->hosts[0].probe) };
	struct evidence mail = { .grade = EVIDENCE_GOOD,
		.source = EVIDENCE_DELIVERY, .stage = STAGE_DATA };
	struct health *health = &address->health;
	struct mono next = health_next(health, settings);
	enum evidence_source as;

	check(health->healthy || next.us <= now.mono.us + 600 * SPAN_SECOND);
	check(health->healthy || health_take_probe(health, settings,
	    mono_before(now.mono, next) ? next : now.mono, &as));
	health->probing = false;
	host_address_on(hosts, &hosts->list[0], address, settings, &probe, now);
	host_address_on(hosts, &hosts->list[0], address, settings, &mail, now);
	check(health->healthy);
	(void)health_share(health, now.mono);
	now.mono.us += DAY * SPAN_SECOND;
	check(health_share(health, now.mono) == SHARE_FULL);
}

static void
check_taken(struct site *site, struct hosts *hosts, unsigned options,
    struct now now)
{
	struct host *host = &hosts->list[0];

	check(host->order <= OPERATOR_DOWN);
	check(host->naddresses >= 1 && host->naddresses <= HOST_ADDRESSES_MAX);
	check_again(host, options, now);
	for (unsigned i = 0; i < host->naddresses; i++)
		check_heals(site, hosts, &host->addresses[i], now);
	check(host_healthy(host));
}

/* As much of the bytes as is a record, under a head that fits. */
static size_t
make_right(struct host_record *record, size_t len, const struct host *host)
{
	size_t n;

	if (len < HEAD)
		return len;
	n = (len - HEAD) / sizeof(record->addresses[0]);
	record->version = HOST_RECORD_VERSION;
	record->naddresses = (uint32_t)n;
	record->port = host->config->port;
	(void)snprintf(record->host, sizeof(record->host), "%s",
	    host->config->host);
	return HEAD + n * sizeof(record->addresses[0]);
}

static struct span
shift_of(unsigned choice)
{
	static const int64_t shifts[] = { 0, 1, -1, -480, DAY, -DAY,
		INT64_C(3650) * DAY, INT64_C(-3650) * DAY };

	return span_us(shifts[choice % 8] * SPAN_SECOND);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct now now = site_now(0);
	struct host_record record, before, after;
	size_t len, before_len, after_len;
	struct site site;
	struct hosts hosts;

	if (size < 2 || size - 2 > sizeof(record))
		return 0;
	len = size - 2;
	memset(&record, 0, sizeof(record));
	memcpy(&record, data + 2, len);
	begin(&site, &hosts, data[0], now);
	if ((data[0] & MADE_RIGHT) != 0)
		len = make_right(&record, len, &hosts.list[0]);
	before_len = host_record_make(&hosts.list[0], &before);
	if (take(&site, &hosts, &record, len, shift_of(data[1]), now) == 0) {
		check_taken(&site, &hosts, data[0], now);
	} else {
		after_len = host_record_make(&hosts.list[0], &after);
		check(same(&before, before_len, &after, after_len));
	}
	hosts_clear(&hosts);
	return 0;
}
