/*
 * weirctl explain: the way of a message, from the routes to what Postfix is
 * told.
 */
#include "explain.h"
#include "field.h"

#include "core/reason.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 1024 };

/* "user app-erp matches app-*", "sender a@b is none of @c, @d" */
static void
condition_words(const json_t *condition, char buf[WORDS_MAX])
{
	const char *what = field_text(condition, "what");
	const char *pattern = field_text(condition, "pattern");

	if (field_null(condition, "value"))
		(void)snprintf(buf, WORDS_MAX, "asks for a %s: %s", what,
		    pattern);
	else
		(void)snprintf(buf, WORDS_MAX, "%s %s %s %s", what,
		    field_text(condition, "value"),
		    field_true(condition, "holds") ? "matches" : "is none of",
		    pattern);
}

/* Each route up to the one taken, with what decided. */
static void
route_print(struct page *page, const json_t *answer)
{
	struct grid *grid = grid_new(NULL, "lll");
	bool open = !field_null(answer, "open_route");
	const char *taken = field_text(answer, open ? "open_route" : "route");
	const json_t *conditions = json_object_get(answer, "conditions");
	char words[WORDS_MAX];
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(answer, "passed_over"), i, row) {
		condition_words(json_object_get(row, "condition"), words);
		grid_put(grid, PAINT_DIM, "no");
		grid_put(grid, PAINT_PLAIN, field_text(row, "route"));
		grid_put(grid, PAINT_DIM, words);
	}
	json_array_foreach(conditions, i, row) {
		condition_words(row, words);
		grid_put(grid, open ? PAINT_WARN : PAINT_GOOD, i > 0 ? "" :
		    open ? "open" : "taken");
		grid_put(grid, PAINT_BOLD, i == 0 ? taken : "");
		grid_put(grid, PAINT_PLAIN, words);
	}
	if (taken[0] != '\0' && json_array_size(conditions) == 0) {
		grid_put(grid, PAINT_GOOD, "taken");
		grid_put(grid, PAINT_BOLD, taken);
		grid_put(grid, PAINT_PLAIN, "asks for nothing");
	}
	page_label(page, "Routes");
	grid_print(grid, page);
	grid_free(&grid);
	if (taken[0] == '\0')
		page_line(page, PAINT_PLAIN, "none matches");
	if (open)
		page_line(page, PAINT_WARN, "say --recipient, and the route "
		    "can be told");
}

/* Left to Postfix for its recipients, it has a connector that is not used. */
static void
connector_print(struct page *page, const json_t *answer)
{
	bool unused = strcmp(field_text(answer, "decision"),
	    reason_tag(REASON_RECIPIENT_NOT_REMOTE)) == 0;

	if (field_null(answer, "connector"))
		return;
	page_line(page, unused ? PAINT_DIM : PAINT_PLAIN,
	    "%sconnector %s%s%s%s%s", unused ? "not used: " : "",
	    field_text(answer, "connector"),
	    field_null(answer, "transport") ? "" : ", transport ",
	    field_text(answer, "transport"),
	    field_null(answer, "balance") ? "" : ", ",
	    field_text(answer, "balance"));
}

static void
decision_print(struct page *page, const json_t *answer)
{
	page_label(page, "Decision");
	page_line(page, PAINT_PLAIN, "%s",
	    reason_words(field_text(answer, "decision")));
	connector_print(page, answer);
	if (!field_null(answer, "home"))
		page_line(page, PAINT_PLAIN, "%s", field_text(
		    json_object_get(answer, "home"), "text"));
	page_spread(page, json_object_get(answer, "spread"));
	page_skews(page, json_object_get(answer, "skew"));
}

/* Of a host that has several, or is a domain. */
static void
addresses_put(struct grid *grid, const json_t *addresses)
{
	char note[EXCHANGER_WORDS_MAX + 80], words[EXCHANGER_WORDS_MAX];
	const json_t *row;
	size_t i;

	json_array_foreach(addresses, i, row) {
		(void)snprintf(note, sizeof(note), "%s %s %s",
		    field_null(row, "ip") ? "not known yet" :
		    field_text(row, "ip"), field_text(row, "state"),
		    exchanger_words(row, words));
		grid_note(grid, PAINT_DIM, note);
	}
}

static void
host_put(struct grid *grid, const json_t *row, bool costs)
{
	bool chosen = field_true(row, "chosen");
	bool passed_over = field_null(row, "position");
	char cost[32], position[24];

	(void)snprintf(cost, sizeof(cost), "cost %" PRId64,
	    field_number(row, "cost"));
	(void)snprintf(position, sizeof(position), "%" PRId64,
	    field_number(row, "position"));
	grid_put(grid, PAINT_PLAIN, passed_over ? "-" : position);
	grid_put(grid, chosen ? PAINT_BOLD : PAINT_PLAIN,
	    field_text(row, "host"));
	if (costs)
		grid_put(grid, PAINT_DIM, cost);
	grid_put(grid, chosen ? PAINT_GOOD :
	    passed_over ? PAINT_WARN : PAINT_PLAIN,
	    reason_words(field_text(row, "reason")));
	addresses_put(grid, json_object_get(row, "addresses"));
}

void
explain_hosts(struct page *page, const json_t *candidates)
{
	bool costs = !field_null(json_array_get(candidates, 0), "cost");
	struct grid *grid = grid_new(NULL, costs ? "rlrl" : "rll");
	const json_t *row;
	size_t i;

	if (json_array_size(candidates) > 0)
		page_label(page, "Hosts");
	json_array_foreach(candidates, i, row)
		host_put(grid, row, costs);
	grid_print(grid, page);
	grid_free(&grid);
}

/* The answer, and what becomes of it when another stage refuses. */
static void
answer_print(struct page *page, const json_t *answer)
{
	const char *stage = field_text(answer, "stage");
	const char *recipient = field_text(answer, "socketmap_recipient");

	page_label(page, "Postfix");
	page_line(page, PAINT_BOLD, "action=%s", field_text(answer, "action"));
	if (field_true(answer, "needs_decision"))
		page_line(page, PAINT_DIM, "without this answer the milter %s "
		    "the message (milter.on_unrouted)", strcmp(field_text(
		    answer, "on_unrouted"), "defer") == 0 ? "would put off" :
		    "would only report");
	if (strcmp(stage, "headers") == 0)
		page_line(page, PAINT_DIM, "is the answer at DATA; then the "
		    "From header %s the message", strcmp(field_text(answer,
		    "verdict"), "hold") == 0 ? "holds" : "refuses");
	else if (stage[0] != '\0' && strcmp(stage, "data") != 0)
		page_line(page, PAINT_DIM, "would be the answer; the message "
		    "is refused earlier (stage %s)", stage);
	if (!field_null(answer, "socketmap"))
		page_line(page, PAINT_PLAIN, "socketmap: %s",
		    field_text(answer, "socketmap"));
	if (strncmp(recipient, "OK ", 3) == 0)
		page_line(page, PAINT_PLAIN, "socketmap of the first "
		    "recipient, which comes before that: %s", recipient);
}

void
explain_way(struct page *page, const json_t *answer)
{
	route_print(page, answer);
	decision_print(page, answer);
	explain_hosts(page, json_object_get(answer, "candidates"));
	answer_print(page, answer);
}
