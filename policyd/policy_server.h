/*
 * The policy service (SMTPD_POLICY_README): what Postfix asks once a message.
 */
#ifndef WEIR_POLICYD_POLICY_SERVER_H
#define WEIR_POLICYD_POLICY_SERVER_H

#include "service.h"

/* ctx is the struct daemon. */
extern const struct service_protocol policy_protocol;

#endif
