/*
 * Log line, event, reply and mark of one offence have its reference in common.
 */
#include "offence.h"

#include "reply.h"

#include "core/identity.h"
#include "core/text.h"
#include "io/clock.h"
#include "io/log.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_MAX = 400 };

static void
tell(SMFICTX *ctx, const struct milter_session *session,
    struct gatekeeper *keeper, const struct offence *offence,
    enum action action, const char *ref)
{
	struct notice notice;
	char client[NETADDR_TEXT_MAX];

	notice_init(&notice, EVENT_IDENTITY_REFUSED, clock_now().wall);
	notice_add(&notice, "user", offence->user);
	notice_add(&notice, offence->what, offence->address);
	notice_add(
	    &notice, "client", netaddr_format(&session->visit.client, client));
	notice_add(&notice, "queue_id", reply_queue_id(ctx));
	notice_add(&notice, "reason", reason_tag(offence->reason));
	notice_add(&notice, "ref", ref);
	if (action != ACTION_REJECT)
		notice_add(&notice, "action", action_name(action));
	if (offence->why != NULL)
		notice_add(&notice, "why", offence->why);
	log_event(NULL, &notice);
	gatekeeper_event(keeper, &notice);
}

static sfsistat
refuse(SMFICTX *ctx, const struct offence *offence, const char *ref)
{
	struct verdict verdict;
	struct reply reply;

	verdict_accept(&verdict);
	verdict.action = ACTION_REJECT;
	verdict.reason = offence->reason;
	(void)text_copy(
	    verdict.subject, sizeof(verdict.subject), offence->address);
	(void)text_copy(verdict.ref, sizeof(verdict.ref), ref);
	verdict_reply(&verdict, &reply);
	return reply_send(ctx, &reply);
}

/*
 * The header does not name the login: the message goes out with it. Whoever
 * has the log finds it by the reference.
 */
static void
tag(struct milter_session *session, const struct offence *offence,
    const char *ref)
{
	char shown[SHOWN_MAX], text[MARK_MAX + 1];

	(void)snprintf(text, sizeof(text), "reason=%s %s=\"%s\" ref=%s",
	    reason_tag(offence->reason), offence->what,
	    text_escape(shown, sizeof(shown), offence->address,
		strlen(offence->address)),
	    ref);
	marks_tag(&session->marks, text);
}

static void
hold(struct milter_session *session, const struct offence *offence,
    const char *ref)
{
	char text[MARK_MAX + 1];

	(void)snprintf(text, sizeof(text), "%s (weir %s)",
	    reason_tag(offence->reason), ref);
	marks_hold(&session->marks, text);
}

sfsistat
offence_answer(SMFICTX *ctx, struct milter_session *session,
    struct gatekeeper *keeper, const struct offence *offence)
{
	enum action action = identity_action(
	    &session->config->identities, session->listener, offence->reason);
	char ref[REF_MAX];

	if (action == ACTION_ACCEPT)
		return SMFIS_CONTINUE;
	reply_ref(ref);
	tell(ctx, session, keeper, offence, action, ref);
	if (action == ACTION_REJECT)
		return refuse(ctx, offence, ref);
	if (action == ACTION_HOLD)
		hold(session, offence, ref);
	else if (action == ACTION_TAG)
		tag(session, offence, ref);
	return SMFIS_CONTINUE;
}
