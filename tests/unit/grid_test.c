/* Tables and paragraphs of weirctl, as they stand on the page. */
#include "ctl/grid.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

static char *text;
static size_t len;

static struct page
page_open(bool colour)
{
	return (struct page) { .out = open_memstream(&text, &len),
		.colour = colour };
}

/* What is on the page, compared with what should be; the page is gone then. */
static void
page_is(struct page *page, const char *expected)
{
	(void)fclose(page->out);
	ck_assert_str_eq(text, expected);
	free(text);
}

static void
put_row(struct grid *grid, const char *a, const char *b, const char *c)
{
	grid_put(grid, PAINT_PLAIN, a);
	grid_put(grid, PAINT_PLAIN, b);
	grid_put(grid, PAINT_PLAIN, c);
}

START_TEST(columns_are_as_wide_as_their_widest_cell)
{
	static const char *const heads[] = { "HOST", "MAIL", "STATE" };
	struct grid *grid = grid_new(heads, "lrl");
	struct page page = page_open(false);

	put_row(grid, "a", "1", "healthy");
	put_row(grid, "isp-bbbb", "12345", "down");
	grid_print(grid, &page);
	page_is(&page,
	    "HOST       MAIL  STATE\n"
	    "a             1  healthy\n"
	    "isp-bbbb  12345  down\n");
	grid_free(&grid);
	ck_assert_ptr_null(grid);
}
END_TEST

START_TEST(no_line_ends_in_blanks)
{
	struct grid *grid = grid_new(NULL, "lll");
	struct page page = page_open(false);

	put_row(grid, "a", "", "");
	put_row(grid, "", "bb", "");
	put_row(grid, "", "", "c");
	grid_print(grid, &page);
	page_is(&page, "a\n   bb\n       c\n");
	grid_free(&grid);
}
END_TEST

START_TEST(utf8_counts_by_characters)
{
	struct grid *grid = grid_new(NULL, "ll");
	struct page page = page_open(false);

	grid_put(grid, PAINT_PLAIN, "b\xc3\xbc" "cher");
	grid_put(grid, PAINT_PLAIN, "x");
	grid_put(grid, PAINT_PLAIN, "bucher");
	grid_put(grid, PAINT_PLAIN, "y");
	grid_print(grid, &page);
	page_is(&page, "b\xc3\xbc" "cher  x\nbucher  y\n");
	grid_free(&grid);
}
END_TEST

START_TEST(hostile_cells_are_escaped)
{
	struct grid *grid = grid_new(NULL, "ll");
	struct page page = page_open(false);

	grid_put(grid, PAINT_PLAIN, "a\033[2Jb\n");
	grid_put(grid, PAINT_PLAIN, "say \"hi\\\" \xff");
	grid_note(grid, PAINT_PLAIN, "note\r\a");
	grid_print(grid, &page);
	page_line(&page, PAINT_PLAIN, "%s", "\033]0;title\a");
	page_is(&page,
	    "a\\x1B[2Jb\\x0A  say \"hi\\\" \\xFF\n"
	    "    note\\x0D\\x07\n"
	    "\\x1B]0;title\\x07\n");
	grid_free(&grid);
}
END_TEST

START_TEST(colour_stands_around_the_text_and_does_not_widen_it)
{
	struct grid *grid = grid_new(NULL, "ll");
	struct page page = page_open(true);

	grid_put(grid, PAINT_GOOD, "up");
	grid_put(grid, PAINT_PLAIN, "x");
	grid_put(grid, PAINT_BAD, "gone");
	grid_put(grid, PAINT_PLAIN, "y");
	grid_print(grid, &page);
	page_is(&page,
	    "\033[32mup\033[0m    x\n"
	    "\033[31mgone\033[0m  y\n");
	grid_free(&grid);
}
END_TEST

START_TEST(a_label_stands_before_its_first_line_only)
{
	struct grid *grid = grid_new(NULL, "ll");
	struct page page = page_open(false);

	page_label(&page, "Who");
	page_line(&page, PAINT_PLAIN, "alice");
	page_line(&page, PAINT_PLAIN, "by login");
	page_label(&page, "Hosts");
	grid_put(grid, PAINT_PLAIN, "1");
	grid_put(grid, PAINT_PLAIN, "a");
	grid_put(grid, PAINT_PLAIN, "2");
	grid_put(grid, PAINT_PLAIN, "b");
	grid_print(grid, &page);
	page_gap(&page);
	page_line(&page, PAINT_PLAIN, "end");
	page_is(&page,
	    "Who         alice\n"
	    "            by login\n"
	    "Hosts       1  a\n"
	    "            2  b\n"
	    "\n"
	    "end\n");
	grid_free(&grid);
}
END_TEST

START_TEST(colour_is_for_terminals_only)
{
	FILE *file = tmpfile();

	ck_assert(!page_wants_colour(file, NULL, "xterm"));
	ck_assert(!page_wants_colour(stdout, "1", "xterm"));
	ck_assert(!page_wants_colour(stdout, NULL, "dumb"));
	ck_assert(!page_wants_colour(stdout, NULL, NULL));
	(void)fclose(file);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("grid");
	TCase *tcase = tcase_create("grid");

	tcase_add_test(tcase, columns_are_as_wide_as_their_widest_cell);
	tcase_add_test(tcase, no_line_ends_in_blanks);
	tcase_add_test(tcase, utf8_counts_by_characters);
	tcase_add_test(tcase, hostile_cells_are_escaped);
	tcase_add_test(tcase,
	    colour_stands_around_the_text_and_does_not_widen_it);
	tcase_add_test(tcase, a_label_stands_before_its_first_line_only);
	tcase_add_test(tcase, colour_is_for_terminals_only);
	suite_add_tcase(suite, tcase);
	return suite;
}
