/*
 * The words for what a configuration chooses among, one each.
 */
#include "core/config.h"

#include <assert.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *const actions[] = {
	[ACTION_ACCEPT] = "accept",
	[ACTION_OBSERVE] = "observe",
	[ACTION_DEFER] = "defer",
	[ACTION_REJECT] = "reject",
	[ACTION_DISCONNECT] = "disconnect",
	[ACTION_HOLD] = "hold",
	[ACTION_TAG] = "tag",
};

static const char *const whats[] = {
	[LIMIT_MESSAGES] = "messages",
	[LIMIT_RECIPIENTS] = "recipients",
	[LIMIT_BYTES] = "bytes",
	[LIMIT_CONNECTIONS] = "connections",
	[LIMIT_CLIENTS] = "clients",
};

/* The place of a word in a list, or -1. */
static int
find(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(words[i], word) == 0)
			return (int)i;
	}
	return -1;
}

const char *
action_name(enum action action)
{
	assert((size_t)action < COUNT(actions));
	return actions[action];
}

int
action_by_name(const char *name)
{
	return find(actions, COUNT(actions), name);
}

const char *
limit_what_name(enum limit_what what)
{
	assert((size_t)what < COUNT(whats));
	return whats[what];
}

int
limit_what_by_name(const char *name)
{
	return find(whats, COUNT(whats), name);
}
