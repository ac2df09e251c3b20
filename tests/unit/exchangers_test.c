/* Domains and their mail exchangers, asked of a name server of our own. */
#include "exchangers.h"

#include "check_main.h"
#include "io/log.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NXDOMAIN = 3, SERVFAIL = 2, A = 1, MX = 15, AAAA = 28 };

/* What the server knows; a name that is nowhere is NXDOMAIN. */
static const struct record {
	const char *name;
	uint8_t type;
	uint8_t rcode; /* instead of an answer */
	const char *value; /* NULL: the name is there, but not this type */
	uint16_t preference;
	uint32_t ttl;
} records[] = {
	{ "two.example", MX, 0, "mx2.example", 20, 300 },
	{ "two.example", MX, 0, "MX1.example", 10, 300 },
	{ "plain.example", MX, 0, NULL, 0, 0 },
	{ "plain.example", A, 0, "192.0.2.9", 0, 200 },
	{ "null.example", MX, 0, "", 0, 300 },
	{ "null.example", A, 0, "192.0.2.9", 0, 300 },
	{ "sick.example", MX, SERVFAIL, NULL, 0, 0 },
	{ "half.example", MX, 0, "mx1.example", 10, 300 },
	{ "half.example", MX, 0, "away.example", 10, 300 },
	{ "lost.example", MX, 0, "nowhere.example", 10, 300 },
	{ "lame.example", MX, 0, "away.example", 10, 300 },
	{ "some.example", MX, 0, "nowhere.example", 10, 300 },
	{ "some.example", MX, 0, "mx2.example", 20, 300 },
	{ "odd.example", MX, 0, "a b.example", 10, 300 },
	{ "short.example", MX, 0, "mx1.example", 10, 1 },
	{ "same.example", MX, 0, "mx1.example", 10, 300 },
	{ "same.example", MX, 0, "mx1.example", 20, 300 },

	{ "mx1.example", A, 0, "192.0.2.1", 0, 100 },
	{ "mx1.example", AAAA, 0, "2001:db8::1", 0, 100 },
	{ "mx2.example", A, 0, "192.0.2.2", 0, 90 },
	{ "away.example", A, SERVFAIL, NULL, 0, 0 },
	{ "away.example", AAAA, SERVFAIL, NULL, 0, 0 },
};

static struct event_base *base;
static struct exchangers *exchangers;
static struct event *serving;
static struct resolution result;
static struct mx_list result_list;
static char servers[32], wanted[64];
static unsigned results;

/* --- the name server --- */

/* "\4four\7example\0" as "four.example"; the bytes it took. */
static size_t
read_name(const uint8_t *bytes, char name[256])
{
	size_t at = 0, out = 0;

	for (; bytes[at] != 0; at += bytes[at] + 1U) {
		if (out != 0)
			name[out++] = '.';
		memcpy(name + out, bytes + at + 1, bytes[at]);
		out += bytes[at];
	}
	name[out] = '\0';
	return at + 1;
}

static size_t
put_name(uint8_t *out, const char *name)
{
	size_t at = 0;

	while (*name != '\0') {
		size_t len = strcspn(name, ".");

		out[at++] = (uint8_t)len;
		memcpy(out + at, name, len);
		at += len;
		name += len + (name[len] == '.');
	}
	out[at++] = 0;
	return at;
}

static size_t
put_record(uint8_t *out, const struct record *record)
{
	uint32_t ttl = htonl(record->ttl);
	size_t len;

	memcpy(out, "\xC0\x0C\0\0\0\1", 6);
	out[3] = record->type;
	memcpy(out + 6, &ttl, 4);
	if (record->type == MX) {
		out[12] = (uint8_t)(record->preference >> 8);
		out[13] = (uint8_t)record->preference;
		len = 2 + put_name(out + 14, record->value);
	} else {
		len = record->type == A ? 4 : 16;
		(void)inet_pton(record->type == A ? AF_INET : AF_INET6,
		    record->value, out + 12);
	}
	out[10] = 0;
	out[11] = (uint8_t)len;
	return 12 + len;
}

