/*
 * Lines of a login, and finding them in what a server answers.
 */
#include "probe_auth.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

enum { PLAIN_MAX = 2 * CREDENTIAL_MAX + 2, TELLTALE = 6 };

static void
encode(const char *bytes, size_t len, char line[AUTH_LINE_MAX])
{
	(void)EVP_EncodeBlock((unsigned char *)line,
	    (const unsigned char *)bytes, (int)len);
}

void
auth_plain(const struct credential *credential, char line_r[AUTH_LINE_MAX])
{
	size_t user = strlen(credential->user);
	size_t password = strlen(credential->password);
	char bytes[PLAIN_MAX] = { 0 };

	memcpy(bytes + 1, credential->user, user);
	memcpy(bytes + 1 + user + 1, credential->password, password);
	encode(bytes, 1 + user + 1 + password, line_r);
	explicit_bzero(bytes, sizeof(bytes));
}

void
auth_login(const char *text, char line_r[AUTH_LINE_MAX])
{
	encode(text, strlen(text), line_r);
}

/* Any six bytes in a row of a secret, or all of a shorter one. */
static bool
shares(const char *text, const char *secret)
{
	size_t len = strlen(secret);
	size_t piece = len < TELLTALE ? len : TELLTALE;

	for (size_t i = 0; i + piece <= len; i++) {
		if (memmem(text, strlen(text), secret + i, piece) != NULL)
			return true;
	}
	return false;
}

bool
auth_repeats(const struct credential *credential, const char *text)
{
	char plain[AUTH_LINE_MAX], login[AUTH_LINE_MAX];
	bool found;

	auth_plain(credential, plain);
	auth_login(credential->password, login);
	found = shares(text, credential->password) || shares(text, plain) ||
	    shares(text, login);
	explicit_bzero(plain, sizeof(plain));
	explicit_bzero(login, sizeof(login));
	return found;
}
