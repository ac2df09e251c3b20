/*
 * IP addresses and networks. IPv4-mapped IPv6 addresses are folded to IPv4 on
 * the way in, so that one client has one form.
 */
#ifndef WEIR_CORE_NETADDR_H
#define WEIR_CORE_NETADDR_H

#include <stdbool.h>
#include <stdint.h>

enum { NETADDR_TEXT_MAX = 46, NETBLOCK_TEXT_MAX = 50 };

struct netaddr {
	uint8_t family; /* 4, 6, or 0 for none */
	uint8_t bytes[16]; /* network order; IPv4 in the first four */
};

struct netblock {
	struct netaddr base;
	uint8_t prefix;
};

/* Plain, bracketed or "IPv6:" form, as Postfix writes them. 0 or -1. */
int netaddr_parse(const char *text, struct netaddr *addr_r);

/* That, or "[ADDRESS]:PORT" with a port from 1 on; else *port_r stays. */
int netaddr_parse_port(const char *text, struct netaddr *addr_r,
    uint16_t *port_r);

/* Digits alone, 1 to 65535. 0, or -1 and *port_r stays. */
int port_parse(const char *text, uint16_t *port_r);
const char *netaddr_format(const struct netaddr *, char buf[NETADDR_TEXT_MAX]);
bool netaddr_equal(const struct netaddr *, const struct netaddr *);

/* Keeps the first bits of an address, clears the rest. */
struct netaddr netaddr_mask(const struct netaddr *, uint8_t prefix);

/* "192.0.2.0/24", or an address alone. 0, or -1 also when host bits are set. */
int netblock_parse(const char *text, struct netblock *block_r);
/* An address alone when that is all of it. */
const char *netblock_format(const struct netblock *,
    char buf[NETBLOCK_TEXT_MAX]);
bool netblock_contains(const struct netblock *, const struct netaddr *);

#endif
