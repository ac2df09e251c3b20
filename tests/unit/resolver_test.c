/* Names and their addresses, asked of a name server of our own. */
#include "resolver.h"

#include "check_main.h"
#include "io/log.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RCODE_OK = 0, RCODE_SERVFAIL = 2, RCODE_NXDOMAIN = 3, TYPE_A = 1,
	TYPE_AAAA = 28 };

/* What the server says of a name: of A, of AAAA. */
static const struct zone {
	const char *name;
	uint8_t rcode_a, rcode_aaaa;
	const char *a, *aaaa;
	uint32_t ttl;
	enum resolved result;
	unsigned naddresses;
	uint8_t unknown;
	int64_t seconds; /* until it is asked again */
} zones[] = {
	{ "four.example", 0, 0, "192.0.2.1", NULL, 100, RESOLVED_OK, 1, 0,
	    100 },
	{ "both.example", 0, 0, "192.0.2.1", "2001:db8::1", 100, RESOLVED_OK,
	    2, 0, 100 },
	{ "short.example", 0, 0, "192.0.2.1", NULL, 5, RESOLVED_OK, 1, 0,
	    30 },
	{ "long.example", 0, 0, "192.0.2.1", NULL, 100000, RESOLVED_OK, 1, 0,
	    3600 },
	{ "gone.example", RCODE_NXDOMAIN, RCODE_NXDOMAIN, NULL, NULL, 0,
	    RESOLVED_GONE, 0, 0, 30 },
	{ "empty.example", 0, 0, NULL, NULL, 0, RESOLVED_GONE, 0, 0, 30 },
	{ "sick.example", RCODE_SERVFAIL, RCODE_SERVFAIL, NULL, NULL, 0,
	    RESOLVED_AWAY, 0, 6, 30 },
	/* an error for one family is no proof that there is no address */
	{ "half.example", RCODE_SERVFAIL, 0, NULL, NULL, 0, RESOLVED_AWAY, 0,
	    4, 30 },
	{ "partly.example", 0, RCODE_SERVFAIL, "192.0.2.1", NULL, 100,
	    RESOLVED_OK, 1, 6, 30 },
};

static struct event_base *base;
static struct resolver *resolver;
static struct resolution result;
static char result_name[64];
static unsigned results;

static struct name_server {
	int fd;
	pthread_t thread;
	struct sockaddr_in address;
	char text[32]; /* as name_servers has it */
	sem_t asked; /* once a question */
} server, other;

/* --- the name server, in a thread --- */

/* "\4four\7example\0" as "four.example"; the bytes it took. */
static size_t
read_name(const uint8_t *bytes, size_t len, char name[256])
{
	size_t at = 0, out = 0;

	while (at < len && bytes[at] != 0) {
		if (out != 0)
			name[out++] = '.';
		memcpy(name + out, bytes + at + 1, bytes[at]);
		out += bytes[at];
		at += bytes[at] + 1U;
	}
	name[out] = '\0';
	return at + 1;
}

static const struct zone *
zone_find(const char *name)
{
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		if (strcasecmp(zones[i].name, name) == 0)
			return &zones[i];
	}
	return NULL;
}

static size_t
put_record(uint8_t *out, bool is_a, const char *address, uint32_t ttl)
{
	uint8_t size = is_a ? 4 : 16;
	uint32_t ttl_net = htonl(ttl);

	memcpy(out, "\xC0\x0C\0\0\0\1", 6);
	out[3] = is_a ? TYPE_A : TYPE_AAAA;
	memcpy(out + 6, &ttl_net, 4);
	out[10] = 0;
	out[11] = size;
	(void)inet_pton(is_a ? AF_INET : AF_INET6, address, out + 12);
	return 12U + size;
}

static size_t
make_answer(uint8_t *packet, size_t len)
{
	char name[256];
	size_t end = 12 + read_name(packet + 12, len - 12, name) + 4;
	bool is_a = packet[end - 3] == TYPE_A;
	const struct zone *zone = zone_find(name);
	const char *address;

	packet[2] |= 0x80; /* an answer */
	packet[3] = RCODE_NXDOMAIN;
	memset(packet + 6, 0, 6);
	if (zone == NULL)
		return end;
	packet[3] = is_a ? zone->rcode_a : zone->rcode_aaaa;
	address = is_a ? zone->a : zone->aaaa;
	if (address == NULL)
		return end;
	packet[7] = 1;
	return end + put_record(packet + end, is_a, address, zone->ttl);
}

