/*
 * Small helpers for strings whose length a stranger chose.
 */
#include "core/text.h"

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

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void
text_lower(char *s)
{
	for (; *s != '\0'; s++)
		*s = lower(*s);
}

bool
text_equal_nocase(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

/*
 * Length of the well-formed UTF-8 sequence at s (RFC 3629), 0 when there is
 * none. C1 controls and the bidi controls are treated as malformed: they are
 * valid, and turn a log line around.
 */
static size_t
utf8_showable(const unsigned char *s, size_t left)
{
	unsigned long cp;
	size_t n;

	if (s[0] >= 0xC2 && s[0] <= 0xDF)
		n = 2;
	else if (s[0] >= 0xE0 && s[0] <= 0xEF)
		n = 3;
	else if (s[0] >= 0xF0 && s[0] <= 0xF4)
		n = 4;
	else
		return 0;
	if (n > left)
		return 0;
	cp = s[0] & (0xFFU >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return 0;
		cp = cp << 6 | (s[i] & 0x3F);
	}
	if ((n == 3 && cp < 0x800) || (n == 4 && cp < 0x10000) ||
	    cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		return 0;
	if (cp < 0xA0 || cp == 0x061C || (cp >= 0x200B && cp <= 0x200F) ||
	    (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069) ||
	    cp == 0xFEFF)
		return 0;
	return n;
}

const char *
text_escape(char *dst, size_t size, const char *src, size_t len)
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
		const unsigned char *s = (const unsigned char *)src + i;
		bool plain = *s >= 0x20 && *s < 0x7F && *s != '"' && *s != '\\';
		size_t take = plain ? 1 : utf8_showable(s, len - i);
		size_t need = take != 0 ? take : 4;

		if (out + need >= size) {
			memcpy(dst + cut, more, sizeof(more));
			return dst;
		}
		if (take != 0) {
			memcpy(dst + out, s, take);
		} else {
			memcpy(dst + out, "\\x", 2);
			dst[out + 2] = hex[*s >> 4];
			dst[out + 3] = hex[*s & 15];
		}
		out += need;
		i += take != 0 ? take : 1;
		if (out + sizeof(more) <= size)
			cut = out;
	}
	dst[out] = '\0';
	return dst;
}
