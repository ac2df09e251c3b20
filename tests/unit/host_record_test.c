/* What is kept of a smart host comes back, on this clock or another. */
#include "host_record.h"

#include "check_main.h"
#include "site.h"

#include <stddef.h>
#include <stdlib.h>

static struct site site;
static struct hosts hosts;
static struct host_record record;
static size_t len;

static const struct now then = { { 500 * SPAN_SECOND },
	{ INT64_C(1700000000) * SPAN_SECOND } };

static const struct evidence refused = {
	.grade = EVIDENCE_HARD,
	.source = EVIDENCE_DELIVERY,
	.stage = STAGE_TCP,
	.code = 111,
	.error = "ECONNREFUSED",
	.text = "Connection refused",
};

static void
begin(void)
{
	site_init(&site, 2);
	site.config.health.ladder.rungs[0].step = span_s(60);
	site.config.health.ladder.rungs[0].times = 1;
	site.config.health.ladder.count = 1;
	site.config.health.heartbeat = span_s(30);
	hosts_init(&hosts, &site.config, NULL, then.mono);
}

/* Host a is unhealthy and drained, and has a history. */
static void
setup(void)
{
	struct host *host;

	begin();
	host = &hosts.list[0];
	host_address_on(&hosts, host, &host->addresses[0],
	    &site.config.health, &refused, then);
	host->selected = 7;
	host->delivered = 5;
	host_set_order(&hosts, host, OPERATOR_DRAIN,
	    (struct wall) { then.wall.us + 3600 * SPAN_SECOND }, then);
	len = host_record_make(host, &record);
	hosts_clear(&hosts);
	begin();
}

static void
teardown(void)
{
	hosts_clear(&hosts);
}

static int
take(const void *bytes, size_t size, struct span shift)
{
	return host_record_take(&hosts, &hosts.list[0], bytes, size,
	    &site.config.health, shift, then.mono);
}

START_TEST(all_comes_back)
{
	const struct host *host = &hosts.list[0];
	const struct health *health = &host->addresses[0].health;

	ck_assert_int_eq(take(&record, len, span_us(0)), 0);
	ck_assert_uint_ne(hosts.changes, 0);
	ck_assert_uint_eq(host->selected, 7);
	ck_assert_uint_eq(host->delivered, 5);
	ck_assert_uint_eq(host->failed, 1);
	ck_assert_int_eq(host_order(host, then.wall), OPERATOR_DRAIN);
	ck_assert_int_eq(host->order_until.us,
	    then.wall.us + 3600 * SPAN_SECOND);
	ck_assert(!health->healthy);
	ck_assert_uint_eq(health->failures, 1);
	ck_assert_str_eq(health->last.error, "ECONNREFUSED");
	ck_assert_str_eq(health->last.text, "Connection refused");
	ck_assert_int_eq(health->last.stage, STAGE_TCP);
	ck_assert_int_eq(health_next_trial(health).us,
	    then.mono.us + 60 * SPAN_SECOND);
}
END_TEST

/* On another boot's clock the trial stands where it would. */
START_TEST(moved_to_another_clock)
{
	const struct health *health = &hosts.list[0].addresses[0].health;

	ck_assert_int_eq(take(&record, len, span_s(-480)), 0);
	ck_assert_int_eq(health_next_trial(health).us, 80 * SPAN_SECOND);
	ck_assert_int_eq(health->since.us, 20 * SPAN_SECOND);
}
END_TEST

START_TEST(health_of_another_next_hop_is_not_taken)
{
	site.hosts[0].port = 2525;
	ck_assert_int_eq(take(&record, len, span_us(0)), 0);
	ck_assert(hosts.list[0].addresses[0].health.healthy);
	ck_assert_uint_eq(hosts.list[0].selected, 7);
	ck_assert_int_eq(hosts.list[0].order, OPERATOR_DRAIN);
}
END_TEST

/* A domain and a host of one name: two next hops. */
START_TEST(health_of_a_name_is_not_that_of_the_domain)
{
	site.hosts[0].mx = true;
	ck_assert_int_eq(take(&record, len, span_us(0)), 0);
	ck_assert(hosts.list[0].addresses[0].health.healthy);
	ck_assert_uint_eq(hosts.list[0].selected, 7);
}
END_TEST

/* A name has the addresses it had, until DNS says otherwise. */
START_TEST(addresses_of_a_name)
{
	struct host *host = &hosts.list[0];

	host->addresses[0].ip.family = 0;
	ck_assert_int_eq(take(&record, len, span_us(0)), 0);
	ck_assert_uint_eq(host->naddresses, 1);
	ck_assert_uint_eq(host->addresses[0].ip.family, 4);
	ck_assert(!host->addresses[0].health.healthy);
}
END_TEST

