/*
 * The end of a message: was the way decided that its route asks for?
 *
 * Nothing but the policy service can do so, and Postfix sends a message it was
 * not asked about as if there were no routes. So the milter, which sees every
 * message, asks for it at the last moment, when all policy answers are given.
 */
#include "core/answer.h"

#include "core/route.h"

#include <string.h>

/* Each is told up to so many a minute, the others are counted. */
enum { TOLD_A_MINUTE = 60 };

bool
model_needs_decision(const struct model *model, const struct facts *facts)
{
	const struct route *doubt;
	const struct route *route =
	    route_find_sure(model->config, facts, &doubt);

	if (doubt != NULL || route == NULL || route->target == ROUTE_DIRECT ||
	    route->target == ROUTE_POSTFIX)
		return false;
	return answer_pins(model->config, route, facts);
}

static bool
was_decided(const struct session *session)
{
	return session->decision != REASON_OK &&
	    session->decision != REASON_SESSION_AMBIGUOUS;
}

/* May one more be told in this minute? */
static bool
may_tell(struct untold *untold, struct mono now)
{
	if (untold->since.us == 0 ||
	    mono_since(now, untold->since).us >= span_s(60).us) {
		untold->since = now;
		untold->told = 0;
	}
	if (untold->told == TOLD_A_MINUTE) {
		untold->repeats++;
		return false;
	}
	untold->told++;
	return true;
}

static void
tell(struct model *model, const struct session *session,
    const struct verdict *verdict, struct now now)
{
	struct untold *untold = &model->unrouted;
	char client[NETADDR_TEXT_MAX];
	struct notice notice;

	if (!may_tell(untold, now.mono))
		return;
	notice_init(&notice, EVENT_UNROUTED, now.wall);
	notice_add(&notice, "queue_id", session->queue_id);
	notice_add(&notice, "user", session->user);
	notice_add(&notice, "sender", session->sender);
	notice_add(&notice, "client", netaddr_format(&session->client, client));
	notice_add(&notice, "reason",
	    reason_tag(session->decision == REASON_SESSION_AMBIGUOUS
	        ? session->decision : verdict->reason));
	notice_add(&notice, "action",
	    verdict->action == ACTION_OBSERVE ? "observe" : "defer");
	notice_add(&notice, "ref", verdict->ref);
	if (untold->repeats != 0)
		notice_add_number(&notice, "repeats", (int64_t)untold->repeats);
	untold->repeats = 0;
	events_add(model->events, &notice);
}

/* What nothing is known of for sure is left to Postfix, here as at DATA. */
static bool
is_unrouted(const struct model *model, const struct session *session)
{
	struct facts facts;

	return session->mail && !was_decided(session) &&
	    answer_facts(model->config, session, &facts) == REASON_OK &&
	    model_needs_decision(model, &facts);
}

static void
note_sender(struct model *model, const struct session *session)
{
	const struct facts facts = {
		.user = session->has_user ? session->user : NULL,
		.client = session->client,
		.sender = session->sender,
	};

	senders_note(model->senders, model->config, session->queue_id, &facts);
}

bool
model_end(struct model *model, struct session *session, const char *queue_id,
    uint64_t size, struct now now, struct verdict *verdict)
{
	struct gate *gate = &model->gate;
	enum action action = model->config->milter.on_unrouted;
	struct verdict unrouted;

	if (queue_id[0] != '\0')
		session_set_queue_id(gate->sessions, session, queue_id);
	note_sender(model, session);
	if (!is_unrouted(model, session))
		return gate_end(gate, model->config, session, size, now,
		    verdict);
	verdict_accept(&unrouted);
	unrouted.action = action;
	unrouted.reason = REASON_POLICY_NOT_ASKED;
	limits_ref(gate->limits, unrouted.ref);
	tell(model, session, &unrouted, now);
	if (action == ACTION_OBSERVE)
		return gate_end(gate, model->config, session, size, now,
		    verdict);
	gate_done(gate, session, true, now);
	*verdict = unrouted;
	return false;
}
