/* Does mail flow? By connector and altogether. */
#include "core/flow.h"

#include "check_main.h"
#include "site.h"

/* Hosts a, b, c; connectors out (a, b), more (c) and idle (a). */
static struct site site;
static struct connector connectors[3];
static struct route routes[2];
static struct hosts hosts;
static struct flow_lame lame;

static void
setup(void)
{
	site_init(&site, 3);
	connectors[0] = (struct connector) { .name = "out",
		.members = site.members, .nmembers = 2 };
	connectors[1] = (struct connector) { .name = "more",
		.members = site.members + 2, .nmembers = 1 };
	connectors[2] = (struct connector) { .name = "idle",
		.members = site.members, .nmembers = 1 };
	routes[0] = (struct route) { .target = ROUTE_CONNECTOR };
	routes[1] = (struct route) { .target = ROUTE_REJECT, .connector = 2 };
	site.config.connectors = connectors;
	site.config.nconnectors = 3;
	site.config.routes = routes;
	site.config.nroutes = 2;
	hosts_init(&hosts, &site.config, NULL, site_now(0).mono);
}

static void
teardown(void)
{
	hosts_clear(&hosts);
}

static void
sicken(size_t host)
{
	struct evidence evidence = site_evidence(EVIDENCE_HARD, STAGE_TCP);

	host_address_on(&hosts, &hosts.list[host],
	    &hosts.list[host].addresses[0], &site.config.health, &evidence,
	    site_now(1));
}

static struct flow
flow(size_t connector)
{
	return flow_of(&site.config, &hosts, &connectors[connector],
	    site_now(1).wall);
}

static enum flows
flows(void)
{
	return flows_of(&site.config, &hosts, site_now(1).wall, &lame);
}

START_TEST(a_connector_is_in_use_by_a_route)
{
	ck_assert(flow(0).in_use);
	ck_assert(!flow(1).in_use);
	ck_assert(!flow(2).in_use);
	routes[1] = (struct route) { .target = ROUTE_HOST, .connector = 1 };
	ck_assert(flow(1).in_use);
}
END_TEST

START_TEST(a_connector_is_in_use_by_another)
{
	connectors[0].none_healthy = NONE_HEALTHY_OTHER;
	connectors[0].other = 1;
	ck_assert(flow(1).in_use);
	routes[0].target = ROUTE_DIRECT;
	ck_assert(!flow(0).in_use);
	ck_assert(!flow(1).in_use);
}
END_TEST

START_TEST(sick_and_drained_hosts_are_not_usable)
{
	ck_assert_uint_eq(flow(0).members, 2);
	ck_assert_uint_eq(flow(0).usable, 2);
	sicken(0);
	ck_assert_uint_eq(flow(0).usable, 1);
	host_set_order(&hosts, &hosts.list[1], OPERATOR_DRAIN,
	    (struct wall) { 0 }, site_now(1));
	ck_assert_uint_eq(flow(0).usable, 0);
}
END_TEST

START_TEST(mail_flows_well_partly_or_not)
{
	ck_assert_int_eq(flows(), FLOWS_WELL);
	sicken(2); /* nobody uses it */
	ck_assert_int_eq(flows(), FLOWS_WELL);
	sicken(0);
	ck_assert_int_eq(flows(), FLOWS_PARTLY);
	ck_assert_ptr_null(lame.connector);
	sicken(1);
	ck_assert_int_eq(flows(), FLOWS_NOT);
	ck_assert_ptr_eq(lame.connector, &connectors[0]);
}
END_TEST

START_TEST(one_of_two_without_a_host_is_lame)
{
	routes[1] = (struct route) { .target = ROUTE_CONNECTOR,
		.connector = 1 };
	sicken(2);
	ck_assert_int_eq(flows(), FLOWS_LAME);
	ck_assert_ptr_eq(lame.connector, &connectors[1]);
}
END_TEST

START_TEST(mail_that_is_sent_on_has_a_way)
{
	connectors[0].none_healthy = NONE_HEALTHY_OTHER;
	connectors[0].other = 1;
	sicken(0);
	sicken(1);
	ck_assert_int_eq(flows(), FLOWS_PARTLY);
	ck_assert_ptr_null(lame.connector);
	sicken(2);
	ck_assert_int_eq(flows(), FLOWS_NOT);
	ck_assert_ptr_eq(lame.connector, &connectors[0]);
}
END_TEST

/* Host a alone, though b is a member of the same connector. */
START_TEST(a_route_by_host_uses_that_host_alone)
{
	routes[0] = (struct route) { .target = ROUTE_HOST, .host = 0 };
	ck_assert(flow(0).in_use);
	ck_assert_uint_eq(flow(0).usable, 1);
	sicken(1);
	ck_assert_int_eq(flows(), FLOWS_PARTLY);
	sicken(0);
	ck_assert_uint_eq(flow(0).usable, 0);
	ck_assert_uint_eq(flow(0).members, 2);
	ck_assert_int_eq(flows(), FLOWS_NOT);
	ck_assert_ptr_eq(lame.connector, &connectors[0]);
	ck_assert_ptr_eq(lame.host, &hosts.list[0]);
	/* unless its mail is sent on */
	connectors[0].none_healthy = NONE_HEALTHY_OTHER;
	connectors[0].other = 1;
	ck_assert_int_eq(flows(), FLOWS_PARTLY);
	ck_assert(flow(1).in_use);
}
END_TEST

START_TEST(another_route_takes_the_whole_connector)
{
	routes[1] = (struct route) { .target = ROUTE_HOST, .host = 0 };
	sicken(0);
	ck_assert_int_eq(flows(), FLOWS_LAME);
	ck_assert_ptr_eq(lame.host, &hosts.list[0]);
	ck_assert_uint_eq(flow(0).usable, 1);
	sicken(1);
	ck_assert_int_eq(flows(), FLOWS_NOT);
	ck_assert_ptr_null(lame.host);
}
END_TEST

/* By MX, or as Postfix decides: that needs no smart host. */
START_TEST(mail_without_a_host_has_a_way)
{
	connectors[0].none_healthy = NONE_HEALTHY_OTHER;
	connectors[0].other = 1;
	connectors[1].none_healthy = _i == 0 ? NONE_HEALTHY_DIRECT
	                                     : NONE_HEALTHY_POSTFIX;
	sicken(0);
	sicken(1);
	sicken(2);
	ck_assert_int_eq(flows(), FLOWS_PARTLY);
	ck_assert_ptr_null(lame.connector);
}
END_TEST

START_TEST(without_a_connector_in_use_postfix_decides)
{
	routes[0].target = ROUTE_POSTFIX;
	sicken(0);
	sicken(1);
	ck_assert_int_eq(flows(), FLOWS_WELL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("flow");
	TCase *tcase = tcase_create("flow");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_connector_is_in_use_by_a_route);
	tcase_add_test(tcase, a_connector_is_in_use_by_another);
	tcase_add_test(tcase, sick_and_drained_hosts_are_not_usable);
	tcase_add_test(tcase, mail_flows_well_partly_or_not);
	tcase_add_test(tcase, one_of_two_without_a_host_is_lame);
	tcase_add_test(tcase, mail_that_is_sent_on_has_a_way);
	tcase_add_test(tcase, a_route_by_host_uses_that_host_alone);
	tcase_add_test(tcase, another_route_takes_the_whole_connector);
	tcase_add_loop_test(tcase, mail_without_a_host_has_a_way, 0, 2);
	tcase_add_test(tcase, without_a_connector_in_use_postfix_decides);
	suite_add_tcase(suite, tcase);
	return suite;
}
