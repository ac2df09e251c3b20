/* Addresses and networks in every form Postfix or an administrator writes. */
#include "core/netaddr.h"

#include "check_main.h"

static const struct {
	const char *in;
	const char *out; /* NULL: refused */
} addresses[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "[192.0.2.1]", "192.0.2.1" },
	{ "::1", "::1" },
	{ "[::1]", "::1" },
	{ "IPv6:2001:db8::1", "2001:db8::1" },
	{ "[IPv6:2001:DB8:0::1]", "2001:db8::1" },
	{ "::ffff:192.0.2.1", "192.0.2.1" },
	{ "192.0.2", NULL },
	{ "192.0.2.256", NULL },
	{ "unknown", NULL },
	{ "", NULL },
	{ "[", NULL },
	{ "1:2:3:4:5:6:7:8:9:1:2:3:4:5:6:7:8:9:1:2:3:4:5:6:7:8", NULL },
};

START_TEST(netaddr_reads_one_form)
{
	char buf[NETADDR_TEXT_MAX];
	struct netaddr addr;
	int result = netaddr_parse(addresses[_i].in, &addr);

	ck_assert_int_eq(result, addresses[_i].out == NULL ? -1 : 0);
	if (result == 0)
		ck_assert_str_eq(netaddr_format(&addr, buf), addresses[_i].out);
}
END_TEST

static const struct {
	const char *in;
	const char *out; /* NULL: refused */
	uint16_t port; /* 7: not given */
} ports[] = {
	{ "192.0.2.1", "192.0.2.1", 7 },
	{ "[192.0.2.1]", "192.0.2.1", 7 },
	{ "2001:db8::1", "2001:db8::1", 7 },
	{ "[192.0.2.1]:53", "192.0.2.1", 53 },
	{ "[2001:db8::1]:65535", "2001:db8::1", 65535 },
	{ "[IPv6:2001:db8::1]:1", "2001:db8::1", 1 },
	{ "192.0.2.1:53", NULL, 7 },
	{ "[192.0.2.1]:0", NULL, 7 },
	{ "[192.0.2.1]:65536", NULL, 7 },
	{ "[192.0.2.1]:", NULL, 7 },
	{ "[192.0.2.1]:53x", NULL, 7 },
	{ "[192.0.2.1]:99999999999999999999", NULL, 7 },
	{ "[name]:53", NULL, 7 },
	{ "x[192.0.2.1]:53", NULL, 7 },
	{ "]:53", NULL, 7 },
	{ "", NULL, 7 },
};

START_TEST(netaddr_with_a_port)
{
	char buf[NETADDR_TEXT_MAX];
	struct netaddr addr;
	uint16_t port = 7;
	int result = netaddr_parse_port(ports[_i].in, &addr, &port);

	ck_assert_int_eq(result, ports[_i].out == NULL ? -1 : 0);
	ck_assert_uint_eq(port, ports[_i].port);
	if (result == 0)
		ck_assert_str_eq(netaddr_format(&addr, buf), ports[_i].out);
}
END_TEST

static const struct {
	const char *block;
	const char *addr;
	int inside; /* -1: the network is refused */
} blocks[] = {
	{ "192.0.2.0/24", "192.0.2.255", 1 },
	{ "192.0.2.0/24", "192.0.3.0", 0 },
	{ "192.0.2.7", "192.0.2.7", 1 },
	{ "192.0.2.7", "192.0.2.6", 0 },
	{ "0.0.0.0/0", "203.0.113.9", 1 },
	{ "0.0.0.0/0", "::1", 0 },
	{ "2001:db8::/33", "2001:db8:7fff::1", 1 },
	{ "2001:db8::/33", "2001:db8:8000::1", 0 },
	{ "192.0.2.0/24", "::ffff:192.0.2.9", 1 },
	{ "192.0.2.1/24", "192.0.2.1", -1 },
	{ "192.0.2.0/33", "192.0.2.1", -1 },
	{ "192.0.2.0/", "192.0.2.1", -1 },
	{ "192.0.2.0/-1", "192.0.2.1", -1 },
	{ "192.0.2.0/0024", "192.0.2.1", -1 },
};

START_TEST(netblock_holds_its_addresses)
{
	char text[NETBLOCK_TEXT_MAX];
	struct netblock block;
	struct netaddr addr;

	ck_assert_int_eq(netaddr_parse(blocks[_i].addr, &addr), 0);
	ck_assert_int_eq(netblock_parse(blocks[_i].block, &block),
	    blocks[_i].inside == -1 ? -1 : 0);
	if (blocks[_i].inside == -1)
		return;
	ck_assert_int_eq(netblock_contains(&block, &addr),
	    blocks[_i].inside);
	ck_assert(!netblock_contains(&block, &(struct netaddr) { 0 }));
	ck_assert_str_eq(netblock_format(&block, text), blocks[_i].block);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("netaddr");
	TCase *tcase = tcase_create("netaddr");

	tcase_add_loop_test(tcase, netaddr_reads_one_form, 0,
	    sizeof(addresses) / sizeof(addresses[0]));
	tcase_add_loop_test(tcase, netaddr_with_a_port, 0,
	    sizeof(ports) / sizeof(ports[0]));
	tcase_add_loop_test(tcase, netblock_holds_its_addresses, 0,
	    sizeof(blocks) / sizeof(blocks[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