/* Cut anywhere it is refused; the host stays as it was. */
START_TEST(cut_record_is_refused)
{
	for (size_t cut = 0; cut < len; cut++)
		ck_assert_int_eq(take(&record, cut, span_us(0)), -1);
	ck_assert_uint_eq(hosts.list[0].selected, 0);
	ck_assert(hosts.list[0].addresses[0].health.healthy);
}
END_TEST

/* Any byte may be damaged: taken or refused, but never beyond its bounds. */
START_TEST(damaged_record_does_no_harm)
{
	unsigned char bytes[sizeof(record)];

	srand(1);
	for (size_t at = 0; at < len; at++) {
		memcpy(bytes, &record, len);
		bytes[at] ^= (unsigned char)(1 + rand() % 255);
		if (take(bytes, len, span_us(0)) != 0)
			continue;
		ck_assert_int_le(hosts.list[0].order, OPERATOR_DOWN);
		ck_assert_uint_le(hosts.list[0].naddresses,
		    HOST_ADDRESSES_MAX);
		ck_assert_int_lt(hosts.list[0].addresses[0].health.last.stage,
		    STAGE_COUNT);
	}
}
END_TEST

static void
refuse(void)
{
	ck_assert_int_eq(take(&record, len, span_us(0)), -1);
	ck_assert_uint_eq(hosts.list[0].selected, 0);
}

/* No clock of ours shows them, and they could not be added to. */
START_TEST(times_of_no_clock_are_refused)
{
	struct address_record *address = &record.addresses[0];
	int64_t *const times[] = { &address->since, &address->failed_at,
		&address->next_trial, &address->ramp, &address->heals[0],
		&address->heals[FLAPS - 1], &record.order_until };

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		int64_t before = *times[i];

		*times[i] = INT64_MAX;
		refuse();
		*times[i] = INT64_MIN;
		refuse();
		*times[i] = before;
	}
	ck_assert_int_eq(take(&record, len, span_us(INT64_MIN)), -1);
	ck_assert_int_eq(take(&record, len, span_us(0)), 0);
}
END_TEST

START_TEST(texts_that_are_not_fit_to_show_are_refused)
{
	char *text = record.addresses[0].text;

	(void)strcpy(text, "a\x1B[2J");
	refuse();
	(void)strcpy(text, "\xC3");
	refuse();
	(void)strcpy(text, "\xE2\x80\xAE" "abc");
	refuse();
	memset(text, 'x', ERROR_TEXT_MAX);
	refuse();
	(void)strcpy(text, "Stra\xC3\x9F" "e");
	ck_assert_int_eq(take(&record, len, span_us(0)), 0);
	ck_assert_str_eq(hosts.list[0].addresses[0].health.last.text, text);
}
END_TEST

/*
 * Times ahead of the clock would be waited for: the next trial is at most the
 * longest step away, and what happened is past, so that a success heals.
 */
START_TEST(times_ahead_are_not_waited_for)
{
	struct address_record *address = &record.addresses[0];
	struct health *health = &hosts.list[0].addresses[0].health;
	struct evidence good = site_evidence(EVIDENCE_GOOD, STAGE_DATA);
	int64_t ahead = then.mono.us + 86400 * SPAN_SECOND;

	address->since = address->failed_at = address->next_trial = ahead;
	address->ramp = 86400 * SPAN_SECOND;
	ck_assert_int_eq(take(&record, len, span_us(0)), 0);
	ck_assert_int_eq(health_next_trial(health).us,
	    then.mono.us + 60 * SPAN_SECOND);
	ck_assert_int_eq(health->since.us, then.mono.us);
	ck_assert_int_eq(health->ramp.us, FLAPPING_RAMP_S * SPAN_SECOND);
	ck_assert_int_eq(health_on(health, &site.config.health, &good,
	    then.mono), HEALTH_WENT_UP);
}
END_TEST

/* Of an address of four bytes the others say nothing. */
START_TEST(bytes_behind_an_address_are_not_taken)
{
	record.addresses[0].ip[15] = 1;
	ck_assert_int_eq(take(&record, len, span_us(0)), 0);
	ck_assert(!hosts.list[0].addresses[0].health.healthy);
}
END_TEST

START_TEST(same_host_same_bytes)
{
	struct host_record again;

	memset(&again, 0xA5, sizeof(again));
	ck_assert_int_eq(take(&record, len, span_us(0)), 0);
	ck_assert_uint_eq(host_record_make(&hosts.list[0], &again), len);
	ck_assert_int_eq(memcmp(&again, &record, len), 0);
}
END_TEST

