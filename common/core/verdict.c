/*
 * What a client is told. Everything here may come from the client itself, so
 * the text is made printable, and free of '%', which libmilter's reply would
 * take for a format.
 */
#include "core/verdict.h"

#include "core/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
verdict_accept(struct verdict *verdict)
{
	memset(verdict, 0, sizeof(*verdict));
	verdict->action = ACTION_ACCEPT;
	verdict->reason = REASON_OK;
}

bool
action_passes(enum action action)
{
	return action == ACTION_ACCEPT || action == ACTION_OBSERVE ||
	    action == ACTION_HOLD;
}

bool
verdict_passes(const struct verdict *verdict)
{
	return action_passes(verdict->action);
}

static bool
is_connections(enum reason reason)
{
	return reason == REASON_CONNECTIONS_TOTAL ||
	    reason == REASON_CONNECTIONS_SOURCE ||
	    reason == REASON_CONNECTIONS_PERCENT;
}

/*
 * How much is a matter of the rule's action; who may send as whom has the code
 * of its row.
 */
static void
set_codes(const struct verdict *verdict, struct reply *reply)
{
	const struct reason_row *row = reason_row(verdict->reason);
	const char *code = row->code, *enhanced = row->enhanced;

	if (verdict->reason == REASON_LIMIT ||
	    is_connections(verdict->reason) || code == NULL) {
		code = "451";
		enhanced = "4.7.1";
		if (verdict->action == ACTION_REJECT) {
			code = "550";
			enhanced = "5.7.1";
		} else if (verdict->action == ACTION_DISCONNECT) {
			code = "421";
			enhanced = "4.7.0";
		}
	}
	(void)text_copy(reply->code, sizeof(reply->code), code);
	(void)text_copy(reply->enhanced, sizeof(reply->enhanced), enhanced);
}

static size_t
put_limit(const struct verdict *verdict, char *text, size_t size)
{
	char period[SPAN_TEXT_MAX];
	int64_t wait = (verdict->wait.us + SPAN_SECOND - 1) / SPAN_SECOND;
	const char *what = limit_what_name(verdict->what);
	int letters = (int)strlen(what) - (verdict->limit == 1 ? 1 : 0);
	size_t used;

	used = (size_t)snprintf(text, size,
	    "limit %s: %" PRIu64 " %.*s/%s used", verdict->rule,
	    verdict->limit, letters, what,
	    span_format(verdict->period, period));
	if (wait > 0)
		used += (size_t)snprintf(text + used, size - used,
		    ", try again in %" PRId64 " s", wait);
	return used;
}

static size_t
put_text(const struct verdict *verdict, char *text, size_t size)
{
	const char *words = reason_row(verdict->reason)->text;

	if (verdict->reason == REASON_LIMIT)
		return put_limit(verdict, text, size);
	if (is_connections(verdict->reason))
		return (size_t)snprintf(text, size,
		    "%s: %" PRIu64 " of %" PRIu64 " open", words,
		    verdict->used, verdict->limit);
	return (size_t)snprintf(text, size, "%s%s%s", words,
	    verdict->subject[0] == '\0' ? "" : ": ", verdict->subject);
}

void
verdict_reply(const struct verdict *verdict, struct reply *reply_r)
{
	char *text = reply_r->text;
	size_t size = sizeof(reply_r->text), used;

	set_codes(verdict, reply_r);
	/* The longest parts, rule and subject, leave room for the rest. */
	used = put_text(verdict, text, size);
	if (verdict->ref[0] != '\0')
		(void)snprintf(text + used, size - used, " (weir %s)",
		    verdict->ref);
	for (; *text != '\0'; text++) {
		if (*text < ' ' || *text > '~' || *text == '%')
			*text = '?';
	}
}
