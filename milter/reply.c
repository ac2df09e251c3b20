/*
 * Replies. smfi_setreply takes '%' for the start of a format and refuses line
 * ends, so texts come from verdict_reply, which has neither.
 */
#include "reply.h"

#include "core/text.h"
#include "io/clock.h"
#include "io/log.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
	SHOWN_MAX = 200, /* of one value in a log line */
	LINE_ROOM = 4 * (SHOWN_MAX + 16),
};

const char *
reply_macro(SMFICTX *ctx, const char *name)
{
	return smfi_getsymval(ctx, (char *)(uintptr_t)name);
}

void
reply_ref(char ref_r[REF_MAX])
{
	uint32_t n;

	/* short reads do not occur for up to 256 bytes, getrandom(2) */
	if (getrandom(&n, sizeof(n), 0) != (ssize_t)sizeof(n))
		abort();
	(void)snprintf(ref_r, REF_MAX, "%06X", n & 0xFFFFFFU);
}

sfsistat
reply_send(SMFICTX *ctx, const struct reply *reply)
{
	struct reply copy = *reply; /* libmilter's arguments are not const */

	if (smfi_setreply(ctx, copy.code, copy.enhanced, copy.text) !=
	    MI_SUCCESS)
		log_error("libmilter does not take the reply %s %s %s",
		    copy.code, copy.enhanced, copy.text);
	return copy.code[0] == '5' ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

static const char *
queue_id(SMFICTX *ctx)
{
	const char *id = reply_macro(ctx, "i");

	return id == NULL ? "" : id;
}

/* Adds ' key="value"' to a line and returns its new length. */
static size_t
put_pair(char *line, size_t used, const char *key, const char *value)
{
	char shown[SHOWN_MAX];
	int more;

	text_escape(shown, sizeof(shown), value, strlen(value));
	more = snprintf(line + used, LINE_ROOM - used, " %s=\"%s\"", key,
	    shown);
	return used + (size_t)more;
}

sfsistat
reply_limit(SMFICTX *ctx, const struct milter_session *session,
    const char *user, struct verdict *verdict)
{
	struct reply reply;
	char client[NETADDR_TEXT_MAX], line[LINE_ROOM];
	size_t used;

	if (verdict->ref[0] == '\0')
		reply_ref(verdict->ref);
	verdict_reply(verdict, &reply);
	used = put_pair(line, 0, "queue_id", queue_id(ctx));
	used = put_pair(line, used, "user", user);
	used = put_pair(line, used, "rule", verdict->rule);
	(void)put_pair(line, used, "key", verdict->key);
	log_info("refused%s client=%s reason=%s used=%u limit=%u ref=%s "
	    "code=%s", line, netaddr_format(&session->visit.client, client),
	    reason_tag(verdict->reason), verdict->used, verdict->limit,
	    verdict->ref, reply.code);
	return reply_send(ctx, &reply);
}

sfsistat
reply_offence(SMFICTX *ctx, const struct milter_session *session,
    struct gatekeeper *keeper, const struct offence *offence)
{
	struct verdict verdict;
	struct reply reply;
	struct notice notice;
	char client[NETADDR_TEXT_MAX];

	verdict_accept(&verdict);
	verdict.action = offence->action;
	verdict.reason = offence->reason;
	(void)text_copy(verdict.subject, sizeof(verdict.subject),
	    offence->address);
	reply_ref(verdict.ref);

	notice_init(&notice, EVENT_IDENTITY_REFUSED, clock_now().wall);
	notice_add(&notice, "user", offence->user);
	notice_add(&notice, offence->what, offence->address);
	notice_add(&notice, "client",
	    netaddr_format(&session->visit.client, client));
	notice_add(&notice, "queue_id", queue_id(ctx));
	notice_add(&notice, "reason", reason_tag(offence->reason));
	notice_add(&notice, "ref", verdict.ref);
	if (offence->action == ACTION_OBSERVE)
		notice_add(&notice, "action", "observe");
	if (offence->why != NULL)
		notice_add(&notice, "why", offence->why);
	log_event(NULL, &notice);
	gatekeeper_event(keeper, &notice);
	if (offence->action == ACTION_OBSERVE)
		return SMFIS_CONTINUE;
	verdict_reply(&verdict, &reply);
	return reply_send(ctx, &reply);
}
