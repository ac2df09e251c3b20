/* Hosts at run time: evidence, orders, addresses, reload, and their events. */
#include "core/hosts.h"

#include "check_main.h"
#include "site.h"

static struct site site;
static struct hosts hosts;
static struct events *events;

static void
setup(void)
{
	site_init(&site, 3);
	events = events_new(16, NULL, NULL);
	hosts_init(&hosts, &site.config, events, site_now(0).mono);
}

static void
teardown(void)
{
	hosts_clear(&hosts);
	events_free(&events);
}

static struct netaddr
ip_of(const char *text)
{
	struct netaddr ip;

	ck_assert_int_eq(netaddr_parse(text, &ip), 0);
	return ip;
}

static unsigned
tell(const char *ip, uint16_t port, enum evidence_grade grade,
    enum stage stage, int64_t at)
{
	struct evidence evidence = site_evidence(grade, stage);
	struct netaddr addr = ip_of(ip);

	return hosts_on(&hosts, &site.config, "", &addr, port, &evidence,
	    site_now(at));
}

static void
expect_event(uint64_t seq, const char *line)
{
	char buf[EVENT_LINE_MAX];
	const struct notice *notice = events_next(events, seq - 1);

	ck_assert_ptr_nonnull(notice);
	ck_assert_uint_eq(notice->seq, seq);
	ck_assert_str_eq(notice_format(notice, buf), line);
}

/* Requirements 4.23, 4.24, 4.28: the golden lines. */
START_TEST(seed_4_23_4_24_4_28_events)
{
	ck_assert_uint_eq(tell("192.0.2.2", 587, EVIDENCE_HARD, STAGE_TCP, 90),
	    1);
	ck_assert_uint_eq(tell("192.0.2.2", 587, EVIDENCE_HARD, STAGE_TCP, 91),
	    1);
	ck_assert_uint_eq(tell("192.0.2.2", 587, EVIDENCE_GOOD, STAGE_DATA,
	    844), 1);
	expect_event(1, "event=MarkedUnhealthy host=b ip=192.0.2.2 "
	    "fqdn=192.0.2.2 stage=tcp error=ECONNREFUSED(111) failures=1 "
	    "next_retry=2026-01-31T12:02:30.000Z text=\"connection refused\"");
	expect_event(2, "event=MarkedHealthy host=b ip=192.0.2.2 "
	    "downtime=754s by=delivery");
	ck_assert_uint_eq(events_last(events), 2);
}
END_TEST

START_TEST(event_of_an_smtp_reply)
{
	struct evidence evidence = { .grade = EVIDENCE_HARD,
		.source = EVIDENCE_HEARTBEAT, .stage = STAGE_BANNER,
		.code = 421, .error = "smtp_421", .text = "said \"no\"\n" };

	host_address_on(&hosts, &hosts.list[0], &hosts.list[0].addresses[0],
	    &site.config.health, &evidence, site_now(0));
	expect_event(1, "event=MarkedUnhealthy host=a ip=192.0.2.1 "
	    "fqdn=192.0.2.1 stage=banner error=smtp_421 failures=1 "
	    "next_retry=2026-01-31T12:01:00.000Z "
	    "text=\"said \\x22no\\x22\\x0A\"");
}
END_TEST

START_TEST(evidence_finds_its_host)
{
	site.hosts[1].host = "192.0.2.1"; /* b: same address, other port */
	site.hosts[1].port = 25;
	hosts_clear(&hosts);
	hosts_init(&hosts, &site.config, events, site_now(0).mono);

	ck_assert_uint_eq(tell("192.0.2.9", 587, EVIDENCE_HARD, STAGE_TCP, 1),
	    0);
	ck_assert_uint_eq(tell("192.0.2.1", 99, EVIDENCE_HARD, STAGE_TCP, 1),
	    0);
	ck_assert_uint_eq(tell("192.0.2.1", 25, EVIDENCE_HARD, STAGE_TCP, 1),
	    1);
	ck_assert(host_healthy(&hosts.list[0]));
	ck_assert(!host_healthy(&hosts.list[1]));
	ck_assert_uint_eq(tell("192.0.2.1", 0, EVIDENCE_HARD, STAGE_EHLO, 1),
	    2);
	ck_assert(!host_healthy(&hosts.list[0]));
	ck_assert(host_healthy(&hosts.list[2]));
}
END_TEST

