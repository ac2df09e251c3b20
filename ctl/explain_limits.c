/*
 * weirctl explain: connections and limits, counted and not charged.
 */
#include "explain.h"
#include "field.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
number_words(const json_t *object, const char *key, char buf[24])
{
	if (field_null(object, key))
		(void)snprintf(buf, 24, "no limit");
	else
		(void)snprintf(buf, 24, "%" PRId64,
		    field_number(object, key));
}

static void
connections_print(struct page *page, const json_t *c)
{
	char source[24], percent[24], limit[24];

	number_words(c, "by_source", source);
	number_words(c, "by_percent", percent);
	number_words(c, "limit", limit);
	page_label(page, "Connections");
	page_line(page, PAINT_PLAIN, "listener %s: %" PRId64 " open",
	    field_text(c, "listener"), field_number(c, "all_open"));
	if (field_null(c, "source"))
		return;
	page_line(page, PAINT_PLAIN, "%s: %" PRId64 " open, limit %s by %s "
	    "(per source %s, share of what remains %s)",
	    field_text(c, "source"), field_number(c, "open"), limit,
	    ctl_limit_by_words(field_text(c, "limit_by")), source, percent);
}

/* "passes", "defer, decides", "replaced by staff", "excepted". */
static void
limit_verdict_put(struct grid *grid, const json_t *row)
{
	const char *verdict = field_text(row, "verdict");
	char words[96];

	if (!field_null(row, "replaced_by")) {
		(void)snprintf(words, sizeof(words), "replaced by %.83s",
		    field_text(row, "replaced_by"));
		grid_put(grid, PAINT_DIM, words);
	} else if (!field_true(row, "applies")) {
		grid_put(grid, PAINT_DIM, field_text(row, "scope"));
	} else {
		(void)snprintf(words, sizeof(words), "%.32s%s",
		    strcmp(verdict, "accept") == 0 ? "passes" : verdict,
		    field_true(row, "decides") ? ", decides" : "");
		grid_put(grid, verdict_paint(verdict), words);
	}
}

static void
limit_put(struct grid *grid, const json_t *row)
{
	char used[96], words[LIMIT_USED_WORDS_MAX], period[SPAN_WORDS_MAX];
	char resets[SPAN_WORDS_MAX + 16], gone[SPAN_WORDS_MAX];

	(void)snprintf(used, sizeof(used), "%s of %" PRId64 " in %s",
	    limit_used_words(row, words), field_number(row, "limit"),
	    span_words(field_number(row, "period"), period));
	(void)snprintf(resets, sizeof(resets), "gone in %s",
	    span_words(field_number(row, "resets_in"), gone));
	grid_put(grid, PAINT_PLAIN, field_text(row, "rule"));
	grid_put(grid, PAINT_PLAIN, field_text(row, "key"));
	grid_put(grid, PAINT_PLAIN, field_text(row, "what"));
	grid_put(grid, PAINT_PLAIN, used);
	limit_verdict_put(grid, row);
	grid_put(grid, PAINT_DIM,
	    field_number(row, "used") > 0 ? resets : "");
}

static void
limits_print(struct page *page, const json_t *limits)
{
	struct grid *grid = grid_new(NULL, "lllrll");
	const json_t *row;
	size_t i;

	page_label(page, "Limits");
	if (json_array_size(limits) == 0)
		page_line(page, PAINT_PLAIN, "no rule applies");
	json_array_foreach(limits, i, row)
		limit_put(grid, row);
	grid_print(grid, page);
	grid_free(&grid);
}

void
explain_limits(struct page *page, const json_t *answer)
{
	connections_print(page, json_object_get(answer, "connections"));
	limits_print(page, json_object_get(answer, "limits"));
}
