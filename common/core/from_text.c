/*
 * Addresses that hide in a display name or comment.
 *
 * A reader sees an address where something without blanks has an '@' within.
 * The text is brought to what he sees first; what looks like an address then
 * is one, however it was spelt.
 */
#include "core/from_text.h"

#include "core/text.h"
#include "core/utf8.h"

#include <string.h>

static const char why_control[] =
    "a control or direction character in a name or comment";
static const char why_many[] = "too many addresses in names and comments";
static const char why_long[] = "a name or comment holds an overlong address";
static const char why_deep[] = "encoded words within encoded words";

enum { SHOWN_ROOM = 2 * FROM_VALUE_MAX };

/* Quotation marks and brackets that are not ASCII. */
static bool
is_mark(uint32_t c)
{
	return c == 0xAB || c == 0xBB || (c >= 0x2018 && c <= 0x201F) ||
	    c == 0x2039 || c == 0x203A || c == 0xFF1C || c == 0xFF1E;
}

static bool
is_blank(uint32_t c)
{
	return c == '\t' || c == 0xA0 || c == 0x1680 ||
	    (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F ||
	    c == 0x3000;
}

/*
 * Makes plain what a reader would take for plain: wide forms of '@', blanks
 * and quotation marks of all kinds; what shows nothing goes. What is no UTF-8
 * (only a decoded word can be that) is shown by readers as a mark of its own.
 * The new length.
 */
static size_t
fold(char *text, size_t len, const char **why_r)
{
	size_t out = 0, n;

	for (size_t i = 0; i < len; i += n == 0 ? 1 : n) {
		uint32_t c = '?';

		n = utf8_next(text + i, len - i, &c);
		if (n != 0 && c != '\t' && utf8_is_control(c) && *why_r == NULL)
			*why_r = why_control;
		if (n == 0)
			text[out++] = '?';
		else if (utf8_is_wide_at(c))
			text[out++] = '@';
		else if (is_blank(c))
			text[out++] = ' ';
		else if (is_mark(c))
			text[out++] = '"';
		else if (!utf8_is_invisible(c)) {
			memmove(text + out, text + i, n);
			out += n;
		}
	}
	return out;
}

static bool
is_end_of_address(char c)
{
	return strchr(" <>()[],;:\"\\", c) != NULL;
}

/* Without Outlook's "'a@example.com'", and the dot that ends a sentence. */
static void
trim(const char **text, size_t *len)
{
	while (*len > 0 && strchr(".'`", (*text)[*len - 1]) != NULL)
		--*len;
	for (; *len > 0 && strchr("'`", (*text)[0]) != NULL; --*len)
		++*text;
}

static bool
is_in(char (*list)[ADDRESS_MAX + 1], size_t count, const char *address)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i], address) == 0)
			return true;
	}
	return false;
}

/* Something without blanks, which is an address if '@' stands within it. */
static const char *
look_at(struct mailboxes *mailboxes, const char *text, size_t len)
{
	char address[ADDRESS_MAX + 1];

	trim(&text, &len);
	if (len < 3 || memchr(text + 1, '@', len - 2) == NULL)
		return NULL;
	if (text_copy_n(address, sizeof(address), text, len) == -1)
		return why_long;
	text_lower(address);
	if (is_in(mailboxes->list, mailboxes->count, address) ||
	    is_in(mailboxes->hidden, mailboxes->nhidden, address))
		return NULL;
	if (mailboxes->nhidden == FROM_HIDDEN_MAX)
		return why_many;
	memcpy(mailboxes->hidden[mailboxes->nhidden++], address,
	    sizeof(address));
	return NULL;
}

/* From a place behind '@' on: is there a domain with a dot? */
static bool
is_dotted_domain(const char *text, size_t len)
{
	size_t dot = 0;

	while (dot < len && text[dot] != '.' && text[dot] != '@' &&
	    !is_end_of_address(text[dot]))
		dot++;
	return dot > 0 && dot + 1 < len && text[dot] == '.' &&
	    !is_end_of_address(text[dot + 1]);
}

static bool
is_one_of(char c, const char *chars)
{
	return strchr(chars, c) != NULL;
}

/*
 * The end of what stands before '@', without blanks, and without quotes or
 * brackets that end something there.
 */
static size_t
end_of_local(const char *text, size_t len)
{
	while (len > 0 && text[len - 1] == ' ')
		len--;
	while (len > 1 && is_one_of(text[len - 1], "\">)]\\") &&
	    text[len - 2] != ' ')
		len--;
	return len;
}

/*
 * Blanks, quotes and brackets around '@' fool nobody if a domain follows:
 * local @ example.com, "local"@example.com, local@[192.0.2.1].
 */
static size_t
close_up(char *text, size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len; i++) {
		size_t next = i + 1;

		if (text[i] != '@') {
			text[out++] = text[i];
			continue;
		}
		while (next < len && is_one_of(text[next], " \"<([\\"))
			next++;
		if (is_dotted_domain(text + next, len - next)) {
			out = end_of_local(text, out);
			i = next - 1;
		}
		text[out++] = '@';
	}
	return out;
}

static const char *
find_addresses(const char *text, size_t len, struct mailboxes *mailboxes)
{
	const char *why = NULL;
	size_t end;

	for (size_t start = 0; start < len && why == NULL; start = end + 1) {
		for (end = start; end < len && !is_end_of_address(text[end]);
		    end++)
			;
		why = look_at(mailboxes, text + start, end - start);
	}
	return why;
}

/*
 * A reader that decodes what it has decoded already sees the innermost text,
 * another one any of those around it.
 */
const char *
from_text_hidden(const char *text, size_t len, struct mailboxes *mailboxes)
{
	char room[2][SHOWN_ROOM], *shown = room[0], *inner = room[1];
	size_t words, inner_len, shown_len;
	const char *why, *inner_why;

	len = from_text_decode(text, len, shown, SHOWN_ROOM, &words, &why);
	for (unsigned depth = 1; why == NULL; depth++) {
		inner_len = from_text_decode(shown, len, inner, SHOWN_ROOM,
		    &words, &inner_why);
		shown_len = fold(shown, len, &why);
		if (why == NULL)
			why = find_addresses(shown,
			    close_up(shown, shown_len), mailboxes);
		if (why != NULL || words == 0)
			return why;
		why = depth == FROM_WORD_DEPTH_MAX ? why_deep : inner_why;
		len = inner_len;
		shown = inner;
		inner = inner == room[0] ? room[1] : room[0];
	}
	return why;
}
