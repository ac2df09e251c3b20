/* Many random lives of smart hosts: see tests/fuzz/health_story.c. */
#include "tests/fuzz/health_story.h"

#include "check_main.h"

#include <stdio.h>

enum { STORIES = 400, LENGTH = 1500 };

static uint64_t
next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return *state >> 33;
}

/* It aborts itself; here is checked that what it looks for happens at all. */
START_TEST(what_must_hold_holds_in_any_story)
{
	struct health_story_seen seen = { 0 };
	uint8_t bytes[LENGTH];
	uint64_t state = 1;

	for (int n = 0; n < STORIES; n++) {
		for (size_t i = 0; i < LENGTH; i++)
			bytes[i] = (uint8_t)next_random(&state);
		health_story(bytes, LENGTH, &seen);
	}
	printf("%d stories: %d events, %d decisions, %d trials, "
	    "%d heartbeats, %d mail trials, %d down, %d up, %d queued, "
	    "%d by another connector, %d kept in, %d over capacity\n", STORIES,
	    (int)seen.events, (int)seen.decisions, (int)seen.trials,
	    (int)seen.heartbeats, (int)seen.mail_trials, (int)seen.went_down,
	    (int)seen.went_up, (int)seen.queued, (int)seen.by_other,
	    (int)seen.kept_in, (int)seen.over_capacity);
	ck_assert_uint_gt(seen.decisions, 10000);
	ck_assert_uint_gt(seen.trials, 1000);
	ck_assert_uint_gt(seen.heartbeats, 100);
	ck_assert_uint_gt(seen.mail_trials, 10);
	ck_assert_uint_gt(seen.went_down, 1000);
	ck_assert_uint_gt(seen.went_up, 100);
	ck_assert_uint_gt(seen.queued, 100);
	ck_assert_uint_gt(seen.by_other, 100);
	ck_assert_uint_gt(seen.kept_in, 100);
	ck_assert_uint_gt(seen.over_capacity, 100);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("health story");
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, what_must_hold_holds_in_any_story);
	suite_add_tcase(suite, tcase);
	return suite;
}
