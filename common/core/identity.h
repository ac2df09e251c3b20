/*
 * Who may send as whom.
 */
#ifndef WEIR_CORE_IDENTITY_H
#define WEIR_CORE_IDENTITY_H

#include "core/config.h"
#include "core/facts.h"
#include "core/reason.h"

/*
 * A login as the auth server returned it, to canonical form: ASCII lower
 * case, realm added when it has none. REASON_OK, REASON_LOGIN_EMPTY or
 * REASON_LOGIN_TOO_LONG. Nothing is trimmed. The domain is an A-label already:
 * io/login.h is for those that come in.
 */
enum reason identity_login(const struct identities *, const char *login,
    char user_r[LOGIN_MAX + 1]);

/* The user a client without a login is given by its network, or NULL. */
const char *identity_by_network(const struct identities *,
    const struct netaddr *client);

/*
 * The address without its "+tag", by recipient_delimiter. False when it has
 * none, as any with a quoted local part; then plain_r holds nothing of use.
 */
bool identity_without_tag(const struct identities *, const char *address,
    char plain_r[ADDRESS_MAX + 1]);

/*
 * The rows that speak of one user: his own, that of every login of his domain
 * ("*@domain") and that of every login at all ("*"). Each comes from the first
 * source that has it: weir.conf, then the tables in their order. NULL: no
 * source has one.
 *
 * Whoever gathers it (identity_owner, then io/tables.h for the tables) keeps
 * ids, user and rows alive as long as it is asked.
 */
enum { OWNER_OWN, OWNER_DOMAIN, OWNER_EVERYONE, OWNER_ROWS };

struct owner {
	const struct identities *ids;
	const char *user; /* canonical */
	const struct identity_user *rows[OWNER_ROWS];
	const char *sources[OWNER_ROWS]; /* of each row; NULL: weir.conf */
};

/* What weir.conf says of a user. */
void identity_owner(const struct identities *, const char *user,
    struct owner *owner_r);

/*
 * The smart host such a user keeps (a name of the configuration), by the first
 * row that gives one, or NULL. It need not be a member of the connector in
 * question.
 */
const char *identity_home(const struct owner *);

/*
 * "*@domain" of a login: what a row for every login of its domain is called.
 * False when the login has no domain.
 */
bool identity_domain_key(const char *user, char key_r[LOGIN_MAX + 2]);

/* "*" or "*@domain": a row of several logins, and no login's own. */
bool identity_is_pattern(const char *user);

/*
 * Puts the senders of a row in the order in which they are looked for: those
 * with a '!' become denied. In place, after the row was filled with what is
 * written.
 */
void identity_row_settle(struct identity_user *row);

/* The same for all rows of weir.conf, which are sorted by user too. */
void identity_settle(struct identities *);

/*
 * May this user use this canonical address? In this order:
 * 1. what any of his rows denies, he may not, whatever else is written; nor an
 *    address with letters beyond ASCII at the same domain, unless it is listed
 *    itself;
 * 2. what any of his rows lists, he may;
 * 3. one without a row of his own may what 'unlisted' says: nothing, the
 *    address that is his login, or anything. A login that is listed gets
 *    exactly what is listed, here and for everyone.
 * "+tag" of the local part counts as the plain address too when
 * recipient_delimiter is set, in all three.
 */
bool identity_owns(const struct owner *, const char *address);

/*
 * What becomes of a message that may not be sent for that reason: a listener
 * says so for envelope and headers, null_sender for the null sender; the
 * strictest of them where it cannot be known; whoever has no user is refused in
 * any case.
 */
enum action identity_action(const struct identities *, const struct listener *,
    enum reason);

/* Is nobody's right to an address asked for here, whatever he sends? */
bool identity_ignored(const struct identities *, const struct listener *);

/* MAIL: the envelope sender ("" = null sender). */
enum reason identity_envelope(const struct owner *, const char *sender);

#endif
