/* Relay denied: how many messages, of whom, within what time. */
#include "core/denials.h"

#include "check_main.h"

#include <stdio.h>

static struct denials denials;

static bool
deny(const char *ip, uint16_t port, unsigned message, int64_t at)
{
	struct maillog_verdict line = { .final = true, .denied = true,
		.port = port };

	ck_assert_int_eq(netaddr_parse(ip, &line.ip), 0);
	(void)snprintf(line.queue_id, sizeof(line.queue_id), "ABC%06u",
	    message);
	return denials_on(&denials, &line, (struct mono) { at * SPAN_SECOND });
}

/* When the fifth comes, the first must be of the same minute. */
START_TEST(within_a_minute)
{
	for (unsigned i = 0; i < 4; i++)
		ck_assert(!deny("192.0.2.1", 25, i, 20 * i));
	ck_assert(!deny("192.0.2.1", 25, 4, 61));
	ck_assert(deny("192.0.2.1", 25, 5, 80));
	/* it begins anew */
	for (unsigned i = 6; i < 10; i++)
		ck_assert(!deny("192.0.2.1", 25, i, 81));
	ck_assert(deny("192.0.2.1", 25, 10, 141));
}
END_TEST

START_TEST(each_host_for_itself)
{
	for (unsigned i = 0; i < 4; i++) {
		ck_assert(!deny("192.0.2.1", 25, i, 1));
		ck_assert(!deny("192.0.2.1", 587, i, 1));
		ck_assert(!deny("192.0.2.2", 25, i, 1));
	}
	ck_assert(deny("192.0.2.1", 587, 4, 2));
	ck_assert(deny("192.0.2.1", 25, 4, 2));
	ck_assert(deny("192.0.2.2", 25, 4, 2));
}
END_TEST

/* Many hosts' messages push old ones out; nothing worse happens. */
START_TEST(a_full_memory_forgets_the_oldest)
{
	char ip[32];

	for (unsigned i = 0; i < 4; i++)
		ck_assert(!deny("192.0.2.1", 25, i, 1));
	for (unsigned i = 0; i < DENIALS_KEPT; i++) {
		(void)snprintf(ip, sizeof(ip), "198.51.100.%u", i);
		ck_assert(!deny(ip, 25, i, 1));
	}
	for (unsigned i = 4; i < 8; i++)
		ck_assert(!deny("192.0.2.1", 25, i, 2));
	ck_assert(deny("192.0.2.1", 25, 8, 2));
}
END_TEST

START_TEST(lines_without_a_message_or_an_address_say_nothing)
{
	struct maillog_verdict line = { .final = true, .denied = true };

	for (int i = 0; i < 10; i++)
		ck_assert(!denials_on(&denials, &line, (struct mono) { 1 }));
	ck_assert_int_eq(netaddr_parse("192.0.2.1", &line.ip), 0);
	for (int i = 0; i < 10; i++)
		ck_assert(!denials_on(&denials, &line, (struct mono) { 1 }));
}
END_TEST

static void
setup(void)
{
	denials = (struct denials) { 0 };
}

static Suite *
suite(void)
{
	Suite *suite = suite_create("denials");
	TCase *tcase = tcase_create("all");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, within_a_minute);
	tcase_add_test(tcase, each_host_for_itself);
	tcase_add_test(tcase, a_full_memory_forgets_the_oldest);
	tcase_add_test(tcase,
	    lines_without_a_message_or_an_address_say_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}
