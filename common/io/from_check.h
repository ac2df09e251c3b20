/*
 * May this user send a message with these headers? The one function that
 * weir-milter and weirctl explain both ask.
 */
#ifndef WEIR_IO_FROM_CHECK_H
#define WEIR_IO_FROM_CHECK_H

#include "core/author.h"
#include "core/facts.h"
#include "core/identity.h"
#include "core/reason.h"

#include <stddef.h>

struct from_finding { /* of the first that is wrong */
	enum author kind;
	char subject[ADDRESS_MAX + 1]; /* the address refused, "": none */
	const char *why; /* a static text for the log, or NULL */
};

/*
 * All headers of a message that name an author, in the order in which they
 * stand there. In this order: one From; one Sender at most; From, Sender and
 * then the others well formed, and every mailbox in them the user's, as well as
 * every other address a reader would see in a name or comment.
 */
enum reason from_check(const struct owner *, const struct author_header *,
    size_t count, struct from_finding *finding_r);

#endif
