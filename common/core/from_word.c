/*
 * Encoded words.
 *
 * RFC 2047 says where encoded words may stand; readers decode them anywhere,
 * in quotes too, so they are decoded anywhere here.
 */
#include "core/from_text.h"

#include "core/from_charset.h"

#include <string.h>

static const char why_charset[] =
    "an encoded word in a charset that may hide an address";
static const char why_cut[] =
    "an encoded word that ends within characters of its charset";
static const char why_base64[] = "an encoded word that is no base64";
static const char why_within[] = "an encoded word that begins within another";
static const char why_long[] = "encoded words that are too long";

struct word {
	const char *charset;
	size_t charset_len;
	char encoding;
	const char *text, *text_end;
	const char *end; /* behind the closing "?=" */
};

/* --- the two encodings --- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
decode_q(struct from_decoder *out, const char *p, const char *end)
{
	for (; p < end; p++) {
		int high, low;

		if (*p == '=' && end - p > 2 &&
		    (high = hex_digit(p[1])) != -1 &&
		    (low = hex_digit(p[2])) != -1) {
			from_decoder_byte(
			    out, (unsigned char)(high << 4 | low));
			p += 2;
		} else {
			from_decoder_byte(
			    out, *p == '_' ? ' ' : (unsigned char)*p);
		}
	}
}

/*
 * Digits, then at most two '=', which may be left out. Readers differ on
 * everything else: some end at the first '=', some pass over what is no digit.
 */
static bool
decode_b(struct from_decoder *out, const char *p, const char *end)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, value = 0;

	for (int i = 0; i < 2 && end > p && end[-1] == '='; i++)
		end--;
	for (; p < end; p++) {
		const char *digit = memchr(alphabet, *p, 64);

		if (digit == NULL)
			return false;
		value = (value << 6 | (unsigned)(digit - alphabet)) & 0xFFFF;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			from_decoder_byte(out, (unsigned char)(value >> bits));
		}
	}
	return true;
}

/* --- words in a text --- */

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
	word->text_end =
	    memmem(word->text, (size_t)(end - word->text), "?=", 2);
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

static const char *
decode_word(struct from_decoder *out, const struct word *word, bool follows,
    bool followed)
{
	const struct from_charset *charset =
	    from_charset_find(word->charset, word->charset_len);

	if (charset == NULL)
		return why_charset;
	/* no '?' may stand there (RFC 2047 2), so readers see the inner one */
	if (memmem(word->text, (size_t)(word->text_end - word->text), "=?",
	    2) != NULL)
		return why_within;
	from_decoder_begin(out, charset, follows);
	if (word->encoding == 'Q')
		decode_q(out, word->text, word->text_end);
	else if (!decode_b(out, word->text, word->text_end))
		return why_base64;
	from_decoder_finish(out, followed);
	return out->cut ? why_cut : NULL;
}

size_t
from_text_decode(const char *text, size_t len, char *decoded_r, size_t size,
    size_t *words_r, const char **why_r)
{
	const char *p = text, *end = text + len;
	const char *last = words_end(text, len);
	struct from_decoder out = { .at = decoded_r, .end = decoded_r + size };
	bool follows = false;
	struct word word;

	*words_r = 0;
	*why_r = NULL;
	while (p < end && *why_r == NULL) {
		if (!find_word(p, last, &word)) {
			from_decoder_put(&out, *p++);
			follows = false;
			continue;
		}
		++*words_r;
		p = skip_to_word(word.end, last);
		*why_r = decode_word(&out, &word, follows,
		    p < last && find_word(p, last, &(struct word){ 0 }));
		follows = true;
	}
	if (out.overflow && *why_r == NULL)
		*why_r = why_long;
	return (size_t)(out.at - decoded_r);
}
