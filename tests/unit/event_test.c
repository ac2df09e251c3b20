/* Events keep their order and their shape on the line. */
#include "core/event.h"

#include "check_main.h"

#include <string.h>

START_TEST(event_line_quotes_what_needs_it)
{
	char line[EVENT_LINE_MAX];
	struct notice event;

	notice_init(&event, EVENT_MARKED_UNHEALTHY, (struct wall) { 0 });
	notice_add(&event, "host", "isp-a");
	notice_add(&event, "error", "");
	notice_add_number(&event, "failures", 3);
	notice_add(&event, "text", "it said \"no\"\n");
	ck_assert_str_eq(notice_format(&event, line),
	    "event=MarkedUnhealthy host=isp-a error=\"\" failures=3 "
	    "text=\"it said \\x22no\\x22\\x0A\"");
	ck_assert_str_eq(notice_value(&event, 3), "it said \"no\"\\x0A");
}
END_TEST

START_TEST(event_is_bounded)
{
	char line[EVENT_LINE_MAX], big[2000];
	struct notice event;

	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	notice_init(&event, EVENT_STARTED, (struct wall) { 0 });
	for (int i = 0; i < 50; i++)
		notice_add(&event, "k", big);
	ck_assert_uint_le(event.nfields, EVENT_FIELDS_MAX);
	ck_assert_uint_lt(strlen(notice_format(&event, line)), EVENT_LINE_MAX);
}
END_TEST

START_TEST(events_ring_keeps_the_newest)
{
	struct events *events = events_new(4, NULL, NULL);
	const struct notice *next;
	struct notice event;
	uint64_t after = 0;

	ck_assert_ptr_null(events_next(events, 0));
	for (int i = 0; i < 10; i++) {
		notice_init(&event, EVENT_STARTED, (struct wall) { i });
		events_add(events, &event);
	}
	for (uint64_t want = 7; want <= 10; want++) {
		next = events_next(events, after);
		ck_assert_ptr_nonnull(next);
		ck_assert_uint_eq(next->seq, want);
		after = next->seq;
	}
	ck_assert_ptr_null(events_next(events, after));
	ck_assert_uint_eq(events_count(events, EVENT_STARTED), 10);
	ck_assert_uint_eq(events_count(events, EVENT_STOPPED), 0);
	events_free(&events);
}
END_TEST

START_TEST(event_names_go_both_ways)
{
	ck_assert_int_eq(event_by_name(event_name((enum event_kind)_i)), _i);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("event");
	TCase *tcase = tcase_create("event");

	tcase_add_test(tcase, event_line_quotes_what_needs_it);
	tcase_add_test(tcase, event_is_bounded);
	tcase_add_test(tcase, events_ring_keeps_the_newest);
	tcase_add_loop_test(tcase, event_names_go_both_ways, 0, EVENT_KINDS);
	suite_add_tcase(suite, tcase);
	return suite;
}
