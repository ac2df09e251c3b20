/*
 * The headers in which a message says whose it is (RFC 5322 3.6.2, 3.6.6).
 */
#ifndef WEIR_CORE_AUTHOR_H
#define WEIR_CORE_AUTHOR_H

#include "core/reason.h"

#include <stddef.h>

enum author {
	AUTHOR_FROM, /* one, of one or more mailboxes */
	AUTHOR_SENDER, /* one at most, of one mailbox */
	AUTHOR_RESENT_FROM, /* one each time it was sent again */
	AUTHOR_RESENT_SENDER,
	AUTHORS /* none of these */
};

enum { AUTHOR_HEADERS_MAX = 32 }; /* of one message, all kinds together */

struct author_header {
	enum author kind;
	const char *value; /* as it came, folding included */
	size_t len;
};

/* By the field's name, in any case; blanks behind it do not count. */
enum author author_by_name(const char *name);

const char *author_key(enum author); /* of events: "resent_from" */

/* Why a header of that kind is refused. */
enum reason author_syntax(enum author);
enum reason author_not_owned(enum author);

#endif
