/*
 * Does a Host header name us?
 */
#include "core/http.h"

#include "core/netaddr.h"
#include "core/text.h"

#include <string.h>

/* Takes the port off "name:80", "[::1]:80" and "::1"; 0 or -1. */
static int
split_host(const char *host, char name_r[HTTP_HOST_MAX + 1])
{
	const char *end = host[0] == '[' ? strchr(host, ']')
	                                 : strchr(host, ':');
	const char *port;

	if (host[0] == '[' && end == NULL)
		return -1;
	if (end == NULL)
		end = host + strlen(host);
	port = host[0] == '[' ? end + 1 : end;
	if (port[0] != '\0' && (port[0] != ':' || strlen(port) > 6 ||
	    strspn(port + 1, "0123456789") != strlen(port + 1)))
		return -1;
	if (host[0] == '[' && memchr(host, ':', (size_t)(end - host)) == NULL)
		return -1; /* those are for IPv6 */
	if (host[0] == '[')
		host++;
	return text_copy_n(name_r, HTTP_HOST_MAX + 1, host,
	    (size_t)(end - host));
}

/* The address of "inet:ADDRESS:PORT"; false when it has none. */
static bool
listen_netaddr(const char *listen, struct netaddr *addr_r)
{
	const char *port = strrchr(listen, ':');
	char text[NETADDR_TEXT_MAX + 2];

	return strncmp(listen, "inet:", 5) == 0 &&
	    text_copy_n(text, sizeof(text), listen + 5,
	    (size_t)(port - listen - 5)) == 0 &&
	    netaddr_parse(text, addr_r) == 0;
}

static bool
is_any(const struct netaddr *addr)
{
	static const uint8_t zeros[sizeof(addr->bytes)];

	return memcmp(addr->bytes, zeros, addr->family == 4 ? 4 : 16) == 0;
}

static bool
is_our_name(const char *name, const struct strings *names)
{
	if (text_equal_nocase(name, "localhost"))
		return true;
	for (size_t i = 0; i < names->count; i++) {
		if (text_equal_nocase(name, names->list[i]))
			return true;
	}
	return false;
}

static bool
is_our_address(const struct netaddr *addr, const struct strings *names)
{
	struct netaddr ours;

	for (size_t i = 0; i < names->count; i++) {
		if (netaddr_parse(names->list[i], &ours) == 0 &&
		    netaddr_equal(addr, &ours))
			return true;
	}
	return false;
}

bool
http_host_is_ours(const struct http_request *request, const char *listen,
    const struct strings *names)
{
	char name[HTTP_HOST_MAX + 1];
	struct netaddr asked, ours;

	if (!request->has_host)
		return true;
	if (split_host(request->host, name) == -1)
		return false;
	if (netaddr_parse(name, &asked) == -1)
		return is_our_name(name, names);
	return is_our_address(&asked, names) ||
	    (listen_netaddr(listen, &ours) &&
	    (is_any(&ours) || netaddr_equal(&asked, &ours)));
}
