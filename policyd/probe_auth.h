/*
 * What a login says (RFC 4954): lines of AUTH PLAIN (RFC 4616) and AUTH LOGIN.
 * Every line is a secret: whoever made one wipes it.
 */
#ifndef WEIR_POLICYD_PROBE_AUTH_H
#define WEIR_POLICYD_PROBE_AUTH_H

#include "probe_kit.h"

enum { AUTH_LINE_MAX = 768 };

void auth_plain(const struct credential *, char line_r[AUTH_LINE_MAX]);

/* A user or password alone, as LOGIN sends it. */
void auth_login(const char *text, char line_r[AUTH_LINE_MAX]);

/*
 * Does a server's text repeat some of the password, plain or in the form it
 * was sent? Such a text is not for logs.
 */
bool auth_repeats(const struct credential *, const char *text);

#endif
