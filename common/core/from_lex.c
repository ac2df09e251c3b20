/*
 * Characters, folding, comments and quoted strings of a From header (RFC 5322
 * 3.2). Every character is looked at first: the grammar may then take CR and
 * LF for white space.
 */
#include "core/from_parser.h"
#include "core/from_text.h"
#include "core/utf8.h"

#include <string.h>

bool
from_fail(struct from_parser *ps, const char *why)
{
	if (ps->why == NULL)
		ps->why = why;
	return false;
}

void
from_put(struct from_piece *text, char c)
{
	text->bytes[text->len++] = c;
}

/* --- characters --- */

int
from_peek(const struct from_parser *ps)
{
	return ps->p == ps->end ? -1 : (unsigned char)*ps->p;
}

bool
from_is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
from_is_atext(int c)
{
	return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c > 0 && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* CRLF or LF with white space behind it, which is left for the next step. */
static bool
check_fold(struct from_parser *ps, const char **p)
{
	*p += **p == '\r';
	if (*p == ps->end || **p != '\n')
		return from_fail(ps, "a CR without LF");
	++*p;
	if (*p == ps->end || (**p != ' ' && **p != '\t'))
		return from_fail(ps, "a line end that is no folding");
	return true;
}

bool
from_check_characters(struct from_parser *ps)
{
	static const char obsolete[] = "a folded line of white space alone";
	bool blank = false; /* nothing else on this line so far */

	for (const char *p = ps->p; p < ps->end;) {
		uint32_t c;
		size_t n = utf8_next(p, (size_t)(ps->end - p), &c);

		if (n == 0)
			return from_fail(ps, "bytes that are no UTF-8");
		if (c == '\r' || c == '\n') {
			if (blank)
				return from_fail(ps, obsolete);
			if (!check_fold(ps, &p))
				return false;
			blank = true;
			continue;
		}
		if (c != '\t' && utf8_is_control(c))
			return from_fail(ps,
			    "a control or direction character");
		blank = blank && from_is_space((int)c);
		p += n;
	}
	return !blank || from_fail(ps, obsolete);
}

/* --- white space, comments, quoted strings --- */

static bool
read_pair(struct from_parser *ps, struct from_piece *text)
{
	int c;

	ps->p++;
	c = from_peek(ps);
	if (c == -1 || c == '\r' || c == '\n')
		return from_fail(ps, "a '\\' with nothing to quote");
	from_put(text, (char)c);
	ps->p++;
	return true;
}

bool
from_look_into(struct from_parser *ps, const struct from_piece *text)
{
	const char *why = from_text_hidden(text->bytes, text->len, ps->out);

	return why == NULL || from_fail(ps, why);
}

static bool
skip_comment(struct from_parser *ps)
{
	struct from_piece *text = &ps->word;
	unsigned depth = 0;

	text->len = 0;
	do {
		int c = from_peek(ps);

		if (c == -1)
			return from_fail(ps, "a comment without an end");
		if (c == '\\') {
			if (!read_pair(ps, text))
				return false;
			continue;
		}
		depth += c == '(';
		depth -= c == ')';
		if (depth > FROM_COMMENT_DEPTH_MAX)
			return from_fail(ps, "comments nested too deep");
		if (c != '\r' && c != '\n')
			from_put(text, (char)c);
		ps->p++;
	} while (depth > 0);
	return from_look_into(ps, text);
}

bool
from_skip_cfws(struct from_parser *ps)
{
	const char *start = ps->p;

	for (;;) {
		if (from_peek(ps) == '(') {
			if (!skip_comment(ps))
				return false;
		} else if (from_is_space(from_peek(ps))) {
			ps->p++;
		} else {
			ps->blank = ps->p > start;
			return true;
		}
	}
}

bool
from_read_quoted(struct from_parser *ps)
{
	struct from_piece *text = &ps->word;
	int c;

	text->len = 0;
	ps->folded = false;
	for (ps->p++; (c = from_peek(ps)) != '"';) {
		if (c == -1)
			return from_fail(ps, "a quoted string without an end");
		if (c == '\\') {
			if (!read_pair(ps, text))
				return false;
			continue;
		}
		if (c == '\r' || c == '\n')
			ps->folded = true;
		else
			from_put(text, (char)c);
		ps->p++;
	}
	ps->p++;
	return true;
}
