/*
 * Encoded words.
 *
 * RFC 2047 says where encoded words may stand; readers decode them anywhere,
 * in quotes too, so they are decoded anywhere here. Of a charset only so much
 * is understood as shows an '@' and the ASCII around it: an address needs
 * these to be believed. A text in a charset that can spell ASCII in other
 * bytes (UTF-7, UTF-16) has no place in a mail header and is refused.
 */
#include "core/from_text.h"

#include <string.h>
#include <strings.h>

static const char why_charset[] =
    "an encoded word in a charset that can hide ASCII";

/* --- charsets --- */

enum charset {
	CHARSET_UTF8, /* and ASCII */
	CHARSET_LATIN1,
	CHARSET_ASCII_BELOW, /* bytes below 0x80 are ASCII */
	CHARSET_DOUBLE, /* a byte from 0x80 on swallows the next */
	CHARSET_ESCAPES, /* ISO-2022: escapes switch ASCII off and on */
	CHARSET_REFUSED,
};

static const struct {
	const char *prefix;
	enum charset charset;
} charsets[] = {
	{ "utf-8", CHARSET_UTF8 }, { "utf8", CHARSET_UTF8 },
	{ "us-ascii", CHARSET_UTF8 }, { "ascii", CHARSET_UTF8 },
	{ "iso-8859-15", CHARSET_ASCII_BELOW },
	{ "iso-8859-16", CHARSET_ASCII_BELOW },
	{ "iso-8859-10", CHARSET_ASCII_BELOW },
	{ "iso-8859-11", CHARSET_ASCII_BELOW },
	{ "iso-8859-13", CHARSET_ASCII_BELOW },
	{ "iso-8859-14", CHARSET_ASCII_BELOW },
	{ "iso-8859-1", CHARSET_LATIN1 }, { "latin1", CHARSET_LATIN1 },
	{ "iso-2022-", CHARSET_ESCAPES },
	{ "shift", CHARSET_DOUBLE }, { "sjis", CHARSET_DOUBLE },
	{ "cp932", CHARSET_DOUBLE }, { "ms_kanji", CHARSET_DOUBLE },
	{ "big5", CHARSET_DOUBLE }, { "gb18030", CHARSET_DOUBLE },
	{ "gbk", CHARSET_DOUBLE }, { "gb2312", CHARSET_DOUBLE },
	{ "cp936", CHARSET_DOUBLE }, { "cp949", CHARSET_DOUBLE },
	{ "utf", CHARSET_REFUSED }, { "ucs", CHARSET_REFUSED },
	{ "iso-10646", CHARSET_REFUSED }, { "unicode", CHARSET_REFUSED },
	{ "csunicode", CHARSET_REFUSED }, { "ebcdic", CHARSET_REFUSED },
	{ "cp037", CHARSET_REFUSED }, { "ibm037", CHARSET_REFUSED },
	{ "", CHARSET_ASCII_BELOW },
};

static enum charset
charset_of(const char *name, size_t len)
{
	size_t i = 0;

	while (strncasecmp(charsets[i].prefix, name,
	    strlen(charsets[i].prefix)) != 0 ||
	    strlen(charsets[i].prefix) > len)
		i++;
	return charsets[i].charset;
}

/* --- bytes of an encoded word, and what of them is understood --- */

struct output {
	char *at;
	enum charset charset;
	bool swallow; /* CHARSET_DOUBLE: the second byte of two */
	unsigned escape; /* CHARSET_ESCAPES: bytes of an escape seen */
	bool set_ascii; /* CHARSET_ESCAPES: the escape names a single set */
	bool not_ascii; /* CHARSET_ESCAPES: a two-byte set is on */
};

/* ESC ( F: a set of single bytes, like ASCII; ESC $ ...: of two. */
static void
put_escaped(struct output *out, unsigned char byte)
{
	if (byte == 0x1B) {
		out->escape = 1;
	} else if (out->escape == 0) {
		*out->at++ = out->not_ascii ? '?' : (char)byte;
	} else {
		if (out->escape++ == 1)
			out->set_ascii = byte == '(';
		if (byte >= 0x30) { /* ISO 2022: the final byte */
			out->not_ascii = !out->set_ascii;
			out->escape = 0;
		}
	}
}