static size_t
make_answer(uint8_t *packet)
{
	char name[256];
	size_t end = 12 + read_name(packet + 12, name) + 4;
	uint8_t type = packet[end - 3];

	packet[2] |= 0x80; /* an answer */
	packet[3] = NXDOMAIN;
	memset(packet + 6, 0, 6);
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		const struct record *record = &records[i];

		if (strcasecmp(record->name, name) != 0)
			continue;
		if (packet[3] == NXDOMAIN)
			packet[3] = 0;
		if (record->type != type)
			continue;
		packet[3] = record->rcode;
		if (record->value == NULL)
			continue;
		packet[7]++;
		end += put_record(packet + end, record);
	}
	return end;
}

static void
serve_cb(evutil_socket_t fd, short what, void *ctx)
{
	uint8_t packet[1024];
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	ssize_t got = recvfrom(fd, packet, 512, 0, (struct sockaddr *)&from,
	    &from_len);

	(void)what;
	(void)ctx;
	ck_assert_int_gt(got, 12);
	(void)sendto(fd, packet, make_answer(packet), 0,
	    (struct sockaddr *)&from, from_len);
}

static void
start_server(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	(void)snprintf(servers, sizeof(servers), "[127.0.0.1]:%u",
	    ntohs(in.sin_port));
	serving = event_new(base, fd, EV_READ | EV_PERSIST, serve_cb, NULL);
	(void)event_add(serving, NULL);
}

/* --- tests --- */

static void
resolved_cb(void *ctx, const struct resolution *resolution)
{
	(void)ctx;
	if (!resolution->mx || strcmp(resolution->name, wanted) != 0)
		return;
	result = *resolution;
	result_list = *resolution->exchangers;
	results++;
	(void)event_base_loopbreak(base);
}

static void
setup(void)
{
	log_open("test", LOG_LEVEL_ERROR);
	base = event_base_new();
	start_server();
	exchangers = exchangers_new(base, resolved_cb, NULL);
	exchangers_set_servers(exchangers, &(struct strings) {
	    (const char *[]) { servers }, 1 });
	results = 0;
}

static void
teardown(void)
{
	evutil_socket_t fd = event_get_fd(serving);

	exchangers_free(&exchangers);
	event_free(serving);
	(void)close(fd);
	event_base_free(base);
}

static void
ask(const char *domain)
{
	(void)snprintf(wanted, sizeof(wanted), "%s", domain);
	exchangers_ask(exchangers, domain, true);
	(void)event_base_dispatch(base);
	ck_assert_uint_eq(results, 1);
}

/* "10 mx1.example 192.0.2.1, ..." */
static void
describe(char *buf, size_t size)
{
	char ip[NETADDR_TEXT_MAX];
	size_t used = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < result.naddresses; i++) {
		const struct mx *mx = &result_list.list[result.exchanger[i]];

		used += (size_t)snprintf(buf + used, size - used,
		    "%s%u %s %s", i != 0 ? ", " : "", mx->preference, mx->name,
		    netaddr_format(&result.addresses[i], ip));
	}
}

static const struct {
	const char *domain;
	enum resolved result;
	const char *addresses; /* preference, exchanger, address */
	bool partial;
	int64_t seconds; /* until it is asked again */
} domains[] = {
	/* the least preference first, the least TTL counts */
	{ "two.example", RESOLVED_OK, "10 mx1.example 192.0.2.1, "
	  "10 mx1.example 2001:db8::1, 20 mx2.example 192.0.2.2", false, 90 },
	{ "short.example", RESOLVED_OK, "10 mx1.example 192.0.2.1, "
	  "10 mx1.example 2001:db8::1", false, 30 },
	/* RFC 5321 5.1: without MX records, the domain itself */
	{ "plain.example", RESOLVED_OK, "0 plain.example 192.0.2.9", false,
	  30 },
	{ "localhost", RESOLVED_OK, "0 localhost 127.0.0.1, 0 localhost ::1",
	  false, 30 },
	/* RFC 7505 */
	{ "null.example", RESOLVED_GONE, "", false, 30 },
	{ "nowhere.example", RESOLVED_GONE, "", false, 30 },
	{ "lost.example", RESOLVED_GONE, "", false, 30 },
	{ "odd.example", RESOLVED_GONE, "", false, 30 },
	/* an exchanger that is not there leaves the others */
	{ "some.example", RESOLVED_OK, "20 mx2.example 192.0.2.2", false,
	  30 },
	/* no answer is no evidence */
	{ "sick.example", RESOLVED_AWAY, "", false, 30 },
	{ "lame.example", RESOLVED_AWAY, "", false, 30 },
	{ "half.example", RESOLVED_OK, "10 mx1.example 192.0.2.1, "
	  "10 mx1.example 2001:db8::1", true, 30 },
	/* an address counts once, with its least preference */
	{ "same.example", RESOLVED_OK, "10 mx1.example 192.0.2.1, "
	  "10 mx1.example 2001:db8::1", false, 100 },
};

