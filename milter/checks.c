/*
 * Identity at MAIL and at the end of the headers.
 */
#include "checks.h"

#include "core/identity.h"
#include "core/text.h"
#include "io/idn.h"

#include <string.h>

enum reason
check_user(const struct config *config, const struct listener *listener,
    const struct netaddr *client, const struct mail_macros *macros,
    char user_r[LOGIN_MAX + 1])
{
	const struct identities *ids = &config->identities;
	const char *user;

	user_r[0] = '\0';
	if (macros->auth_authen != NULL)
		return identity_login(ids, macros->auth_authen, user_r);
	user = identity_by_network(ids, client);
	if (user != NULL)
		return text_copy(user_r, LOGIN_MAX + 1, user) == 0 ? REASON_OK :
		    REASON_LOGIN_TOO_LONG;
	if (!listener->require_user)
		return REASON_OK;
	return macros->mail_addr == NULL ? REASON_USER_UNKNOWABLE :
	                                   REASON_USER_REQUIRED;
}

/* The path of "<a@example.com> SIZE=1", for lack of {mail_addr}. */
static int
path_of(const char *argument, char *path_r, size_t size)
{
	size_t len;

	if (*argument == '<')
		argument++;
	len = strlen(argument);
	if (len != 0 && argument[len - 1] == '>')
		len--;
	return text_copy_n(path_r, size, argument, len);
}

enum reason
check_address(const char *macro, const char *argument,
    char address_r[ADDRESS_MAX + 1])
{
	char path[ADDRESS_MAX + 1];
	const char *address = macro;
	size_t len;

	if (address == NULL)
		address = path_of(argument, path, sizeof(path)) == 0 ? path :
		    argument;
	if (idn_address(address, address_r) == 0)
		return REASON_OK;
	len = strnlen(address, ADDRESS_MAX);
	memcpy(address_r, address, len);
	address_r[len] = '\0';
	text_lower(address_r);
	return REASON_SENDER_SYNTAX;
}

static enum reason
check_mailboxes(const struct identities *ids, const char *user,
    const struct mailboxes *mailboxes, char refused_r[ADDRESS_MAX + 1])
{
	char address[ADDRESS_MAX + 1];

	for (size_t i = 0; i < mailboxes->count; i++) {
		enum reason reason = REASON_OK;

		if (idn_address(mailboxes->list[i], address) == -1)
			reason = REASON_FROM_SYNTAX;
		else if (!identity_owns(ids, user, address))
			reason = REASON_FROM_NOT_OWNED;
		if (reason != REASON_OK) {
			memcpy(refused_r, mailboxes->list[i], ADDRESS_MAX + 1);
			return reason;
		}
	}
	return REASON_OK;
}

enum reason
check_from(const struct config *config, const char *user,
    const struct headers *headers, char refused_r[ADDRESS_MAX + 1],
    const char **why_r)
{
	struct mailboxes mailboxes;

	refused_r[0] = '\0';
	*why_r = NULL;
	if (headers->from_count == 0)
		return REASON_FROM_MISSING;
	if (headers->from_count > 1)
		return REASON_FROM_SEVERAL;
	switch (from_parse(headers->from, headers->from_len, &mailboxes,
	    why_r)) {
	case FROM_OK:
		return check_mailboxes(&config->identities, user, &mailboxes,
		    refused_r);
	case FROM_EMPTY:
		*why_r = "it is empty";
		return REASON_FROM_SYNTAX;
	case FROM_BAD:
		break;
	}
	return REASON_FROM_SYNTAX;
}
