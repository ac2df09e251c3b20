/*
 * Small helpers for strings whose length a stranger chose.
 */
#include "core/text.h"

#include "core/utf8.h"

#include <string.h>

int
text_copy_n(char *dst, size_t size, const char *src, size_t len)
{
	if (len >= size || memchr(src, '\0', len) != NULL) {
		dst[0] = '\0';
		return -1;
	}
	memcpy(dst, src, len);
	dst[len] = '\0';
	return 0;
}

int
text_copy(char *dst, size_t size, const char *src)
{
	return text_copy_n(dst, size, src, strlen(src));
}

void
text_lower(char *s)
{
	for (; *s != '\0'; s++)
		*s = text_lower_of(*s);
}

bool
text_equal_nocase(const char *a, const char *b)
{
	while (*a != '\0' && text_lower_of(*a) == text_lower_of(*b)) {
		a++;
		b++;
	}
	return text_lower_of(*a) == text_lower_of(*b);
}

/* Length of the character at s when it can be shown as it is, else 0. */
static size_t
showable(const char *s, size_t left, bool quotes)
{
	uint32_t c;
	size_t n = utf8_next(s, left, &c);

	if (n == 0 || utf8_is_control(c) || utf8_is_invisible(c) ||
	    (!quotes && (c == '"' || c == '\\')))
		return 0;
	return n;
}

/* quotes: they stay as they are, and backslashes. */
static const char *
escape(char *dst, size_t size, const char *src, size_t len, bool quotes)
{
	static const char hex[] = "0123456789ABCDEF";
	static const char more[] = "...";
	size_t out = 0, cut = 0; /* cut: the last place the mark fits */

	if (size < sizeof(more)) {
		if (size != 0)
			dst[0] = '\0';
		return dst;
	}
	for (size_t i = 0; i < len;) {
		unsigned byte = (unsigned char)src[i];
		size_t take = showable(src + i, len - i, quotes);
		size_t need = take != 0 ? take : 4;

		if (out + need >= size) {
			memcpy(dst + cut, more, sizeof(more));
			return dst;
		}
		if (take != 0) {
			memcpy(dst + out, src + i, take);
		} else {
			memcpy(dst + out, "\\x", 2);
			dst[out + 2] = hex[byte >> 4];
			dst[out + 3] = hex[byte & 15];
		}
		out += need;
		i += take != 0 ? take : 1;
		if (out + sizeof(more) <= size)
			cut = out;
	}
	dst[out] = '\0';
	return dst;
}

const char *
text_escape(char *dst, size_t size, const char *src, size_t len)
{
	return escape(dst, size, src, len, false);
}

const char *
text_clean(char *dst, size_t size, const char *src, size_t len)
{
	return escape(dst, size, src, len, true);
}

const char *
text_quote(char *dst, size_t size, const char *src, size_t len)
{
	size_t end;

	dst[0] = '"';
	text_escape(dst + 1, size - 2, src, len);
	end = strlen(dst);
	memcpy(dst + end, "\"", 2);
	return dst;
}
