/*
 * The logins of smart hosts, one file each: smart_hosts[].auth. A secret:
 * whoever read one wipes it.
 */
#ifndef WEIR_IO_CREDENTIAL_H
#define WEIR_IO_CREDENTIAL_H

#include "io/config_file.h"

#include <sys/types.h>

enum { CREDENTIAL_MAX = 255 };

struct credential {
	char host[NAME_MAX_LEN + 1]; /* the smart host; credential_read does not
	                                set it */
	char user[CREDENTIAL_MAX + 1];
	char password[CREDENTIAL_MAX + 1];
};

/*
 * A regular file of one line, user:password, which root or owner ((uid_t)-1:
 * anybody) has for himself. NULL, or what is wrong with it.
 */
const char *credential_read(struct credential *, const char *path,
    uid_t owner);

/* Adds what is wrong with the file of a smart host, with the line it is in. */
void credential_mistake(struct config_errors *, const struct smart_host *,
    const char *why);

/*
 * Adds the mistakes in all files that this process may read; one that is the
 * daemon's alone is none.
 */
void credentials_check(const struct config *, struct config_errors *);

#endif
