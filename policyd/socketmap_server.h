/*
 * The socketmap (socketmap_table(5)): what trivial-rewrite(8) asks at each
 * delivery attempt.
 *
 * The map "sender" has an entry for each sender some route takes whatever the
 * session was, the map "recipient" one for each recipient some route asks for
 * by itself. Another name is a mistake in main.cf, and the answer an error.
 */
#ifndef WEIR_POLICYD_SOCKETMAP_SERVER_H
#define WEIR_POLICYD_SOCKETMAP_SERVER_H

#include "service.h"

/* ctx is the struct daemon. */
extern const struct service_protocol socketmap_protocol;

#endif
