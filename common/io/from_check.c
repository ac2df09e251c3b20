/*
 * From and its kin against what a user may use. The grammar and the rules are
 * core's (core/from.h, core/identity.h); domains come to one form by libidn2
 * in between.
 */
#include "io/from_check.h"

#include "core/from.h"
#include "io/idn.h"

#include <string.h>

static enum reason
check_list(const struct owner *owner, char (*list)[ADDRESS_MAX + 1],
    size_t count, struct from_finding *finding)
{
	char address[ADDRESS_MAX + 1];

	for (size_t i = 0; i < count; i++) {
		enum reason reason = REASON_OK;

		if (idn_address(list[i], address) == -1)
			reason = author_syntax(finding->kind);
		else if (!identity_owns(owner, address))
			reason = author_not_owned(finding->kind);
		if (reason != REASON_OK) {
			memcpy(finding->subject, list[i], ADDRESS_MAX + 1);
			return reason;
		}
	}
	return REASON_OK;
}

/* Addresses in names and comments: nobody owns what is not plainly one. */
static enum reason
check_hidden(const struct owner *owner, struct mailboxes *mailboxes,
    struct from_finding *finding, const char *why)
{
	enum reason reason = REASON_OK;

	for (size_t i = 0; i < mailboxes->nhidden && reason == REASON_OK; i++) {
		reason = check_list(owner, &mailboxes->hidden[i], 1, finding);
		if (reason != REASON_OK ||
		    from_is_address(mailboxes->hidden[i]))
			continue;
		reason = author_not_owned(finding->kind);
		memcpy(finding->subject, mailboxes->hidden[i], ADDRESS_MAX + 1);
	}
	if (reason == REASON_OK)
		return REASON_OK;
	finding->why = why;
	return author_not_owned(finding->kind);
}

/* RFC 5322 3.6.2: Sender is one mailbox, as Resent-Sender is. */
static bool
is_one_mailbox(enum author kind)
{
	return kind == AUTHOR_SENDER || kind == AUTHOR_RESENT_SENDER;
}

static enum reason
check_header(const struct owner *owner, const struct author_header *header,
    struct from_finding *finding)
{
	struct mailboxes mailboxes;
	const char *why;
	enum from_result result =
	    from_parse(header->value, header->len, &mailboxes, &why);
	enum reason reason;

	finding->kind = header->kind;
	finding->why = why;
	if (result == FROM_EMPTY || result == FROM_BAD)
		return author_syntax(header->kind);
	if (is_one_mailbox(header->kind) && mailboxes.count > 1) {
		finding->why = "more than one mailbox";
		return author_syntax(header->kind);
	}
	finding->why = NULL;
	reason = check_list(owner, mailboxes.list, mailboxes.count, finding);
	if (reason != REASON_OK)
		return reason;
	return check_hidden(owner, &mailboxes, finding, why);
}

static size_t
count_kind(const struct author_header *list, size_t count, enum author kind)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += list[i].kind == kind;
	return found;
}

enum reason
from_check(const struct owner *owner, const struct author_header *list,
    size_t count, struct from_finding *finding_r)
{
	enum reason reason = REASON_OK;
	size_t from = count_kind(list, count, AUTHOR_FROM);

	*finding_r = (struct from_finding){ .kind = AUTHOR_FROM };
	if (from != 1)
		return from == 0 ? REASON_FROM_MISSING : REASON_FROM_SEVERAL;
	if (count_kind(list, count, AUTHOR_SENDER) > 1) {
		finding_r->kind = AUTHOR_SENDER;
		return REASON_HEADER_SENDER_SEVERAL;
	}
	for (int kind = 0; kind < AUTHORS && reason == REASON_OK; kind++) {
		for (size_t i = 0; i < count && reason == REASON_OK; i++) {
			if (list[i].kind == (enum author)kind)
				reason =
				    check_header(owner, &list[i], finding_r);
		}
	}
	return reason;
}
