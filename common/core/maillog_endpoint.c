/*
 * Addresses as smtp(8) writes them.
 */
#include "core/maillog_text.h"

#include "core/text.h"

#include <string.h>

static int
port_number(const char *text, const char *end, uint16_t *port_r)
{
	unsigned port = 0;

	for (; text < end && *text >= '0' && *text <= '9'; text++) {
		port = port * 10 + (unsigned)(*text - '0');
		if (port > UINT16_MAX)
			return -1;
	}
	*port_r = (uint16_t)port;
	return 0;
}

int
maillog_endpoint(const char *text, size_t len, struct netaddr *ip_r,
    uint16_t *port_r)
{
	const char *end = text + len;
	const char *open = memchr(text, '[', len), *close;
	char literal[NETADDR_TEXT_MAX];
	struct netaddr ip;
	uint16_t port = 0;

	if (open == NULL || memchr(text, ' ', (size_t)(open - text)) != NULL)
		return -1;
	close = memchr(open, ']', (size_t)(end - open));
	if (close == NULL ||
	    text_copy_n(literal, sizeof(literal), open + 1,
	        (size_t)(close - open - 1)) == -1 ||
	    netaddr_parse(literal, &ip) == -1)
		return -1;
	if (close + 1 < end && close[1] == ':' &&
	    port_number(close + 2, end, &port) == -1)
		return -1;
	*ip_r = ip;
	*port_r = port;
	return 0;
}
