/*
 * Logins to canonical form where they come in: identity_login, with the domain
 * behind the last '@' as an address has it (io/idn.h). So the login
 * "x@bücher.example" and the login "x@xn--bcher-kva.example" are one user, who
 * has one row and one count.
 */
#ifndef WEIR_IO_LOGIN_H
#define WEIR_IO_LOGIN_H

#include "core/identity.h"

/*
 * As identity_login. What is no domain behind its '@' is only lower-cased: the
 * auth server knows what its logins are. One in ASCII costs no more than
 * identity_login, and allocates nothing. Thread-safe.
 */
enum reason login_canonical(const struct identities *, const char *login,
    char user_r[LOGIN_MAX + 1]);

/* In place; a login that has no canonical form stays as it is. */
void login_make_canonical(const struct identities *,
    char login[LOGIN_MAX + 1]);

/* Can a pattern of logins be brought to that form? Else it would never match:
   a '*' among letters beyond ASCII has no A-label. */
bool login_pattern_is_sound(const char *pattern);

#endif
