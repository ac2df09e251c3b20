/*
 * Every verdict the suite can reach, one row each: the tag that logs, events,
 * metrics and weirctl show, and what an SMTP client is told.
 *
 * A row without an SMTP code is never sent to a client: it explains a choice.
 */
#ifndef WEIR_CORE_REASON_H
#define WEIR_CORE_REASON_H

enum reason {
	REASON_OK,

	/* who may send as whom */
	REASON_USER_REQUIRED,
	REASON_USER_UNKNOWABLE,
	REASON_LOGIN_EMPTY,
	REASON_LOGIN_TOO_LONG,
	REASON_SENDER_SYNTAX,
	REASON_SENDER_DIFFERS,
	REASON_SENDER_NOT_OWNED,
	REASON_SENDER_NULL,
	REASON_FROM_MISSING,
	REASON_FROM_SEVERAL,
	REASON_FROM_SYNTAX,
	REASON_FROM_NOT_OWNED,
	REASON_HEADER_SENDER_SEVERAL,
	REASON_HEADER_SENDER_SYNTAX,
	REASON_HEADER_SENDER_NOT_OWNED,
	REASON_RESENT_SYNTAX,
	REASON_RESENT_NOT_OWNED,
	REASON_IDENTITY_AWAY,

	/* how much */
	REASON_LIMIT,
	REASON_CONNECTIONS_TOTAL,
	REASON_CONNECTIONS_SOURCE,
	REASON_CONNECTIONS_PERCENT,

	/* by which smart host: of a decision */
	REASON_ROUTED,
	REASON_NO_ROUTE,
	REASON_ROUTE_POSTFIX,
	REASON_ROUTE_REJECTS,
	REASON_RECIPIENT_NOT_REMOTE,
	REASON_RECIPIENTS_UNKNOWN,
	REASON_RECIPIENTS_DIFFER,
	REASON_SESSION_AMBIGUOUS,
	REASON_NONE_HEALTHY,
	REASON_QUEUED,
	REASON_NONE_AVAILABLE,
	REASON_OTHER_CONNECTOR,
	REASON_NOT_PINNED,
	REASON_POLICY_NOT_ASKED,

	/* by which smart host: of one candidate */
	REASON_CHOSEN,
	REASON_HOME,
	REASON_DEFAULT_HOME,
	REASON_FAILOVER,
	REASON_NOT_NEEDED,
	REASON_HOST_UNHEALTHY,
	REASON_HOST_DRAINED,
	REASON_HOST_DOWN,
	REASON_HOST_UNRESOLVED,
	REASON_HOST_KEPT_IN,
	REASON_OVER_CAPACITY,
	REASON_MINIMUM_SHARE,
	REASON_COST_HIGHER,
	REASON_LAST_RESORT,
	REASON_MAIL_TRIAL,

	/* our own failure */
	REASON_STATE_AWAY,
	REASON_MESSAGE_TOO_LARGE,

	REASON_COUNT
};

struct reason_row {
	const char *tag;
	const char *code; /* "550", or NULL */
	const char *enhanced; /* RFC 3463, "5.7.1" */
	const char *text;
};

const struct reason_row *reason_row(enum reason);

/* The tag alone, for logs and JSON. */
const char *reason_tag(enum reason);

/* The reason of that tag; REASON_COUNT when there is none. */
enum reason reason_by_tag(const char *tag);

#endif