static void
reply(const struct name_server *to, uint8_t *packet, size_t len,
    const struct sockaddr_in *client)
{
	(void)sendto(to->fd, packet, make_answer(packet, len), 0,
	    (const struct sockaddr *)client, sizeof(*client));
}

/* Questions for slow.example wait until "go on" comes. */
static void *
serve(void *ctx)
{
	struct name_server *at = ctx;
	uint8_t packet[1024], held[4][1024];
	size_t lens[4], nheld = 0;
	struct sockaddr_in from, client;
	socklen_t from_len = sizeof(from);
	char name[256];
	ssize_t got;

	while ((got = recvfrom(at->fd, packet, 512, 0,
	    (struct sockaddr *)&from, &from_len)) > 1) {
		if (got < 12) {
			while (nheld > 0) {
				nheld--;
				reply(at, held[nheld], lens[nheld], &client);
			}
			continue;
		}
		(void)read_name(packet + 12, (size_t)got - 12, name);
		if (strcmp(name, "slow.example") == 0 && nheld < 4) {
			client = from;
			lens[nheld] = (size_t)got;
			memcpy(held[nheld++], packet, (size_t)got);
		} else {
			reply(at, packet, (size_t)got, &from);
		}
		(void)sem_post(&at->asked);
	}
	return NULL;
}

static void
start_server(struct name_server *at)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at->fd = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(bind(at->fd, (struct sockaddr *)&in, sizeof(in)), 0);
	ck_assert_int_eq(getsockname(at->fd, (struct sockaddr *)&in, &len),
	    0);
	at->address = in;
	(void)snprintf(at->text, sizeof(at->text), "[127.0.0.1]:%u",
	    ntohs(in.sin_port));
	ck_assert_int_eq(sem_init(&at->asked, 0, 0), 0);
	ck_assert_int_eq(pthread_create(&at->thread, NULL, serve, at), 0);
}

/* Too short to be questions: "go on", and one byte ends it. */
static void
tell_server(const struct name_server *at, const char *what)
{
	(void)sendto(at->fd, what, strlen(what), 0,
	    (const struct sockaddr *)&at->address, sizeof(at->address));
}

static void
stop_server(struct name_server *at)
{
	tell_server(at, "x");
	(void)pthread_join(at->thread, NULL);
	(void)sem_destroy(&at->asked);
	(void)close(at->fd);
}

/* --- tests --- */

static void
resolved_cb(void *ctx, const struct resolution *resolution)
{
	(void)ctx;
	result = *resolution;
	(void)snprintf(result_name, sizeof(result_name), "%s",
	    resolution->name);
	results++;
	(void)event_base_loopbreak(base);
}

static void
setup(void)
{
	log_open("test", LOG_LEVEL_ERROR);
	start_server(&server);
	base = event_base_new();
	resolver = resolver_new(base, resolved_cb, NULL);
	resolver_set_servers(resolver, &(struct strings) {
	    (const char *[]) { server.text }, 1 });
	results = 0;
}

static void
teardown(void)
{
	resolver_free(&resolver);
	event_base_free(base);
	stop_server(&server);
}

static void
ask(const char *name)
{
	unsigned before = results;

	resolver_ask(resolver, name);
	ck_assert_uint_eq(results, before);
	(void)event_base_dispatch(base);
	ck_assert_uint_eq(results, before + 1);
	ck_assert_str_eq(result_name, name);
}

START_TEST(what_a_name_has)
{
	const struct zone *zone = &zones[_i];

	ask(zone->name);
	ck_assert_int_eq(result.result, zone->result);
	ck_assert_uint_eq(result.naddresses, zone->naddresses);
	ck_assert_uint_eq(result.unknown, zone->unknown);
	ck_assert_int_eq(result.ttl.us, zone->seconds * SPAN_SECOND);
	ck_assert(result.result == RESOLVED_OK || result.text != NULL);
}
END_TEST