START_TEST(deliveries_and_failures_are_counted)
{
	tell("192.0.2.1", 587, EVIDENCE_GOOD, STAGE_DATA, 1);
	tell("192.0.2.1", 587, EVIDENCE_GOOD, STAGE_DATA, 2);
	tell("192.0.2.1", 587, EVIDENCE_GOOD, STAGE_EHLO, 2);
	tell("192.0.2.1", 587, EVIDENCE_SOFT, STAGE_MAIL, 3);
	ck_assert_uint_eq(hosts.list[0].delivered, 2);
	ck_assert_uint_eq(hosts.list[0].failed, 1);
	ck_assert_uint_eq(hosts.list[1].delivered, 0);
}
END_TEST

START_TEST(one_good_address_is_enough)
{
	struct netaddr list[] = { ip_of("192.0.2.1"), ip_of("2001:db8::1") };

	host_set_addresses(&hosts, &hosts.list[0], list, 2, site_now(0).mono);
	tell("192.0.2.1", 587, EVIDENCE_HARD, STAGE_TCP, 1);
	ck_assert(host_healthy(&hosts.list[0]));
	tell("2001:db8::1", 587, EVIDENCE_HARD, STAGE_TCP, 2);
	ck_assert(!host_healthy(&hosts.list[0]));
	ck_assert_int_eq(host_failed_at(&hosts.list[0]).us,
	    site_now(2).mono.us);
}
END_TEST

START_TEST(addresses_that_stay_keep_their_health)
{
	struct host *host = &hosts.list[0];
	struct netaddr first[] = { ip_of("192.0.2.1"), ip_of("192.0.2.11") };
	struct netaddr second[] = { ip_of("192.0.2.12"), ip_of("192.0.2.11"),
		ip_of("192.0.2.12") };

	host_set_addresses(&hosts, host, first, 2, site_now(0).mono);
	tell("192.0.2.11", 587, EVIDENCE_HARD, STAGE_TCP, 1);
	host_set_addresses(&hosts, host, second, 3, site_now(2).mono);
	ck_assert_uint_eq(host->naddresses, 2);
	ck_assert(netaddr_equal(&host->addresses[0].ip, &second[1]));
	ck_assert(!host->addresses[0].health.healthy);
	ck_assert(netaddr_equal(&host->addresses[1].ip, &second[0]));
	ck_assert(host->addresses[1].health.healthy);
	ck_assert_ptr_null(host_find_address(host, &first[0]));
}
END_TEST

START_TEST(too_many_addresses_are_cut)
{
	struct netaddr list[HOST_ADDRESSES_MAX + 4];

	memset(list, 0, sizeof(list));
	for (unsigned i = 0; i < HOST_ADDRESSES_MAX + 4; i++) {
		list[i].family = 4;
		list[i].bytes[0] = 10;
		list[i].bytes[3] = (uint8_t)i;
	}
	host_set_addresses(&hosts, &hosts.list[0], list,
	    HOST_ADDRESSES_MAX + 4, site_now(0).mono);
	ck_assert_uint_eq(hosts.list[0].naddresses, HOST_ADDRESSES_MAX);
}
END_TEST

START_TEST(a_name_without_addresses_is_about_dns)
{
	struct evidence missing = site_evidence(EVIDENCE_HARD, STAGE_DNS);
	struct evidence found = site_evidence(EVIDENCE_GOOD, STAGE_DNS);
	struct netaddr list[] = { ip_of("192.0.2.77") };
	struct host *host;

	site.hosts[0].host = "relay.example.net";
	hosts_clear(&hosts);
	hosts_init(&hosts, &site.config, events, site_now(0).mono);
	host = &hosts.list[0];
	ck_assert_uint_eq(host->naddresses, 1);
	ck_assert_uint_eq(host->addresses[0].ip.family, 0);
	ck_assert(host_healthy(host)); /* not looked up yet */
	ck_assert(!host_unresolved(host));
	/* evidence about no address is about nobody, this one neither */
	ck_assert_uint_eq(hosts_on(&hosts, &site.config, "",
	    &host->addresses[0].ip, 0, &missing, site_now(0)), 0);

	for (int n = 0; n < 2; n++) { /* told twice, marked once */
		host_set_addresses(&hosts, host, NULL, 0, site_now(n).mono);
		host_address_on(&hosts, host, &host->addresses[0],
		    &site.config.health, &missing, site_now(n));
	}
	ck_assert(host_unresolved(host));
	ck_assert_uint_eq(events_last(events), 1);
	expect_event(1, "event=MarkedUnhealthy host=a ip=\"\" "
	    "fqdn=relay.example.net stage=dns error=ECONNREFUSED(111) "
	    "failures=1 next_retry=2026-01-31T12:01:00.000Z "
	    "text=\"connection refused\"");

	host_address_on(&hosts, host, &host->addresses[0],
	    &site.config.health, &found, site_now(60));
	host_set_addresses(&hosts, host, list, 1, site_now(60).mono);
	ck_assert(host_healthy(host));
	ck_assert_uint_eq(host->naddresses, 1);
	expect_event(2, "event=MarkedHealthy host=a ip=\"\" downtime=60s "
	    "by=delivery");
}
END_TEST

