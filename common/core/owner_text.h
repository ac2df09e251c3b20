/*
 * The words of a table of owners. A file is written as postmap(1) wants its
 * input: a line begins with the login, white space follows, then what he may
 * send as, in words that commas or white space part; a line that begins with
 * white space goes on with the row before; empty lines, and lines whose first
 * character is a '#', are nothing. The value of another table is what stands
 * behind the login.
 *
 * Words are not judged here (io/owner_rows.h does that).
 */
#ifndef WEIR_CORE_OWNER_TEXT_H
#define WEIR_CORE_OWNER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum owner_word {
	OWNER_WORD_END,
	OWNER_WORD_LOGIN, /* begins a row */
	OWNER_WORD_SENDER, /* or home=NAME */
};

struct owner_text {
	const char *at, *end;
	unsigned line; /* of at */
	bool in_row; /* false: at the beginning of a line */
};

/* A file, from its first line on. Bytes are borrowed. */
void owner_text_file(struct owner_text *, const char *bytes, size_t len);

/* A value alone: no login comes. */
void owner_text_value(struct owner_text *, const char *bytes, size_t len);

/*
 * The next word, and where it stands. A sender before any login is possible in
 * a file that begins with white space. At the end the line is the last one.
 */
enum owner_word owner_text_next(struct owner_text *, const char **word_r,
    size_t *len_r, unsigned *line_r);

#endif
