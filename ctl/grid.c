/*
 * Tables. Cells are kept until all are known, since the widest decides. Width
 * counts code points: names of hosts, users and rules have no wide ones.
 */
#include "grid.h"

#include "core/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COLUMNS_MAX = 16, CELL_MAX = 512, LINE_MAX_SHOWN = 8192, GAP = 2,
	NOTE_INDENT = 4 };

struct cell {
	const char *text;
	enum paint paint;
	bool note; /* takes the whole line */
};

struct grid {
	const char *const *heads;
	const char *align;
	unsigned columns;
	struct cell *cells;
	size_t count, room;
};

static const char *const paints[] = {
	[PAINT_PLAIN] = "",
	[PAINT_BOLD] = "\033[1m",
	[PAINT_DIM] = "\033[2m",
	[PAINT_GOOD] = "\033[32m",
	[PAINT_WARN] = "\033[33m",
	[PAINT_BAD] = "\033[31m",
};

bool
page_wants_colour(FILE *out, const char *no_color, const char *term)
{
	if (no_color != NULL && no_color[0] != '\0') /* no-color.org */
		return false;
	if (term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0)
		return false;
	return isatty(fileno(out)) == 1;
}

void
page_label(struct page *page, const char *label)
{
	page->label = label;
}

static void
page_paint(struct page *page, enum paint paint, const char *text)
{
	bool colour = page->colour && paint != PAINT_PLAIN;

	(void)fprintf(page->out, "%s%s%s", colour ? paints[paint] : "", text,
	    colour ? "\033[0m" : "");
}

/* The left edge of a line: the label, or as much room. */
static void
page_edge(struct page *page)
{
	if (page->label == NULL)
		return;
	page_paint(page, PAINT_BOLD, page->label);
	(void)fprintf(page->out, "%*s",
	    LABEL_WIDTH - (int)strlen(page->label), "");
	page->label = "";
}

void
page_line(struct page *page, enum paint paint, const char *fmt, ...)
{
	char raw[LINE_MAX_SHOWN], shown[LINE_MAX_SHOWN];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text_clean(shown, sizeof(shown), raw, strlen(raw));
	page_edge(page);
	page_paint(page, paint, shown);
	(void)fputc('\n', page->out);
}

void
page_gap(struct page *page)
{
	page->label = NULL;
	(void)fputc('\n', page->out);
}

struct grid *
grid_new(const char *const *heads, const char *align)
{
	struct grid *grid = calloc(1, sizeof(*grid));

	if (grid == NULL)
		abort();
	grid->heads = heads;
	grid->align = align;
	grid->columns = (unsigned)strlen(align);
	if (grid->columns == 0 || grid->columns > COLUMNS_MAX)
		abort();
	return grid;
}

void
grid_free(struct grid **grid)
{
	if (*grid == NULL)
		return;
	for (size_t i = 0; i < (*grid)->count; i++)
		free((void *)(*grid)->cells[i].text);
	free((*grid)->cells);
	free(*grid);
	*grid = NULL;
}

static void
grid_add(struct grid *grid, enum paint paint, const char *text, bool note)
{
	char shown[CELL_MAX];

	if (grid->count == grid->room) {
		grid->room = grid->room == 0 ? 64 : 2 * grid->room;
		grid->cells = reallocarray(grid->cells, grid->room,
		    sizeof(*grid->cells));
		if (grid->cells == NULL)
			abort();
	}
	text_clean(shown, sizeof(shown), text, strlen(text));
	grid->cells[grid->count].text = strdup(shown);
	grid->cells[grid->count].paint = paint;
	grid->cells[grid->count].note = note;
	if (grid->cells[grid->count].text == NULL)
		abort();
	grid->count++;
}

void
grid_put(struct grid *grid, enum paint paint, const char *text)
{
	grid_add(grid, paint, text, false);
}

void
grid_put_number(struct grid *grid, int64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, number);
	grid_put(grid, PAINT_PLAIN, text);
}

void
grid_note(struct grid *grid, enum paint paint, const char *text)
{
	grid_add(grid, paint, text, true);
}

static unsigned
cell_width(const char *text)
{
	unsigned width = 0;

	for (; *text != '\0'; text++) /* not the bytes 10xxxxxx of UTF-8 */
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void
grid_measure(const struct grid *grid, unsigned widths[COLUMNS_MAX])
{
	unsigned column = 0;

	for (unsigned i = 0; i < grid->columns; i++)
		widths[i] = grid->heads == NULL ? 0 :
		                                  cell_width(grid->heads[i]);
	for (size_t i = 0; i < grid->count; i++) {
		unsigned width = cell_width(grid->cells[i].text);

		if (grid->cells[i].note)
			continue;
		if (width > widths[column])
			widths[column] = width;
		column = column + 1 < grid->columns ? column + 1 : 0;
	}
}

/*
 * Blanks are owed until a cell with text follows, so that no line ends in
 * them. *owed: blanks between what is printed and this cell.
 */
static void
grid_print_cell(const struct grid *grid, struct page *page, unsigned column,
    unsigned width, const struct cell *cell, unsigned *owed)
{
	unsigned pad = width - cell_width(cell->text);
	bool right = grid->align[column] == 'r';

	if (cell->text[0] != '\0') {
		(void)fprintf(page->out, "%*s",
		    (int)(*owed + (right ? pad : 0)), "");
		page_paint(page, cell->paint, cell->text);
		*owed = right ? 0 : pad;
	} else
		*owed += pad;
	*owed += GAP;
	if (column + 1 == grid->columns) {
		(void)fputc('\n', page->out);
		*owed = 0;
	}
}

static void
grid_print_heads(const struct grid *grid, struct page *page,
    const unsigned *widths)
{
	unsigned owed = 0;

	page_edge(page);
	for (unsigned i = 0; i < grid->columns; i++) {
		struct cell cell = { grid->heads[i], PAINT_BOLD,
			false };

		grid_print_cell(grid, page, i, widths[i], &cell, &owed);
	}
}

void
grid_print(const struct grid *grid, struct page *page)
{
	unsigned widths[COLUMNS_MAX] = { 0 }, column = 0, owed = 0;

	grid_measure(grid, widths);
	if (grid->heads != NULL)
		grid_print_heads(grid, page, widths);
	for (size_t i = 0; i < grid->count; i++) {
		const struct cell *cell = &grid->cells[i];

		if (column == 0)
			page_edge(page);
		if (cell->note) {
			(void)fprintf(page->out, "%*s", NOTE_INDENT, "");
			page_paint(page, cell->paint, cell->text);
			(void)fputc('\n', page->out);
			continue;
		}
		grid_print_cell(grid, page, column, widths[column], cell,
		    &owed);
		column = column + 1 < grid->columns ? column + 1 : 0;
	}
}
