/*
 * Things worth telling the operator, one line each, kept in a ring and handed
 * to a sink (the log) as they happen. One of them is a struct notice: struct
 * event and event_add are libevent's.
 */
#ifndef WEIR_CORE_EVENT_H
#define WEIR_CORE_EVENT_H

#include "core/span.h"

#include <stddef.h>
#include <stdint.h>

enum event_kind {
	EVENT_MARKED_UNHEALTHY,
	EVENT_MARKED_HEALTHY,
	EVENT_FLAPPING,
	EVENT_DRAINED,
	EVENT_DOWN,
	EVENT_ENABLED,
	EVENT_LIMIT_REACHED,
	EVENT_LIMIT_OBSERVED,
	EVENT_LIMIT_WARNING,
	EVENT_LIMIT_RESET,
	EVENT_IDENTITY_REFUSED,
	EVENT_UNROUTED,
	EVENT_STATE_LOST,
	EVENT_STATE_BACK,
	EVENT_RELOADED,
	EVENT_RELOAD_REFUSED,
	EVENT_STARTED,
	EVENT_STOPPED,
	EVENT_KINDS
};

enum {
	EVENT_FIELDS_MAX = 12,
	EVENT_KEY_MAX = 32,
	EVENT_VALUE_MAX = 200,
	EVENT_BYTES_MAX = 640,
	EVENT_LINE_MAX = 1024,
};

struct notice {
	uint64_t seq; /* 1, 2, ...; given by events_add */
	struct wall at;
	enum event_kind kind;
	unsigned nfields;
	struct {
		const char *key; /* static */
		uint16_t value; /* offset into bytes */
	} fields[EVENT_FIELDS_MAX];
	uint16_t used;
	char bytes[EVENT_BYTES_MAX];
};

const char *event_name(enum event_kind); /* "MarkedUnhealthy" */
enum event_kind event_by_name(const char *name); /* EVENT_KINDS: none */

void notice_init(struct notice *, enum event_kind, struct wall at);

/* Adds key=value in call order. Values are made clean (text_clean) and cut. */
void notice_add(struct notice *, const char *key, const char *value);
void notice_add_number(struct notice *, const char *key, int64_t value);
const char *notice_value(const struct notice *, unsigned field);

/*
 * "event=MarkedUnhealthy host=a error=\"connection refused\"": values with a
 * blank or nothing in them stand in quotes, quotes in them are \x22. Returns
 * buf.
 */
const char *notice_format(const struct notice *, char buf[EVENT_LINE_MAX]);

struct events; /* the ring: the newest stay */

typedef void (*event_sink)(void *ctx, const struct notice *);

struct events *events_new(size_t size, event_sink, void *ctx);
void events_free(struct events **);
void events_add(struct events *, struct notice *);

/*
 * The oldest kept event whose seq is beyond 'after'; NULL when there is none.
 * Valid until the next events_add.
 */
const struct notice *events_next(const struct events *, uint64_t after);
uint64_t events_last(const struct events *);

/* How many of that kind there were, in the ring or not. */
uint64_t events_count(const struct events *, enum event_kind);

#endif
