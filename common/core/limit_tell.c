/*
 * What is said of limits: one event a period and key, the next one with those
 * untold between (counts_tell), each with whose message it was about.
 */
#include "core/limit_state.h"

static void
notice_begin(struct notice *notice, enum event_kind kind,
    const struct verdict *verdict, struct now now)
{
	char period[SPAN_TEXT_MAX];

	notice_init(notice, kind, now.wall);
	notice_add(notice, "rule", verdict->rule);
	notice_add(notice, "key", verdict->key);
	notice_add(notice, "what", limit_what_name(verdict->what));
	notice_add_number(notice, "used", (int64_t)verdict->used);
	notice_add_number(notice, "limit", (int64_t)verdict->limit);
	notice_add(notice, "period", span_format(verdict->period, period));
}

/* The login and the queue id, as far as they are known. */
static void
notice_whose(struct notice *notice, const struct facts *facts)
{
	if (facts->user != NULL)
		notice_add(notice, "user", facts->user);
	if (facts->queue_id != NULL && facts->queue_id[0] != '\0')
		notice_add(notice, "queue_id", facts->queue_id);
}

void
limit_tell(struct limits *limits, struct limit_spot *spot,
    enum event_kind kind, unsigned rate, const struct verdict *verdict,
    struct now now)
{
	struct notice notice;
	unsigned repeats;

	if (!counts_tell(&spot->counts, rate, now.mono, &repeats) ||
	    limits->events == NULL)
		return;
	notice_begin(&notice, kind, verdict, now);
	notice_add_number(&notice, "wait",
	    (verdict->wait.us + SPAN_SECOND - 1) / SPAN_SECOND);
	if (verdict->action == ACTION_HOLD)
		notice_add(&notice, "action", "hold");
	if (verdict->ref[0] != '\0')
		notice_add(&notice, "ref", verdict->ref);
	notice_whose(&notice, limits->facts);
	if (repeats > 0)
		notice_add_number(&notice, "repeats", repeats);
	events_add(limits->events, &notice);
}

void
limit_tell_warning(struct limits *limits, const struct verdict *verdict,
    struct now now)
{
	struct notice notice;

	if (limits->events == NULL)
		return;
	notice_begin(&notice, EVENT_LIMIT_WARNING, verdict, now);
	notice_whose(&notice, limits->facts);
	events_add(limits->events, &notice);
}
