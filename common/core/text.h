/*
 * Small helpers for strings whose length a stranger chose.
 */
#ifndef WEIR_CORE_TEXT_H
#define WEIR_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Copies a string whole: 0, or -1 (and an empty dst) when it does not fit. */
int text_copy(char *dst, size_t size, const char *src);

/* The same for a string given by its length; -1 also when it holds a NUL. */
int text_copy_n(char *dst, size_t size, const char *src, size_t len);

/* ASCII only, so that a locale never decides who a user is. */
static inline char
text_lower_of(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void text_lower(char *s);
bool text_equal_nocase(const char *a, const char *b);

/*
 * Makes any bytes safe to show on one line of a log or terminal: control
 * characters, quotes, backslash, broken UTF-8, and what shows nothing or turns
 * the text around (core/utf8.h) become \xHH. Cut to fit with a closing "...".
 * Returns dst.
 */
const char *text_escape(char *dst, size_t size, const char *src, size_t len);

/*
 * The same, but quotes and backslashes stay: for what is quoted where it is
 * shown (JSON, events), or is not quoted (a terminal). Clean text is not
 * changed by it.
 */
const char *text_clean(char *dst, size_t size, const char *src, size_t len);

/* The same between double quotes; size is at least 6. */
const char *text_quote(char *dst, size_t size, const char *src, size_t len);

#endif
