/*
 * What one line of Postfix's log says of a smart host (real deliveries).
 *
 * Pure: a line goes in, evidence comes out. The reader of the file is
 * policyd/maillog_file.c; several lines may tell of one failure (the host's
 * words, the lost connection after them, the status of each recipient), which
 * is for the caller to see (policyd/delivery.c).
 *
 * hard: no connection, no name, no or a bad banner or EHLO, TLS or AUTH that
 * does not come about, 421 at MAIL. soft: other 4xx at MAIL, 4xx at DATA and
 * end of data, a connection lost or silent from MAIL on. good: a recipient was
 * taken. Anything else, above all what was said to RCPT and 5xx about one
 * message, is not relevant.
 */
#ifndef WEIR_CORE_MAILLOG_H
#define WEIR_CORE_MAILLOG_H

#include "core/health.h"
#include "core/facts.h"
#include "core/walltime.h"

enum {
	MAILLOG_LINE_MAX = 4096, /* longer lines are cut */
	/* on the way here: 1024 by RFC 3164 4.1, 2000 by Postfix */
	MAILLOG_CUT_MIN = 1000,
	MAILLOG_NAME_MAX = 255,
};

struct stamp {
	struct month_day date; /* of some time zone; month 0: no stamp */
	struct span quarter; /* into a quarter of an hour: of all time zones */
	bool whole_seconds; /* the rest is not told */
};

struct maillog_verdict {
	bool relevant; /* false: says nothing of a host */
	bool final; /* a status= line (a delivery ended) */
	bool denied; /* not relevant, and a recipient was denied relaying */
	bool cut; /* it is so long that its end may be lost */
	struct netaddr ip; /* family 0: the line has a name only */
	uint16_t port; /* 0: the line does not say */
	char transport[NAME_MAX_LEN + 1]; /* "hop1" of "postfix/hop1/smtp", of
	                                     its syslog_name; else "" */
	uint32_t pid; /* of the smtp process: ties lines of one delivery */
	char queue_id[QUEUE_ID_MAX + 1]; /* "": the line has none */
	char name[MAILLOG_NAME_MAX + 1]; /* of a next hop that was not found */
	struct stamp stamp; /* when it was written */
	struct span took; /* what its delays= say of smtp(8)'s own part */
	struct evidence evidence; /* source EVIDENCE_DELIVERY */
};

/*
 * line: without the newline, any bytes. Lines of smtp(8) are told by the last
 * part of the program's name, so that syslog_name may be anything:
 * "postfix/smtp", "postfix-out/smtp", "postfix/hop1/smtp". Time stamps of
 * rsyslog (traditional and RFC 3339) and of Postfix itself.
 */
void maillog_parse(const char *line, size_t len,
    struct maillog_verdict *verdict_r);

/*
 * Sets in the evidence how long ago the delivery ended that the line tells of
 * (over), and how long ago it began (age). Of a stamp of whole seconds the end
 * is taken for the last moment it may mean: a line is read as soon as it is
 * there. Delays are rounded, and made longer by that. A stamp more than 14
 * minutes back is a clock that is ahead of ours, one of another day no clock
 * of ours: both are taken for now.
 */
void maillog_date(struct maillog_verdict *, struct wall now);

#endif
