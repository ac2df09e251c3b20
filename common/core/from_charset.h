/*
 * Charsets of encoded words (RFC 2047) in From headers, understood so far as
 * shows every '@', blank and quotation mark a reader would see; other
 * characters become a '?', but for those of UTF-8. Part of core/from.h.
 *
 * Where readers disagree, because bytes are cut or no character of the
 * charset, an '@' that some reader sees is shown. A charset that is not known
 * here has no place in a mail header of ours: it might spell ASCII in other
 * bytes, as UTF-7, UTF-16, HZ and EBCDIC do.
 */
#ifndef WEIR_CORE_FROM_CHARSET_H
#define WEIR_CORE_FROM_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

struct from_charset;

/* By its name, in any case, without "*language"; NULL when it is not known. */
const struct from_charset *from_charset_find(const char *name, size_t len);

struct from_decoder {
	const struct from_charset *charset;
	char *at, *end; /* where the text goes, and where it must end */
	bool overflow; /* it did not fit */
	bool cut; /* a word ended among characters that are not ASCII */

	/* within a word */
	unsigned char lead; /* the first byte of two */
	bool loose; /* something was irregular: no byte is passed over */
	unsigned escape; /* bytes of an escape sequence seen */
	bool escape_double; /* it names a set of double bytes */
	bool escape_other; /* it does not change what follows at once */
	bool shifted; /* what follows are double bytes */
};

/* A text as it stands. */
void from_decoder_put(struct from_decoder *, char);

/*
 * The bytes of one word, in order. follows: it stands directly behind another
 * word, with which some readers join it before they decode.
 */
void from_decoder_begin(struct from_decoder *, const struct from_charset *,
    bool follows);
void from_decoder_byte(struct from_decoder *, unsigned char);
void from_decoder_finish(struct from_decoder *, bool followed);

#endif
