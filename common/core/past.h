/*
 * Decisions of the past, so that "why was it refused" and "why did it go that
 * way" have an answer afterwards: by the queue id of the message, or by the
 * reference code of a refusal.
 *
 * The newest stay, as many as fit into a ring of bytes. A record is a list of
 * keys with values in the order they were put; nothing in it refers to a
 * configuration, so that a reload takes nothing from it. Lost with the process.
 *
 * No allocation after past_new. Not thread-safe.
 */
#ifndef WEIR_CORE_PAST_H
#define WEIR_CORE_PAST_H

#include "core/span.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	PAST_RECORD_MAX = 16384, /* what does not fit is left out */
	PAST_BYTES = 8 << 20, /* some 20 000 decisions among three hosts */
};

struct past;

/* At least twice PAST_RECORD_MAX; memory that is not used is not touched. */
struct past *past_new(size_t bytes);
void past_free(struct past **);

/*
 * A record: begun, filled, ended. Keys are static; values are copied. Those
 * without a value (NULL or "") are left out. A record that has neither a queue
 * id nor a ref could never be found, and is not kept.
 */
void past_begin(struct past *, struct wall at, const char *queue_id,
    const char *ref);
void past_put(struct past *, const char *key, const char *value);
void past_put_number(struct past *, const char *key, int64_t value);
void past_end(struct past *);

struct past_record { /* good until the next past_end */
	struct wall at;
	const char *bytes;
	size_t len;
};

/*
 * The next record, oldest first, whose queue id or ref is 'name' (a ref in
 * either case); record->bytes NULL asks for the first. False: there is none.
 */
bool past_next(const struct past *, const char *name, struct past_record *);

/* The pairs of a record in turn; *at is 0 at first. */
bool past_pair(const struct past_record *, size_t *at, const char **key_r,
    const char **value_r);

/* How far back it reaches: when the oldest record was made. False: empty. */
bool past_since(const struct past *, struct wall *since_r);

#endif