START_TEST(what_a_domain_has)
{
	char buf[512];

	ask(domains[_i].domain);
	ck_assert_int_eq(result.result, domains[_i].result);
	describe(buf, sizeof(buf));
	ck_assert_str_eq(buf, domains[_i].addresses);
	ck_assert_int_eq(result.partial, domains[_i].partial);
	ck_assert_int_eq(result.ttl.us, domains[_i].seconds * SPAN_SECOND);
	ck_assert(result.result == RESOLVED_OK || result.text != NULL);
}
END_TEST

START_TEST(freed_while_asking)
{
	exchangers_ask(exchangers, "two.example", true);
	(void)event_base_loop(base, EVLOOP_ONCE);
}
END_TEST

/* --- answers from a stranger --- */

/* Header (one question), "a", type MX, class IN, and then: */
#define ANSWER(count) "\0\1\x80\0\0\1\0" count "\0\0\0\0\1a\0\0\x0F\0\1"
#define RECORD "\xC0\x0C\0\x0F\0\1\0\0\0\x3C" /* MX, for 60 s */
#define BYTES(text) text, sizeof(text) - 1

static const struct {
	const char *bytes;
	size_t len;
	int result;
	unsigned count;
} packets[] = {
	{ BYTES(ANSWER("\0")), 0, 0 },
	{ BYTES(ANSWER("\1") RECORD "\0\5\0\x0A\1b\0"), 0, 1 },
	{ BYTES(ANSWER("\1") RECORD "\0\4\0\x0A\xC0\x0C"), 0, 1 },
	{ BYTES(ANSWER("\2") RECORD "\0\5\0\x0A\1b\0"), -1, 1 },
	{ BYTES(ANSWER("\1") RECORD "\0\6\0\x0A\1b\0"), -1, 0 },
	{ BYTES(ANSWER("\1") RECORD "\0\2\0\x0A"), -1, 0 },
	{ BYTES(ANSWER("\1") RECORD "\0\4\0\x0A\xC0\xFF"), -1, 0 },
	{ BYTES(ANSWER("\1") RECORD), -1, 0 },
	{ BYTES(ANSWER("\1") "\xC0\x0C\0\x0F"), -1, 0 },
	{ BYTES("\0\1\x80\0\xFF\xFF\0\0\0\0\0\0"), -1, 0 },
	{ BYTES("\0\1\x80\0"), -1, 0 },
};

START_TEST(lengths_are_not_believed)
{
	struct mx_list list;

	ck_assert_int_eq(mx_reply_parse((const uint8_t *)packets[_i].bytes,
	    packets[_i].len, &list), packets[_i].result);
	ck_assert_uint_eq(list.count, packets[_i].count);
}
END_TEST

START_TEST(the_best_are_kept_of_many)
{
	uint8_t packet[1024];
	size_t len = sizeof(ANSWER("\x0C")) - 1;
	struct mx_list list;

	memcpy(packet, ANSWER("\x0C"), len);
	for (unsigned i = 0; i < 12; i++, len += 17) {
		memcpy(packet + len, RECORD "\0\5\0\x0A\1b\0", 17);
		packet[len + 13] = (uint8_t)(50 - i);
	}
	ck_assert_int_eq(mx_reply_parse(packet, len, &list), 0);
	ck_assert_uint_eq(list.count, MX_MAX);
	for (unsigned i = 0; i < MX_MAX; i++)
		ck_assert_uint_eq(list.list[i].preference, 39 + i);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("exchangers");
	TCase *tcase = tcase_create("domains"), *reply = tcase_create("reply");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, what_a_domain_has, 0,
	    sizeof(domains) / sizeof(domains[0]));
	tcase_add_test(tcase, freed_while_asking);
	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(reply, lengths_are_not_believed, 0,
	    sizeof(packets) / sizeof(packets[0]));
	tcase_add_test(reply, the_best_are_kept_of_many);
	suite_add_tcase(suite, reply);
	return suite;
}
