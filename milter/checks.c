/*
 * Identity at MAIL.
 */
#include "checks.h"

#include "core/mail_path.h"
#include "core/text.h"
#include "io/idn.h"
#include "io/login.h"

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
		return login_canonical(ids, macros->auth_authen, user_r);
	if (macros->auth_type != NULL)
		return REASON_USER_UNKNOWABLE;
	user = identity_by_network(ids, client);
	if (user != NULL)
		return text_copy(user_r, LOGIN_MAX + 1, user) == 0 ? REASON_OK :
		    REASON_LOGIN_TOO_LONG;
	if (!listener->require_user)
		return REASON_OK;
	return macros->mail_addr == NULL ? REASON_USER_UNKNOWABLE :
	                                   REASON_USER_REQUIRED;
}

/* Drops the brackets of "<a@example.com>". */
static const char *
path_of(const char *argument, size_t *len_r)
{
	size_t len = strlen(argument);

	if (*argument == '<') {
		argument++;
		len--;
	}
	if (len != 0 && argument[len - 1] == '>')
		len--;
	*len_r = len;
	return argument;
}

enum reason
check_address(const char *macro, const char *argument,
    char address_r[ADDRESS_MAX + 1])
{
	char whole[ADDRESS_MAX + 1];
	const char *address = macro;
	size_t len;

	if (address == NULL)
		address = path_of(argument, &len);
	else
		len = strlen(address);
	if (text_copy_n(whole, sizeof(whole), address, len) == 0 &&
	    idn_address(whole, address_r) == 0)
		return macro == NULL || mail_path_is(argument, macro) ?
		    REASON_OK : REASON_SENDER_DIFFERS;
	if (len > ADDRESS_MAX)
		len = ADDRESS_MAX;
	memcpy(address_r, address, len);
	address_r[len] = '\0';
	text_lower(address_r);
	return REASON_SENDER_SYNTAX;
}
