/*
 * Postfix's socketmap protocol (socketmap_table(5)): netstrings, "NAME KEY"
 * in, a status and a value out. It asks which transport the mail of a sender
 * (or to a recipient) takes, at each delivery attempt.
 */
#ifndef WEIR_CORE_SOCKETMAP_H
#define WEIR_CORE_SOCKETMAP_H

#include "core/facts.h"

#include <stddef.h>

enum {
	SOCKETMAP_NAME_MAX = 31,
	SOCKETMAP_REQUEST_MAX = 1024, /* a longer one closes the connection */
	/* the same as a netstring: four digits, a colon and a comma more */
	SOCKETMAP_WIRE_MAX = SOCKETMAP_REQUEST_MAX + 6,
};

struct socketmap_request {
	char name[SOCKETMAP_NAME_MAX + 1]; /* which map */
	char key[ADDRESS_MAX + 1]; /* as sent, case kept; "": "<>" */
};

enum socketmap_parse {
	SOCKETMAP_PARSE_MORE,
	SOCKETMAP_PARSE_DONE,
	SOCKETMAP_PARSE_BAD,
};

/*
 * One request from the start of bytes; *used_r says how long it was. MORE: not
 * whole yet (which SOCKETMAP_WIRE_MAX bytes never are). BAD: no netstring, too
 * long, or no name and key; *why_r is then a static text for the log. A key
 * longer than an address can be is no error: nothing is known of it, and it
 * comes out as "*".
 */
enum socketmap_parse socketmap_parse(const char *bytes, size_t len,
    struct socketmap_request *request_r, size_t *used_r, const char **why_r);

/*
 * "17:OK smtp:[192.0.2.1],": status is "OK", "NOTFOUND", "TEMP" or "PERM".
 * Returns the length, or 0 when it does not fit.
 */
size_t socketmap_reply(char *buf, size_t size, const char *status,
    const char *value);

/* --- as the one that asks --- */

enum {
	SOCKETMAP_ANSWER_MAX = 100000, /* bytes, as Postfix's client takes */
	SOCKETMAP_ANSWER_WIRE_MAX = SOCKETMAP_ANSWER_MAX + 8,
};

enum socketmap_status {
	SOCKETMAP_OK,
	SOCKETMAP_NOTFOUND,
	SOCKETMAP_FAILED, /* TEMP, TIMEOUT, PERM: it says that it cannot tell */
};

struct socketmap_answer {
	enum socketmap_status status;
	const char *value; /* or the reason; into bytes, no NUL behind it */
	size_t len;
};

/* "10:NAME alice,": the length, or 0 when it does not fit. */
size_t socketmap_ask(char *buf, size_t size, const char *name,
    const char *key);

/* One answer, as socketmap_parse takes one request. */
enum socketmap_parse socketmap_answer_parse(const char *bytes, size_t len,
    struct socketmap_answer *answer_r, size_t *used_r, const char **why_r);

#endif
