/*
 * Users of this system by their names, as passwd(5) or a directory service
 * knows them.
 */
#ifndef WEIR_IO_USERS_H
#define WEIR_IO_USERS_H

#include "core/config.h"

#include <sys/types.h>

/* Zero bytes are nobody. */
struct users {
	uid_t *list; /* in the order of the names */
	size_t count;
};

/*
 * Who has these names, to be cleared. A name of nobody, and one that could not
 * be looked up, is left out, with a warning that names the setting: rights are
 * rather lost than given away. Waits for as long as a directory service does,
 * so not from an event loop. Thread-safe.
 */
void users_find(struct users *users_r, const struct strings *names,
    const char *setting);
void users_clear(struct users *);

bool users_have(const struct users *, uid_t);
bool users_equal(const struct users *, const struct users *);

#endif
