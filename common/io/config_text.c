/*
 * What a text may be where it stands, and its one form: names, paths,
 * domains, patterns. Each function returns the text to keep, or NULL when it
 * has told what would be right.
 */
#include "io/config_load.h"

#include "core/identity.h"
#include "core/text.h"
#include "io/idn.h"
#include "io/listen.h"
#include "io/login.h"
#include "io/sender.h"
#include "io/table_spec.h"

#include <string.h>

enum { ACCOUNT_MAX = 63, REPLY_MAX = 200, TRANSPORT_TEXT_MAX = 255 };

static const char word_chars[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

static const char *
keep(struct loader *l, const char *text)
{
	return arena_copy(l->config->arena, text);
}

/* --- names --- */

static bool
is_name(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= NAME_MAX_LEN &&
	    strspn(text, word_chars) == len;
}

const char *
text_name(struct loader *l, const config_setting_t *at, const char *text)
{
	if (!is_name(text))
		return refuse(l, at, text, "is no name; it should be 1 to 63 "
		    "letters, digits, '.', '_' or '-'");
	return keep(l, text);
}

/* A smart host, or none. */
const char *
text_home(struct loader *l, const config_setting_t *at, const char *text)
{
	return text[0] == '\0' ? keep(l, text) : text_name(l, at, text);
}

/* One word of somebody else's: a daemon name. */
const char *
text_word(struct loader *l, const config_setting_t *at, const char *text)
{
	if (text[0] == '\0' || strlen(text) > NAME_MAX_LEN ||
	    strpbrk(text, " \t,{}") != NULL)
		return refuse(l, at, text, "should be one word of 1 to 63 "
		    "characters without ','");
	return keep(l, text);
}

/* A user or group of the system. */
const char *
text_account(struct loader *l, const config_setting_t *at, const char *text)
{
	if (strlen(text) > ACCOUNT_MAX || strpbrk(text, " \t:,/") != NULL)
		return refuse(l, at, text, "is no name of a user or group");
	return keep(l, text);
}

/* --- paths and sockets --- */

const char *
text_directory(struct loader *l, const config_setting_t *at, const char *text)
{
	if ((text[0] != '\0' && text[0] != '/') ||
	    strlen(text) > PATH_MAX - 64)
		return refuse(l, at, text, "should be an absolute path, or "
		    "\"\" to keep nothing on disk");
	return keep(l, text);
}

const char *
text_socket(struct loader *l, const config_setting_t *at, const char *text)
{
	if (text[0] != '/' || strlen(text) >= LISTEN_PATH_MAX)
		return refuse(l, at, text, "should be the absolute path of a "
		    "socket, at most 103 bytes long");
	return keep(l, text);
}

const char *
text_listen(struct loader *l, const config_setting_t *at, const char *text)
{
	struct listen_address address;
	const char *why = "should be \"unix:PATH\" or \"inet:ADDRESS:PORT\"";

	if (listen_parse(text, &address, &why) == -1)
		return refuse(l, at, text, why);
	return keep(l, text);
}

const char *
text_http_listen(struct loader *l, const config_setting_t *at,
    const char *text)
{
	return text[0] == '\0' ? "" : text_listen(l, at, text);
}

const char *
text_http_host(struct loader *l, const config_setting_t *at, const char *text)
{
	struct netaddr addr;

	if (netaddr_parse(text, &addr) == 0)
		return keep(l, text);
	if (text[0] == '\0' || strchr(text, ':') != NULL)
		return refuse(l, at, text, "should be a name or an address, "
		    "such as \"mail.example.com\", without a port");
	return text_domain(l, at, text);
}

/* --- Postfix --- */

/* A service name as the first column of master(5) takes it. */
const char *
text_service(struct loader *l, const config_setting_t *at, const char *text)
{
	if (!is_name(text))
		return refuse(l, at, text, "should be the name of a "
		    "delivery service in master.cf, such as \"relay\" or "
		    "\"smtp\"");
	return keep(l, text);
}

/* "auto", or what default_transport may be: transport or transport:nexthop. */
const char *
text_transport(struct loader *l, const config_setting_t *at, const char *text)
{
	size_t name = strcspn(text, ":");

	if (name == 0 || strlen(text) > TRANSPORT_TEXT_MAX ||
	    strspn(text, word_chars) != name || strpbrk(text, " \t,") != NULL)
		return refuse(l, at, text, "should be \"auto\", or what "
		    "Postfix's default_transport is: \"smtp\", "
		    "\"relay:[host]:25\"");
	return keep(l, text);
}

/* What a client is told: it goes into one SMTP reply line (RFC 5321 4.2). */
const char *
text_reply(struct loader *l, const config_setting_t *at, const char *text)
{
	size_t len = strlen(text), i = 0;

	while (i < len && text[i] >= ' ' && text[i] <= '~')
		i++;
	if (len == 0 || len > REPLY_MAX || i < len)
		return refuse(l, at, text, "should be 1 to 200 printable "
		    "ASCII characters: the text a client is told");
	return keep(l, text);
}

/* --- domains --- */

const char *
text_domain(struct loader *l, const config_setting_t *at, const char *text)
{
	char domain[DOMAIN_MAX + 1];

	if (!sender_domain(text, false, domain))
		return refuse(l, at, text, "should be a domain, such as "
		    "\"example.com\"");
	return keep(l, domain);
}

const char *
text_realm(struct loader *l, const config_setting_t *at, const char *text)
{
	char domain[DOMAIN_MAX + 1];

	if (text[0] != '\0' && !sender_domain(text, false, domain))
		return refuse(l, at, text, "should be the domain that stands "
		    "behind logins without one, such as \"example.com\"");
	return keep(l, text[0] == '\0' ? "" : domain);
}

/* As recipient_delimiter of postconf(5): a set of characters. */
const char *
text_delimiter(struct loader *l, const config_setting_t *at, const char *text)
{
	if (strlen(text) > 4 ||
	    strspn(text, "!#$%&'*+-/=?^_{|}~.") != strlen(text))
		return refuse(l, at, text, "should be as recipient_delimiter "
		    "of Postfix: \"+\", \"+-\", or \"\" for none");
	return keep(l, text);
}

/* --- users --- */

static const char *
text_user(struct loader *l, const config_setting_t *at, const char *text)
{
	char user[LOGIN_MAX + 1];

	if (login_canonical(&l->config->identities, text, user) != REASON_OK)
		return refuse(l, at, text, "should be a login of 1 to 255 "
		    "bytes with its realm");
	return keep(l, user);
}

/* One login: "*@domain" would be every one's of a domain. */
const char *
text_login(struct loader *l, const config_setting_t *at, const char *text)
{
	if (identity_is_pattern(text))
		return refuse(l, at, text, "should be one login; its senders "
		    "and limits are meant, so it can be no pattern");
	return text_user(l, at, text);
}

const char *
text_table(struct loader *l, const config_setting_t *at, const char *text)
{
	struct table_spec spec;
	const char *why;

	if (table_spec_parse(text, &spec, &why) == -1)
		return refuse(l, at, text, why);
	return keep(l, text);
}

/* Whose row it is: a login, or "*@domain" or "*" for several. */
const char *
text_owner(struct loader *l, const config_setting_t *at, const char *text)
{
	if (strcmp(text, "*") == 0)
		return keep(l, text);
	if (strchr(text, '*') != NULL && !identity_is_pattern(text))
		return refuse(l, at, text, "should be a login, \"*@domain\" "
		    "for every login of a domain, or \"*\" for every one");
	return text_user(l, at, text);
}

/* The realm is added as to a login; "*" alone is every user of every realm. */
const char *
text_user_pattern(struct loader *l, const config_setting_t *at,
    const char *text)
{
	if (!login_pattern_is_sound(text))
		return refuse(l, at, text, "should have no '*' in a part of "
		    "its domain that has letters beyond ASCII");
	return strcmp(text, "*") == 0 ? keep(l, text) : text_user(l, at, text);
}

/* --- addresses --- */

const char *
text_sender(struct loader *l, const config_setting_t *at, const char *text)
{
	char element[ADDRESS_MAX + 2];
	const char *right = sender_parse(text, element);

	return right == NULL ? keep(l, element) : refuse(l, at, text, right);
}

const char *
text_recipient_pattern(struct loader *l, const config_setting_t *at,
    const char *text)
{
	char address[ADDRESS_MAX + 1];

	if (!sender_address(text, true, address))
		return refuse(l, at, text, "should be an address (a '*' stands "
		    "for anything), \"@domain\" or \"@.domain\" for its "
		    "subdomains");
	return keep(l, address);
}

const char *
text_sender_pattern(struct loader *l, const config_setting_t *at,
    const char *text)
{
	char address[ADDRESS_MAX + 1];

	if (strcmp(text, "<>") == 0)
		return keep(l, text);
	if (!sender_address(text, true, address))
		return refuse(l, at, text, "should be an address (a '*' stands "
		    "for anything), \"@domain\", \"@.domain\" for its "
		    "subdomains, or \"<>\" for the null sender");
	return keep(l, address);
}
