/*
 * Aligned tables and labelled paragraphs for a person at a terminal. The only
 * place that writes strings from the state to the terminal: every one of them
 * is escaped (text_clean), colour is added around it.
 */
#ifndef WEIR_CTL_GRID_H
#define WEIR_CTL_GRID_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum paint { PAINT_PLAIN, PAINT_BOLD, PAINT_DIM, PAINT_GOOD, PAINT_WARN,
	PAINT_BAD };

enum { LABEL_WIDTH = 12 };

struct page { /* where it is written */
	FILE *out;
	bool colour;
	const char *label; /* waits for its paragraph's first line */
};

/* On a terminal that is not "dumb", unless NO_COLOR says otherwise. */
bool page_wants_colour(FILE *, const char *no_color, const char *term);

/* The next line begins with this label; further ones are indented alike. */
void page_label(struct page *, const char *label);

/* One line, escaped as a whole. */
void page_line(struct page *, enum paint, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void page_gap(struct page *);

struct grid;

/*
 * heads: titles of the columns, NULL for none. align: a letter a column, 'l'
 * or 'r'.
 */
struct grid *grid_new(const char *const *heads, const char *align);
void grid_free(struct grid **);

/* The next cell; the row ends with its last one. */
void grid_put(struct grid *, enum paint, const char *text);
void grid_put_number(struct grid *, int64_t);

/* A line of its own under the row that was put last. */
void grid_note(struct grid *, enum paint, const char *text);

/* In a labelled paragraph of the page, or at its edge without a label. */
void grid_print(const struct grid *, struct page *);

#endif