START_TEST(addresses_are_whole)
{
	struct netaddr four, six;

	ck_assert_int_eq(netaddr_parse("192.0.2.1", &four), 0);
	ck_assert_int_eq(netaddr_parse("2001:db8::1", &six), 0);
	ask("both.example");
	ck_assert(netaddr_equal(&result.addresses[0], &four) ||
	    netaddr_equal(&result.addresses[1], &four));
	ck_assert(netaddr_equal(&result.addresses[0], &six) ||
	    netaddr_equal(&result.addresses[1], &six));
}
END_TEST

START_TEST(localhost_is_the_loopback)
{
	ask("localhost");
	ck_assert_int_eq(result.result, RESOLVED_OK);
	ck_assert_uint_eq(result.naddresses, 2);
}
END_TEST

/* A second question while one is under way is the same question. */
START_TEST(one_question_at_a_time)
{
	resolver_ask(resolver, "four.example");
	resolver_ask(resolver, "FOUR.example");
	(void)event_base_dispatch(base);
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_uint_eq(results, 1);
}
END_TEST

START_TEST(well_again_after_a_failure)
{
	ask("sick.example");
	ask("four.example");
	ck_assert_int_eq(result.result, RESOLVED_OK);
}
END_TEST

/*
 * Other name servers from now on, while the old one owes an answer: the next
 * question is not asked there any more, but waits.
 */
START_TEST(a_stale_channel_gets_no_new_questions)
{
	int asked;

	start_server(&other);
	resolver_ask(resolver, "slow.example");
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(sem_wait(&server.asked), 0);
	resolver_set_servers(resolver, &(struct strings) {
	    (const char *[]) { other.text }, 1 });
	resolver_ask(resolver, "four.example");
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_uint_eq(results, 0);
	ck_assert_int_eq(sem_getvalue(&server.asked, &asked), 0);
	ck_assert_int_eq(asked, 0);
	tell_server(&server, "go on");
	(void)event_base_dispatch(base);
	ck_assert_str_eq(result_name, "slow.example");
	(void)event_base_dispatch(base);
	ck_assert_uint_eq(results, 2);
	ck_assert_str_eq(result_name, "four.example");
	ck_assert_int_eq(result.result, RESOLVED_OK);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(sem_wait(&other.asked), 0);
	stop_server(&other);
}
END_TEST

/* Whether a channel is there that opens sockets, or is to be made anew. */
START_TEST(no_descriptor_left)
{
	struct rlimit before, none;

	ask(_i == 0 ? "four.example" : "sick.example");
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit) { 0, before.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	ask("four.example");
	ck_assert_int_eq(result.result, RESOLVED_UNASKED);
	ck_assert_str_eq(result.text, "no descriptor is left to ask DNS by");
	ck_assert_int_eq(result.ttl.us, RESOLVER_TTL_MIN.us);
	resolver_ask_mx(resolver, "four.example");
	(void)event_base_dispatch(base);
	ck_assert(result.mx);
	ck_assert_int_eq(result.result, RESOLVED_UNASKED);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	ask("four.example");
	ck_assert_int_eq(result.result, RESOLVED_OK);
}
END_TEST

START_TEST(freed_while_asking)
{
	resolver_ask(resolver, "four.example");
	resolver_ask(resolver, "both.example");
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("resolver");
	TCase *tcase = tcase_create("resolver");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, what_a_name_has, 0,
	    sizeof(zones) / sizeof(zones[0]));
	tcase_add_test(tcase, addresses_are_whole);
	tcase_add_test(tcase, localhost_is_the_loopback);
	tcase_add_test(tcase, one_question_at_a_time);
	tcase_add_test(tcase, well_again_after_a_failure);
	tcase_add_test(tcase, a_stale_channel_gets_no_new_questions);
	tcase_add_loop_test(tcase, no_descriptor_left, 0, 2);
	tcase_add_test(tcase, freed_while_asking);
	suite_add_tcase(suite, tcase);
	return suite;
}
