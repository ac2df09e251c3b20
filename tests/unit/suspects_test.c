/* Whose message it was, and about which smart host he is believed. */
#include "core/senders.h"
#include "core/suspects.h"

#include "check_main.h"
#include "site.h"

static const uint8_t key[16] = "another";
static struct suspects suspects;
static struct hosts hosts;
static struct site site;

static void
setup(void)
{
	memset(&suspects, 0, sizeof(suspects));
	site_init(&site, 3);
	hosts_init(&hosts, &site.config, NULL, (struct mono) { 0 });
}

static void
teardown(void)
{
	hosts_clear(&hosts);
}

static bool
believe(uint64_t sender, const char *ip, int64_t at)
{
	struct netaddr addr;

	ck_assert_int_eq(netaddr_parse(ip, &addr), 0);
	return suspects_believe(&suspects, &hosts, sender, &addr,
	    (struct mono) { at * SPAN_SECOND });
}

START_TEST(about_one_host_within_a_minute)
{
	ck_assert(believe(7, "192.0.2.1", 100));
	ck_assert(!believe(7, "192.0.2.2", 101));
	ck_assert(believe(8, "192.0.2.2", 101));
	ck_assert(believe(7, "192.0.2.1", 150));
	ck_assert(!believe(7, "192.0.2.2", 210));
	ck_assert(believe(7, "192.0.2.2", 211));
	ck_assert(!believe(7, "192.0.2.1", 212));
}
END_TEST

START_TEST(not_about_another_while_that_one_is_sick)
{
	struct health *health = &hosts.list[0].addresses[0].health;

	ck_assert(believe(7, "192.0.2.1", 100));
	health->healthy = false;
	ck_assert(!believe(7, "192.0.2.2", 1000));
	ck_assert(believe(7, "192.0.2.1", 1000));
	health->healthy = true;
	ck_assert(believe(7, "192.0.2.2", 2000));
}
END_TEST

/* All addresses of a smart host are one. */
START_TEST(about_each_of_its_addresses)
{
	struct netaddr list[2];

	(void)netaddr_parse("192.0.2.1", &list[0]);
	(void)netaddr_parse("192.0.2.101", &list[1]);
	host_set_addresses(&hosts, &hosts.list[0], list, 2,
	    (struct mono) { 0 });
	ck_assert(believe(7, "192.0.2.1", 100));
	ck_assert(believe(7, "192.0.2.101", 100));
	ck_assert(!believe(7, "192.0.2.2", 100));
}
END_TEST

START_TEST(of_those_who_are_not_known_all_counts)
{
	for (int i = 0; i < 3; i++) {
		ck_assert(believe(0, "192.0.2.1", 100));
		ck_assert(believe(0, "192.0.2.2", 100));
	}
	/* an address that is nobody's binds nobody */
	ck_assert(believe(7, "203.0.113.1", 100));
	ck_assert(believe(7, "192.0.2.2", 100));
}
END_TEST

/* A smart host that left with a reload binds nobody either. */
START_TEST(a_host_that_left_is_forgotten)
{
	ck_assert(believe(7, "192.0.2.3", 100));
	site.config.nhosts = 2;
	hosts_reload(&hosts, &site.config, (struct mono) { 0 });
	ck_assert(believe(7, "192.0.2.1", 100));
}
END_TEST

START_TEST(who_was_believed_longest_ago_is_forgotten)
{
	ck_assert(believe(7, "192.0.2.1", 100));
	ck_assert(believe(8, "192.0.2.1", 101));
	for (unsigned i = 0; i < SUSPECTS_MAX - 1; i++)
		ck_assert(believe(100 + i, "192.0.2.1", 102));
	ck_assert(!believe(8, "192.0.2.2", 103));
	ck_assert(believe(7, "192.0.2.2", 103));
}
END_TEST

START_TEST(the_login_before_the_network_before_the_address)
{
	struct senders *senders = senders_new(key);
	struct facts facts = { .sender = "x@example.com" };
	uint64_t by_address, by_client, by_user;

	senders_note(senders, &site.config, "A00001", &facts);
	by_address = senders_of(senders, "A00001");
	(void)netaddr_parse("2001:db8::1", &facts.client);
	senders_note(senders, &site.config, "A00002", &facts);
	by_client = senders_of(senders, "A00002");
	/* the same network, and whatever address he gives */
	(void)netaddr_parse("2001:db8::2", &facts.client);
	facts.sender = "y@example.com";
	senders_note(senders, &site.config, "A00003", &facts);
	ck_assert(senders_of(senders, "A00003") == by_client);
	facts.user = "x@example.com";
	senders_note(senders, &site.config, "A00004", &facts);
	by_user = senders_of(senders, "A00004");
	ck_assert(by_address != 0 && by_client != 0 && by_user != 0);
	ck_assert(by_client != by_address && by_user != by_client);
	senders_note(senders, &site.config, "", &facts);
	ck_assert(senders_of(senders, "") == 0);
	ck_assert(senders_of(senders, "A00005") == 0);
	senders_free(&senders);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("suspects");
	TCase *tcase = tcase_create("suspects");

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, about_one_host_within_a_minute);
	tcase_add_test(tcase, not_about_another_while_that_one_is_sick);
	tcase_add_test(tcase, about_each_of_its_addresses);
	tcase_add_test(tcase, of_those_who_are_not_known_all_counts);
	tcase_add_test(tcase, a_host_that_left_is_forgotten);
	tcase_add_test(tcase, who_was_believed_longest_ago_is_forgotten);
	tcase_add_test(tcase, the_login_before_the_network_before_the_address);
	return suite;
}