START_TEST(evidence_by_name)
{
	struct evidence missing = site_evidence(EVIDENCE_HARD, STAGE_DNS);

	site.hosts[1].host = "relay.example.net";
	hosts_clear(&hosts);
	hosts_init(&hosts, &site.config, events, site_now(0).mono);
	ck_assert_uint_eq(hosts_on_name(&hosts, &site.config.health,
	    "Relay.Example.NET", &missing, site_now(1)), 1);
	ck_assert_uint_eq(hosts_on_name(&hosts, &site.config.health,
	    "other.example.net", &missing, site_now(1)), 0);
	ck_assert(!host_healthy(&hosts.list[1]));
}
END_TEST

/* Each address of a domain is that of a mail exchanger. */
START_TEST(evidence_by_exchanger)
{
	struct netaddr list[] = { ip_of("192.0.2.8"), ip_of("192.0.2.9") };
	struct evidence missing = site_evidence(EVIDENCE_HARD, STAGE_DNS);
	struct host *host;

	site.hosts[1].host = "example.net";
	site.hosts[1].mx = true;
	hosts_clear(&hosts);
	hosts_init(&hosts, &site.config, events, site_now(0).mono);
	host = &hosts.list[1];
	host_set_addresses(&hosts, host, list, 2, site_now(0).mono);
	host_set_exchanger(&hosts, host, &list[0], "mx1.example.net", 10);
	host_set_exchanger(&hosts, host, &list[1], "mx2.example.net", 20);
	ck_assert_uint_eq(hosts_on_name(&hosts, &site.config.health,
	    "mx2.example.net", &missing, site_now(1)), 1);
	ck_assert(host->addresses[0].health.healthy);
	ck_assert(!host->addresses[1].health.healthy);
	ck_assert(host_healthy(host));
	ck_assert_uint_eq(hosts_on_name(&hosts, &site.config.health,
	    "example.net", &missing, site_now(2)), 2);
	ck_assert(!host_healthy(host));
	ck_assert_uint_eq(host->failed, 2); /* not three: one is of both */
	ck_assert_uint_eq(host->addresses[1].preference, 20);
}
END_TEST

/*
 * Cost within the host: while the first exchanger grows into its share, so
 * does the host, however well the second is; that counts when it is alone.
 */
START_TEST(seed_1_24_preference_is_cost_within_the_host)
{
	struct netaddr list[2];
	struct evidence refused = site_evidence(EVIDENCE_HARD, STAGE_TCP);
	struct evidence sent = site_evidence(EVIDENCE_GOOD, STAGE_DATA);
	struct host *host = &hosts.list[1];

	site.config.health.slow_start = span_s(50);
	ck_assert_int_eq(netaddr_parse("198.51.100.1", &list[0]), 0);
	ck_assert_int_eq(netaddr_parse("198.51.100.2", &list[1]), 0);
	host_set_addresses(&hosts, host, list, 2, site_now(0).mono);
	host_set_exchanger(&hosts, host, &list[0], "mx1.example.net", 10);
	host_set_exchanger(&hosts, host, &list[1], "mx2.example.net", 20);
	ck_assert_uint_eq(host_weight_share(host, site_now(0).mono), 60);
	host_address_on(&hosts, host, &host->addresses[0],
	    &site.config.health, &refused, site_now(1));
	ck_assert_uint_eq(host_weight_share(host, site_now(1).mono), 60);
	host_address_on(&hosts, host, &host->addresses[0],
	    &site.config.health, &sent, site_now(2));
	ck_assert_uint_eq(host_weight_share(host, site_now(2).mono), 6);
	ck_assert_uint_eq(host_weight_share(host, site_now(27).mono), 33);
	ck_assert_uint_eq(host_weight_share(host, site_now(52).mono), 60);
	host_address_on(&hosts, host, &host->addresses[0],
	    &site.config.health, &refused, site_now(60));
	host_address_on(&hosts, host, &host->addresses[1],
	    &site.config.health, &refused, site_now(60));
	ck_assert_uint_eq(host_weight_share(host, site_now(60).mono), 0);
}
END_TEST

