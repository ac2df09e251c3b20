/*
 * Who may send as whom.
 */
#include "core/identity.h"

#include "core/text.h"

#include <stdlib.h>
#include <string.h>

static bool
is_set(const char *setting)
{
	return setting != NULL && setting[0] != '\0';
}

/* --- logins --- */

enum reason
identity_login(const struct identities *ids, const char *login,
    char user_r[LOGIN_MAX + 1])
{
	size_t len = strlen(login);

	user_r[0] = '\0';
	if (len == 0)
		return REASON_LOGIN_EMPTY;
	if (text_copy(user_r, LOGIN_MAX + 1, login) == -1)
		return REASON_LOGIN_TOO_LONG;
	text_lower(user_r);
	if (strchr(user_r, '@') != NULL || !is_set(ids->realm))
		return REASON_OK;
	user_r[len] = '@';
	if (len >= LOGIN_MAX ||
	    text_copy(user_r + len + 1, LOGIN_MAX - len, ids->realm) == -1) {
		user_r[0] = '\0';
		return REASON_LOGIN_TOO_LONG;
	}
	return REASON_OK;
}

const char *
identity_by_network(const struct identities *ids, const struct netaddr *client)
{
	for (size_t i = 0; i < ids->nclients; i++) {
		if (netblock_contains(&ids->clients[i].network, client))
			return ids->clients[i].user;
	}
	return NULL;
}

/* --- addresses --- */

/*
 * The address without its +tag, as split_addr() of Postfix finds it: the first
 * delimiter of the local part, unless nothing stands before it. A quoted local
 * part has none. False when there is no tag.
 */
bool
identity_without_tag(const struct identities *ids, const char *address,
    char plain_r[ADDRESS_MAX + 1])
{
	const char *at = strrchr(address, '@');
	size_t local;

	if (!is_set(ids->recipient_delimiter) || at == NULL ||
	    address[0] == '"')
		return false;
	local = strcspn(address, ids->recipient_delimiter);
	if (local == 0 || address + local >= at ||
	    text_copy_n(plain_r, ADDRESS_MAX + 1, address, local) == -1)
		return false;
	return text_copy(plain_r + local, ADDRESS_MAX + 1 - local, at) == 0;
}

/* "@domain" is that domain alone, "@.domain" all below it, else an address. */
static bool
sender_fits(const char *sender, const char *address)
{
	const char *domain = strrchr(address, '@');
	size_t suffix, len;

	if (sender[0] != '@')
		return strcmp(sender, address) == 0;
	if (domain == NULL || domain == address)
		return false;
	if (sender[1] != '.')
		return strcmp(sender, domain) == 0;
	suffix = strlen(sender + 1);
	len = strlen(domain + 1);
	return len > suffix &&
	    strcmp(sender + 1, domain + 1 + len - suffix) == 0;
}

static bool
any_sender_fits(const struct strings *senders, const char *address)
{
	for (size_t i = 0; i < senders->count; i++) {
		if (sender_fits(senders->list[i], address))
			return true;
	}
	return false;
}

static int
user_compare(const void *user, const void *row)
{
	return strcmp(user, ((const struct identity_user *)row)->user);
}

static const struct identity_user *
find_user(const struct identities *ids, const char *user)
{
	if (ids->nusers == 0)
		return NULL;
	return bsearch(user, ids->users, ids->nusers, sizeof(*ids->users),
	    user_compare);
}

/*
 * In this order: a listed user may use exactly what is listed for him, with
 * or without a tag; any other one what 'unlisted' says: nothing, the address
 * that is his login, or anything.
 */
bool
identity_owns(const struct identities *ids, const char *user,
    const char *address)
{
	const struct identity_user *listed = find_user(ids, user);
	char plain[ADDRESS_MAX + 1];
	bool tagged = identity_without_tag(ids, address, plain);

	if (listed != NULL)
		return any_sender_fits(&listed->senders, address) ||
		    (tagged && any_sender_fits(&listed->senders, plain));
	if (ids->unlisted == UNLISTED_OWN_ADDRESS)
		return strchr(user, '@') != NULL &&
		    (strcmp(user, address) == 0 ||
		    (tagged && strcmp(user, plain) == 0));
	return ids->unlisted == UNLISTED_ANY;
}

enum action
identity_action(const struct identities *ids, const struct listener *listener,
    enum reason reason)
{
	switch (reason) {
	case REASON_OK:
		return ACTION_ACCEPT;
	case REASON_SENDER_NULL:
		return ids->null_sender;
	case REASON_SENDER_SYNTAX:
	case REASON_SENDER_NOT_OWNED:
		return listener->envelope;
	case REASON_FROM_MISSING:
	case REASON_FROM_SEVERAL:
	case REASON_FROM_SYNTAX:
	case REASON_FROM_NOT_OWNED:
		return listener->header_from;
	default:
		return ACTION_REJECT;
	}
}

enum reason
identity_envelope(const struct identities *ids, const char *user,
    const char *sender)
{
	const char *at = strrchr(sender, '@');

	if (sender[0] == '\0')
		return ids->null_sender == ACTION_REJECT ? REASON_SENDER_NULL
		                                         : REASON_OK;
	if (at == NULL || at == sender || at[1] == '\0')
		return REASON_SENDER_SYNTAX;
	return identity_owns(ids, user, sender) ? REASON_OK
	                                        : REASON_SENDER_NOT_OWNED;
}
