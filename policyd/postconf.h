/*
 * What Postfix itself is set to, asked of postconf(1).
 */
#ifndef WEIR_POLICYD_POSTCONF_H
#define WEIR_POLICYD_POSTCONF_H

#include "core/transport.h"

enum { POSTCONF_VALUE_MAX = 1024, POSTCONF_HELO_MAX = 256 };

struct postfix_settings {
	struct transport default_transport;
	char myhostname[POSTCONF_HELO_MAX]; /* "": postconf does not tell */
	char said[3 * POSTCONF_VALUE_MAX]; /* for one log line */
	bool warning; /* the log line is one */
};

/*
 * The default transport: as given, or "auto" for what postconf tells; its own
 * name in any case. That may take a few seconds: not from the loop. And if it
 * is away? Then "smtp", with a warning. *said says what was found and why.
 */
void postfix_ask(const char *default_transport,
    struct postfix_settings *settings_r);

#endif
