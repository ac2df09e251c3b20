/*
 * A text that grows as it is written: answers whose length nobody knows
 * before. Out of memory ends the program.
 */
#ifndef WEIR_CORE_TEXTBUF_H
#define WEIR_CORE_TEXTBUF_H

#include <stddef.h>

struct textbuf { /* all zero: empty */
	char *bytes; /* not terminated; NULL while nothing was added */
	size_t len, size;
};

void textbuf_clear(struct textbuf *);
void textbuf_add(struct textbuf *, const char *bytes, size_t len);
void textbuf_puts(struct textbuf *, const char *text);

#endif
