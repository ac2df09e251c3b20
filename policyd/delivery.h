/*
 * What real deliveries say of the smart hosts: lines of the mail log become
 * evidence. A failure that Postfix tells in several lines (what the host said,
 * the lost connection after it, the status of each recipient) counts once.
 */
#ifndef WEIR_POLICYD_DELIVERY_H
#define WEIR_POLICYD_DELIVERY_H

#include "daemon.h"

struct delivery *delivery_new(struct daemon *);
void delivery_free(struct delivery **);

/* One line of the mail log; a maillog_line_fn with the delivery as ctx. */
void delivery_line(void *ctx, const char *line, size_t len);

#endif
