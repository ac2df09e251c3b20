/*
 * One table of the headers that name an author.
 */
#include "core/author.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *name, *key;
	enum reason syntax, not_owned;
} rows[AUTHORS] = {
	[AUTHOR_FROM] = { "From", "from", REASON_FROM_SYNTAX,
	    REASON_FROM_NOT_OWNED },
	[AUTHOR_SENDER] = { "Sender", "header_sender",
	    REASON_HEADER_SENDER_SYNTAX, REASON_HEADER_SENDER_NOT_OWNED },
	[AUTHOR_RESENT_FROM] = { "Resent-From", "resent_from",
	    REASON_RESENT_SYNTAX, REASON_RESENT_NOT_OWNED },
	[AUTHOR_RESENT_SENDER] = { "Resent-Sender", "resent_sender",
	    REASON_RESENT_SYNTAX, REASON_RESENT_NOT_OWNED },
};

/*
 * "From : a@example.com" is obsolete (RFC 5322 4.5), yet readers take it for
 * the From header that it is.
 */
enum author
author_by_name(const char *name)
{
	for (int i = 0; i < AUTHORS; i++) {
		size_t len = strlen(rows[i].name);

		if (strncasecmp(rows[i].name, name, len) == 0 &&
		    name[len + strspn(name + len, " \t")] == '\0')
			return (enum author)i;
	}
	return AUTHORS;
}

const char *
author_key(enum author author)
{
	return rows[author].key;
}

enum reason
author_syntax(enum author author)
{
	return rows[author].syntax;
}

enum reason
author_not_owned(enum author author)
{
	return rows[author].not_owned;
}
