/*
 * What of a message's headers matters to us: who they say it is of, whether
 * someone forged a header of ours, and that there are not too many to be looked
 * at.
 *
 * Postfix hands headers over one by one and wants no answer to each (that
 * halves their cost), so nothing is refused here: the findings are judged at
 * the end of the message.
 */
#ifndef WEIR_MILTER_HEADERS_H
#define WEIR_MILTER_HEADERS_H

#include "core/author.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	HEADERS_COUNT_MAX = 5000, /* of one message */
	HEADERS_BYTES_MAX = 1 << 20, /* names and values together */
	AUTHOR_BYTES_MAX = 1 << 16, /* of the values that are kept */
	FORGED_NAMES_MAX = 8, /* distinct names of headers of ours */
	FORGED_NAME_MAX = 63, /* bytes of one */
};

struct forged { /* one name, as often as it was sent */
	char name[FORGED_NAME_MAX + 1];
	unsigned count;
};

struct headers {
	size_t count;
	size_t bytes;
	bool too_large; /* one of the bounds was passed */

	bool authors_too_large; /* not all that name an author were kept */
	bool broken; /* a CR within a value, for some the end of a line */
	unsigned nauthors;
	struct {
		enum author kind;
		size_t at, len; /* of its value, in bytes */
	} authors[AUTHOR_HEADERS_MAX];
	char *values;
	size_t values_len;
	size_t values_room; /* kept from message to message */

	unsigned nforged;
	struct forged forged[FORGED_NAMES_MAX];
};

/* Zero bytes are a valid start. headers_clear frees what was allocated. */
void headers_clear(struct headers *);

/* Forgets the message; cheap, whatever it held. */
void headers_reset(struct headers *);

/* name without colon; value as it came, folding included. */
void headers_add(struct headers *, const char *name, const char *value);

/*
 * Those that name an author, in the order in which they came; how many. Valid
 * until the next headers_add or headers_reset.
 */
size_t headers_authors(const struct headers *,
    struct author_header list_r[AUTHOR_HEADERS_MAX]);

/*
 * Calls remove for each header of ours that was sent, from the highest index
 * down, so that those not removed yet keep their index. index counts from 1
 * among headers of that name. -1 when remove does; 0 otherwise.
 */
int headers_remove_forged(const struct headers *,
    int (*remove)(void *ctx, const char *name, unsigned index), void *ctx);

#endif
