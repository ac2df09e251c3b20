/*
 * Events: fields in the order they were added, and the ring that keeps the
 * newest of them.
 */
#include "core/event.h"

#include "core/text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct events {
	event_sink sink;
	void *ctx;
	uint64_t last;
	uint64_t counts[EVENT_KINDS];
	size_t size;
	struct notice ring[];
};

static const char *const names[EVENT_KINDS] = {
	[EVENT_MARKED_UNHEALTHY] = "MarkedUnhealthy",
	[EVENT_MARKED_HEALTHY] = "MarkedHealthy",
	[EVENT_FLAPPING] = "Flapping",
	[EVENT_DRAINED] = "Drained",
	[EVENT_DOWN] = "Down",
	[EVENT_ENABLED] = "Enabled",
	[EVENT_LIMIT_REACHED] = "LimitReached",
	[EVENT_LIMIT_OBSERVED] = "LimitObserved",
	[EVENT_LIMIT_WARNING] = "LimitWarning",
	[EVENT_LIMIT_RESET] = "LimitReset",
	[EVENT_IDENTITY_REFUSED] = "IdentityRefused",
	[EVENT_UNROUTED] = "Unrouted",
	[EVENT_STATE_LOST] = "StateLost",
	[EVENT_STATE_BACK] = "StateBack",
	[EVENT_RELOADED] = "Reloaded",
	[EVENT_RELOAD_REFUSED] = "ReloadRefused",
	[EVENT_STARTED] = "Started",
	[EVENT_STOPPED] = "Stopped",
};

const char *
event_name(enum event_kind kind)
{
	return names[kind];
}

enum event_kind
event_by_name(const char *name)
{
	int kind = 0;

	while (kind < EVENT_KINDS && strcmp(names[kind], name) != 0)
		kind++;
	return (enum event_kind)kind;
}

void
notice_init(struct notice *event, enum event_kind kind, struct wall at)
{
	memset(event, 0, sizeof(*event));
	event->kind = kind;
	event->at = at;
}

void
notice_add(struct notice *event, const char *key, const char *value)
{
	char shown[EVENT_VALUE_MAX];
	size_t room = sizeof(event->bytes) - event->used, len;

	if (event->nfields == EVENT_FIELDS_MAX || room < 8)
		return;
	text_clean(shown, room < sizeof(shown) ? room : sizeof(shown), value,
	    strlen(value));
	len = strlen(shown) + 1;
	memcpy(event->bytes + event->used, shown, len);
	event->fields[event->nfields].key = key;
	event->fields[event->nfields].value = event->used;
	event->nfields++;
	event->used = (uint16_t)(event->used + len);
}

void
notice_add_number(struct notice *event, const char *key, int64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, value);
	notice_add(event, key, text);
}

const char *
notice_value(const struct notice *event, unsigned field)
{
	return event->bytes + event->fields[field].value;
}

/* Quotes within a value: as they would end it, \x22. */
static const char *
value_text(const char *value, char buf[EVENT_LINE_MAX])
{
	size_t used = 0;

	for (; *value != '\0' && used + 5 < EVENT_LINE_MAX; value++) {
		if (*value != '"') {
			buf[used++] = *value;
			continue;
		}
		memcpy(buf + used, "\\x22", 4);
		used += 4;
	}
	buf[used] = '\0';
	return buf;
}

const char *
notice_format(const struct notice *event, char buf[EVENT_LINE_MAX])
{
	char text[EVENT_LINE_MAX];
	size_t used;

	used = (size_t)snprintf(buf, EVENT_LINE_MAX, "event=%s",
	    event_name(event->kind));
	for (unsigned i = 0; i < event->nfields; i++) {
		const char *value = notice_value(event, i);
		bool quoted = value[0] == '\0' || strpbrk(value, " =") != NULL;
		const char *quote = quoted ? "\"" : "";

		used += (size_t)snprintf(buf + used, EVENT_LINE_MAX - used,
		    " %s=%s%s%s", event->fields[i].key, quote,
		    value_text(value, text), quote);
		if (used >= EVENT_LINE_MAX)
			break;
	}
	return buf;
}

struct events *
events_new(size_t size, event_sink sink, void *ctx)
{
	struct events *events;

	events = calloc(1, sizeof(*events) + size * sizeof(events->ring[0]));
	if (events == NULL)
		abort();
	events->size = size;
	events->sink = sink;
	events->ctx = ctx;
	return events;
}

void
events_free(struct events **events)
{
	free(*events);
	*events = NULL;
}

void
events_add(struct events *events, struct notice *event)
{
	event->seq = ++events->last;
	events->counts[event->kind]++;
	events->ring[event->seq % events->size] = *event;
	if (events->sink != NULL)
		events->sink(events->ctx, event);
}

const struct notice *
events_next(const struct events *events, uint64_t after)
{
	uint64_t oldest = events->last > events->size ?
	    events->last - events->size + 1 : 1;
	uint64_t seq = after + 1 > oldest ? after + 1 : oldest;

	return seq <= events->last ? &events->ring[seq % events->size] : NULL;
}

uint64_t
events_last(const struct events *events)
{
	return events->last;
}

uint64_t
events_count(const struct events *events, enum event_kind kind)
{
	return events->counts[kind];
}
