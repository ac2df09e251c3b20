/*
 * HTTP for a few readers (core/http.h says what of it): one request a
 * connection, answered and closed.
 *
 * evhttp of libevent is not used: it takes connections by its own listener
 * alone, which spins while the descriptor table is full and knows no bound,
 * and a client that sends a byte now and then stays with it for ever. Here
 * each connection has an absolute deadline, a bounded request, and gives way,
 * the oldest that has not said what it wants first, when there are many. All
 * of it has the lowest priority on the loop.
 */
#ifndef WEIR_POLICYD_HTTP_SERVER_H
#define WEIR_POLICYD_HTTP_SERVER_H

#include "core/http.h"
#include "core/textbuf.h"

#include <event2/event.h>

enum {
	HTTP_CLIENTS_MAX = 256,
	HTTP_LINGER_MAX = 65536, /* bytes read on for the sake of our answer */
};

#define HTTP_HEAD_WITHIN   span_s(5)
#define HTTP_ANSWER_WITHIN span_s(30)

struct http_answer { /* 404 with no words, until the handler says otherwise */
	unsigned status;
	const char *type; /* static */
	struct textbuf body;
	/*
	 * An answer that takes long is made in slices: called again, and others
	 * served in between, until it returns false. NULL: it is whole.
	 */
	bool (*more)(void *ctx, struct http_answer *);
	void (*drop)(struct http_answer *); /* of scratch; may be NULL */

	/* the handler's own, zero at first */
	unsigned step;
	size_t at;
	uint64_t number, seen;
	void *scratch;
};

typedef void (*http_fn)(void *ctx, const struct http_request *,
    struct http_answer *);

struct http_server;

/* fd: listening; owned from now on. name is for the log. */
struct http_server *http_server_new(struct event_base *, int fd,
    const char *name, http_fn, void *ctx);
void http_server_free(struct http_server **);

uint32_t http_server_clients(const struct http_server *);
uint64_t http_server_requests(const struct http_server *);

/* A client was refused, and the log may say why; strings are escaped. */
void http_server_complain(struct http_server *, const char *why);

#endif