START_TEST(orders_and_their_events)
{
	struct host *host = &hosts.list[2];
	struct wall ever = { 0 };
	struct wall until = site_now(7200).wall;

	host_set_order(&hosts, host, OPERATOR_NONE, ever, site_now(0));
	ck_assert_uint_eq(events_last(events), 0);
	host_set_order(&hosts, host, OPERATOR_DRAIN, ever, site_now(1));
	host_set_order(&hosts, host, OPERATOR_DRAIN, ever, site_now(2));
	ck_assert_str_eq(host_state_name(host, site_now(2).wall), "drained");
	expect_event(1, "event=Drained host=c");
	host_set_order(&hosts, host, OPERATOR_DRAIN, until, site_now(3));
	expect_event(2,
	    "event=Drained host=c until=2026-01-31T14:00:00.000Z");
	host_set_order(&hosts, host, OPERATOR_DOWN, ever, site_now(4));
	ck_assert_str_eq(host_state_name(host, site_now(4).wall), "down");
	expect_event(3, "event=Down host=c");
	host_set_order(&hosts, host, OPERATOR_NONE, until, site_now(5));
	expect_event(4, "event=Enabled host=c");
	ck_assert_str_eq(host_state_name(host, site_now(5).wall), "healthy");
	ck_assert_int_eq(host->order_until.us, 0);
	ck_assert_uint_eq(events_last(events), 4);
}
END_TEST

START_TEST(an_order_ends_by_itself)
{
	struct host *host = &hosts.list[0];
	uint64_t changes;

	host_set_order(&hosts, host, OPERATOR_DRAIN, site_now(60).wall,
	    site_now(0));
	hosts_expire_orders(&hosts, site_now(59));
	ck_assert_int_eq(host_order(host, site_now(59).wall), OPERATOR_DRAIN);
	ck_assert_int_eq(host_order(host, site_now(60).wall), OPERATOR_NONE);
	ck_assert_uint_eq(events_last(events), 1);
	changes = hosts.changes;
	hosts_expire_orders(&hosts, site_now(60));
	hosts_expire_orders(&hosts, site_now(61));
	ck_assert_uint_eq(hosts.changes, changes + 1);
	ck_assert_uint_eq(events_last(events), 2);
	expect_event(2, "event=Enabled host=a by=until");
}
END_TEST

START_TEST(reload_keeps_by_name)
{
	static struct site next;
	struct wall ever = { 0 };

	tell("192.0.2.1", 587, EVIDENCE_HARD, STAGE_TCP, 1);
	tell("192.0.2.2", 587, EVIDENCE_HARD, STAGE_TCP, 1);
	tell("192.0.2.3", 587, EVIDENCE_GOOD, STAGE_DATA, 1);
	host_set_order(&hosts, &hosts.list[2], OPERATOR_DRAIN, ever,
	    site_now(1));
	hosts.list[2].selected = 7;

	/* c first; a with another port; b gone; new d */
	site_init(&next, 3);
	next.hosts[0] = site.hosts[2];
	next.hosts[1] = site.hosts[0];
	next.hosts[1].port = 25;
	next.hosts[2].name = "d";
	hosts_reload(&hosts, &next.config, site_now(10).mono);

	ck_assert_uint_eq(hosts.count, 3);
	ck_assert_str_eq(hosts.list[0].name, "c");
	ck_assert_ptr_eq(hosts.list[0].config, &next.hosts[0]);
	ck_assert_str_eq(host_state_name(&hosts.list[0], site_now(10).wall),
	    "drained");
	ck_assert_uint_eq(hosts.list[0].selected, 7);
	ck_assert_uint_eq(hosts.list[0].delivered, 1);
	ck_assert_str_eq(hosts.list[1].name, "a");
	ck_assert(host_healthy(&hosts.list[1])); /* another port, unknown */
	ck_assert_uint_eq(hosts.list[1].failed, 1);
	ck_assert_ptr_null(hosts_find(&hosts, "b"));
	ck_assert_ptr_nonnull(hosts_find(&hosts, "d"));

	/* the same once more: health stays */
	tell("192.0.2.3", 587, EVIDENCE_HARD, STAGE_TCP, 11);
	hosts_reload(&hosts, &next.config, site_now(12).mono);
	ck_assert(!host_healthy(&hosts.list[0]));
}
END_TEST

