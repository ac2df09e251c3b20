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
 * delimiter of the local part, unless nothing stands before it. It looks into
 * quotes too: "boss+a b"@example.com is delivered to boss. False when there is
 * no tag.
 */
static bool
cut_tag(const struct identities *ids, const char *address,
    char plain_r[ADDRESS_MAX + 1])
{
	const char *local = address + (address[0] == '"');
	const char *at = strrchr(address, '@');
	size_t len;

	if (!is_set(ids->recipient_delimiter) || at == NULL)
		return false;
	len = strcspn(local, ids->recipient_delimiter);
	if (len == 0 || local + len >= at ||
	    text_copy_n(plain_r, ADDRESS_MAX + 1, local, len) == -1)
		return false;
	return text_copy(plain_r + len, ADDRESS_MAX + 1 - len, at) == 0;
}

/* What is quoted has none: it is more than anybody needs. */
bool
identity_without_tag(const struct identities *ids, const char *address,
    char plain_r[ADDRESS_MAX + 1])
{
	return address[0] != '"' && cut_tag(ids, address, plain_r);
}

/* --- rows --- */

bool
identity_is_pattern(const char *user)
{
	return user[0] == '*' && (user[1] == '\0' || user[1] == '@');
}

static int
text_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
sort_strings(struct strings *strings)
{
	if (strings->count > 1)
		qsort(strings->list, strings->count, sizeof(*strings->list),
		    text_compare);
}

/* One array serves both: '!' sorts before all that may begin an address. */
void
identity_row_settle(struct identity_user *row)
{
	size_t denied = 0;

	sort_strings(&row->senders);
	while (denied < row->senders.count &&
	    row->senders.list[denied][0] == '!')
		row->senders.list[denied++]++;
	row->denied = (struct strings) { row->senders.list, denied };
	if (denied > 0)
		row->senders.list += denied;
	row->senders.count -= denied;
}

static int
row_compare(const void *a, const void *b)
{
	return strcmp(((const struct identity_user *)a)->user,
	    ((const struct identity_user *)b)->user);
}

void
identity_settle(struct identities *ids)
{
	for (size_t i = 0; i < ids->nusers; i++)
		identity_row_settle(&ids->users[i]);
	if (ids->nusers > 1)
		qsort(ids->users, ids->nusers, sizeof(*ids->users),
		    row_compare);
}

static const struct identity_user *
find_row(const struct identities *ids, const char *user)
{
	struct identity_user key = { .user = user };

	if (ids->nusers == 0)
		return NULL;
	return bsearch(&key, ids->users, ids->nusers, sizeof(*ids->users),
	    row_compare);
}

bool
identity_domain_key(const char *user, char key_r[LOGIN_MAX + 2])
{
	const char *at = strrchr(user, '@');

	if (at == NULL || text_copy(key_r + 1, LOGIN_MAX + 1, at) == -1)
		return false;
	key_r[0] = '*';
	return true;
}

void
identity_owner(const struct identities *ids, const char *user,
    struct owner *owner)
{
	char domain[LOGIN_MAX + 2];

	memset(owner, 0, sizeof(*owner));
	owner->ids = ids;
	owner->user = user;
	if (!identity_is_pattern(user))
		owner->rows[OWNER_OWN] = find_row(ids, user);
	if (identity_domain_key(user, domain))
		owner->rows[OWNER_DOMAIN] = find_row(ids, domain);
	owner->rows[OWNER_EVERYONE] = find_row(ids, "*");
}

/* --- who owns what --- */

/* What is looked for in sorted senders: prefix and text, "@" and ".a.b". */
struct wanted {
	const char *prefix, *text;
};

static int
wanted_compare(const void *key, const void *element)
{
	const struct wanted *wanted = key;
	const char *text = *(const char *const *)element;
	size_t len = strlen(wanted->prefix);
	int order = strncmp(wanted->prefix, text, len);

	return order != 0 ? order : strcmp(wanted->text, text + len);
}

static bool
has(const struct strings *senders, const char *prefix, const char *text)
{
	const struct wanted wanted = { prefix, text };

	return senders->count > 0 && bsearch(&wanted, senders->list,
	    senders->count, sizeof(*senders->list), wanted_compare) != NULL;
}

/*
 * "@domain" is that domain alone, "@.domain" all below it, else an address.
 * What has nothing on one side of its '@', or a dot behind it, fits none.
 */
static bool
fits(const struct strings *senders, const char *address)
{
	const char *domain = strrchr(address, '@');

	if (senders->count == 0)
		return false;
	if (domain == NULL || domain == address || domain[1] == '\0' ||
	    domain[1] == '.')
		return false;
	if (has(senders, "", address) || has(senders, "", domain))
		return true;
	for (const char *dot = strchr(domain + 2, '.'); dot != NULL;
	    dot = strchr(dot + 1, '.')) {
		if (has(senders, "@", dot))
			return true;
	}
	return false;
}

/* Do the senders, or the denied ones, of any row fit? */
static bool
any_row(const struct owner *owner, bool denied, const char *address)
{
	for (size_t i = 0; i < OWNER_ROWS; i++) {
		const struct identity_user *row = owner->rows[i];

		if (row != NULL && fits(denied ? &row->denied : &row->senders,
		    address))
			return true;
	}
	return false;
}

