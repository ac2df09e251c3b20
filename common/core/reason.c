/*
 * The table of every verdict. Texts are in the words of a mail administrator;
 * %-free, so that they can never become a format.
 */
#include "core/reason.h"

#include <assert.h>
#include <string.h>

static const struct reason_row rows[REASON_COUNT] = {
	[REASON_OK] = { "ok", "250", "2.0.0", "ok" },

	[REASON_USER_REQUIRED] = { "user_required", "530", "5.7.0",
	    "authentication is required to send mail here" },
	[REASON_USER_UNKNOWABLE] = { "user_unknowable", "450", "4.7.0",
	    "cannot tell who is sending, try again later" },
	[REASON_LOGIN_EMPTY] = { "login_empty", "550", "5.7.1",
	    "the login has no name" },
	[REASON_LOGIN_TOO_LONG] = { "login_too_long", "550", "5.7.1",
	    "the login's name is too long" },
	[REASON_SENDER_SYNTAX] = { "sender_syntax", "550", "5.1.7",
	    "the sender address is malformed" },
	[REASON_SENDER_DIFFERS] = { "sender_differs", "550", "5.1.7",
	    "the sender address can be read in two ways" },
	[REASON_SENDER_NOT_OWNED] = { "sender_not_owned", "550", "5.7.1",
	    "not allowed to send as this address" },
	[REASON_SENDER_NULL] = { "sender_null", "550", "5.7.1",
	    "the null sender is not allowed for logins" },
	[REASON_FROM_MISSING] = { "from_missing", "550", "5.7.1",
	    "the message has no From header" },
	[REASON_FROM_SEVERAL] = { "from_several", "550", "5.7.1",
	    "the message has more than one From header" },
	[REASON_FROM_SYNTAX] = { "from_syntax", "550", "5.7.1",
	    "the From header is malformed or ambiguous" },
	[REASON_FROM_NOT_OWNED] = { "from_not_owned", "550", "5.7.1",
	    "not allowed to use this address in From" },
	[REASON_HEADER_SENDER_SEVERAL] = { "header_sender_several", "550",
	    "5.7.1", "the message has more than one Sender header" },
	[REASON_HEADER_SENDER_SYNTAX] = { "header_sender_syntax", "550",
	    "5.7.1", "the Sender header is malformed or ambiguous" },
	[REASON_HEADER_SENDER_NOT_OWNED] = { "header_sender_not_owned", "550",
	    "5.7.1", "not allowed to use this address in Sender" },
	[REASON_RESENT_SYNTAX] = { "resent_syntax", "550", "5.7.1",
	    "a Resent header is malformed or ambiguous" },
	[REASON_RESENT_NOT_OWNED] = { "resent_not_owned", "550", "5.7.1",
	    "not allowed to use this address in a Resent header" },
	[REASON_AUTHORS_TOO_LARGE] = { "authors_too_large", "550", "5.7.1",
	    "the From, Sender and Resent headers are too large to be checked" },
	[REASON_IDENTITY_AWAY] = { "identity_away", "451", "4.3.0",
	    "identity cannot be checked, try again later" },

	[REASON_LIMIT] = { "limit", "451", "4.7.1", "limit reached" },
	[REASON_CONNECTIONS_TOTAL] = { "connections_total", "421", "4.7.0",
	    "too many connections to this service" },
	[REASON_CONNECTIONS_SOURCE] = { "connections_source", "421", "4.7.0",
	    "too many connections from your network" },
	[REASON_CONNECTIONS_PERCENT] = { "connections_percent", "421", "4.7.0",
	    "too large a share of the connections left" },

	[REASON_ROUTED] = { "routed", NULL, NULL, "sent by a smart host" },
	[REASON_ROUTE_DIRECT] = { "route_direct", NULL, NULL,
	    "sent straight to the recipients' domains" },
	[REASON_NO_ROUTE] = { "no_route", NULL, NULL,
	    "no route matches, Postfix decides" },
	[REASON_ROUTE_POSTFIX] = { "route_postfix", NULL, NULL,
	    "the route leaves the choice to Postfix" },
	[REASON_ROUTE_REJECTS] = { "route_rejects", "550", "5.7.1",
	    "the route refuses this mail" },
	[REASON_RECIPIENT_NOT_REMOTE] = { "recipient_not_remote", NULL, NULL,
	    "a recipient is not for the default transport, Postfix decides" },
	[REASON_RECIPIENTS_UNKNOWN] = { "recipients_unknown", NULL, NULL,
	    "not every recipient is known, Postfix decides" },
	[REASON_RECIPIENTS_DIFFER] = { "recipients_differ", NULL, NULL,
	    "a route takes some of the recipients only, Postfix decides" },
	[REASON_SESSION_AMBIGUOUS] = { "session_ambiguous", NULL, NULL,
	    "two sessions could be meant, Postfix decides" },
	[REASON_NOT_PINNED] = { "not_pinned", NULL, NULL,
	    "policy.pin leaves the choice to the socketmap" },
	[REASON_FILTER_STAYS] = { "filter_stays", "451", "4.3.0",
	    "recipients were added after its way was decided, begin the "
	    "message anew" },
	[REASON_POLICY_NOT_ASKED] = { "policy_not_asked", "451", "4.3.0",
	    "the way of this message was not decided, try again later" },
	[REASON_NONE_HEALTHY] = { "none_healthy", NULL, NULL,
	    "no smart host is healthy" },
	[REASON_QUEUED] = { "queued", NULL, NULL,
	    "no smart host is usable, the mail waits" },
	[REASON_NONE_AVAILABLE] = { "none_available", "451", "4.3.2",
	    "no smart host is available, try again later" },
	[REASON_OTHER_CONNECTOR] = { "other_connector", NULL, NULL,
	    "sent by another connector, no host of the route's is usable" },

	[REASON_CHOSEN] = { "chosen", NULL, NULL, "chosen" },
	[REASON_HOME] = { "home", NULL, NULL, "the home of this login" },
	[REASON_DEFAULT_HOME] = { "default_home", NULL, NULL,
	    "no home, default used" },
	[REASON_FAILOVER] = { "failover", NULL, NULL,
	    "stands behind the chosen host" },
	[REASON_NOT_NEEDED] = { "not_needed", NULL, NULL,
	    "usable, but the list is long enough" },
	[REASON_HOST_UNHEALTHY] = { "unhealthy", NULL, NULL, "unhealthy" },
	[REASON_HOST_DRAINED] = { "drained", NULL, NULL,
	    "drained by the operator" },
	[REASON_HOST_DOWN] = { "down", NULL, NULL,
	    "taken down by the operator" },
	[REASON_HOST_UNRESOLVED] = { "unresolved", NULL, NULL,
	    "its name has no address" },
	[REASON_HOST_KEPT_IN] = { "kept_in", NULL, NULL,
	    "sick by the mail log alone, kept in by max_ejection" },
	[REASON_OVER_CAPACITY] = { "over_capacity", NULL, NULL,
	    "has had as much mail as its max_rate allows" },
	[REASON_MINIMUM_SHARE] = { "minimum_share", NULL, NULL,
	    "chosen to keep its share, though a cheaper host is usable" },
	[REASON_COST_HIGHER] = { "cost_higher", NULL, NULL,
	    "a cheaper host is usable" },
	[REASON_LAST_RESORT] = { "last_resort", NULL, NULL,
	    "not usable, tried because no host is" },
	[REASON_MAIL_TRIAL] = { "mail_trial", NULL, NULL,
	    "unhealthy, one message tries it, others stand behind" },

	[REASON_STATE_AWAY] = { "state_away", "451", "4.3.0",
	    "limits cannot be checked, try again later" },
	[REASON_MESSAGE_TOO_LARGE] = { "headers_too_large", "550", "5.7.1",
	    "the header block is too large to be checked" },
};

const struct reason_row *
reason_row(enum reason reason)
{
	assert((unsigned)reason < REASON_COUNT);
	return &rows[reason];
}

const char *
reason_tag(enum reason reason)
{
	return reason_row(reason)->tag;
}

enum reason
reason_by_tag(const char *tag)
{
	for (int i = 0; i < REASON_COUNT; i++) {
		if (strcmp(rows[i].tag, tag) == 0)
			return (enum reason)i;
	}
	return REASON_COUNT;
}
