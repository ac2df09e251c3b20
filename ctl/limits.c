/*
 * weirctl limits: the counters nearest to their limit. weirctl limits reset:
 * those of one key forgotten.
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
	int64_t pa = field_number(a, "period"), pb = field_number(b, "period");
	int order;

	if (sa != sb)
		return sa > sb ? -1 : 1;
	order = strcmp(field_text(a, "rule"), field_text(b, "rule"));
	if (order == 0)
		order = strcmp(field_text(a, "key"), field_text(b, "key"));
	return order != 0 ? order : (pa > pb) - (pa < pb);
}

/* Keeps the first 'top' rows in order. */
static json_t *
rows_top(json_t *rows, size_t top)
{
	size_t count = json_array_size(rows);
	json_t **list = calloc(count + 1,
	    sizeof(json_t *)); /* NOLINT(*-sizeof-*): of a pointer */
	json_t *kept = json_array();

	if (list == NULL)
		abort();
	for (size_t i = 0; i < count; i++)
		list[i] = json_array_get(rows, i);
	/* NOLINTNEXTLINE(*-sizeof-*): of a pointer */
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

/* Networks are counted to one more than the limit, and no further. */
const char *
limit_used_words(const json_t *row, char buf[LIMIT_USED_WORDS_MAX])
{
	int64_t used = field_number(row, "used");
	int64_t limit = field_number(row, "limit");

	if (strcmp(field_text(row, "what"), "clients") == 0 && used > limit)
		(void)snprintf(buf, LIMIT_USED_WORDS_MAX,
		    "more than %" PRId64, limit);
	else
		(void)snprintf(buf, LIMIT_USED_WORDS_MAX, "%" PRId64, used);
	return buf;
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
		char used[LIMIT_USED_WORDS_MAX];
		double full = 100 * row_share(row);

		(void)snprintf(share, sizeof(share), "%.0f%%", full);
		grid_put(grid, PAINT_PLAIN, field_text(row, "rule"));
		grid_put(grid, PAINT_PLAIN, field_text(row, "key"));
		grid_put(grid, PAINT_PLAIN, field_text(row, "what"));
		grid_put(grid, PAINT_PLAIN, limit_used_words(row, used));
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

/* Of one key: the networks a login came from, the latest at the end. */
static void
networks_print(struct ctl *ctl, const json_t *rows)
{
	const json_t *row, *networks, *network;
	size_t i, j;

	json_array_foreach(rows, i, row) {
		networks = json_object_get(row, "networks");
		if (json_array_size(networks) == 0)
			continue;
		page_gap(&ctl->page);
		page_line(&ctl->page, PAINT_PLAIN, "%s saw %s from:",
		    field_text(row, "rule"), field_text(row, "key"));
		json_array_foreach(networks, j, network)
			page_line(&ctl->page, PAINT_PLAIN, "  %s",
			    json_string_value(network));
	}
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
	else {
		limits_print(ctl, rows);
		networks_print(ctl, rows);
	}
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

/* --- limits reset --- */

static void
reset_print(struct ctl *ctl, const json_t *rows)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		char used[LIMIT_USED_WORDS_MAX];

		page_line(&ctl->page, PAINT_PLAIN, "%s of %s is 0 again, it "
		    "was %s of %" PRId64 " %s", field_text(row, "rule"),
		    field_text(row, "key"), limit_used_words(row, used),
		    field_number(row, "limit"), field_text(row, "what"));
	}
}

/* Those of one rule; NULL: all. */
static json_t *
rows_of_rule(json_t *rows, const char *rule)
{
	json_t *kept = json_array(), *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		if (rule == NULL || strcmp(field_text(row, "rule"), rule) == 0)
			json_array_append(kept, row);
	}
	json_decref(rows);
	return kept;
}

/* What it was is asked first, to be shown when it is gone. */
enum ctl_exit
run_limits_reset(struct ctl *ctl, const struct args *args)
{
	const char *rule = args_value(args, "rule", NULL);
	const char *const order[] = { "RESET", args->operands[0], rule };
	json_t *rows = json_array();
	enum ctl_exit code = limits_of_key(ctl, args->operands[0], &rows);

	if (code == CTL_DONE)
		code = ctl_ask(ctl, NULL, rule != NULL ? 3 : 2, order);
	rows = rows_of_rule(rows, rule);
	if (code == CTL_DONE && ctl->json) {
		json_t *object = json_object();

		json_object_set(object, "reset", rows);
		ctl_print_json(ctl, object);
		json_decref(object);
	} else if (code == CTL_DONE) {
		reset_print(ctl, rows);
	}
	json_decref(rows);
	return code;
}
