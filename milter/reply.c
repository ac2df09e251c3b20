/*
 * Replies. smfi_setreply takes '%' for the start of a format and refuses line
 * ends, so texts come from verdict_reply, which has neither.
 */
#include "reply.h"

#include "core/text.h"
#include "io/log.h"

#include <inttypes.h>
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

const char *
reply_queue_id(SMFICTX *ctx)
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
	used = put_pair(line, 0, "queue_id", reply_queue_id(ctx));
	used = put_pair(line, used, "user", user);
	used = put_pair(line, used, "rule", verdict->rule);
	(void)put_pair(line, used, "key", verdict->key);
	log_info("refused%s client=%s reason=%s used=%" PRIu64 " limit=%"
	    PRIu64 " ref=%s code=%s", line,
	    netaddr_format(&session->visit.client, client),
	    reason_tag(verdict->reason), verdict->used, verdict->limit,
	    verdict->ref, reply.code);
	return reply_send(ctx, &reply);
}
