/*
 * What we take of HTTP/1.x (RFC 9110, RFC 9112): GET and HEAD of a short path,
 * without a body, one request a connection. And who may ask: the Host header
 * must name us, or any page in the operator's browser could read the answers
 * under a name of its own that it points at our address (DNS rebinding).
 */
#ifndef WEIR_CORE_HTTP_H
#define WEIR_CORE_HTTP_H

#include "core/config.h"

enum {
	HTTP_HEAD_MAX = 8192, /* a longer head is refused */
	HTTP_FIELDS_MAX = 64,
	HTTP_PATH_MAX = 127,
	HTTP_QUERY_MAX = 127,
	HTTP_HOST_MAX = 261, /* a domain, a colon and a port */
};

struct http_request {
	bool head; /* the method; else it is GET */
	bool old; /* HTTP/1.0 */
	bool has_host;
	bool plain_text; /* Accept has text/plain and no OpenMetrics */
	char path[HTTP_PATH_MAX + 1]; /* begins with '/', as it came */
	char query[HTTP_QUERY_MAX + 1]; /* what follows '?', "" for none */
	char host[HTTP_HOST_MAX + 1];
};

enum http_parse { HTTP_PARSE_MORE, HTTP_PARSE_DONE, HTTP_PARSE_BAD };

/*
 * One head from the start of bytes. MORE: not whole yet, which HTTP_HEAD_MAX
 * bytes never are. BAD: *status_r is what to answer. A line ends with CR LF and
 * nothing else, so that nobody reads another request in it than we do.
 */
enum http_parse http_parse(const char *bytes, size_t len,
    struct http_request *request_r, unsigned *status_r);

/*
 * Does the host name us? The address of listen ("inet:ADDRESS:PORT", "unix:"),
 * localhost and names do, with any port; where we listen on all addresses, any
 * address does, which no name can stand for. A request of HTTP/1.0 may have no
 * host: no browser sends one.
 */
bool http_host_is_ours(const struct http_request *, const char *listen,
    const struct strings *names);

/*
 * The number of key in "a=1&b=2". 1, 0 when the key is not there, or -1 when
 * what it has is no number up to 2^53, which is all JSON has.
 */
int http_query_number(const char *query, const char *key, uint64_t *number_r);

/* "Not Found" */
const char *http_status_text(unsigned status);

#endif
