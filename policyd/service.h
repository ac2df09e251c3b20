/*
 * A service Postfix asks: it connects, asks, is answered, and stays. The
 * policy protocol and the socketmap protocol are both served so; which it is
 * stands in a struct service_protocol.
 *
 * A connection has a fixed buffer and costs no allocation after it was
 * accepted. An idle one may stay for ever, as Postfix expects; half a request,
 * or an answer not read, for SERVICE_STALL closes it. Garbage closes it with
 * one log line (many in a row are summed up), and nobody else notices.
 */
#ifndef WEIR_POLICYD_SERVICE_H
#define WEIR_POLICYD_SERVICE_H

#include "core/span.h"

#include <event2/event.h>

#include <stddef.h>
#include <stdint.h>

#define SERVICE_STALL span_s(30)

enum service_result { SERVICE_DONE, SERVICE_MORE, SERVICE_BAD };

struct service_answer {
	enum service_result result;
	size_t used; /* DONE: bytes the request had */
	char *text; /* answer_max bytes, to be filled */
	size_t len;
	const char *why; /* BAD: static */
};

struct service_protocol {
	const char *name; /* in log lines */
	size_t request_max; /* that many bytes are never MORE */
	size_t answer_max;
	struct span stall; /* 0: SERVICE_STALL */
	/*
	 * One request from the start of bytes, taken apart and answered.
	 * Everything but text is zero before.
	 */
	void (*answer)(void *ctx, const char *bytes, size_t len,
	    struct service_answer *);
};

struct service;

/* The protocol is borrowed; max_clients is for each of its sockets. */
struct service *service_new(struct event_base *, uint32_t max_clients,
    const struct service_protocol *, void *ctx);
void service_free(struct service **);

/* fd: listening; owned from now on. name is for the log. */
void service_listen(struct service *, int fd, const char *name);

uint32_t service_clients(const struct service *);

#endif
