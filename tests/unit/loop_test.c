/* The event loop: what comes first, and that nobody keeps it to himself. */
#include "io/loop.h"

#include "check_main.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

static struct event *event[LOOP_PRIORITIES];
static char order[64];
static int rounds, seen_at, ends[2];

static void
note_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	strcat(order, arg);
}

START_TEST(state_comes_before_policy_before_the_rest)
{
	static const char *const names[] = { "state ", "policy ", "rest" };
	struct event_base *base = loop_new();

	for (int i = LOOP_PRIORITIES - 1; i >= 0; i--) {
		event[i] = loop_event_new(base, (enum loop_priority)i, -1, 0,
		    note_cb, (void *)names[i]);
		event_active(event[i], EV_TIMEOUT, 0);
	}
	ck_assert_int_ne(event_base_dispatch(base), -1);
	ck_assert_str_eq(order, "state policy rest");
	for (int i = 0; i < LOOP_PRIORITIES; i++)
		event_free(event[i]);
	event_base_free(base);
}
END_TEST

/* A tick of work that always has more, until the other one was served. */
static void
again_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	if (++rounds == 10)
		ck_assert_int_eq(write(ends[1], "", 1), 1);
	if (seen_at == 0 && rounds < 100000)
		event_active(event[LOOP_PRIORITY_REST], EV_TIMEOUT, 0);
}

static void
readable_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	seen_at = rounds;
}

START_TEST(work_in_slices_lets_others_in)
{
	struct event_base *base = loop_new();
	struct event *readable;

	ck_assert_int_eq(pipe(ends), 0);
	readable = loop_event_new(base, LOOP_PRIORITY_POLICY, ends[0], EV_READ,
	    readable_cb, NULL);
	(void)event_add(readable, NULL);
	event[LOOP_PRIORITY_REST] = loop_event_new(base, LOOP_PRIORITY_REST, -1,
	    0, again_cb, NULL);
	event_active(event[LOOP_PRIORITY_REST], EV_TIMEOUT, 0);
	ck_assert_int_ne(event_base_dispatch(base), -1);
	ck_assert_int_ne(seen_at, 0);
	ck_assert_int_le(seen_at, 10 + 65);
	event_free(readable);
	event_free(event[LOOP_PRIORITY_REST]);
	event_base_free(base);
}
END_TEST

static void
ignore_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

START_TEST(a_base_of_one_level_is_good_enough)
{
	struct event_base *base = event_base_new();

	event[0] = loop_event_new(base, LOOP_PRIORITY_REST, -1, 0, ignore_cb,
	    NULL);
	ck_assert_int_eq(event_get_priority(event[0]), 0);
	event_free(event[0]);
	event_base_free(base);
}
END_TEST

static void
work_cb(evutil_socket_t fd, short what, void *arg)
{
	struct timespec begin, now;

	(void)fd;
	(void)what;
	(void)arg;
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	do
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - begin.tv_sec) * 1000000000L + now.tv_nsec -
	    begin.tv_nsec < 30000000L);
}

static uint64_t
turns_beyond(int bucket)
{
	struct loop_gauge gauge = loop_gauge();
	uint64_t turns = 0;

	for (int i = bucket + 1; i < LOOP_BUCKETS; i++)
		turns += gauge.buckets[i];
	return turns;
}

START_TEST(the_longest_turn_is_known)
{
	struct event_base *base = loop_new();
	uint64_t before = turns_beyond(7);

	ck_assert_int_eq(loop_bounds[7].us, 25000);
	event[0] = event_new(base, -1, 0, work_cb, NULL);
	event_active(event[0], EV_TIMEOUT, 0);
	event[1] = evtimer_new(base, ignore_cb, NULL);
	(void)event_add(event[1], &(struct timeval) { .tv_usec = 1000 });
	ck_assert_int_ne(event_base_dispatch(base), -1);
	ck_assert_int_ge(loop_gauge().longest.us, 30000);
	ck_assert_int_ge(loop_gauge().longest_lately.us, 30000);
	ck_assert_uint_gt(turns_beyond(7), before);
	event_free(event[0]);
	event_free(event[1]);
	event_base_free(base);
}
END_TEST

static int64_t
elapsed_us(const struct timespec *begin)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - begin->tv_sec) * SPAN_SECOND +
	    (now.tv_nsec - begin->tv_nsec) / 1000;
}

START_TEST(to_wait_is_no_turn)
{
	struct event_base *base = loop_new();
	struct loop_gauge before = loop_gauge(), after;
	struct timespec begin;
	int64_t elapsed;

	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < 2; i++) { /* the last turn has no end yet */
		event[0] = evtimer_new(base, ignore_cb, NULL);
		(void)event_add(event[0],
		    &(struct timeval) { .tv_usec = 200000 });
		ck_assert_int_ne(event_base_dispatch(base), -1);
		event_free(event[0]);
	}
	after = loop_gauge();
	elapsed = elapsed_us(&begin);
	ck_assert_uint_gt(after.turns, before.turns);
	ck_assert_int_le(after.busy.us - before.busy.us, elapsed - 300000);
	event_base_free(base);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("loop");
	TCase *tcase = tcase_create("loop");

	tcase_add_test(tcase, state_comes_before_policy_before_the_rest);
	tcase_add_test(tcase, work_in_slices_lets_others_in);
	tcase_add_test(tcase, a_base_of_one_level_is_good_enough);
	tcase_add_test(tcase, the_longest_turn_is_known);
	tcase_add_test(tcase, to_wait_is_no_turn);
	suite_add_tcase(suite, tcase);
	return suite;
}
