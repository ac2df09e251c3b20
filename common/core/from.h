/*
 * The From header, strictly: RFC 5322 3.4 mailbox-list with the UTF-8 of
 * RFC 6532, no group, no route, no obsolete syntax but one: dots in a name,
 * "J. Smith <a@example.com>" (obs-phrase, 4.1), which real mail has and which
 * hide nothing. What is not plainly one or more mailboxes is refused, since the
 * reader's mail program may see another address in it than we do.
 *
 * Stricter than the RFC where readers are known to differ: no white space or
 * comment within an addr-spec or between < and >; no address literal, since
 * nobody owns a machine's address; no '@' (wide ones included) and no encoded
 * word in a local part; a domain of letters, digits, '-' and '_' (or UTF-8)
 * only.
 */
#ifndef WEIR_CORE_FROM_H
#define WEIR_CORE_FROM_H

#include "core/facts.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	FROM_VALUE_MAX = 8192, /* bytes of the value, folding and all */
	FROM_MAILBOXES_MAX = 32,
	FROM_HIDDEN_MAX = 8,
	FROM_COMMENT_DEPTH_MAX = 8,
	FROM_WORD_DEPTH_MAX = 3, /* encoded words within encoded words */
};

struct mailboxes {
	/*
	 * The mailboxes, in order: lower case (ASCII), a quoted local part
	 * without quotes where it needs none; domains may still be UTF-8.
	 */
	size_t count;
	char list[FROM_MAILBOXES_MAX][ADDRESS_MAX + 1];
	/*
	 * Other addresses a reader would see in display names and comments,
	 * encoded words decoded.
	 */
	size_t nhidden;
	char hidden[FROM_HIDDEN_MAX][ADDRESS_MAX + 1];
};

enum from_result {
	FROM_OK,
	FROM_HIDDEN, /* well-formed, but refuse it unless all of hidden are
	              * the sender's own as well as all of list */
	FROM_EMPTY,
	FROM_BAD,
};

/* *why_r is a static text for the log unless the result is FROM_OK. */
enum from_result from_parse(const char *value, size_t len,
    struct mailboxes *mailboxes_r, const char **why_r);

/*
 * Can this one of hidden be an address that somebody owns? Not with a second
 * '@' or a character that no domain has: a reader may take another part of it
 * for the address than we do.
 */
bool from_is_address(const char *hidden);

#endif
