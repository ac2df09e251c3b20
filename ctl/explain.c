/*
 * weirctl explain: what would happen to a message, stage by stage in the
 * order it would meet them: who (here), connections and limits
 * (explain_limits.c), route, hosts and the answer Postfix would get
 * (explain_way.c). The state decides with the functions that decide about real
 * mail; here it is only said.
 */
#include "explain.h"
#include "field.h"

#include "core/facts.h"

#include <stdio.h>
#include <string.h>

enum { RECIPIENTS_MAX = 20, HEADERS_MAX = 6, QUESTION_MAX = 64,
	LIST_MAX = 1024 };

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
explain_print(struct ctl *ctl, const json_t *answer)
{
	struct page *page = &ctl->page;

	explain_head(page, answer);
	explain_who(page, json_object_get(answer, "identity"));
	explain_limits(page, answer);
	explain_way(page, answer);
	page->label = NULL;
}

/* What the state is asked by: options, and how often each may be given. */
static const struct {
	const char *option;
	size_t max; /* 1: the last one given counts */
} keys[] = { { "user", 1 }, { "sender", 1 }, { "client", 1 },
	{ "listener", 1 }, { "from", 1 }, { "recipient", RECIPIENTS_MAX },
	{ "header", HEADERS_MAX } };

/* Each time it is given; -1 when that is too often. */
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
		const char *option = keys[i].option;

		if (keys[i].max > 1) {
			if (ask_each(args, option, keys[i].max, question,
			    &count) == -1)
				return -1;
		} else if (args_given(args, option)) {
			question[count++] = option;
			question[count++] = args_value(args, option, NULL);
		}
	}
	*count_r = count;
	return 0;
}

/* What the options ask must be a question at all; NULL, or why it is none. */
static const char *
explain_mistake(const struct args *args)
{
	const char *client = args_value(args, "client", NULL);
	struct netaddr address;

	if (client != NULL && netaddr_parse(client, &address) != 0)
		return "--client takes an IP address";
	for (size_t i = 0; i < args->ngiven; i++) {
		const char *value = args->given[i].value;

		if (strcmp(args->given[i].option->name, "recipient") == 0 &&
		    (strchr(value, '@') == NULL ||
		    strlen(value) > ADDRESS_MAX))
			return "--recipient takes an address with its domain";
	}
	return NULL;
}

enum ctl_exit
run_explain(struct ctl *ctl, const struct args *args)
{
	const char *question[QUESTION_MAX], *mistake;
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
	mistake = explain_mistake(args);
	if (mistake != NULL)
		return ctl_say(ctl, CTL_USAGE, "%s", mistake);
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
