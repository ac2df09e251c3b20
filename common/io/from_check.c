/*
 * A From header against what a user may use. The grammar and the rules are
 * core's (core/from.h, core/identity.h); domains come to one form by libidn2
 * in between.
 */
#include "io/from_check.h"

#include "core/from.h"
#include "io/idn.h"

#include <string.h>

static enum reason
check_list(const struct owner *owner, char (*list)[ADDRESS_MAX + 1],
    size_t count, char subject_r[ADDRESS_MAX + 1])
{
	char address[ADDRESS_MAX + 1];

	for (size_t i = 0; i < count; i++) {
		enum reason reason = REASON_OK;

		if (idn_address(list[i], address) == -1)
			reason = REASON_FROM_SYNTAX;
		else if (!identity_owns(owner, address))
			reason = REASON_FROM_NOT_OWNED;
		if (reason != REASON_OK) {
			memcpy(subject_r, list[i], ADDRESS_MAX + 1);
			return reason;
		}
	}
	return REASON_OK;
}

enum reason
from_check(const struct owner *owner, const char *value, size_t len,
    char subject_r[ADDRESS_MAX + 1], const char **why_r)
{
	struct mailboxes mailboxes;
	enum from_result result = from_parse(value, len, &mailboxes, why_r);
	const char *why = *why_r;
	enum reason reason;

	subject_r[0] = '\0';
	if (result == FROM_EMPTY || result == FROM_BAD)
		return REASON_FROM_SYNTAX;
	*why_r = NULL;
	reason = check_list(owner, mailboxes.list, mailboxes.count,
	    subject_r);
	if (reason != REASON_OK || result != FROM_HIDDEN)
		return reason;
	reason = check_list(owner, mailboxes.hidden, mailboxes.nhidden,
	    subject_r);
	if (reason != REASON_OK) {
		*why_r = why;
		reason = REASON_FROM_NOT_OWNED;
	}
	return reason;
}
