/*
 * One scenario as it runs, and the words of its present line.
 */
#ifndef WEIR_TESTS_SCENARIO_STORY_H
#define WEIR_TESTS_SCENARIO_STORY_H

#include "world.h"

enum { WORDS_MAX = 160, QUEUED = MEMBERS_MAX };

struct story {
	struct world world;
	const char *path;
	int line;
	int failures;
	uint64_t events_seen;
	char *words[WORDS_MAX]; /* of the line */
	size_t nwords;
};

struct command {
	const char *name;
	void (*run)(struct story *);
};

/* The lines of the scene (scene.c), until one without a name. */
extern const struct command scene_commands[];

void complain(struct story *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "" behind the last. */
const char *word(const struct story *, size_t i);
long number(struct story *, size_t i);
struct span time_of(struct story *, const char *text); /* "1h+30s" */

#endif
