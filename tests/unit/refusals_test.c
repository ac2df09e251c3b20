/* Refused connections: counted by source, told once a minute, bounded. */
#include "core/limit_key.h"
#include "core/refusals.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

static const uint8_t seed[16] = "0123456789abcde";
static struct refusals *refusals;
static unsigned untold;

static void
begin(void)
{
	refusals = refusals_new(seed);
}

static void
end(void)
{
	refusals_free(&refusals);
}

static struct netaddr
ip(const char *text)
{
	struct netaddr addr;

	ck_assert_int_eq(netaddr_parse(text, &addr), 0);
	return limit_source(&addr, LIMIT_IPV6_PREFIX);
}

static bool
refuse(const char *listener, const char *client, int64_t s)
{
	struct netaddr addr = ip(client);

	refusals_count(refusals, listener, &addr);
	return refusals_tell(refusals, listener, &addr,
	    (struct mono){ s * SPAN_SECOND }, &untold);
}

static uint32_t
refused(const char *listener, const char *client)
{
	struct netaddr addr = ip(client);

	return refusals_of(refusals, listener, &addr);
}

START_TEST(refusals_are_told_once_a_minute)
{
	ck_assert(refuse("in", "192.0.2.1", 100));
	ck_assert_uint_eq(untold, 0);
	ck_assert(!refuse("in", "192.0.2.1", 100));
	ck_assert(!refuse("in", "192.0.2.1", 159));
	ck_assert(refuse("out", "192.0.2.1", 159));
	ck_assert(refuse("in", "192.0.2.2", 159));
	ck_assert(refuse("in", "192.0.2.1", 160));
	ck_assert_uint_eq(untold, 2);
	ck_assert_uint_eq(refusals_by(refusals, "in"), 5);
	ck_assert_uint_eq(refusals_by(refusals, "out"), 1);
	ck_assert_uint_eq(refusals_by(refusals, "other"), 0);
	ck_assert(!refuse("in", "192.0.2.1", 161));
	ck_assert_uint_eq(refused("in", "192.0.2.1"), 5);
	ck_assert_uint_eq(refused("out", "192.0.2.1"), 1);
	ck_assert_uint_eq(refused("out", "192.0.2.2"), 0);
}
END_TEST

START_TEST(refusals_are_by_network_for_ipv6)
{
	ck_assert(refuse("in", "2001:db8::1", 1));
	ck_assert(!refuse("in", "2001:db8::ffff", 1));
	ck_assert_uint_eq(refused("in", "2001:db8::2"), 2);
}
END_TEST

static void
count_source(void *ctx, const char *listener, const struct netaddr *source,
    uint32_t count)
{
	unsigned *seen = ctx;

	ck_assert_str_eq(listener, "in");
	ck_assert_int_eq(source->family, 4);
	ck_assert_uint_gt(count, 0);
	++*seen;
}

START_TEST(refusals_of_many_sources_are_bounded)
{
	char client[NETADDR_TEXT_MAX];
	struct netaddr quiet = ip("192.0.2.1");
	unsigned seen = 0;

	ck_assert(refuse("in", "192.0.2.9", 1));
	for (unsigned i = 0; i < 3 * REFUSALS_MAX; i++) {
		(void)snprintf(
		    client, sizeof(client), "10.%u.%u.1", i >> 8, i & 255);
		(void)refuse("in", client, 1);
		/* one that goes on stays */
		if (i % 1000 == 0)
			(void)refuse("in", "192.0.2.9", 1);
	}
	ck_assert_uint_eq(refused("in", "192.0.2.9"), 31);
	/* what passed is not shown as refused */
	(void)refusals_tell(
	    refusals, "in", &quiet, (struct mono){ 5 }, &untold);
	refusals_walk(refusals, count_source, &seen);
	ck_assert_uint_eq(seen, REFUSALS_MAX - 1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("refusals");
	TCase *tcase = tcase_create("refusals");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, refusals_are_told_once_a_minute);
	tcase_add_test(tcase, refusals_are_by_network_for_ipv6);
	tcase_add_test(tcase, refusals_of_many_sources_are_bounded);
	suite_add_tcase(suite, tcase);
	return suite;
}
