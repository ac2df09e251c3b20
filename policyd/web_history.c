/*
 * /history.json: the last hour of each smart host, or what came since the slot
 * "after" says, so that a page that looks often is told little.
 */
#include "web_parts.h"

#include "show.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { TRACKS_A_SLICE = 2, NUMBER_TEXT_MAX = 24 };

static void
add_number(struct http_answer *answer, uint64_t number)
{
	char text[NUMBER_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%" PRIu64, number);
	textbuf_puts(&answer->body, text);
}

/* answer->number: the first slot wanted, answer->seen: the last. */
static void
add_series(struct http_answer *answer, const struct web *web, const char *key,
    size_t offset)
{
	const struct host *host =
	    &web->daemon->model.hosts.list[answer->at];

	web_add_key(answer, key);
	textbuf_puts(&answer->body, "[");
	for (uint64_t n = answer->number; n <= answer->seen; n++) {
		const struct history_slot *slot = history_slot(web->history,
		    host, answer->at, n);
		uint32_t value = 0;

		if (slot != NULL)
			memcpy(&value, (const char *)slot + offset,
			    sizeof(value));
		textbuf_puts(&answer->body, n == answer->number ? "" : ",");
		add_number(answer, value);
	}
	textbuf_puts(&answer->body, "]");
}

/* A letter a slot; '-': the host was not there. */
static void
add_states(struct http_answer *answer, const struct web *web)
{
	const struct host *host =
	    &web->daemon->model.hosts.list[answer->at];

	web_add_key(answer, "states");
	textbuf_puts(&answer->body, "\"");
	for (uint64_t n = answer->number; n <= answer->seen; n++) {
		const struct history_slot *slot = history_slot(web->history,
		    host, answer->at, n);

		textbuf_add(&answer->body, slot != NULL ? &slot->state : "-",
		    1);
	}
	textbuf_puts(&answer->body, "\"");
}

static void
history_begin(struct web *web, struct http_answer *answer)
{
	uint64_t last = history_last(web->history);
	uint64_t oldest = last > HISTORY_SLOTS ? last - HISTORY_SLOTS + 1 : 1;

	/* a number beyond the last is of another run */
	if (answer->number < oldest || answer->number > last + 1)
		answer->number = oldest;
	answer->seen = last;
	textbuf_puts(&answer->body, "{");
	web_add(answer, "epoch", json_string(web->daemon->epoch));
	web_add(answer, "step",
	    json_integer(HISTORY_STEP.us / SPAN_SECOND));
	web_add(answer, "first", json_integer((json_int_t)answer->number));
	web_add(answer, "last", json_integer((json_int_t)last));
	web_add(answer, "time", show_time(history_closed(web->history)));
	web_add_key(answer, "hosts");
	textbuf_puts(&answer->body, "[");
}

static void
history_host(struct web *web, struct http_answer *answer)
{
	const struct host *host =
	    &web->daemon->model.hosts.list[answer->at];

	textbuf_puts(&answer->body, answer->at == 0 ? "{" : ",{");
	web_add(answer, "name", text_json(host->name));
	add_series(answer, web, "selected",
	    offsetof(struct history_slot, selected));
	add_series(answer, web, "delivered",
	    offsetof(struct history_slot, delivered));
	add_series(answer, web, "failed",
	    offsetof(struct history_slot, failed));
	add_states(answer, web);
	textbuf_puts(&answer->body, "}");
	answer->at++;
}

static bool
history_more(void *ctx, struct http_answer *answer)
{
	struct web *web = ctx;
	const struct hosts *hosts = &web->daemon->model.hosts;

	if (answer->step++ == 0)
		history_begin(web, answer);
	for (int i = 0; i < TRACKS_A_SLICE && answer->at < hosts->count; i++)
		history_host(web, answer);
	if (answer->at < hosts->count)
		return true;
	textbuf_puts(&answer->body, "]}\n");
	return false;
}

void
web_history(struct web *web, const struct http_request *request,
    struct http_answer *answer)
{
	uint64_t after = 0;

	(void)web;
	if (http_query_number(request->query, "after", &after) == -1) {
		answer->status = 400;
		return;
	}
	answer->status = 200;
	answer->type = "application/json";
	answer->number = after + 1;
	answer->more = history_more;
}
