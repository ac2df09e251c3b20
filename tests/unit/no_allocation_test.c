/*
 * A decision allocates nothing: neither the choice itself, by any method, nor
 * the answer of the policy service or the entry of the socketmap around it.
 * The linker leads every call of an allocator in our own archives here.
 */
#include "core/model.h"
#include "core/socketmap.h"

#include "io/config_file.h"
#include "io/idn.h"
#include "io/login.h"

#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
char *__wrap_strdup(const char *text);

void *
__wrap_malloc(size_t size)
{
	allocations++;
	return __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
	allocations++;
	return __real_calloc(count, size);
}

void *
__wrap_realloc(void *old, size_t size)
{
	allocations++;
	return __real_realloc(old, size);
}

void *
__wrap_reallocarray(void *old, size_t count, size_t size)
{
	allocations++;
	return __real_reallocarray(old, count, size);
}

char *
__wrap_strdup(const char *text)
{
	allocations++;
	return __real_strdup(text);
}

/* --- the scene --- */

static const char *const methods[] = { "round-robin", "random", "least-used",
	"affinity" };

static const struct now start = { { 1000 * SPAN_SECOND },
	{ INT64_C(1700000000) * SPAN_SECOND } };
static const uint8_t seed[16] = { 1 };

static struct model model;
static struct config *config;

/* Hosts a, b, c, of which c costs more; all mail by one method. */
static void
begin(const char *method, const char *none_healthy)
{
	static struct config_errors errors;
	struct transport transport;
	char text[1024];

	(void)snprintf(text, sizeof(text),
	    "smart_hosts = ( { name = \"a\"; nexthop = \"[192.0.2.1]:25\"; },\n"
	    "  { name = \"b\"; nexthop = \"[192.0.2.2]:25\";\n"
	    "    max_rate = \"40/m\"; },\n"
	    "  { name = \"c\"; nexthop = \"[192.0.2.3]:25\"; } );\n"
	    "connectors = ( { name = \"out\"; transport = \"relay\";\n"
	    "  balance = \"%s\"; minimum_share = 10;\n"
	    "  when_none_healthy = \"%s\"; members = ( { host = \"a\"; },\n"
	    "  { host = \"b\"; }, { host = \"c\"; cost = 20; } ); } );\n"
	    "local_domains = [ \"example.com\" ];\n"
	    "routes = ( { name = \"all\"; connector = \"out\"; } );\n",
	    method, none_healthy);
	config = config_load_text(text, strlen(text), "test", &errors);
	if (config == NULL)
		config_errors_print(&errors, stderr);
	ck_assert_ptr_nonnull(config);
	ck_assert_int_eq(transport_parse("smtp", "", &transport), 0);
	model_init(&model, config, &transport, seed, NULL, NULL, start);
}

static void
end(void)
{
	model_clear(&model);
	config_unref(&config);
}

static void
dies(size_t host, struct now now)
{
	struct evidence evidence = { .grade = EVIDENCE_HARD,
		.source = EVIDENCE_DELIVERY, .stage = STAGE_TCP };

	host_address_on(&model.hosts, &model.hosts.list[host],
	    &model.hosts.list[host].addresses[0], &config->health, &evidence,
	    now);
}

/* --- what is asked: without Check, which allocates --- */

static void
ask_policy(unsigned n, struct now now)
{
	struct policy_request request;
	char text[512], answer[ACTION_TEXT_MAX + 16];
	const char *why;
	size_t used;

	(void)snprintf(text, sizeof(text), "request=smtpd_access_policy\n"
	    "protocol_state=DATA\ninstance=1.%u\nqueue_id=AB%06X\n"
	    "client_address=203.0.113.9\nclient_port=4000\n"
	    "sender=user%u@Sender.example\nrecipient=x@example.org\n"
	    "recipient_count=1\nsasl_username=user%u\n\n", n, n, n, n % 50);
	if (policy_parse(text, strlen(text), &request, &used, &why) !=
	    POLICY_PARSE_DONE)
		abort();
	idn_make_canonical(request.sender);
	idn_make_canonical(request.recipient);
	login_make_canonical(&config->identities, request.user);
	(void)snprintf(answer, sizeof(answer), "action=%s\n\n",
	    model_answer(&model, &request, now));
}

static void
ask_map(unsigned n, struct now now)
{
	struct socketmap_request request;
	char key[64], text[128], reply[ACTION_TEXT_MAX + 16];
	const char *why, *entry;
	size_t used;

	(void)snprintf(key, sizeof(key), "sender user%u@Sender.example", n);
	(void)snprintf(text, sizeof(text), "%zu:%s,", strlen(key), key);
	if (socketmap_parse(text, strlen(text), &request, &used, &why) !=
	    SOCKETMAP_PARSE_DONE)
		abort();
	idn_make_canonical(request.key);
	entry = model_entry(&model, SLOTS_SENDER, request.key, now, false);
	(void)socketmap_reply(reply, sizeof(reply), "OK",
	    entry != NULL ? entry : "");
}

/* 100 messages of each kind at a time, then the next host dies. */
static void
ask_all(void)
{
	struct now now = start;

	for (unsigned host = 0; host <= 3; host++) {
		for (unsigned n = 0; n < 100; n++) {
			ask_policy(host * 100 + n, now);
			ask_map(host * 100 + n, now);
			now.mono.us += SPAN_SECOND / 100;
			now.wall.us += SPAN_SECOND / 100;
		}
		if (host < 3)
			dies(host, now);
	}
}

START_TEST(a_decision_allocates_nothing)
{
	static const char *const none_healthy[] = { "try", "queue", "refuse" };
	unsigned count;

	for (size_t i = 0; i < 3; i++) {
		begin(methods[_i], none_healthy[i]);
		ask_all(); /* whatever is made once is made now */
		allocations = 0;
		ask_all();
		count = allocations;
		ck_assert_msg(count == 0, "%s, %s: %u", methods[_i],
		    none_healthy[i], count);
		ck_assert_uint_ge(model.requests, 800);
		ck_assert_uint_ge(model.lookups, 800);
		ck_assert_uint_gt(model.hosts.list[2].selected, 0);
		end();
	}
}
END_TEST

/* The first decision of all is no other. */
START_TEST(the_first_decision_neither)
{
	unsigned count;

	begin(methods[_i], "try");
	allocations = 0;
	ask_policy(1, start);
	ask_map(1, start);
	count = allocations;
	ck_assert_uint_eq(count, 0);
	end();
}
END_TEST

/* It counts at all. */
START_TEST(making_a_model_allocates)
{
	unsigned count;

	allocations = 0;
	begin(methods[0], "try");
	count = allocations;
	ck_assert_uint_gt(count, 10);
	end();
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("no allocation");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, a_decision_allocates_nothing, 0, 4);
	tcase_add_loop_test(tcase, the_first_decision_neither, 0, 4);
	tcase_add_test(tcase, making_a_model_allocates);
	suite_add_tcase(suite, tcase);
	return suite;
}
