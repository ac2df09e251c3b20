/*
 * Patterns of the configuration against what strangers send.
 *
 * Users and addresses come in lower case; patterns come as the administrator
 * wrote them. So letters are compared without their case.
 */
#include "core/match.h"

#include "core/text.h"

#include <string.h>

static bool
same(char a, char b)
{
	return a == b || text_lower_of(a) == text_lower_of(b);
}

/* Does the text end with that, which has no '*'? */
static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), tail = strlen(end);

	if (len < tail)
		return false;
	for (text += len - tail; *end != '\0'; text++, end++) {
		if (!same(*text, *end))
			return false;
	}
	return true;
}

/*
 * Only the last '*' seen needs to be gone back to: what an earlier one took
 * is the shortest that works, and taking more can not help what follows.
 */
static bool
match_glob(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			from = text;
			if (strchr(star, '*') == NULL)
				return ends_with(text, star);
		} else if (same(*pattern, *text)) {
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

bool
match_name(const struct strings *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->list[i], name) == 0)
			return true;
	}
	return false;
}

/* ".d": any subdomain, at any depth, but not the domain itself. */
static bool
match_subdomain(const char *pattern, const char *domain)
{
	if (strchr(pattern, '*') == NULL)
		return domain[0] != '.' && ends_with(domain, pattern);
	for (const char *dot = strchr(domain, '.'); dot != NULL;
	     dot = strchr(dot + 1, '.')) {
		if (dot != domain && match_glob(pattern + 1, dot + 1))
			return true;
	}
	return false;
}

/* domain: behind the last '@', NULL when there is none. */
static bool
match_split_address(const char *pattern, const char *address,
    const char *domain)
{
	if (pattern[0] == '@')
		return domain != NULL && (pattern[1] == '.'
		    ? match_subdomain(pattern + 1, domain)
		    : match_glob(pattern + 1, domain));
	if (strcmp(pattern, "<>") == 0)
		return address[0] == '\0';
	return match_glob(pattern, address);
}

/* A quoted local part may hold an '@' (RFC 5321 4.1.2); a domain can not. */
const char *
match_domain(const char *address)
{
	const char *at = strrchr(address, '@');

	return at != NULL ? at + 1 : NULL;
}

bool
match_any_split(const struct strings *patterns, const char *address,
    const char *domain)
{
	for (size_t i = 0; i < patterns->count; i++) {
		if (match_split_address(patterns->list[i], address, domain))
			return true;
	}
	return false;
}

bool
match_any_address(const struct strings *patterns, const char *address)
{
	return match_any_split(patterns, address, match_domain(address));
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
