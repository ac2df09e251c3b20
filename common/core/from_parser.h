/*
 * Inside the parser of the From header (core/from.h): what its files share.
 * from_lex.c has characters, white space and quoted strings, from_address.c
 * the addr-spec, from.c mailboxes and the list of them.
 *
 * A function that returns bool has said why when it is false.
 */
#ifndef WEIR_CORE_FROM_PARSER_H
#define WEIR_CORE_FROM_PARSER_H

#include "core/from.h"

#include <stdbool.h>

struct from_piece { /* what is meant by a name, quoted string or comment */
	size_t len;
	char bytes[FROM_VALUE_MAX];
};

struct from_parser {
	const char *p, *end;
	struct mailboxes *out;
	const char *why; /* set once: what is wrong */
	bool blank; /* skip_cfws passed white space or a comment */
	bool folded; /* read_quoted passed a line end */
	struct from_piece name; /* the display name so far */
	struct from_piece word; /* the quoted string or comment last read */
};

/* --- from_lex.c --- */

/* Remembers the first thing that is wrong; false, for the caller to return. */
bool from_fail(struct from_parser *, const char *why);

/* No piece is longer than the value it came from. */
void from_put(struct from_piece *, char);

/* The next byte, -1 at the end. */
int from_peek(const struct from_parser *);
bool from_is_space(int);

/* RFC 5322 3.2.3 with RFC 6532 3.2; that it is UTF-8 was checked. */
bool from_is_atext(int);

/*
 * The whole value is UTF-8 without controls and properly folded. A line of
 * blanks alone is obsolete folding (RFC 5322 4.2), but for the first.
 */
bool from_check_characters(struct from_parser *);

/* Looks for addresses a reader would see in a name or comment. */
bool from_look_into(struct from_parser *, const struct from_piece *);

/* White space and comments; sets blank. */
bool from_skip_cfws(struct from_parser *);

/*
 * At '"': a quoted string into word; its folding goes, its blanks stay. Sets
 * folded.
 */
bool from_read_quoted(struct from_parser *);

/* --- from_address.c --- */

/* How long the run of atext and dots here is. */
size_t from_run_length(const struct from_parser *);

/* Reads a local part into address, in canonical form. */
bool from_read_local(struct from_parser *, struct from_piece *address);

/* The quoted string in word as a local part. */
bool from_put_quoted_local(struct from_parser *, struct from_piece *address);

/* At '@', behind a local part: the domain; the mailbox is then listed. */
bool from_finish_address(struct from_parser *, struct from_piece *address);

#endif
