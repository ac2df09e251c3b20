/*
 * Relay denied: what one recipient is told says nothing of a smart host, but a
 * host that denies relaying to every recipient of DENIALS_FAIL messages within
 * DENIALS_WITHIN no longer knows us. That is one soft failure.
 *
 * Pure and of a fixed size: the oldest message is forgotten first.
 */
#ifndef WEIR_CORE_DENIALS_H
#define WEIR_CORE_DENIALS_H

#include "core/maillog.h"

enum { DENIALS_FAIL = 5, DENIALS_KEPT = 64 };

#define DENIALS_WITHIN span_s(60)

struct denial { /* a message that was denied, at an address */
	struct mono at; /* its first recipient */
	struct netaddr ip; /* family 0: no entry */
	uint16_t port;
	char queue_id[QUEUE_ID_MAX + 1];
	bool mixed; /* not to every recipient */
};

struct denials { /* begins as zeros */
	struct denial list[DENIALS_KEPT]; /* a ring */
	unsigned next;
};

/*
 * A status line, whatever it tells. True when with it a host has denied so
 * many messages: then they are forgotten.
 */
bool denials_on(struct denials *, const struct maillog_verdict *,
    struct mono now);

#endif
