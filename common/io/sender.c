/*
 * Addresses and domains of administrators. The grammar is narrower than that
 * of mail (RFC 5321 4.1.2): no quoted local part with blanks, no address
 * literal. What no canonical address can be would never match.
 */
#include "io/sender.h"

#include <string.h>

static const char label_chars[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

/*
 * Letters, digits, '-' and '_' in labels of 1 to 63, at most 253 in all (RFC
 * 1035 2.3.4); '*' where a pattern may stand. One dot at the end is not taken.
 */
static bool
is_domain(const char *text, bool pattern)
{
	size_t label = 0, len = strlen(text);

	for (const char *p = text; *p != '\0'; p++) {
		bool letter = strchr(label_chars, *p) != NULL;

		if (*p == '.' ? label == 0
		              : !letter && !(pattern && *p == '*'))
			return false;
		label = *p == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return len > 0 && len <= 253 && label > 0;
}

bool
sender_domain(const char *text, bool pattern, char domain[DOMAIN_MAX + 1])
{
	return idn_domain(text, domain) == 0 && is_domain(domain, pattern);
}

/* The local part is taken as it is, but for what no canonical one can be. */
bool
sender_address(const char *text, bool pattern, char address[ADDRESS_MAX + 1])
{
	char *domain;
	bool local;

	if (idn_address(text, address) == -1)
		return false;
	domain = strrchr(address, '@');
	if (domain == NULL)
		return false;
	if (domain == address)
		return is_domain(domain + (domain[1] == '.' ? 2 : 1), pattern);
	*domain = '\0';
	local = strpbrk(address, pattern ? " \t<>,@" : " \t<>,@*") == NULL;
	*domain = '@';
	return local && is_domain(domain + 1, pattern);
}

const char *
sender_parse(const char *text, char sender[ADDRESS_MAX + 2])
{
	const char *address = text + (text[0] == '!');

	if (address[0] == '*' && address[1] == '@')
		return "should be written \"@domain\" for every address of a "
		       "domain";
	sender[0] = '!';
	if (sender_address(address, false, sender + (text[0] == '!')))
		return NULL;
	return "should be an address, \"@domain\" for every address of a "
	       "domain, or \"@.domain\" for its subdomains, each with a '!' "
	       "before it where it is denied";
}
