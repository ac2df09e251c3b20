/*
 * The Postfix policy delegation protocol (SMTPD_POLICY_README): "name=value"
 * lines and an empty line in, "action=..." and an empty line out.
 */
#ifndef WEIR_CORE_POLICY_H
#define WEIR_CORE_POLICY_H

#include "core/facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	POLICY_REQUEST_MAX = 16384, /* a longer one closes the connection */
	POLICY_INSTANCE_MAX = 63,
};

enum policy_state { POLICY_DATA, POLICY_END_OF_MESSAGE, POLICY_OTHER };

struct policy_request {
	enum policy_state state;
	char queue_id[QUEUE_ID_MAX + 1];
	char instance[POLICY_INSTANCE_MAX + 1];
	struct netaddr client; /* family 0: not an address we know */
	uint16_t client_port; /* 0: not known */
	uint16_t server_port; /* 0: not known */
	char sender[ADDRESS_MAX + 1]; /* lower case; "" null sender */
	char recipient[ADDRESS_MAX + 1]; /* "" when several; lower case */
	char user[LOGIN_MAX + 1]; /* sasl_username, as sent */
	uint32_t recipient_count;
	/*
	 * Sender, recipient or user was longer than any can be, and is empty
	 * here. Clients choose them, so that is no fault of Postfix; but
	 * nothing may be concluded from them.
	 */
	bool overlong;
};

enum policy_parse { POLICY_PARSE_MORE, POLICY_PARSE_DONE, POLICY_PARSE_BAD };

/*
 * One request from the start of bytes; *used_r says how long it was. MORE:
 * not whole yet. BAD: not this protocol, too long, or a value that cannot be
 * right; *why_r is then a static text for the log. Unknown names are passed
 * over; of a name that comes twice the last value counts.
 */
enum policy_parse policy_parse(const char *bytes, size_t len,
    struct policy_request *request_r, size_t *used_r, const char **why_r);

#endif