START_TEST(first_probes_are_spread_over_a_second)
{
	site.config.health.heartbeat = span_s(30);
	hosts_clear(&hosts);
	hosts_init(&hosts, &site.config, NULL, site_now(0).mono);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(mono_since(
		    hosts.list[i].addresses[0].health.next_heartbeat,
		    site_now(0).mono).us, (int64_t)i * SPAN_SECOND / 3);
	tell("192.0.2.1", 0, EVIDENCE_HARD, STAGE_TCP, 1); /* no events: fine */
	tell("192.0.2.1", 0, EVIDENCE_GOOD, STAGE_TCP, 2);
}
END_TEST

/* As at the start, though their time has long passed. */
START_TEST(a_heartbeat_turned_on_again_is_spread_too)
{
	site.config.health.heartbeat = span_s(0);
	hosts_clear(&hosts);
	hosts_init(&hosts, &site.config, NULL, site_now(0).mono);
	site.config.health.heartbeat = span_s(30);
	hosts_reload(&hosts, &site.config, site_now(600).mono);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(mono_since(
		    hosts.list[i].addresses[0].health.next_heartbeat,
		    site_now(600).mono).us, (int64_t)i * SPAN_SECOND / 3);
}
END_TEST

/* Not all of them at the end of the first interval. */
START_TEST(a_shorter_heartbeat_keeps_its_jitter)
{
	const struct health *health[3];

	site.config.health.heartbeat = span_s(3600);
	hosts_clear(&hosts);
	hosts_init(&hosts, &site.config, NULL, site_now(0).mono);
	for (unsigned i = 0; i < 3; i++) {
		struct health *own = &hosts.list[i].addresses[0].health;
		enum evidence_source as;

		health_jitter(own, 100 + i);
		ck_assert(health_take_probe(own, &site.config.health,
		    site_now(1).mono, &as));
	}
	site.config.health.heartbeat = span_s(30);
	hosts_reload(&hosts, &site.config, site_now(10).mono);
	for (unsigned i = 0; i < 3; i++) {
		health[i] = &hosts.list[i].addresses[0].health;
		ck_assert_int_ge(health[i]->next_heartbeat.us,
		    site_now(10 + 27).mono.us);
		ck_assert_int_le(health[i]->next_heartbeat.us,
		    site_now(10 + 33).mono.us);
	}
	ck_assert_int_ne(health[0]->next_heartbeat.us,
	    health[1]->next_heartbeat.us);
	ck_assert_int_ne(health[1]->next_heartbeat.us,
	    health[2]->next_heartbeat.us);
}
END_TEST

START_TEST(no_hosts_at_all)
{
	hosts_clear(&hosts);
	site.config.nhosts = 0;
	hosts_init(&hosts, &site.config, events, site_now(0).mono);
	ck_assert_ptr_null(hosts_find(&hosts, "a"));
	ck_assert_uint_eq(tell("192.0.2.1", 0, EVIDENCE_HARD, STAGE_TCP, 1),
	    0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("hosts");
	TCase *tcase = tcase_create("hosts");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, seed_4_23_4_24_4_28_events);
	tcase_add_test(tcase, event_of_an_smtp_reply);
	tcase_add_test(tcase, evidence_finds_its_host);
	tcase_add_test(tcase, deliveries_and_failures_are_counted);
	tcase_add_test(tcase, one_good_address_is_enough);
	tcase_add_test(tcase, addresses_that_stay_keep_their_health);
	tcase_add_test(tcase, too_many_addresses_are_cut);
	tcase_add_test(tcase, a_name_without_addresses_is_about_dns);
	tcase_add_test(tcase, evidence_by_name);
	tcase_add_test(tcase, evidence_by_exchanger);
	tcase_add_test(tcase, seed_1_24_preference_is_cost_within_the_host);
	tcase_add_test(tcase, orders_and_their_events);
	tcase_add_test(tcase, an_order_ends_by_itself);
	tcase_add_test(tcase, reload_keeps_by_name);
	tcase_add_test(tcase, first_probes_are_spread_over_a_second);
	tcase_add_test(tcase, a_heartbeat_turned_on_again_is_spread_too);
	tcase_add_test(tcase, a_shorter_heartbeat_keeps_its_jitter);
	tcase_add_test(tcase, no_hosts_at_all);
	suite_add_tcase(suite, tcase);
	return suite;
}
