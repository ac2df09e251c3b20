/*
 * getpwnam_r(3), since the calling thread need not be the only one.
 */
#include "io/users.h"

#include "io/log.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRY_ROOM = 1024, ENTRY_ROOM_MAX = 1 << 20 };

/* 0, or why there is none: ENOENT, whatever the system says for that. */
static int
find(const char *name, uid_t *uid_r)
{
	int error = ERANGE;

	for (size_t room = ENTRY_ROOM; error == ERANGE &&
	    room <= ENTRY_ROOM_MAX; room *= 4) {
		char *texts = malloc(room);
		struct passwd entry, *found;

		if (texts == NULL)
			abort();
		error = getpwnam_r(name, &entry, texts, room, &found);
		if ((error == 0 && found == NULL) || error == ESRCH)
			error = ENOENT;
		if (error == 0)
			*uid_r = entry.pw_uid;
		free(texts);
	}
	return error;
}

void
users_find(struct users *users, const struct strings *names,
    const char *setting)
{
	users->list = calloc(names->count + 1, sizeof(users->list[0]));
	users->count = 0;
	if (users->list == NULL)
		abort();
	for (size_t i = 0; i < names->count; i++) {
		int error = find(names->list[i], &users->list[users->count]);

		if (error == 0)
			users->count++;
		else if (error == ENOENT)
			log_warning("%s: there is no user %s", setting,
			    names->list[i]);
		else
			log_warning("%s: user %s cannot be looked up: %s",
			    setting, names->list[i], strerror(error));
	}
}

void
users_clear(struct users *users)
{
	free(users->list);
	memset(users, 0, sizeof(*users));
}

bool
users_have(const struct users *users, uid_t uid)
{
	for (size_t i = 0; i < users->count; i++) {
		if (users->list[i] == uid)
			return true;
	}
	return false;
}

bool
users_equal(const struct users *a, const struct users *b)
{
	return a->count == b->count && (a->count == 0 ||
	    memcmp(a->list, b->list, a->count * sizeof(a->list[0])) == 0);
}
