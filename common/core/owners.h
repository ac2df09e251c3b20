/*
 * A table of owners in memory: rows as in weir.conf, found by user. Built once,
 * never changed afterwards, and counted: whoever looks something up holds a
 * reference as long as he uses the row (io/tables.h).
 *
 * 100 000 rows of two senders take some 20 MB; one look-up hashes the user and
 * compares once.
 */
#ifndef WEIR_CORE_OWNERS_H
#define WEIR_CORE_OWNERS_H

#include "core/config.h"
#include "core/identity.h"

enum { OWNER_SENDERS_MAX = 100000 }; /* of one row */

struct owners;

/* An empty one with one reference. */
struct owners *owners_new(void);

/* Thread-safe, as config_ref is. */
struct owners *owners_ref(struct owners *);
void owners_unref(struct owners **);

/*
 * Copies a row whose senders are as written, with a '!' before those denied.
 * NULL, or the row the user has already: then nothing is added. Only before
 * anyone else sees the table.
 */
const struct identity_user *owners_add(struct owners *,
    const struct identity_user *row);

const struct identity_user *owners_find(const struct owners *,
    const char *user);

size_t owners_count(const struct owners *);

/* The rows one by one, in no order; NULL behind the last. */
const struct identity_user *owners_row(const struct owners *, size_t i);

/* Bytes it occupies, about. */
size_t owners_bytes(const struct owners *);

/* --- several tables, in the order they are asked --- */

struct owner_source {
	const char *name; /* as in identities.tables */
	struct owners *owners; /* NULL: it has no content to look at here */
};

struct owner_sources {
	const struct owner_source *list;
	size_t count;
};

/*
 * Adds the rows of one table for those that no source before it had, after
 * identity_owner. False when there may be more than it could look at: a row is
 * still missing, and the table is not in memory.
 */
bool owner_add(struct owner *, const struct owner_source *);

/*
 * The row that names a user's home: his own, else that of his domain, else
 * that of every one; each from the first source in memory that names one. NULL:
 * he has none. *source_r (may be NULL): the table, NULL: weir.conf.
 */
const struct identity_user *owner_home(const struct identities *,
    const struct owner_sources *, const char *user, const char **source_r);

#endif
