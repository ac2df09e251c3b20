/*
 * One table of charsets, and one function a kind of them.
 *
 * Double bytes are where addresses hide. The second byte of a character may
 * look like '@', so it must be passed over where it is one; a first byte that
 * is none must not pass over an '@'; and each of these charsets has wide forms
 * of '@' of its own.
 */
#include "core/from_charset.h"

#include <string.h>
#include <strings.h>

struct range {
	unsigned char first, last;
};

struct from_charset { /* or several that are alike in what matters */
	void (*byte)(struct from_decoder *, unsigned char);
	/* of charsets of double bytes */
	struct range lead[2], trail[3];
	unsigned at[2]; /* wide forms of '@' */
};

static void byte_plain(struct from_decoder *, unsigned char);
static void byte_latin1(struct from_decoder *, unsigned char);
static void byte_windows(struct from_decoder *, unsigned char);
static void byte_single(struct from_decoder *, unsigned char);
static void byte_double(struct from_decoder *, unsigned char);
static void byte_escaped(struct from_decoder *, unsigned char);

/* clang-format off */
static const struct from_charset plain = { .byte = byte_plain };
static const struct from_charset latin1 = { .byte = byte_latin1 };
static const struct from_charset windows = { .byte = byte_windows };
static const struct from_charset single = { .byte = byte_single };
static const struct from_charset escaped = { .byte = byte_escaped };
static const struct from_charset gbk = { .byte = byte_double,
	.lead = { { 0x81, 0xFE } },
	.trail = { { 0x40, 0x7E }, { 0x80, 0xFE } },
	.at = { 0xA3C0, 0xA988 } };
static const struct from_charset big5 = { .byte = byte_double,
	.lead = { { 0x81, 0xFE } },
	.trail = { { 0x40, 0x7E }, { 0xA1, 0xFE } },
	.at = { 0xA249, 0xA24E } };
static const struct from_charset shift_jis = { .byte = byte_double,
	.lead = { { 0x81, 0x9F }, { 0xE0, 0xFC } },
	.trail = { { 0x40, 0x7E }, { 0x80, 0xFC } },
	.at = { 0x8197 } };
static const struct from_charset uhc = { .byte = byte_double,
	.lead = { { 0x81, 0xFE } },
	.trail = { { 0x41, 0x5A }, { 0x61, 0x7A }, { 0x81, 0xFE } },
	.at = { 0xA3C0 } };
static const struct from_charset euc_jp = { .byte = byte_double,
	.lead = { { 0xA1, 0xFE }, { 0x8E, 0x8F } },
	.trail = { { 0xA1, 0xFE } },
	.at = { 0xA1F7 } };

