/* Offences are told once a minute each, and none is forgotten in between. */
#include "core/offences.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

static const uint8_t seed[16] = "0123456789abcde";
static struct offences *offences;
static struct notice notice;

static void
begin(void)
{
	offences = offences_new(seed);
}

static void
end(void)
{
	offences_free(&offences);
}

static bool
offend(const char *user, const char *address, const char *ref, int64_t s)
{
	notice_init(&notice, EVENT_IDENTITY_REFUSED, (struct wall){ 0 });
	notice_add(&notice, "user", user);
	notice_add(&notice, "from", address);
	notice_add(&notice, "queue_id", ref);
	notice_add(&notice, "ref", ref);
	return offences_note(
	    offences, &notice, (struct mono){ s * SPAN_SECOND });
}

static void
check_line(const char *end)
{
	char line[EVENT_LINE_MAX];
	size_t len, tail = strlen(end);

	len = strlen(notice_format(&notice, line));
	ck_assert_uint_ge(len, tail);
	ck_assert_str_eq(line + len - tail, end);
}

START_TEST(the_same_offence_is_told_once_a_minute)
{
	ck_assert(offend("alice", "bob", "000001", 100));
	check_line("ref=000001");
	ck_assert(!offend("alice", "bob", "000002", 101));
	ck_assert(!offend("alice", "bob", "000003", 159));
	ck_assert(offend("alice", "bob", "000004", 160));
	check_line("ref=000004 repeats=2");
	ck_assert(offend("alice", "bob", "000005", 220));
	check_line("ref=000005");
}
END_TEST

START_TEST(another_user_or_address_is_another_offence)
{
	ck_assert(offend("alice", "bob", "000001", 1));
	ck_assert(offend("carol", "bob", "000002", 1));
	ck_assert(offend("alice", "eve", "000003", 1));
	ck_assert(offend("alicebob", "", "000004", 1));
	ck_assert(!offend("alice", "eve", "000005", 2));
}
END_TEST

START_TEST(so_many_are_remembered)
{
	char user[32];

	ck_assert(offend("first", "bob", "", 1));
	for (int i = 0; i < OFFENCES_MAX; i++) {
		(void)snprintf(user, sizeof(user), "user-%d", i);
		ck_assert(offend(user, "bob", "", 2));
	}
	ck_assert(!offend("user-0", "bob", "", 3) ||
		  !offend("user-4095", "bob", "", 3));
	ck_assert(offend("first", "bob", "", 3));
}
END_TEST

START_TEST(an_event_that_says_nothing_is_told)
{
	notice_init(&notice, EVENT_IDENTITY_REFUSED, (struct wall){ 0 });
	ck_assert(offences_note(offences, &notice, (struct mono){ 1 }));
	ck_assert(offences_note(offences, &notice, (struct mono){ 1 }));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("offences");
	TCase *t = tcase_create("offences");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, the_same_offence_is_told_once_a_minute);
	tcase_add_test(t, another_user_or_address_is_another_offence);
	tcase_add_test(t, so_many_are_remembered);
	tcase_add_test(t, an_event_that_says_nothing_is_told);
	suite_add_tcase(s, t);
	return s;
}
