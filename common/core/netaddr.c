/*
 * IP addresses and networks.
 */
#include "core/netaddr.h"

#include "core/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static void
fold_mapped(struct netaddr *addr)
{
	static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };
	uint8_t v4[4];

	if (addr->family != 6 || memcmp(addr->bytes, mapped, 12) != 0)
		return;
	memcpy(v4, addr->bytes + 12, 4);
	memset(addr, 0, sizeof(*addr));
	addr->family = 4;
	memcpy(addr->bytes, v4, 4);
}

int
netaddr_parse(const char *text, struct netaddr *addr_r)
{
	char plain[NETADDR_TEXT_MAX];
	size_t len = strlen(text);

	memset(addr_r, 0, sizeof(*addr_r));
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len > 5 && strncasecmp(text, "IPv6:", 5) == 0) {
		text += 5;
		len -= 5;
	}
	if (text_copy_n(plain, sizeof(plain), text, len) == -1)
		return -1;
	if (inet_pton(AF_INET, plain, addr_r->bytes) == 1) {
		addr_r->family = 4;
		return 0;
	}
	if (inet_pton(AF_INET6, plain, addr_r->bytes) != 1)
		return -1;
	addr_r->family = 6;
	fold_mapped(addr_r);
	return 0;
}

int
port_parse(const char *text, uint16_t *port_r)
{
	unsigned port = 0;

	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		port = port * 10 + (unsigned)(*text - '0');
		if (port > UINT16_MAX)
			return -1;
	}
	if (port == 0)
		return -1;
	*port_r = (uint16_t)port;
	return 0;
}

int
netaddr_parse_port(const char *text, struct netaddr *addr, uint16_t *port_r)
{
	const char *colon = strstr(text, "]:");
	char bracketed[NETADDR_TEXT_MAX + 7]; /* "[IPv6:" and "]" */

	if (colon == NULL)
		return netaddr_parse(text, addr);
	if (text[0] != '[' || text_copy_n(bracketed, sizeof(bracketed), text,
	    (size_t)(colon - text) + 1) == -1 ||
	    netaddr_parse(bracketed, addr) == -1)
		return -1;
	return port_parse(colon + 2, port_r);
}

const char *
netaddr_format(const struct netaddr *addr, char buf[NETADDR_TEXT_MAX])
{
	buf[0] = '\0';
	if (addr->family != 0)
		(void)inet_ntop(addr->family == 4 ? AF_INET : AF_INET6,
		    addr->bytes, buf, NETADDR_TEXT_MAX);
	return buf;
}

bool
netaddr_equal(const struct netaddr *a, const struct netaddr *b)
{
	return a->family == b->family &&
	    memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

struct netaddr
netaddr_mask(const struct netaddr *addr, uint8_t prefix)
{
	struct netaddr out = *addr;

	for (unsigned i = 0; i < sizeof(out.bytes); i++) {
		unsigned keep = prefix > 8 * i ? prefix - 8 * i : 0;

		if (keep < 8)
			out.bytes[i] &= (uint8_t)(0xFF00U >> keep);
	}
	return out;
}

int
netblock_parse(const char *text, struct netblock *block_r)
{
	char addr[NETBLOCK_TEXT_MAX];
	const char *slash = strchr(text, '/');
	unsigned prefix = 0;
	struct netaddr masked;

	if (text_copy_n(addr, sizeof(addr), text,
	    slash ? (size_t)(slash - text) : strlen(text)) == -1)
		return -1;
	if (netaddr_parse(addr, &block_r->base) == -1)
		return -1;
	block_r->prefix = block_r->base.family == 4 ? 32 : 128;
	if (slash == NULL)
		return 0;
	if (slash[1] == '\0' || strlen(slash + 1) > 3)
		return -1;
	for (const char *p = slash + 1; *p != '\0'; p++) {
		if (*p < '0' || *p > '9')
			return -1;
		prefix = prefix * 10 + (unsigned)(*p - '0');
	}
	if (prefix > block_r->prefix)
		return -1;
	block_r->prefix = (uint8_t)prefix;
	masked = netaddr_mask(&block_r->base, block_r->prefix);
	return netaddr_equal(&masked, &block_r->base) ? 0 : -1;
}

const char *
netblock_format(const struct netblock *block, char buf[NETBLOCK_TEXT_MAX])
{
	size_t used;

	(void)netaddr_format(&block->base, buf);
	used = strlen(buf);
	if (block->prefix != (block->base.family == 4 ? 32 : 128))
		(void)snprintf(buf + used, NETBLOCK_TEXT_MAX - used, "/%u",
		    (unsigned)block->prefix);
	return buf;
}

bool
netblock_contains(const struct netblock *block, const struct netaddr *addr)
{
	unsigned whole = block->prefix / 8, rest = block->prefix % 8;
	const uint8_t *a = block->base.bytes, *b = addr->bytes;

	return block->base.family == addr->family &&
	    memcmp(a, b, whole) == 0 &&
	    (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}
