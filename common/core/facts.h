/*
 * What is known of a session or message when something is decided about it.
 * Strings are borrowed for the call. Everything is canonical already
 * (core/identity.h): users lower case with realm, addresses lower case with
 * domains as A-labels, IPv4-mapped addresses folded.
 */
#ifndef WEIR_CORE_FACTS_H
#define WEIR_CORE_FACTS_H

#include "core/netaddr.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	LOGIN_MAX = 255, /* bytes of a login with its realm */
	ADDRESS_MAX = 320, /* RFC 5321 4.5.3.1: 64 + "@" + 255 */
	QUEUE_ID_MAX = 63,
};

struct route_fit;

struct facts {
	const char *listener; /* name, never NULL; "": none, in the socketmap */
	const char *user; /* NULL: not authenticated */
	bool by_network; /* the client's network gave the user, no login did */
	struct netaddr client; /* family 0: not known */
	const char *sender; /* "": the null sender; NULL: not known yet */
	const char *recipient; /* NULL outside RCPT */
	const char *queue_id; /* "", NULL: not known yet; for events only */
	const struct route_fit *fit; /* of all recipients; NULL: not known, or
	                                recipient is the only one */
};

#endif
