/*
 * The socketmap (socketmap_table(5)): what trivial-rewrite(8) asks at each
 * delivery attempt.
 *
 * The map "sender" has an entry for each sender some route takes whatever the
 * session was. "recipient" is for routes that ask for the recipient, of which
 * there are none yet: it has no entries. Another name is a mistake in main.cf,
 * and the answer an error.
 */
#ifndef WEIR_POLICYD_SOCKETMAP_SERVER_H
#define WEIR_POLICYD_SOCKETMAP_SERVER_H

#include "service.h"

/* ctx is the struct daemon. */
extern const struct service_protocol socketmap_protocol;

#endif
