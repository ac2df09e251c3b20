/*
 * A random life of smart hosts: bytes are read as settings, then as events and
 * steps of time, and after each what must always hold is looked at. For the
 * fuzzer, and for a unit test that makes bytes by chance.
 */
#ifndef WEIR_TESTS_HEALTH_STORY_H
#define WEIR_TESTS_HEALTH_STORY_H

#include <stddef.h>
#include <stdint.h>

/* What was seen, so that a test can tell that stories are not dull. */
struct health_story_seen {
	uint64_t events, trials, heartbeats, mail_trials, decisions;
	uint64_t went_down, went_up, queued, by_other, kept_in, over_capacity;
};

/* Aborts, with what it was, when something does not hold. */
void health_story(const uint8_t *bytes, size_t len,
    struct health_story_seen *seen);

#endif
