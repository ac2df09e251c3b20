/*
 * Patterns of the configuration against what strangers send.
 *
 * Users and addresses come in lower case; patterns come as the administrator
 * wrote them. So letters are compared without their case.
 */
#include "core/match.h"

#include <string.h>

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/*
 * Only the last '*' seen needs to be gone back to: what an earlier one took
 * is the shortest that works, and taking more can not help what follows.
 */
bool
match_glob(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			from = text;
		} else if (lower(*pattern) == lower(*text)) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool
match_any(const struct strings *patterns, const char *text)
{
	for (size_t i = 0; i < patterns->count; i++) {
		if (match_glob(patterns->list[i], text))
			return true;
	}
	return false;
}

/* domain: behind the last '@', NULL when there is none. */
static bool
match_split_address(const char *pattern, const char *address,
    const char *domain)
{
	if (pattern[0] != '@')
		return strcmp(pattern, "<>") == 0 ? address[0] == '\0'
		                                  : match_glob(pattern, address);
	if (domain == NULL)
		return false;
	if (pattern[1] != '.')
		return match_glob(pattern + 1, domain);
	/* "@.d": any subdomain, at any depth */
	for (const char *dot = strchr(domain, '.'); dot != NULL;
	     dot = strchr(dot + 1, '.')) {
		if (dot != domain && match_glob(pattern + 2, dot + 1))
			return true;
	}
	return false;
}

/* A quoted local part may hold an '@' (RFC 5321 4.1.2); a domain can not. */
static const char *
domain_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return at != NULL ? at + 1 : NULL;
}

bool
match_address(const char *pattern, const char *address)
{
	return match_split_address(pattern, address, domain_of(address));
}

bool
match_any_address(const struct strings *patterns, const char *address)
{
	const char *domain = domain_of(address);

	for (size_t i = 0; i < patterns->count; i++) {
		if (match_split_address(patterns->list[i], address, domain))
			return true;
	}
	return false;
}

bool
match_networks(const struct netblocks *blocks, const struct netaddr *addr)
{
	for (size_t i = 0; i < blocks->count; i++) {
		if (netblock_contains(&blocks->list[i], addr))
			return true;
	}
	return false;
}
