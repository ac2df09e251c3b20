/*
 * weirctl events: what happened, oldest first, and what happens from now on.
 *
 * The events of a daemon that was started anew begin at 1 again, which the
 * epoch tells.
 */
#include "ctl.h"
#include "field.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_EVENTS = 200, NUMBER_TEXT_MAX = 24, EVENT_TEXT_MAX = 2048,
	EPOCH_TEXT_MAX = 64 };

struct follow {
	int64_t after; /* the last one shown */
	char epoch[EPOCH_TEXT_MAX]; /* "": none seen */
	json_t *all; /* with --json and without -f: one object at the end */
};

static enum paint
event_paint(const char *name)
{
	static const struct {
		const char *name;
		enum paint paint;
	} paints[] = { { "MarkedUnhealthy", PAINT_BAD },
		{ "MarkedHealthy", PAINT_GOOD }, { "Drained", PAINT_WARN },
		{ "Flapping", PAINT_WARN },
		{ "Down", PAINT_WARN }, { "Enabled", PAINT_GOOD },
		{ "StateLost", PAINT_BAD }, { "StateBack", PAINT_GOOD },
		{ "LimitReached", PAINT_WARN },
		{ "LimitWarning", PAINT_WARN },
		{ "IdentityRefused", PAINT_WARN },
		{ "Unrouted", PAINT_WARN } };

	for (size_t i = 0; i < sizeof(paints) / sizeof(paints[0]); i++) {
		if (strcmp(name, paints[i].name) == 0)
			return paints[i].paint;
	}
	return PAINT_PLAIN;
}

/* "TIME  Name  key=value key=value": as in the log, the name first. */
void
event_print(struct ctl *ctl, const json_t *event)
{
	char line[EVENT_TEXT_MAX];
	const char *key, *quote;
	const json_t *value;
	size_t used;

	used = (size_t)snprintf(line, sizeof(line), "%.24s  %-15.40s",
	    field_text(event, "time"), field_text(event, "event"));
	json_object_foreach((json_t *)event, key, value) {
		const char *text = json_string_value(value);

		if (text == NULL || used >= sizeof(line) ||
		    strcmp(key, "time") == 0 || strcmp(key, "event") == 0)
			continue;
		quote = text[0] == '\0' || strchr(text, ' ') != NULL ?
		    "\"" : "";
		used += (size_t)snprintf(line + used, sizeof(line) - used,
		    " %s=%s%s%s", key, quote, text, quote);
	}
	page_line(&ctl->page, event_paint(field_text(event, "event")), "%s",
	    line);
}

static enum ctl_exit
events_ask(struct ctl *ctl, const struct follow *follow, int max,
    json_t **object_r)
{
	char after[NUMBER_TEXT_MAX], count[NUMBER_TEXT_MAX];
	const char *const question[] = { "EVENTS", after, count };

	(void)snprintf(after, sizeof(after), "%" PRId64, follow->after);
	(void)snprintf(count, sizeof(count), "%d", max);
	return ctl_ask_quietly(ctl, object_r, 3, question);
}

static void
events_show(struct ctl *ctl, struct follow *follow, const json_t *events)
{
	json_t *event;
	size_t i;

	json_array_foreach(events, i, event) {
		follow->after = field_number(event, "seq");
		if (follow->all != NULL)
			json_array_append(follow->all, event);
		else if (ctl->json)
			ctl_print_json(ctl, event);
		else
			event_print(ctl, event);
	}
}

/* Shows what there is beyond 'after', page by page. */
static enum ctl_exit
events_page(struct ctl *ctl, struct follow *follow)
{
	int64_t before;
	bool more;

	do {
		json_t *object;
		enum ctl_exit code =
		    events_ask(ctl, follow, PAGE_EVENTS, &object);
		const char *epoch;

		if (code != CTL_DONE)
			return code;
		epoch = field_text(object, "epoch");
		before = follow->after;
		if (follow->epoch[0] != '\0' &&
		    strcmp(epoch, follow->epoch) != 0)
			follow->after = 0; /* another run: from its start */
		else
			events_show(ctl, follow,
			    json_object_get(object, "events"));
		more = field_number(object, "last") > follow->after &&
		    follow->after != before;
		(void)snprintf(follow->epoch, sizeof(follow->epoch), "%s",
		    epoch);
		json_decref(object);
	} while (more);
	return CTL_DONE;
}

static enum ctl_exit
events_more(struct ctl *ctl, void *ctx)
{
	return events_page(ctl, ctx);
}

/* Where to begin, so that the last 'count' are shown. */
static enum ctl_exit
events_begin(struct ctl *ctl, struct follow *follow, int64_t count)
{
	json_t *object;
	enum ctl_exit code = events_ask(ctl, follow, 0, &object);

	if (code != CTL_DONE)
		return code;
	follow->after = field_number(object, "last") - count;
	if (follow->after < 0)
		follow->after = 0;
	json_decref(object);
	return CTL_DONE;
}

static void
events_print_all(struct ctl *ctl, json_t *all)
{
	json_t *object = json_object();

	json_object_set(object, "events", all);
	ctl_print_json(ctl, object);
	json_decref(object);
}

enum ctl_exit
run_events(struct ctl *ctl, const struct args *args)
{
	const char *text = args_value(args, "number", "20");
	bool follows = args_given(args, "follow");
	struct follow follow = { .after = 0 };
	char *end;
	long count = strtol(text, &end, 10);
	enum ctl_exit code;

	if (*end != '\0' || end == text || count < 0 || count > 1000000)
		return ctl_say(ctl, CTL_USAGE, "-n %s: a number would be right",
		    text);
	follow.all = ctl->json && !follows ? json_array() : NULL;
	code = events_begin(ctl, &follow, count);
	if (code == CTL_DONE)
		code = events_page(ctl, &follow);
	if (code == CTL_DONE && follow.all != NULL)
		events_print_all(ctl, follow.all);
	json_decref(follow.all);
	if (code == CTL_AWAY)
		return ctl_say_away(ctl);
	return code == CTL_DONE && follows ?
	    ctl_follow(ctl, events_more, &follow) : code;
}