/* What must heal it, and how often it came and went, outlive a restart. */
START_TEST(faults_ramp_and_flapping_come_back)
{
	struct host *host = &hosts.list[0];
	struct health *health = &host->addresses[0].health;
	struct evidence probed = refused, good = { .stage = STAGE_DATA,
		.source = EVIDENCE_DELIVERY };

	site.hosts[0].probe = PROBE_STARTTLS;
	probed.source = EVIDENCE_HEARTBEAT;
	probed.stage = STAGE_TLS;
	for (int i = 0; i < FLAPS; i++)
		health_healed(health, &site.config.health, then.mono);
	ck_assert(health->flapping);
	host_address_on(&hosts, host, &host->addresses[0],
	    &site.config.health, &probed, then);
	len = host_record_make(host, &record);
	hosts_clear(&hosts);
	begin();
	site.hosts[0].probe = PROBE_STARTTLS;
	ck_assert_int_eq(take(&record, len, span_s(-100)), 0);
	health = &hosts.list[0].addresses[0].health;
	ck_assert(health->flapping && health->probed);
	ck_assert_int_eq(health->ramp.us, FLAPPING_RAMP_S * SPAN_SECOND);
	ck_assert_uint_eq(health->nheals, FLAPS);
	ck_assert_int_eq(health->heals[FLAPS - 1].us, 400 * SPAN_SECOND);
	ck_assert_int_eq(health_on(health, &site.config.health, &good,
	    then.mono), HEALTH_SAME);
	good.source = EVIDENCE_HEARTBEAT;
	good.stage = STAGE_TLS;
	ck_assert_int_eq(health_on(health, &site.config.health, &good,
	    then.mono), HEALTH_WENT_UP);
}
END_TEST

/* Read when the host is in use: what it knows itself is newer. */
static int
add(void)
{
	return host_record_add(&hosts, &hosts.list[0], &record, len, then);
}

START_TEST(an_order_that_is_read_late_holds)
{
	struct host *host = &hosts.list[0];

	host->selected = 10;
	ck_assert_int_eq(add(), 0);
	ck_assert_int_eq(host->order, OPERATOR_DRAIN);
	ck_assert_int_eq(host->order_until.us,
	    then.wall.us + 3600 * SPAN_SECOND);
	ck_assert_uint_eq(host->selected, 17);
	ck_assert_uint_eq(host->delivered, 5);
	ck_assert(host->addresses[0].health.healthy);
	record.order = OPERATOR_DOWN + 1;
	ck_assert_int_eq(add(), -1);
}
END_TEST

START_TEST(an_order_that_is_read_late_gives_way_to_a_newer_one)
{
	struct host *host = &hosts.list[0];

	host_set_order(&hosts, host, OPERATOR_NONE, (struct wall) { 0 }, then);
	ck_assert_int_eq(add(), 0);
	ck_assert_int_eq(host->order, OPERATOR_NONE);
}
END_TEST

START_TEST(an_order_that_is_read_when_its_time_is_over)
{
	record.order_until = then.wall.us;
	ck_assert_int_eq(add(), 0);
	ck_assert_int_eq(hosts.list[0].order, OPERATOR_NONE);
}
END_TEST

/* A probe of less is enough, when the setting has changed meanwhile. */
START_TEST(a_fault_beyond_the_probe_is_not_kept)
{
	record.addresses[0].faults[FOUND_BY_MAIL] = 0;
	record.addresses[0].faults[FOUND_BY_PROBE] = STAGE_AUTH + 1;
	site.hosts[0].probe = PROBE_EHLO;
	ck_assert_int_eq(take(&record, len, span_us(0)), 0);
	ck_assert_int_eq(hosts.list[0].addresses[0].health
	    .faults[FOUND_BY_PROBE].stage, STAGE_EHLO);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("host_record");
	TCase *tcase = tcase_create("host_record");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, all_comes_back);
	tcase_add_test(tcase, moved_to_another_clock);
	tcase_add_test(tcase, health_of_another_next_hop_is_not_taken);
	tcase_add_test(tcase, health_of_a_name_is_not_that_of_the_domain);
	tcase_add_test(tcase, addresses_of_a_name);
	tcase_add_test(tcase, cut_record_is_refused);
	tcase_add_test(tcase, damaged_record_does_no_harm);
	tcase_add_test(tcase, times_of_no_clock_are_refused);
	tcase_add_test(tcase, texts_that_are_not_fit_to_show_are_refused);
	tcase_add_test(tcase, times_ahead_are_not_waited_for);
	tcase_add_test(tcase, bytes_behind_an_address_are_not_taken);
	tcase_add_test(tcase, same_host_same_bytes);
	tcase_add_test(tcase, faults_ramp_and_flapping_come_back);
	tcase_add_test(tcase, a_fault_beyond_the_probe_is_not_kept);
	tcase_add_test(tcase, an_order_that_is_read_late_holds);
	tcase_add_test(tcase,
	    an_order_that_is_read_late_gives_way_to_a_newer_one);
	tcase_add_test(tcase, an_order_that_is_read_when_its_time_is_over);
	suite_add_tcase(suite, tcase);
	return suite;
}
