/*
 * Started as root, a daemon opens its sockets and then becomes its user.
 */
#ifndef WEIR_IO_BECOME_H
#define WEIR_IO_BECOME_H

#include <sys/types.h>

/* (gid_t)-1 and a message on stderr that says how to make it. */
gid_t group_of(const char *name);

/*
 * Becomes that user with its groups, when root; files made from now on are
 * none of others' business, and no program run gains rights. 0, or -1 with a
 * message on stderr that says how to make the user.
 */
int become_user(const char *name);

#endif
