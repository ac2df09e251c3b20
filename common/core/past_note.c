/*
 * Keys are those of events and of explain, so that one word means one thing.
 * Candidates are "POSITION REASON HOST..." in the order they were looked at,
 * the position 0 for those that are not in the list; of these such as follow
 * each other and have the same reason stand together.
 */
#include "core/past_note.h"

#include <string.h>

enum {
	CANDIDATES_TEXT = 1024,
	POSITION_MAX = 12, /* of any unsigned number, with its NUL */
};

static void
put_facts(struct past *past, const struct facts *facts)
{
	char client[NETADDR_TEXT_MAX];

	past_put(past, "user", facts->user);
	if (facts->sender != NULL)
		past_put(past, "sender",
		    facts->sender[0] != '\0' ? facts->sender : "<>");
	past_put(past, "recipient", facts->recipient);
	if (facts->client.family != 0)
		past_put(past, "client",
		    netaddr_format(&facts->client, client));
	past_put(past, "listener", facts->listener);
}

/* What does not fit is cut: a tag and a name always do. */
static size_t
add(char text[CANDIDATES_TEXT], size_t used, const char *more)
{
	size_t len = strlen(more);

	if (len > CANDIDATES_TEXT - 1 - used)
		len = CANDIDATES_TEXT - 1 - used;
	memcpy(text + used, more, len);
	text[used + len] = '\0';
	return used + len;
}

/* "POSITION REASON". By hand: printf would take long for many members. */
static size_t
begin_candidates(char text[CANDIDATES_TEXT], const struct candidate *first)
{
	char digits[POSITION_MAX], *digit = &digits[POSITION_MAX - 1];
	unsigned position = first->position;
	size_t used;

	*digit = '\0';
	do
		*--digit = (char)('0' + position % 10);
	while ((position /= 10) > 0);
	used = add(text, 0, digit);
	used = add(text, used, " ");
	return add(text, used, reason_tag(first->reason));
}

static bool
is_alike(const struct candidate *a, const struct candidate *b)
{
	return a->position == 0 && b->position == 0 && a->reason == b->reason;
}

/*
 * Of one pair the candidates whose names stand one behind the other, as those
 * of members mostly do: they are written at once. Returns the first that is
 * none of them.
 */
static const struct candidate *
add_names(char text[CANDIDATES_TEXT], size_t *used,
    const struct host_names *names, const struct candidate *first,
    const struct candidate *end)
{
	const struct candidate *c = first;
	size_t from = names->at[first->host], to;

	do
		to = names->at[c++->host + 1];
	while (c < end && is_alike(first, c) && names->at[c->host] == to &&
	    *used + (to - from) < CANDIDATES_TEXT - HOST_NAME_TEXT);
	memcpy(text + *used, names->text + from, to - from);
	*used += to - from;
	text[*used] = '\0';
	return c;
}

static void
put_candidates(struct past *past, const struct host_names *names,
    const struct decision *decision)
{
	const struct candidate *c = decision->candidates;
	const struct candidate *end = c + decision->ncandidates;

	while (c < end) {
		const struct candidate *first = c;
		char text[CANDIDATES_TEXT];
		size_t used = begin_candidates(text, first);

		do
			c = add_names(text, &used, names, c, end);
		while (c < end && is_alike(first, c) &&
		    used < CANDIDATES_TEXT - HOST_NAME_TEXT);
		past_put(past, "candidates", text);
	}
}

static void
put_decision(struct past *past, const struct hosts *hosts,
    const struct decision *decision)
{
	if (decision->route != NULL)
		past_put(past, "route", decision->route->name);
	past_put(past, "connector", decision_connector(decision));
	put_candidates(past, &hosts->names, decision);
}

void
past_note_choice(struct past *past, const struct hosts *hosts,
    const struct past_choice *choice, struct now now)
{
	past_begin(past, now.wall, choice->queue_id, NULL);
	past_put(past, "what", "choice");
	past_put(past, "reason", reason_tag(choice->reason));
	if (choice->facts != NULL)
		put_facts(past, choice->facts);
	past_put_number(past, "recipients", choice->recipients);
	past_put(past, "action", choice->action);
	if (choice->decision != NULL)
		put_decision(past, hosts, choice->decision);
	past_end(past);
}

void
past_note_refusal(struct past *past, const struct facts *facts,
    const char *queue_id, const struct verdict *verdict, struct now now)
{
	if (verdict->ref[0] == '\0')
		return;
	past_begin(past, now.wall, queue_id, verdict->ref);
	past_put(past, "what", "refusal");
	past_put(past, "verdict", action_name(verdict->action));
	past_put(past, "reason", reason_tag(verdict->reason));
	put_facts(past, facts);
	if (verdict->rule[0] != '\0') {
		past_put(past, "rule", verdict->rule);
		past_put(past, "key", verdict->key);
		past_put_number(past, "used", verdict->used);
		past_put_number(past, "limit", verdict->limit);
	}
	if (verdict->reason == REASON_LIMIT) {
		past_put(past, "counted", limit_what_name(verdict->what));
		past_put_number(past, "period",
		    verdict->period.us / SPAN_SECOND);
		past_put_number(past, "wait",
		    (verdict->wait.us + SPAN_SECOND - 1) / SPAN_SECOND);
	}
	past_end(past);
}

static const char *
value_of(const struct notice *notice, const char *key)
{
	for (unsigned i = 0; i < notice->nfields; i++) {
		if (strcmp(notice->fields[i].key, key) == 0)
			return notice_value(notice, i);
	}
	return NULL;
}

/*
 * What a milter did by itself, it tells as an event. One that refused an
 * identity says so without an action: that is the usual one.
 */
void
past_note_event(struct past *past, const struct notice *notice)
{
	const char *action = value_of(notice, "action");

	past_begin(past, notice->at, value_of(notice, "queue_id"),
	    value_of(notice, "ref"));
	past_put(past, "what", event_name(notice->kind));
	past_put(past, "verdict", action != NULL ? action :
	    notice->kind == EVENT_IDENTITY_REFUSED ? "reject" : NULL);
	for (unsigned i = 0; i < notice->nfields; i++) {
		const char *key = notice->fields[i].key;

		if (strcmp(key, "queue_id") != 0 && strcmp(key, "ref") != 0 &&
		    strcmp(key, "action") != 0)
			past_put(past, key, notice_value(notice, i));
	}
	past_end(past);
}
