/*
 * The next hop of a smart host, as transport(5) takes it in brackets:
 * "[host]", "[host]:port", "[192.0.2.1]:25", "[IPv6:2001:db8::1]:25". It is
 * kept as written, since SASL and TLS tables of Postfix are keyed by it; host
 * and port are what the probes connect to.
 *
 * Without brackets, "example.net" or "example.net:587", Postfix looks for MX
 * records, and so do the probes: the host is then all machines they name.
 */
#include "io/config_load.h"

#include "core/text.h"
#include "io/sender.h"

#include <string.h>

enum { SMTP_PORT = 25 };

/*
 * A host name or an address; its plain form in host_r. Postfix looks names up
 * as they are, so they must be A-labels; and a mistyped IPv4 address is none.
 */
static int
parse_host(const char *text, char host_r[DOMAIN_MAX + 1])
{
	struct netaddr addr;

	if (netaddr_parse(text, &addr) == 0 && text[0] != '[') {
		netaddr_format(&addr, host_r);
		return 0;
	}
	return idn_is_ascii(text) &&
	    text[strspn(text, "0123456789.")] != '\0' &&
	    sender_domain(text, false, host_r) ? 0 : -1;
}

/* ":587", or nothing for the usual one. */
static int
parse_tail(const char *text, uint16_t *port_r)
{
	*port_r = SMTP_PORT;
	if (text[0] == '\0')
		return 0;
	return text[0] == ':' ? port_parse(text + 1, port_r) : -1;
}

static int
parse_bracketed(const char *text, char host_r[DOMAIN_MAX + 1],
    uint16_t *port_r)
{
	const char *close = strchr(text, ']');
	char inner[DOMAIN_MAX + 1];

	if (text[0] != '[' || close == NULL ||
	    text_copy_n(inner, sizeof(inner), text + 1,
	    (size_t)(close - text) - 1) == -1)
		return -1;
	if (parse_host(inner, host_r) == -1)
		return -1;
	return parse_tail(close + 1, port_r);
}

/* A domain; an address without brackets is a domain to Postfix, and none. */
static int
parse_domain(const char *text, char host_r[DOMAIN_MAX + 1],
    uint16_t *port_r)
{
	size_t len = strcspn(text, ":");
	char domain[DOMAIN_MAX + 1];
	struct netaddr addr;

	if (text_copy_n(domain, sizeof(domain), text, len) == -1 ||
	    parse_host(domain, host_r) == -1 ||
	    netaddr_parse(host_r, &addr) == 0)
		return -1;
	return parse_tail(text + len, port_r);
}

static void
put_nexthop(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	struct smart_host *host = base;
	const char *text = config_setting_get_string(setting);
	char name[DOMAIN_MAX + 1], value[SHOWN_MAX];
	bool mx = text != NULL && strchr(text, '[') == NULL;

	(void)row;
	if (text == NULL) {
		report(l, setting, "should be a string such as "
		    "\"[relay.example.net]:587\", and is %s",
		    shown_type(setting));
	} else if (mx ? parse_domain(text, name, &host->port) == -1 :
	    parse_bracketed(text, name, &host->port) == -1) {
		report(l, setting, "%s should be \"[host]\", \"[host]:port\", "
		    "\"[192.0.2.1]:25\" or \"[2001:db8::1]:25\", with a port "
		    "from 1 to 65535; without brackets it is a domain, whose "
		    "MX records are used", shown(text, value));
	} else {
		host->mx = mx;
		host->nexthop = arena_copy(l->config->arena, text);
		host->host = arena_copy(l->config->arena, name);
	}
}

const struct type type_nexthop = { "next hop", put_nexthop };
