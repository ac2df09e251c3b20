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
 * Length of the character at s; 0 when there is none, or one that would turn
 * a log line around or show nothing.
 */
static size_t
showable(const char *s, size_t left)
{
	uint32_t character = 0;
	size_t len = utf8_next(s, left, &character);
	bool zero_width = character >= 0x200B && character <= 0x200D;

	return zero_width || utf8_is_control(character) ? 0 : len;
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
		bool quote = *s == '"' || *s == '\\';
		size_t take = quote ? 0 : showable(src + i, len - i);
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