static void
put_byte(struct output *out, unsigned char byte)
{
	switch (out->charset) {
	case CHARSET_LATIN1:
		if (byte >= 0x80) {
			*out->at++ = (char)(0xC0 | byte >> 6);
			byte = 0x80 | (byte & 0x3F);
		}
		*out->at++ = (char)byte;
		break;
	case CHARSET_DOUBLE:
		*out->at++ = out->swallow || byte >= 0x80 ? '?' : (char)byte;
		out->swallow = !out->swallow && byte >= 0x80;
		break;
	case CHARSET_ESCAPES:
		put_escaped(out, byte);
		break;
	case CHARSET_ASCII_BELOW:
		*out->at++ = byte >= 0x80 ? '?' : (char)byte;
		break;
	default:
		*out->at++ = (char)byte;
	}
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
decode_q(struct output *out, const char *p, const char *end)
{
	for (; p < end; p++) {
		int high, low;

		if (*p == '=' && end - p > 2 && (high = hex_digit(p[1])) != -1 &&
		    (low = hex_digit(p[2])) != -1) {
			put_byte(out, (unsigned char)(high << 4 | low));
			p += 2;
		} else {
			put_byte(out, *p == '_' ? ' ' : (unsigned char)*p);
		}
	}
}

/* As lenient as a reader: what is not of the alphabet is passed over. */
static void
decode_b(struct output *out, const char *p, const char *end)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                               "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, value = 0;

	for (; p < end; p++) {
		const char *digit = memchr(alphabet, *p, 64);

		if (*p == '=')
			bits = 0; /* padding: the next digit begins anew */
		if (digit == NULL)
			continue;
		value = (value << 6 | (unsigned)(digit - alphabet)) & 0xFFFF;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			put_byte(out, (unsigned char)(value >> bits));
		}
	}
}

/* --- encoded words --- */

struct word {
	const char *charset;
	size_t charset_len;
	char encoding;
	const char *text, *text_end;
	const char *end; /* behind the closing "?=" */
};

/*
 * Behind the last "?=": no word ends there or later. Looked up once, or a
 * thousand words without an end would each be searched to the end of the text.
 */
static const char *
words_end(const char *text, size_t len)
{
	for (size_t i = len; i >= 2; i--) {
		if (text[i - 2] == '?' && text[i - 1] == '=')
			return text + i;
	}
	return text;
}

/* "=?charset?Q?text?=" at p; end is that of words_end() */
static bool
find_word(const char *p, const char *end, struct word *word)
{
	const char *mark;

	if (end - p < 8 || p[0] != '=' || p[1] != '?')
		return false;
	word->charset = p + 2;
	mark = memchr(p + 2, '?', (size_t)(end - p) - 2);
	if (mark == NULL || end - mark < 5 || mark[2] != '?')
		return false;
	word->charset_len = (size_t)(mark - word->charset);
	word->encoding = mark[1] & 0x5F;
	if (word->encoding != 'Q' && word->encoding != 'B')
		return false;
	word->text = mark + 3;
	word->text_end = memmem(word->text, (size_t)(end - word->text), "?=", 2);
	if (word->text_end == NULL)
		return false;
	word->end = word->text_end + 2;
	return true;
}

/* White space between two encoded words is not shown (RFC 2047 6.2). */
static const char *
skip_to_word(const char *p, const char *end)
{
	const char *next = p;
	struct word word;

	while (next < end && strchr(" \t\r\n", *next) != NULL)
		next++;
	return next < end && find_word(next, end, &word) ? next : p;
}

size_t
from_text_decode(const char *text, size_t len, char *decoded_r,
    const char **why_r)
{
	const char *p = text, *end = text + len;
	const char *last = words_end(text, len);
	struct output out = { .at = decoded_r };
	struct word word;

	*why_r = NULL;
	while (p < end) {
		if (!find_word(p, last, &word)) {
			*out.at++ = *p++;
			continue;
		}
		out = (struct output) { .at = out.at,
			.charset = charset_of(word.charset, word.charset_len) };
		if (out.charset == CHARSET_REFUSED)
			*why_r = why_charset;
		if (word.encoding == 'Q')
			decode_q(&out, word.text, word.text_end);
		else
			decode_b(&out, word.text, word.text_end);
		p = skip_to_word(word.end, last);
	}
	return (size_t)(out.at - decoded_r);
}
