/*
 * What one message was charged, so that it can be given back (limit.h).
 *
 * Charges that come back to the same place are one receipt: under a rule by
 * user all recipients of one part of a period, so that a rule needs no more
 * than RATE_SLOTS + 1 a period, however many recipients a message has and
 * however long they take. Only a rule by recipient-domain needs one for each
 * of the message's domains.
 *
 * Beyond RECEIPTS_MAX a charge has no receipt and stays until its period is
 * over. Postfix takes 1000 recipients (smtpd_recipient_limit): that is enough
 * for 16 periods by recipient-domain, with another domain each time. What stays
 * is a counter that says too much for a while, never too little: nobody sends
 * more than his limit by it, and no client makes us keep more than 640 kB for
 * its message.
 *
 * All zero is an empty one; it owns its list. Not thread-safe.
 */
#ifndef WEIR_CORE_RECEIPTS_H
#define WEIR_CORE_RECEIPTS_H

#include "core/counts.h"

enum { RECEIPTS_MAX = 16384 };

struct receipts {
	struct netaddr network; /* its client's */
	unsigned count, room;
	struct receipt *list;
};

void receipts_add(struct receipts *, const struct receipt *, struct mono now);

/* Empty again, and without memory. */
void receipts_clear(struct receipts *);

#endif
