/*
 * Both texts are read from the left at the same time, each without what is
 * syntax alone, and must give the same characters. A character that was quoted
 * is told from one that was not only where that matters: at '@'.
 *
 * Postfix folds the case of all letters, we that of ASCII; so any characters
 * that are not ASCII are taken for the same. They are not taken for ASCII ones:
 * the Kelvin sign, say, folds to 'k', yet it is another address.
 */
#include "core/mail_path.h"

#include "core/text.h"

#include <string.h>

enum { END = -1, BAD = -2, AT = 256, OTHER = 257 };

struct reader {
	const char *p, *end;
	bool quoted;
};

/* What may stand outside of quotes: RFC 5322 atext, dots, address literals. */
static bool
is_plain(int c)
{
	return c > ' ' && c < 0x7F && strchr("(),;<>", c) == NULL;
}

static int
skip_others(struct reader *reader)
{
	while (reader->p < reader->end && (unsigned char)*reader->p >= 0x80)
		reader->p++;
	return OTHER;
}

static int
next(struct reader *reader)
{
	while (reader->p < reader->end) {
		int c = (unsigned char)*reader->p++;

		if (c >= 0x80)
			return skip_others(reader);
		if (c == '"') {
			reader->quoted = !reader->quoted;
			continue;
		}
		if (c == '\\')
			return reader->p == reader->end ||
				       (unsigned char)*reader->p >= 0x80
				   ? BAD
				   : text_lower_of(*reader->p++);
		if (reader->quoted)
			return text_lower_of((char)c);
		if (!is_plain(c))
			return BAD;
		return c == '@' ? AT : text_lower_of((char)c);
	}
	return reader->quoted ? BAD : END;
}

/* "@a.example,@b.example:" means nothing, RFC 5321 appendix C. */
static void
skip_route(struct reader *reader)
{
	const char *colon =
	    memchr(reader->p, ':', (size_t)(reader->end - reader->p));

	if (reader->p < reader->end && *reader->p == '@' && colon != NULL)
		reader->p = colon + 1;
}

bool
mail_path_is(const char *argument, const char *address)
{
	size_t len = strlen(argument);
	struct reader a = { .p = argument, .end = argument + len };
	struct reader b = { .p = address, .end = address + strlen(address) };
	int c;

	if (len >= 2 && argument[0] == '<' && argument[len - 1] == '>') {
		a.p++;
		a.end--;
	}
	skip_route(&a);
	do {
		c = next(&a);
		if (c == BAD || c != next(&b))
			return false;
	} while (c != END);
	return true;
}
