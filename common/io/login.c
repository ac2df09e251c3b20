/*
 * Logins with letters beyond ASCII.
 */
#include "io/login.h"

#include "core/text.h"
#include "io/idn.h"

#include <string.h>

enum reason
login_canonical(const struct identities *ids, const char *login,
    char user_r[LOGIN_MAX + 1])
{
	char whole[LOGIN_MAX + 1 + DOMAIN_MAX + 1], domain[DOMAIN_MAX + 1];
	const char *at = idn_is_ascii(login) ? NULL : strrchr(login, '@');
	size_t local;

	if (at == NULL || idn_domain(at + 1, domain) == -1)
		return identity_login(ids, login, user_r);
	local = (size_t)(at + 1 - login);
	if (text_copy_n(whole, LOGIN_MAX + 1, login, local) == -1) {
		user_r[0] = '\0';
		return REASON_LOGIN_TOO_LONG;
	}
	memcpy(whole + local, domain, strlen(domain) + 1);
	return identity_login(ids, whole, user_r);
}

void
login_make_canonical(const struct identities *ids, char login[LOGIN_MAX + 1])
{
	char user[LOGIN_MAX + 1];

	if (!idn_is_ascii(login) &&
	    login_canonical(ids, login, user) == REASON_OK)
		memcpy(login, user, sizeof(user));
}

bool
login_pattern_is_sound(const char *pattern)
{
	const char *at = strrchr(pattern, '@');
	char domain[DOMAIN_MAX + 1];

	return at == NULL || strchr(at, '*') == NULL || idn_is_ascii(at) ||
	    idn_domain(at + 1, domain) == 0;
}
