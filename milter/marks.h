/*
 * What will be done to a message when it has come in whole, since a check let
 * it pass with a mark: it waits in Postfix's hold queue, for the first reason
 * there was, or it gets headers of ours. Every check of weir-milter marks here
 * and nowhere else; a message that is refused after all has no use for its
 * marks.
 */
#ifndef WEIR_MILTER_MARKS_H
#define WEIR_MILTER_MARKS_H

#include "headers.h"

#include <libmilter/mfapi.h>

enum {
	MARKS_TAGS_MAX = 4, /* envelope and headers: each is one at most */
	MARK_MAX = 767, /* bytes of a text; a header line has 998 */
};

#define MARKS_HEADER "Weir-Identity"

/* Zero bytes are a valid start. */
struct marks {
	char *hold; /* why; NULL: it is not held */
	unsigned ntags;
	char *tags[MARKS_TAGS_MAX]; /* values of the header */
};

/* Forgets the message, and frees. */
void marks_clear(struct marks *);

/*
 * Texts have MARK_MAX bytes at most; what is not printable ASCII becomes '?'.
 */
void marks_hold(struct marks *, const char *why);
void marks_tag(struct marks *, const char *text);

/*
 * At the end of a message that passes: headers that clients sent under names
 * of ours are removed, then the marks are put on. 0, or -1 (logged) when
 * libmilter does not do it.
 */
int marks_apply(const struct marks *, const struct headers *, SMFICTX *);

#endif
