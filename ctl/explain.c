/*
 * weirctl explain: what would happen to a message, stage by stage in the
 * order it would meet them: who, connections, limits, route, hosts, and the
 * answer Postfix would get. The state decides with the functions that decide
 * about real mail; here it is only said.
 */
#include "ctl.h"
#include "field.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { RECIPIENTS_MAX = 20, HEADERS_MAX = 6, QUESTION_MAX = 64,
	LIST_MAX = 1024 };

/* What the state is asked by, and the option it comes from. */
static const struct {
	const char *key, *option;
} keys[] = { { "user", "user" }, { "sender", "sender" },
	{ "client", "client" }, { "listener", "listener" },
	{ "from", "from" } };

enum paint
verdict_paint(const char *verdict)
{
	return strcmp(verdict, "accept") == 0 ? PAINT_GOOD :
	    strcmp(verdict, "defer") == 0 || strcmp(verdict, "hold") == 0 ?
	    PAINT_WARN : PAINT_BAD;
}

/* "a, b, c" of an array of strings. */
static const char *
list_words(const json_t *list, char buf[LIST_MAX])
{
	size_t used = 0, i;
	const json_t *item;

	buf[0] = '\0';
	json_array_foreach(list, i, item) {
		if (used < LIST_MAX)
			used += (size_t)snprintf(buf + used, LIST_MAX - used,
			    "%s%s", i > 0 ? ", " : "",
			    json_string_value(item));
	}
	return buf;
}

static void
explain_head(struct page *page, const json_t *answer)
{
	const char *verdict = field_text(answer, "verdict");
	const char *reason = field_text(answer, "reason");

	page_label(page, "Verdict");
	if (strcmp(verdict, "accept") == 0)
		page_line(page, PAINT_GOOD, "accept");
	else
		page_line(page, verdict_paint(verdict), "%s: %s (%s)",
		    verdict, reason_words(reason), reason);
	if (!field_null(answer, "reply"))
		page_line(page, PAINT_PLAIN, "the client is told: %s",
		    field_text(answer, "reply"));
}

static void
explain_check(struct page *page, const char *what, const char *value,
    const json_t *allowed, const char *reason)
{
	if (json_is_true(allowed))
		page_line(page, PAINT_PLAIN, "%s %s: allowed", what, value);
	else if (json_is_false(allowed))
		page_line(page, PAINT_BAD, "%s %s: %s", what, value,
		    reason_words(reason));
}

static const char *
unlisted_words(const char *unlisted)
{
	if (strcmp(unlisted, "own-address") == 0)
		return "may use the address that is the login";
	return strcmp(unlisted, "any") == 0 ? "may use any address" :
	    "may use none";
}

/* The rows that speak of him; true when one does by his name. */
static bool
explain_rows(struct page *page, const json_t *identity)
{
	const json_t *rows = json_object_get(identity, "sources"), *row;
	bool by_name = false;
	char words[LIST_MAX];
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *user = field_text(row, "user");
		bool every = user[0] == '*';

		by_name = by_name || !every;
		page_line(page, PAINT_PLAIN, "%s%s%smay use %s (%s)",
		    every ? "as " : "", every ? user : "", every ? " " : "",
		    json_array_size(json_object_get(row, "senders")) == 0 ?
		    "no address" :
		    list_words(json_object_get(row, "senders"), words),
		    field_text(row, "source"));
	}
	return by_name;
}

static void
explain_home(struct page *page, const json_t *identity)
{
	if (!field_null(identity, "home"))
		page_line(page, PAINT_PLAIN, "is at home at %s (%s)",
		    field_text(identity, "home"),
		    field_text(identity, "home_source"));
}

