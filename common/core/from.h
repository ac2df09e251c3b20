/*
 * The From header, strictly: RFC 5322 3.4 mailbox-list with the UTF-8 of
 * RFC 6532, no obsolete syntax, no group, no route. What is not plainly one
 * or more mailboxes is refused, since the reader's mail program may see
 * another address in it than we do.
 */
#ifndef WEIR_CORE_FROM_H
#define WEIR_CORE_FROM_H

#include "core/facts.h"

#include <stddef.h>

enum {
	FROM_VALUE_MAX = 8192, /* bytes of the header's value, folding and all */
	FROM_MAILBOXES_MAX = 32,
	FROM_COMMENT_DEPTH_MAX = 8,
};

struct mailboxes {
	size_t count;
	char list[FROM_MAILBOXES_MAX][ADDRESS_MAX + 1]; /* lower case */
};

enum from_result { FROM_OK, FROM_EMPTY, FROM_BAD };

/* *why_r is a static text for the log when the result is FROM_BAD. */
enum from_result from_parse(const char *value, size_t len,
    struct mailboxes *mailboxes_r, const char **why_r);

#endif