static const struct {
	const char *name; /* ending in '*': what begins so */
	const struct from_charset *charset;
} names[] = {
	{ "utf-8", &plain }, { "utf8", &plain },
	{ "us-ascii", &plain }, { "ascii", &plain },
	{ "ansi_x3.4-1968", &plain }, { "unknown-8bit", &plain },
	{ "x-unknown", &plain },
	{ "iso-8859-1", &latin1 }, { "iso-8859-15", &latin1 },
	{ "iso8859-1", &latin1 }, { "iso8859-15", &latin1 },
	{ "iso_8859-1", &latin1 }, { "latin1", &latin1 },
	{ "latin-1", &latin1 }, { "l1", &latin1 },
	{ "windows-1252", &windows }, { "cp1252", &windows },
	{ "cp-1252", &windows },
	{ "iso-8859-*", &single }, { "iso8859-*", &single },
	{ "iso_8859-*", &single }, { "windows-125*", &single },
	{ "cp125*", &single }, { "cp-125*", &single },
	{ "windows-874", &single }, { "cp874", &single },
	{ "tis-620", &single }, { "koi8-*", &single },
	{ "koi8r", &single }, { "macintosh", &single },
	{ "x-mac-*", &single }, { "latin2", &single },
	{ "cp437", &single }, { "ibm437", &single },
	{ "cp850", &single }, { "ibm850", &single },
	{ "cp852", &single }, { "ibm852", &single },
	{ "cp866", &single }, { "ibm866", &single },
	{ "viscii", &single }, { "armscii-8", &single },
	{ "gb2312", &gbk }, { "gb_2312-80", &gbk }, { "euc-cn", &gbk },
	{ "gbk", &gbk }, { "gb18030", &gbk }, { "cp936", &gbk },
	{ "windows-936", &gbk }, { "x-gbk", &gbk },
	{ "big5", &big5 }, { "big5-hkscs", &big5 }, { "cn-big5", &big5 },
	{ "cp950", &big5 }, { "x-big5", &big5 },
	{ "shift_jis", &shift_jis }, { "shift-jis", &shift_jis },
	{ "sjis", &shift_jis }, { "x-sjis", &shift_jis },
	{ "ms_kanji", &shift_jis }, { "windows-31j", &shift_jis },
	{ "cp932", &shift_jis },
	{ "euc-kr", &uhc }, { "ks_c_5601-1987", &uhc }, { "ksc5601", &uhc },
	{ "ks_c_5601", &uhc }, { "cp949", &uhc }, { "windows-949", &uhc },
	{ "uhc", &uhc }, { "x-windows-949", &uhc },
	{ "euc-jp", &euc_jp }, { "x-euc-jp", &euc_jp },
	{ "iso-2022-jp", &escaped }, { "iso-2022-jp-*", &escaped },
	{ "iso-2022-kr", &escaped }, { "cp5022*", &escaped },
};
/* clang-format on */

static bool
is_name(const char *pattern, const char *name, size_t len)
{
	size_t known = strlen(pattern);

	if (pattern[known - 1] == '*')
		return len >= known &&
		       strncasecmp(pattern, name, known - 1) == 0;
	return len == known && strncasecmp(pattern, name, len) == 0;
}

const struct from_charset *
from_charset_find(const char *name, size_t len)
{
	const char *language = memchr(name, '*', len); /* RFC 2231 5 */

	if (language != NULL)
		len = (size_t)(language - name);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (is_name(names[i].name, name, len))
			return names[i].charset;
	}
	return NULL;
}

void
from_decoder_put(struct from_decoder *out, char c)
{
	if (out->at == out->end)
		out->overflow = true;
	else
		*out->at++ = c;
}

/* --- single bytes --- */

static void
byte_plain(struct from_decoder *out, unsigned char byte)
{
	from_decoder_put(out, (char)byte);
}

static void
byte_single(struct from_decoder *out, unsigned char byte)
{
	from_decoder_put(out, byte >= 0x80 ? '?' : (char)byte);
}

static void
byte_latin1(struct from_decoder *out, unsigned char byte)
{
	if (byte >= 0x80) {
		from_decoder_put(out, (char)(0xC0 | byte >> 6));
		byte = 0x80 | (byte & 0x3F);
	}
	from_decoder_put(out, (char)byte);
}

/* Latin 1, with quotation marks where that has controls. */
static void
byte_windows(struct from_decoder *out, unsigned char byte)
{
	static const unsigned char marks[] = { 0x82, 0x84, 0x8B, 0x91, 0x92,
		0x93, 0x94, 0x9B };

	if (byte < 0x80 || byte >= 0xA0)
		byte_latin1(out, byte);
	else
		from_decoder_put(out,
		    memchr(marks, byte, sizeof(marks)) != NULL ? '"' : '?');
}

/* --- double bytes --- */

static bool
is_in(const struct range *ranges, size_t count, unsigned char byte)
{
	for (size_t i = 0; i < count; i++) {
		if (byte >= ranges[i].first && byte <= ranges[i].last &&
		    ranges[i].last != 0)
			return true;
	}
	return false;
}

