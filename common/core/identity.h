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
 * REASON_LOGIN_TOO_LONG. Nothing is trimmed.
 */
enum reason identity_login(const struct identities *, const char *login,
    char user_r[LOGIN_MAX + 1]);

/* The user a client without a login is given by its network, or NULL. */
const char *identity_by_network(const struct identities *,
    const struct netaddr *client);

/*
 * The address without its "+tag", by recipient_delimiter. False when it has
 * none; then plain_r holds nothing of use.
 */
bool identity_without_tag(const struct identities *, const char *address,
    char plain_r[ADDRESS_MAX + 1]);

/*
 * May this user use this canonical address? "+tag" of the local part counts
 * as the plain one when recipient_delimiter is set.
 */
bool identity_owns(const struct identities *, const char *user,
    const char *address);

/*
 * What becomes of a message that may not be sent for that reason: a listener
 * says so for envelope and headers, null_sender for the null sender; whoever
 * has no user is refused in any case.
 */
enum action identity_action(const struct identities *, const struct listener *,
    enum reason);

/* MAIL: the envelope sender ("" = null sender). */
enum reason identity_envelope(const struct identities *, const char *user,
    const char *sender);

#endif
