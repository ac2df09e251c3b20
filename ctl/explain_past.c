/*
 * weirctl explain --queue-id ID and --ref CODE: what was decided, oldest first,
 * as it stood then.
 */
#include "explain.h"
#include "field.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 512 };

/* Keys that get a line of words, in this order; the rest is told apart. */
static const char *const who[] = { "user", "sender", "from", "address",
	"recipient", "client", "listener" };

static void
past_head(struct page *page, const json_t *row)
{
	const char *verdict = field_text(row, "verdict");

	page_label(page, "When");
	page_line(page, PAINT_BOLD, "%s  %s", field_text(row, "time"),
	    field_text(row, "what"));
	if (!field_null(row, "queue_id"))
		page_line(page, PAINT_PLAIN, "queue id %s",
		    field_text(row, "queue_id"));
	if (verdict[0] == '\0')
		return;
	page_label(page, "Verdict");
	page_line(page, verdict_paint(verdict), "%s: %s (%s)", verdict,
	    reason_words(field_text(row, "reason")),
	    field_text(row, "reason"));
	if (!field_null(row, "ref"))
		page_line(page, PAINT_PLAIN, "the client was given the "
		    "reference %s", field_text(row, "ref"));
}

static void
past_who(struct page *page, const json_t *row)
{
	char words[WORDS_MAX] = "";
	size_t used = 0;

	for (size_t i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
		const char *value = field_text(row, who[i]);

		if (value[0] != '\0' && used < sizeof(words))
			used += (size_t)snprintf(words + used,
			    sizeof(words) - used, "%s%s %s",
			    used > 0 ? ", " : "", who[i], value);
	}
	page_label(page, "Who");
	page_line(page, PAINT_PLAIN, "%s", used > 0 ? words :
	    "nothing is known of the message");
	if (field_number(row, "recipients") > 1)
		page_line(page, PAINT_PLAIN, "%" PRId64 " recipients",
		    field_number(row, "recipients"));
}

static void
past_limit(struct page *page, const json_t *row)
{
	char period[SPAN_WORDS_MAX], wait[SPAN_WORDS_MAX];

	if (field_null(row, "rule"))
		return;
	page_label(page, "Limit");
	page_line(page, PAINT_PLAIN, "%s of %s: %" PRId64 " of %" PRId64 " %s",
	    field_text(row, "rule"), field_text(row, "key"),
	    field_number(row, "used"), field_number(row, "limit"),
	    field_text(row, "counted"));
	if (field_number(row, "period") > 0)
		page_line(page, PAINT_PLAIN, "in %s, room again after %s",
		    span_words(field_number(row, "period"), period),
		    span_words(field_number(row, "wait"), wait));
}

static void
past_choice(struct page *page, const json_t *row)
{
	if (field_null(row, "action"))
		return;
	page_label(page, "Decision");
	page_line(page, PAINT_PLAIN, "%s",
	    reason_words(field_text(row, "reason")));
	if (!field_null(row, "route"))
		page_line(page, PAINT_PLAIN, "route %s%s%s",
		    field_text(row, "route"),
		    field_null(row, "connector") ? "" : ", connector ",
		    field_text(row, "connector"));
	if (!field_null(row, "candidates"))
		explain_hosts(page, json_object_get(row, "candidates"));
	page_label(page, "Postfix");
	page_line(page, PAINT_BOLD, "action=%s", field_text(row, "action"));
}

static void
past_print(struct page *page, const json_t *list)
{
	const json_t *row;
	size_t i;

	json_array_foreach(list, i, row) {
		if (i > 0)
			page_gap(page);
		past_head(page, row);
		past_who(page, row);
		past_limit(page, row);
		past_choice(page, row);
	}
	page->label = NULL;
}

enum ctl_exit
explain_past(struct ctl *ctl, const char *name)
{
	const char *question[] = { "PAST", name };
	enum ctl_exit code;
	const char *since;
	json_t *answer;

	code = ctl_ask(ctl, &answer, 2, question);
	if (code != CTL_DONE)
		return code;
	since = field_text(answer, "since");
	if (json_array_size(json_object_get(answer, "past")) == 0)
		code = ctl_say(ctl, CTL_NO, since[0] == '\0' ?
		    "nothing is remembered of %s, nor of any other message" :
		    "nothing is remembered of %s; what is remembered begins "
		    "at %s", name, since);
	else if (ctl->json)
		ctl_print_json(ctl, answer);
	else
		past_print(&ctl->page, json_object_get(answer, "past"));
	if (code == CTL_DONE &&
	    strcmp(field_text(answer, "verdict"), "accept") != 0)
		code = CTL_NO;
	json_decref(answer);
	return code;
}