static bool
is_wide_at(const struct from_charset *charset, unsigned lead, unsigned byte)
{
	unsigned both = lead << 8 | byte;

	return both == charset->at[0] || both == charset->at[1];
}

/* In loose mode every byte may begin a character, and none is passed over. */
static void
byte_double(struct from_decoder *out, unsigned char byte)
{
	const struct from_charset *charset = out->charset;
	unsigned char lead = out->lead;

	out->lead = 0;
	if (lead != 0 && is_wide_at(charset, lead, byte)) {
		from_decoder_put(out, '@');
		return;
	}
	if (lead != 0)
		from_decoder_put(out, '?');
	if (lead != 0 && !out->loose) {
		if (is_in(charset->trail, 3, byte))
			return;
		out->loose = true;
	}
	if (is_in(charset->lead, 2, byte)) {
		out->lead = byte;
		return;
	}
	/* katakana of one byte, in Shift JIS; else nothing at all */
	if (byte >= 0x80 &&
	    !(charset->lead[1].first == 0xE0 && byte >= 0xA1 && byte <= 0xDF))
		out->loose = true;
	from_decoder_put(out, byte >= 0x80 ? '?' : (char)byte);
}

/* --- escapes and shifts, ISO 2022 --- */

/*
 * ESC ( F: a set of single bytes, like ASCII; ESC $ F and ESC $ ( F: of
 * double bytes; ESC $ ) F: one that shift out (SO) turns on. The final byte is
 * 0x30 or more.
 */
static void
byte_of_escape(struct from_decoder *out, unsigned char byte)
{
	if (out->escape++ == 1)
		out->escape_double = byte == '$';
	if (byte >= ')' && byte < 0x30)
		out->escape_other = true;
	if (byte < 0x30)
		return;
	if (!out->escape_other)
		out->shifted = out->escape_double;
	out->escape = 0;
}

/* 0x2177 is the wide '@' of JIS X 0208, 0x2340 that of KS X 1001. */
static void
byte_shifted(struct from_decoder *out, unsigned char byte)
{
	unsigned both = (unsigned)out->lead << 8 | byte;

	if (byte <= ' ' || byte >= 0x7F) {
		out->lead = 0;
		from_decoder_put(out, byte >= 0x7F ? '?' : (char)byte);
	} else if (out->lead == 0) {
		out->lead = byte;
	} else {
		from_decoder_put(
		    out, both == 0x2177 || both == 0x2340 ? '@' : '?');
		out->lead = 0;
	}
}

static void
byte_escaped(struct from_decoder *out, unsigned char byte)
{
	if (byte == 0x1B) {
		out->escape = 1;
		out->escape_double = out->escape_other = false;
		out->lead = 0;
	} else if (out->escape != 0) {
		byte_of_escape(out, byte);
	} else if (byte == 0x0E || byte == 0x0F) {
		out->shifted = byte == 0x0E;
		out->lead = 0;
	} else if (out->shifted) {
		byte_shifted(out, byte);
	} else {
		byte_single(out, byte);
	}
}

/* --- words --- */

void
from_decoder_begin(
    struct from_decoder *out, const struct from_charset *charset, bool follows)
{
	bool joined = follows && out->lead != 0 && charset == out->charset;

	if (out->lead != 0 && !joined)
		from_decoder_put(out, '?');
	if (!joined)
		out->lead = 0;
	out->charset = charset;
	out->loose = joined;
	out->escape = 0;
	out->shifted = false;
}

void
from_decoder_byte(struct from_decoder *out, unsigned char byte)
{
	out->charset->byte(out, byte);
}

/*
 * RFC 2047 5: a word holds whole characters. One of ISO 2022 also ends in
 * ASCII; what stands behind one that does not nobody can tell.
 */
void
from_decoder_finish(struct from_decoder *out, bool followed)
{
	if (out->shifted || out->escape != 0)
		out->cut = true;
	if (!followed && out->lead != 0) {
		from_decoder_put(out, '?');
		out->lead = 0;
	}
}
