/*
 * Words of postmap's source format (readlline(3) of Postfix: what continues a
 * line, what is skipped).
 */
#include "core/owner_text.h"

#include <string.h>

void
owner_text_file(struct owner_text *text, const char *bytes, size_t len)
{
	*text = (struct owner_text) { bytes, bytes + len, 1, false };
}

void
owner_text_value(struct owner_text *text, const char *bytes, size_t len)
{
	*text = (struct owner_text) { bytes, bytes + len, 1, true };
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static void
skip_line(struct owner_text *text)
{
	const char *end = memchr(text->at, '\n',
	    (size_t)(text->end - text->at));

	text->at = end == NULL ? text->end : end;
}

/*
 * From the beginning of a line to its first word, past lines that are nothing.
 * True when white space stands before it.
 */
static bool
begin_line(struct owner_text *text)
{
	while (text->at < text->end) {
		const char *begin = text->at;

		while (text->at < text->end && is_blank(*text->at))
			text->at++;
		if (text->at < text->end && *text->at == '#')
			skip_line(text);
		if (text->at == text->end)
			break;
		if (*text->at != '\n')
			return text->at > begin;
		text->at++;
		text->line++;
	}
	return false;
}

/* To the next word of the row; false when the row has ended. */
static bool
next_in_row(struct owner_text *text)
{
	while (text->at < text->end) {
		char c = *text->at;

		if (c != '\n' && c != ',' && !is_blank(c))
			return true;
		text->at++;
		if (c != '\n')
			continue;
		text->line++;
		if (!begin_line(text))
			return false;
	}
	return false;
}

enum owner_word
owner_text_next(struct owner_text *text, const char **word, size_t *len,
    unsigned *line)
{
	bool in_row = text->in_row || begin_line(text);
	enum owner_word kind = in_row && next_in_row(text) ?
	    OWNER_WORD_SENDER : OWNER_WORD_LOGIN;

	text->in_row = true;
	*word = text->at;
	*line = text->line;
	while (text->at < text->end && *text->at != '\n' &&
	    !is_blank(*text->at) &&
	    (kind == OWNER_WORD_LOGIN || *text->at != ','))
		text->at++;
	*len = (size_t)(text->at - *word);
	return *len == 0 ? OWNER_WORD_END : kind;
}
