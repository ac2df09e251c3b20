/*
 * What postcat(1) shows of a queue file, as far as drain --requeue asks.
 */
#ifndef WEIR_CTL_FILTER_H
#define WEIR_CTL_FILTER_H

#include <stdbool.h>

enum { QUEUE_NAME_MAX = 32 }; /* with its NUL; Postfix's longest is below */

/* "*** ENVELOPE RECORDS deferred/A/A1B2C3 ***": the queue id, else false. */
bool filter_queue_id(const char *line, char id_r[QUEUE_NAME_MAX]);

/*
 * "content_filter: relay:[a.example]:25, [b.example]:25": is that next hop,
 * as weir.conf writes it, among them?
 */
bool filter_names(const char *line, const char *nexthop);

#endif
