/*
 * What one line of Postfix's log says of a smart host (real deliveries).
 *
 * Pure: a line goes in, evidence comes out. The reader of the file is
 * policyd/maillog_file.c.
 */
#ifndef WEIR_CORE_MAILLOG_H
#define WEIR_CORE_MAILLOG_H

#include "core/health.h"
#include "core/facts.h"

enum { MAILLOG_LINE_MAX = 4096 }; /* longer lines are cut */

struct maillog_verdict {
	bool relevant; /* false: says nothing of a host */
	bool final; /* a status= line (a delivery ended) */
	struct netaddr ip;
	uint16_t port; /* 0: the line does not say */
	uint32_t pid; /* of the smtp process: ties lines of one delivery */
	char queue_id[QUEUE_ID_MAX + 1]; /* "": the line has none */
	struct evidence evidence; /* source EVIDENCE_DELIVERY */
};

/* line: without the newline, any bytes. */
void maillog_parse(const char *line, size_t len,
    struct maillog_verdict *verdict_r);

#endif
