/*
 * weirctl limits: the counters nearest to their limit.
 *
 * The state holds up to a million of them and must not stand still to sort
 * them: it is asked page by page, and the N that count are kept here. Once
 * there are N, it is asked only for what is fuller than the last of them.
 */
#include "ctl.h"
#include "field.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_KEYS = 1000, TOP_MAX = 1000000, CURSOR_TEXT_MAX = 24,
	NUMBERS_MAX = 64 };

static double
row_share(const json_t *row)
{
	double limit = field_real(row, "limit");

	return limit > 0 ? field_real(row, "used") / limit : 0;
}

/* Fullest first; then by rule and key, so that two calls look alike. */
static int
row_compare(const void *va, const void *vb)
{
	const json_t *a = *(json_t *const *)va, *b = *(json_t *const *)vb;
	double sa = row_share(a), sb = row_share(b);
	int order;

	if (sa != sb)
		return sa > sb ? -1 : 1;
	order = strcmp(field_text(a, "rule"), field_text(b, "rule"));
	if (order == 0)
		order = strcmp(field_text(a, "key"), field_text(b, "key"));
	if (order == 0)
		order = field_number(a, "period") > field_number(b, "period");
	return order;
}

/* Keeps the first 'top' rows in order. */
static json_t *
rows_top(json_t *rows, size_t top)
{
	size_t count = json_array_size(rows);
	json_t **list = calloc(count + 1, sizeof(json_t *));
	json_t *kept = json_array();

	if (list == NULL)
		abort();
	for (size_t i = 0; i < count; i++)
		list[i] = json_array_get(rows, i);
	qsort(list, count, sizeof(list[0]), row_compare);
	for (size_t i = 0; i < count && i < top; i++)
		json_array_append(kept, list[i]);
	free(list);
	json_decref(rows);
	return kept;
}

/* How full a row must be, in millionths, to come before the last of 'top'. */
static unsigned
rows_above(const json_t *rows, size_t top)
{
	double share;

	if (json_array_size(rows) < top)
		return 0;
	share = row_share(json_array_get(rows, top - 1)) * 1000000;
	return share < UINT32_MAX ? (unsigned)share : UINT32_MAX;
}

/* Every page of the state's table, cut down to 'top' as they come. */
static enum ctl_exit
limits_pages(struct ctl *ctl, size_t top, json_t **rows)
{
	char cursor[CURSOR_TEXT_MAX] = "0", count[CURSOR_TEXT_MAX];
	char above[CURSOR_TEXT_MAX];
	const char *const question[] = { "LIMITS", cursor, count, above };

	(void)snprintf(count, sizeof(count), "%d", PAGE_KEYS);
	do {
		json_t *page;
		enum ctl_exit code;

		(void)snprintf(above, sizeof(above), "%u",
		    rows_above(*rows, top));
		code = ctl_ask(ctl, &page, 4, question);
		if (code != CTL_DONE)
			return code;
		json_array_extend(*rows, json_object_get(page, "limits"));
		if (json_array_size(*rows) > top)
			*rows = rows_top(*rows, top);
		(void)snprintf(cursor, sizeof(cursor), "%.20s",
		    field_text(page, "cursor"));
		json_decref(page);
	} while (strcmp(cursor, "0") != 0 && cursor[0] != '\0');
	return CTL_DONE;
}

static enum ctl_exit
limits_of_key(struct ctl *ctl, const char *key, json_t **rows)
{
	const char *const question[] = { "LIMIT", key };
	json_t *page;
	enum ctl_exit code = ctl_ask(ctl, &page, 2, question);

	if (code != CTL_DONE)
		return code;
	json_array_extend(*rows, json_object_get(page, "limits"));
	json_decref(page);
	return CTL_DONE;
}

static void
limits_print(struct ctl *ctl, const json_t *rows)
{
	static const char *const heads[] = { "RULE", "KEY", "WHAT", "USED",
		"LIMIT", "PER", "FULL", "GONE IN" };
	struct grid *grid = grid_new(heads, "lllrrlrr");
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		char words[SPAN_WORDS_MAX], share[NUMBERS_MAX];
		double full = 100 * row_share(row);

		(void)snprintf(share, sizeof(share), "%.0f%%", full);
		grid_put(grid, PAINT_PLAIN, field_text(row, "rule"));
		grid_put(grid, PAINT_PLAIN, field_text(row, "key"));
		grid_put(grid, PAINT_PLAIN, field_text(row, "what"));
		grid_put_number(grid, field_number(row, "used"));
		grid_put_number(grid, field_number(row, "limit"));
		grid_put(grid, PAINT_PLAIN,
		    span_words(field_number(row, "period"), words));
		grid_put(grid, full >= 100 ? PAINT_BAD :
		    full >= 80 ? PAINT_WARN : PAINT_PLAIN, share);
		grid_put(grid, PAINT_PLAIN,
		    span_words(field_number(row, "resets_in"), words));
	}
	grid_print(grid, &ctl->page);
	grid_free(&grid);
}

static void
limits_show(struct ctl *ctl, json_t *rows)
{
	if (ctl->json) {
		json_t *object = json_object();

		json_object_set(object, "limits", rows);
		ctl_print_json(ctl, object);
		json_decref(object);
	} else if (json_array_size(rows) == 0)
		page_line(&ctl->page, PAINT_PLAIN, "Nothing is counted now.");
	else
		limits_print(ctl, rows);
}

enum ctl_exit
run_limits(struct ctl *ctl, const struct args *args)
{
	const char *key = args_value(args, "key", NULL);
	const char *text = args_value(args, "top", "20");
	char *end;
	long top = strtol(text, &end, 10);
	enum ctl_exit code;
	json_t *rows;

	if (*end != '\0' || end == text || top < 1 || top > TOP_MAX)
		return ctl_say(ctl, CTL_USAGE, "--top %s: a number from 1 on "
		    "would be right", text);
	rows = json_array();
	code = key != NULL ? limits_of_key(ctl, key, &rows) :
	    limits_pages(ctl, (size_t)top, &rows);
	if (code == CTL_DONE) {
		rows = rows_top(rows, (size_t)top);
		limits_show(ctl, rows);
	}
	json_decref(rows);
	return code;
}