static void
explain_who(struct page *page, const json_t *identity)
{
	const char *by = field_text(identity, "by");
	const char *reason = field_text(identity, "reason");
	const char *sender = field_text(identity, "sender");

	page_label(page, "Who");
	if (field_null(identity, "user"))
		page_line(page, PAINT_PLAIN, "nobody: no login, and no "
		    "identity for this client");
	else
		page_line(page, PAINT_PLAIN, "%s, %s",
		    field_text(identity, "user"),
		    strcmp(by, "network") == 0 ? "by the client's network" :
		    "by login");
	if (!explain_rows(page, identity) && !field_null(identity, "user"))
		page_line(page, PAINT_PLAIN, "is not listed: %s",
		    unlisted_words(field_text(identity, "unlisted")));
	if (!field_null(identity, "table_away"))
		page_line(page, PAINT_BAD, "%s does not answer",
		    field_text(identity, "table_away"));
	explain_home(page, identity);
	explain_check(page, "sender", sender[0] != '\0' ? sender : "<>",
	    json_object_get(identity, "sender_allowed"), reason);
	explain_check(page, "From", field_text(identity, "from"),
	    json_object_get(identity, "from_allowed"),
	    field_text(identity, "from_reason"));
}

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
explain_connections(struct page *page, const json_t *answer)
{
	const json_t *c = json_object_get(answer, "connections");
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
explain_limits(struct page *page, const json_t *limits)
{
	struct grid *grid = grid_new(NULL, "lllrll");
	const json_t *row;
	size_t i;

	page_label(page, "Limits");
	if (json_array_size(limits) == 0)
		page_line(page, PAINT_PLAIN, "no rule applies");
	json_array_foreach(limits, i, row) {
		char used[96], words[LIMIT_USED_WORDS_MAX], gone[SPAN_WORDS_MAX], period[SPAN_WORDS_MAX];
		char resets[SPAN_WORDS_MAX + 16];

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
	grid_print(grid, page);
	grid_free(&grid);
}

/* "user app-erp matches app-*", "sender a@b is none of @c, @d" */
static void
condition_words(const json_t *condition, char buf[LIST_MAX])
{
	const char *what = field_text(condition, "what");
	const char *pattern = field_text(condition, "pattern");

	if (field_null(condition, "value"))
		(void)snprintf(buf, LIST_MAX, "asks for a %s: %s", what,
		    pattern);
	else
		(void)snprintf(buf, LIST_MAX, "%s %s %s %s", what,
		    field_text(condition, "value"),
		    field_true(condition, "holds") ? "matches" : "is none of",
		    pattern);
}

/* Each route up to the one taken, with what decided. */
static void
explain_route(struct page *page, const json_t *answer)
{
	struct grid *grid = grid_new(NULL, "lll");
	const char *taken = field_text(answer, "route");
	const json_t *conditions = json_object_get(answer, "conditions");
	char words[LIST_MAX];
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
		grid_put(grid, PAINT_GOOD, i == 0 ? "taken" : "");
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
}

static void
explain_decision(struct page *page, const json_t *answer)
{
	page_label(page, "Decision");
	page_line(page, PAINT_PLAIN, "%s",
	    reason_words(field_text(answer, "decision")));
	if (!field_null(answer, "connector"))
		page_line(page, PAINT_PLAIN, "connector %s, transport %s, %s",
		    field_text(answer, "connector"),
		    field_text(answer, "transport"),
		    field_text(answer, "balance"));
	if (!field_null(answer, "home"))
		page_line(page, PAINT_PLAIN, "%s", field_text(
		    json_object_get(answer, "home"), "text"));
	page_spread(page, json_object_get(answer, "spread"));
	page_skews(page, json_object_get(answer, "skew"));
}

/* The answer, and what becomes of it when another stage refuses. */
static void
explain_answer(struct page *page, const json_t *answer)
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

/* Of a host that has several, or is a domain. */
static void
explain_addresses(struct grid *grid, const json_t *addresses)
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
explain_hosts(struct page *page, const json_t *candidates)
{
	struct grid *grid;
	const json_t *row;
	size_t i;

	if (json_array_size(candidates) == 0)
		return;
	grid = grid_new(NULL, "rlrl");
	page_label(page, "Hosts");
	json_array_foreach(candidates, i, row) {
		const char *reason = field_text(row, "reason");
		bool chosen = field_true(row, "chosen");
		char cost[32], position[24];

		(void)snprintf(cost, sizeof(cost), "cost %" PRId64,
		    field_number(row, "cost"));
		(void)snprintf(position, sizeof(position), "%" PRId64,
		    field_number(row, "position"));
		grid_put(grid, PAINT_PLAIN,
		    field_null(row, "position") ? "-" : position);
		grid_put(grid, chosen ? PAINT_BOLD : PAINT_PLAIN,
		    field_text(row, "host"));
		grid_put(grid, PAINT_DIM, cost);
		grid_put(grid, chosen ? PAINT_GOOD :
		    field_null(row, "position") ? PAINT_WARN : PAINT_PLAIN,
		    reason_words(reason));
		explain_addresses(grid, json_object_get(row, "addresses"));
	}
	grid_print(grid, page);
	grid_free(&grid);
}

static void
explain_print(struct ctl *ctl, const json_t *answer)
{
	struct page *page = &ctl->page;

	explain_head(page, answer);
	explain_who(page, json_object_get(answer, "identity"));
	explain_connections(page, answer);
	explain_limits(page, json_object_get(answer, "limits"));
	explain_route(page, answer);
	explain_decision(page, answer);
	explain_hosts(page, json_object_get(answer, "candidates"));
	explain_answer(page, answer);
	page->label = NULL;
}

/* An option that may be given again; -1 when it is given too often. */
static int
ask_each(const struct args *args, const char *option, size_t max,
    const char *question[QUESTION_MAX], size_t *count)
{
	size_t given = 0;

	for (size_t i = 0; i < args->ngiven; i++) {
		if (strcmp(args->given[i].option->name, option) != 0)
			continue;
		if (++given > max)
			return -1;
		question[(*count)++] = option;
		question[(*count)++] = args->given[i].value;
	}
	return 0;
}

/* EXPLAIN key value ...; -1 when there are too many. */
static int
explain_question(const struct args *args, const char *question[QUESTION_MAX],
    size_t *count_r)
{
	size_t count = 0;

	question[count++] = "EXPLAIN";
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *value = args_value(args, keys[i].option, NULL);

		if (value == NULL)
			continue;
		question[count++] = keys[i].key;
		question[count++] = value;
	}
	*count_r = count;
	if (ask_each(args, "recipient", RECIPIENTS_MAX, question, count_r) ==
	    -1)
		return -1;
	return ask_each(args, "header", HEADERS_MAX, question, count_r);
}

enum ctl_exit
run_explain(struct ctl *ctl, const struct args *args)
{
	const char *question[QUESTION_MAX];
	enum ctl_exit code;
	json_t *answer;
	const char *past = args_value(args, "queue-id",
	    args_value(args, "ref", NULL));
	size_t count;

	if (past != NULL)
		return explain_past(ctl, past);
	if (!args_given(args, "sender"))
		return ctl_say(ctl, CTL_USAGE,
		    "explain needs --sender ADDRESS (<> for the null sender)");
	if (explain_question(args, question, &count) == -1)
		return ctl_say(ctl, CTL_USAGE,
		    "explain takes %d recipients and %d headers at most",
		    RECIPIENTS_MAX, HEADERS_MAX);
	code = ctl_ask(ctl, &answer, count, question);
	if (code != CTL_DONE)
		return code;
	if (ctl->json)
		ctl_print_json(ctl, answer);
	else
		explain_print(ctl, answer);
	if (strcmp(field_text(answer, "verdict"), "accept") != 0)
		code = CTL_NO;
	json_decref(answer);
	return code;
}