static bool
unlisted_owns(const struct owner *owner, const char *address)
{
	const char *user = owner->user;

	if (owner->rows[OWNER_OWN] != NULL)
		return false;
	if (owner->ids->unlisted == UNLISTED_OWN_ADDRESS)
		return strchr(user, '@') != NULL && strcmp(user, address) == 0;
	return owner->ids->unlisted == UNLISTED_ANY;
}

const char *
identity_home(const struct owner *owner)
{
	for (size_t i = 0; i < OWNER_ROWS; i++) {
		if (owner->rows[i] != NULL && is_set(owner->rows[i]->home))
			return owner->rows[i]->home;
	}
	return NULL;
}

/* Is the address itself listed, or an unlisted login's own? */
static bool
is_named(const struct owner *owner, const char *address)
{
	for (size_t i = 0; i < OWNER_ROWS; i++) {
		if (owner->rows[i] != NULL &&
		    has(&owner->rows[i]->senders, "", address))
			return true;
	}
	return owner->ids->unlisted == UNLISTED_OWN_ADDRESS &&
	    unlisted_owns(owner, address);
}

static bool
denies_at(const struct strings *denied, const char *domain)
{
	for (size_t i = 0; i < denied->count; i++) {
		const char *at = strrchr(denied->list[i], '@');

		if (at != NULL && strcmp(at, domain) == 0)
			return true;
	}
	return false;
}

/*
 * Letters beyond ASCII have many spellings that a mail system or a reader takes
 * for one: capitals, accents put behind, other alphabets. So where somebody is
 * denied an address, those of its domain that have such letters are his by
 * name only.
 */
static bool
may_be_denied(const struct owner *owner, const char *address)
{
	const char *domain = strrchr(address, '@');
	bool other = false, denied = false;

	for (const char *p = address; p != domain && *p != '\0'; p++)
		other = other || (unsigned char)*p > 0x7F;
	for (size_t i = 0; i < OWNER_ROWS && other && domain != NULL; i++)
		denied = denied || (owner->rows[i] != NULL &&
		    denies_at(&owner->rows[i]->denied, domain));
	return denied && !is_named(owner, address);
}

bool
identity_owns(const struct owner *owner, const char *address)
{
	char plain[ADDRESS_MAX + 1];
	bool tagged = cut_tag(owner->ids, address, plain);

	if (any_row(owner, true, address) ||
	    (tagged && any_row(owner, true, plain)))
		return false;
	tagged = tagged && address[0] != '"';
	if (may_be_denied(owner, address) &&
	    !(tagged && is_named(owner, plain)))
		return false;
	return any_row(owner, false, address) ||
	    unlisted_owns(owner, address) || (tagged &&
	    (any_row(owner, false, plain) || unlisted_owns(owner, plain)));
}

bool
identity_ignored(const struct identities *ids, const struct listener *listener)
{
	return listener->envelope == ACTION_ACCEPT &&
	    listener->header_from == ACTION_ACCEPT &&
	    ids->null_sender == ACTION_ACCEPT;
}

/* What is not known may be an offence of either kind: the stricter counts. */
static enum action
stricter(enum action a, enum action b)
{
	static const enum action strictest_first[] = { ACTION_REJECT,
		ACTION_HOLD, ACTION_TAG, ACTION_OBSERVE };

	for (size_t i = 0; i < sizeof(strictest_first) /
	    sizeof(strictest_first[0]); i++) {
		if (a == strictest_first[i] || b == strictest_first[i])
			return strictest_first[i];
	}
	return ACTION_ACCEPT;
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
	case REASON_SENDER_DIFFERS:
	case REASON_SENDER_NOT_OWNED:
		return listener->envelope;
	case REASON_FROM_MISSING:
	case REASON_FROM_SEVERAL:
	case REASON_FROM_SYNTAX:
	case REASON_FROM_NOT_OWNED:
	case REASON_HEADER_SENDER_SEVERAL:
	case REASON_HEADER_SENDER_SYNTAX:
	case REASON_HEADER_SENDER_NOT_OWNED:
	case REASON_RESENT_SYNTAX:
	case REASON_RESENT_NOT_OWNED:
	case REASON_AUTHORS_TOO_LARGE:
		return listener->header_from;
	case REASON_IDENTITY_AWAY:
		return stricter(stricter(listener->envelope,
		    listener->header_from), ids->null_sender);
	default:
		return ACTION_REJECT;
	}
}

enum reason
identity_envelope(const struct owner *owner, const char *sender)
{
	const char *at = strrchr(sender, '@');

	if (sender[0] == '\0')
		return owner->ids->null_sender == ACTION_REJECT
		    ? REASON_SENDER_NULL : REASON_OK;
	if (at == NULL || at == sender || at[1] == '\0')
		return REASON_SENDER_SYNTAX;
	return identity_owns(owner, sender) ? REASON_OK
	                                    : REASON_SENDER_NOT_OWNED;
}
