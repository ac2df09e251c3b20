/* What is answered about a message, from what the milter or Postfix tells. */
#include "core/model.h"

#include "io/config_file.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

static const char conf[] =
    "smart_hosts = (\n"
    "  { name = \"a\"; nexthop = \"[192.0.2.1]:25\"; },\n"
    "  { name = \"b\"; nexthop = \"[192.0.2.2]:25\"; } );\n"
    "connectors = ( { name = \"out\"; transport = \"relay\"; failovers = 1;\n"
    "  members = ( { host = \"a\"; }, { host = \"b\"; } ); } );\n"
    "local_domains = [ \"example.com\" ];\n"
    "identities: { realm = \"example.com\";\n"
    "  users = ( { user = \"alice\"; senders = [ \"@example.com\" ]; } ); };\n"
    "listeners = ( { name = \"submission\"; ports = [ 587 ]; },\n"
    "  { name = \"default\"; } );\n"
    "routes = (\n"
    "  { name = \"no\"; sender = [ \"@bad.example\" ]; reject = \"no\"; },\n"
    "  { name = \"al\"; user = [ \"alice@example.com\" ]; host = \"b\"; },\n"
    "  { name = \"sub\"; listener = [ \"submission\" ];\n"
    "    sender = [ \"@sub.example\" ]; host = \"a\"; },\n"
    "  { name = \"mx\"; sender = [ \"@direct.example\" ];\n"
    "    connector = \"direct\"; },\n"
    "  { name = \"rest\"; sender = [ \"*@rest.example\" ];\n"
    "    connector = \"out\"; } );\n";

/* The same with a route that asks for recipients before all others. */
static const char conf_recipients[] =
    "smart_hosts = ( { name = \"a\"; nexthop = \"[192.0.2.1]:25\"; } );\n"
    "connectors = ( { name = \"out\"; transport = \"relay\";\n"
    "  members = ( { host = \"a\"; } ); } );\n"
    "local_domains = [ \"example.com\" ];\n"
    "listeners = ( { name = \"submission\"; ports = [ 587 ]; } );\n"
    "routes = ( { name = \"no\"; reject = \"no\";\n"
    "    recipient = [ \"@Bad.example\", \"*@example.com\" ]; },\n"
    "  { name = \"rest\"; connector = \"out\"; } );\n";

static const char ab[] = "FILTER relay:[192.0.2.1]:25, [192.0.2.2]:25";
static const char ba[] = "FILTER relay:[192.0.2.2]:25, [192.0.2.1]:25";
static const char only_a[] = "FILTER relay:[192.0.2.1]:25";
static const char only_b[] = "FILTER relay:[192.0.2.2]:25";
static const char dunno[] = "DUNNO";

static const struct now now = { { 1000 * SPAN_SECOND },
	{ INT64_C(1700000000) * SPAN_SECOND } };
static const uint8_t seed[16] = { 1 };

static struct model model;
static struct config *config;

static struct config *
load(const char *text)
{
	static struct config_errors errors;
	struct config *loaded = config_load_text(text, strlen(text), "test",
	    &errors);

	if (loaded == NULL)
		config_errors_print(&errors, stderr);
	ck_assert_ptr_nonnull(loaded);
	return loaded;
}

static void
setup(void)
{
	struct transport transport;

	ck_assert_int_eq(transport_parse("smtp", "", &transport), 0);
	config = load(conf);
	model_init(&model, config, &transport, seed, NULL, NULL, now);
}

static void
teardown(void)
{
	model_clear(&model);
	config_unref(&config);
}

static struct netaddr
ip(const char *text)
{
	struct netaddr addr;

	ck_assert_int_eq(netaddr_parse(text, &addr), 0);
	return addr;
}

/* A request of one recipient outside, not the milter's. */
static struct policy_request
plain(const char *sender)
{
	struct policy_request request = {
		.state = POLICY_DATA,
		.client = ip("203.0.113.9"),
		.client_port = 4000,
		.server_port = 25,
		.recipient = "x@example.org",
		.recipient_count = 1,
	};

	(void)snprintf(request.sender, sizeof(request.sender), "%s", sender);
	return request;
}

static void
assert_answer(const struct policy_request *request, const char *want)
{
	ck_assert_str_eq(model_answer(&model, request, now), want);
}

/* --- what the request alone tells --- */

static const struct {
	const char *sender, *recipient, *user;
	uint32_t count;
	uint16_t server_port;
	bool overlong;
	enum policy_state state;
	const char *want;
} requests[] = {
	{ "u@rest.example", "x@example.org", "", 1, 25, false, POLICY_DATA,
	    ab },
	{ "u@rest.example", "x@example.org", "", 1, 25, false,
	    POLICY_END_OF_MESSAGE, ab },
	{ "u@rest.example", "x@example.org", "", 1, 25, false, POLICY_OTHER,
	    dunno },
	/* local recipients stay with Postfix, also those without a domain */
	{ "u@rest.example", "x@example.com", "", 1, 25, false, POLICY_DATA,
	    dunno },
	{ "u@rest.example", "x@EXAMPLE.com", "", 1, 25, false, POLICY_DATA,
	    dunno },
	{ "u@rest.example", "x", "", 1, 25, false, POLICY_DATA, dunno },
	{ "u@rest.example", "x@sub.example.com", "", 1, 25, false,
	    POLICY_DATA, ab },
	/* several recipients: who they are is not known */
	{ "u@rest.example", "", "", 2, 25, false, POLICY_DATA, dunno },
	{ "u@rest.example", "", "", 1, 25, false, POLICY_DATA, dunno },
	{ "u@rest.example", "x@example.org", "", 0, 25, false, POLICY_DATA,
	    dunno },
	{ "u@rest.example", "x@example.org", "", 1, 25, true, POLICY_DATA,
	    dunno },
	/* the login is made canonical: case, realm */
	{ "u@example.com", "x@example.org", "Alice", 1, 587, false,
	    POLICY_DATA, only_b },
	{ "u@example.com", "x@example.org", "alice@EXAMPLE.com", 1, 587, false,
	    POLICY_DATA, only_b },
	{ "u@example.com", "x@example.org", "bob", 1, 587, false, POLICY_DATA,
	    dunno },
	/* the listener is the one of the port it came in by */
	{ "u@sub.example", "x@example.org", "", 1, 587, false, POLICY_DATA,
	    only_a },
	{ "u@sub.example", "x@example.org", "", 1, 25, false, POLICY_DATA,
	    dunno },
	{ "u@bad.example", "x@example.org", "", 1, 25, false, POLICY_DATA,
	    "550 5.7.1 no" },
	{ "u@direct.example", "x@example.org", "", 1, 25, false, POLICY_DATA,
	    "FILTER smtp:" },
	{ "", "x@example.org", "", 1, 25, false, POLICY_DATA, dunno },
};

START_TEST(answers_by_the_request)
{
	struct policy_request request = plain(requests[_i].sender);

	request.state = requests[_i].state;
	request.recipient_count = requests[_i].count;
	request.server_port = requests[_i].server_port;
	request.overlong = requests[_i].overlong;
	(void)strcpy(request.recipient, requests[_i].recipient);
	(void)strcpy(request.user, requests[_i].user);
	assert_answer(&request, requests[_i].want);
	ck_assert_uint_eq(model.requests, 1);
}
END_TEST

/* Without local_domains nobody said what is local: no guess is made. */
START_TEST(no_local_domains_no_guess)
{
	struct policy_request request = plain("u@rest.example");

	config->local_domains.count = 0;
	assert_answer(&request, dunno);
	ck_assert_uint_eq(model.answered[REASON_RECIPIENTS_UNKNOWN], 1);
}
END_TEST

/* --- what the milter told --- */

static struct session *
told_session(uint64_t id, const char *client, uint16_t port)
{
	struct session_key key = { .instance = "m1", .id = id };
	struct netaddr addr = ip(client);
	struct verdict verdict;

	ck_assert(gate_connect(&model.gate, config, &key, "submission", &addr,
	    port, now, &verdict));
	return sessions_find(model.gate.sessions, &key);
}

static void
told_mail(struct session *session, const char *user, const char *sender)
{
	struct verdict verdict;

	ck_assert(gate_mail(&model.gate, config, session, user, sender, 0, now,
	    &verdict));
}

static void
told_rcpt(struct session *session, const char *recipient, bool is_default)
{
	struct verdict verdict;

	ck_assert(gate_rcpt(&model.gate, config, session, recipient,
	    is_default, now, &verdict));
}

/* The request of a message with two recipients, which says little of them. */
static struct policy_request
of_two(const char *queue_id)
{
	struct policy_request request = plain("u@rest.example");

	request.recipient[0] = '\0';
	request.recipient_count = 2;
	(void)strcpy(request.queue_id, queue_id);
	return request;
}

static struct session *
told_two(const char *queue_id)
{
	struct session *session = told_session(1, "203.0.113.9", 4000);

	told_mail(session, "carol@example.com", "u@rest.example");
	told_rcpt(session, "x@example.org", true);
	told_rcpt(session, "y@example.org", true);
	if (queue_id[0] != '\0')
		session_set_queue_id(model.gate.sessions, session, queue_id);
	return session;
}

START_TEST(milter_knows_every_recipient)
{
	struct policy_request request = of_two("4ABC");

	(void)told_two("4ABC");
	assert_answer(&request, ab);
}
END_TEST

START_TEST(found_by_client_when_there_is_no_queue_id)
{
	struct policy_request request = of_two("4ABC");

	(void)told_two("");
	assert_answer(&request, ab);
}
END_TEST

START_TEST(one_local_recipient_keeps_it_with_postfix)
{
	struct policy_request request = of_two("4ABC");
	struct session *session = told_two("4ABC");

	told_rcpt(session, "z@example.com", false);
	request.recipient_count = 3;
	assert_answer(&request, dunno);
	ck_assert_uint_eq(model.answered[REASON_RECIPIENT_NOT_REMOTE], 1);
}
END_TEST

/*
 * DATA was refused by another, and a recipient added: Postfix keeps the FILTER
 * it had for the first ones, which would take the local one along.
 */
START_TEST(a_filter_is_not_kept_for_recipients_added)
{
	struct policy_request request = of_two("4ABC");
	struct session *session = told_two("4ABC");
	const char *anew = "451 4.3.0 recipients were added after its way was "
	    "decided, begin the message anew";

	(void)strcpy(request.instance, "one");
	assert_answer(&request, ab);
	told_rcpt(session, "z@example.com", false);
	request.recipient_count = 3;
	assert_answer(&request, anew);
	assert_answer(&request, anew);
	ck_assert_uint_eq(model.answered[REASON_FILTER_STAYS], 1);
	told_rcpt(session, "z2@example.org", true);
	request.recipient_count = 4;
	assert_answer(&request, anew);
	/* the next message of that session */
	session_reset(model.gate.sessions, session);
	told_mail(session, "carol@example.com", "u@rest.example");
	told_rcpt(session, "z@example.com", false);
	request = plain("u@rest.example");
	(void)strcpy(request.instance, "another");
	assert_answer(&request, dunno);
}
END_TEST

START_TEST(a_filter_is_not_kept_where_no_milter_looks)
{
	struct policy_request request = plain("u@rest.example");

	(void)strcpy(request.instance, "one");
	assert_answer(&request, ab);
	request.recipient_count = 2;
	request.recipient[0] = '\0';
	assert_answer(&request, "451 4.3.0 recipients were added after its way "
	    "was decided, begin the message anew");
}
END_TEST

/* FILTER would take the local one along; a refusal takes nothing. */
START_TEST(a_local_recipient_takes_nobody_past_a_refusal)
{
	struct policy_request request = of_two("4ABC");
	struct session *session = told_session(1, "203.0.113.9", 4000);

	told_mail(session, NULL, "u@bad.example");
	session_set_queue_id(model.gate.sessions, session, "4ABC");
	told_rcpt(session, "x@example.com", false);
	told_rcpt(session, "y@example.org", true);
	assert_answer(&request, "550 5.7.1 no");
	/* what stays here is no route's business */
	told_mail(session, NULL, "u@bad.example");
	session_set_queue_id(model.gate.sessions, session, "4ABC");
	told_rcpt(session, "x@example.com", false);
	told_rcpt(session, "y@example.com", false);
	assert_answer(&request, dunno);
}
END_TEST

/* A recipient the milter was not shown could be local. */
START_TEST(counts_must_agree)
{
	struct policy_request request = of_two("4ABC");

	(void)told_two("4ABC");
	request.recipient_count = 3;
	assert_answer(&request, dunno);
	ck_assert_uint_eq(model.answered[REASON_RECIPIENTS_UNKNOWN], 1);
}
END_TEST

/* The milter's word on the login counts, not the request's. */
START_TEST(login_is_the_milters)
{
	struct policy_request request = plain("u@other.example");
	struct session *session = told_session(1, "203.0.113.9", 4000);

	told_mail(session, "alice@example.com", "u@other.example");
	told_rcpt(session, "x@example.org", true);
	assert_answer(&request, only_b);
}
END_TEST

START_TEST(two_sessions_could_be_meant)
{
	struct policy_request request = plain("u@rest.example");
	struct session *session;

	request.client_port = 0;
	for (uint64_t id = 1; id <= 2; id++) {
		session = told_session(id, "203.0.113.9", 0);
		told_mail(session, NULL, "u@rest.example");
		told_rcpt(session, "x@example.org", true);
	}
	assert_answer(&request, dunno);
	ck_assert_uint_eq(model.answered[REASON_SESSION_AMBIGUOUS], 1);
}
END_TEST

/* The message before this one was another one's. */
START_TEST(message_that_ended_is_forgotten)
{
	struct policy_request request = of_two("4ABC");
	struct session *session = told_two("4ABC");

	gate_done(&model.gate, session, false, now);
	assert_answer(&request, dunno);
}
END_TEST

/* --- policy.pin --- */

static const struct {
	enum pin pin;
	const char *sender, *user;
	const char *want;
	enum reason reason;
} pins[] = {
	{ PIN_LOGIN, "u@rest.example", "", dunno, REASON_NOT_PINNED },
	{ PIN_LOGIN, "u@rest.example", "alice", only_b, REASON_ROUTED },
	{ PIN_LOGIN, "u@sub.example", "", only_a, REASON_ROUTED },
	{ PIN_LOGIN, "u@direct.example", "", dunno, REASON_NOT_PINNED },
	{ PIN_LOGIN, "u@else.example", "", dunno, REASON_NO_ROUTE },
	{ PIN_NEVER, "u@rest.example", "", dunno, REASON_NOT_PINNED },
	{ PIN_NEVER, "u@rest.example", "alice", dunno, REASON_NOT_PINNED },
	{ PIN_NEVER, "u@sub.example", "", dunno, REASON_NOT_PINNED },
	/* a refusal is told while there is a client to tell */
	{ PIN_LOGIN, "u@bad.example", "", "550 5.7.1 no",
	    REASON_ROUTE_REJECTS },
	{ PIN_NEVER, "u@bad.example", "", "550 5.7.1 no",
	    REASON_ROUTE_REJECTS },
};

START_TEST(pin_says_who_gets_filter)
{
	struct policy_request request = plain(pins[_i].sender);
	bool filter = pins[_i].want != dunno;

	config->policy.pin = pins[_i].pin;
	request.server_port = 587;
	(void)strcpy(request.user, pins[_i].user);
	assert_answer(&request, pins[_i].want);
	ck_assert_uint_eq(model.answered[pins[_i].reason], 1);
	ck_assert_uint_eq(model.hosts.list[0].selected +
	    model.hosts.list[1].selected,
	    filter && pins[_i].reason == REASON_ROUTED ? 1 : 0);
}
END_TEST

/* --- the socketmap --- */

/* Each has a balance of its own: asking one takes no turn of the other's. */
START_TEST(entries_and_answers_take_turns_apart)
{
	struct policy_request request = plain("u@rest.example");
	static const char *const senders[] = { "a@rest.example",
		"b@rest.example", "c@rest.example", "d@rest.example" };

	for (int i = 0; i < 4; i++) {
		const char *want = i % 2 == 0 ? ab : ba;

		assert_answer(&request, want);
		ck_assert_str_eq(model_entry(&model, SLOTS_SENDER,
		    senders[i], now, false), want + strlen("FILTER "));
	}
}
END_TEST

START_TEST(entry_follows_a_reload)
{
	static const char other[] =
	    "smart_hosts = ( { name = \"c\"; nexthop = \"[192.0.2.3]:25\"; } );\n"
	    "connectors = ( { name = \"new\"; transport = \"smtp\";\n"
	    "  members = ( { host = \"c\"; } ); } );\n"
	    "routes = ( { name = \"rest\"; connector = \"new\"; } );\n";
	struct transport transport = model.default_transport;
	struct config *next = load(other);

	ck_assert_str_eq(model_entry(&model, SLOTS_SENDER,
	    "a@rest.example", now, false), ab + strlen("FILTER "));
	model_reload(&model, next, &transport, now);
	ck_assert_str_eq(model_entry(&model, SLOTS_SENDER,
	    "a@rest.example", now, false), "smtp:[192.0.2.3]:25");
	config_unref(&next);
}
END_TEST

/* --- routes that ask for recipients --- */

static void
ask_for_recipients(void)
{
	struct config *next = load(conf_recipients);
	struct transport transport = model.default_transport;

	next->generation = config->generation + 1;
	model_reload(&model, next, &transport, now);
	config_unref(&config);
	config = next;
}

static const struct {
	const char *recipients[2];
	const char *want;
	enum reason reason;
} told[] = {
	{ { "x@bad.example", "y@bad.example" }, "550 5.7.1 no",
	    REASON_ROUTE_REJECTS },
	/* the other one takes nobody past a refusal */
	{ { "x@bad.example", "y@else.example" }, "550 5.7.1 no",
	    REASON_ROUTE_REJECTS },
	{ { "x@else.example", "y@bad.example" }, "550 5.7.1 no",
	    REASON_ROUTE_REJECTS },
	{ { "x@else.example", "y@else.example" }, only_a, REASON_ROUTED },
};

START_TEST(recipients_the_milter_told)
{
	struct policy_request request = of_two("4ABC");
	struct session *session;

	ask_for_recipients();
	session = told_session(1, "203.0.113.9", 4000);
	told_mail(session, NULL, "u@rest.example");
	told_rcpt(session, told[_i].recipients[0], true);
	told_rcpt(session, told[_i].recipients[1], true);
	assert_answer(&request, told[_i].want);
	ck_assert_uint_eq(model.answered[told[_i].reason], 1);
}
END_TEST

/* A milter that came back says how many there were, not which. */
START_TEST(recipients_nobody_told)
{
	struct policy_request request = of_two("4ABC");

	ask_for_recipients();
	told_two("4ABC")->fit.recipients = 0;
	assert_answer(&request, dunno);
	ck_assert_uint_eq(model.answered[REASON_RECIPIENTS_UNKNOWN], 1);
}
END_TEST

START_TEST(recipient_of_the_request)
{
	struct policy_request request = plain("u@rest.example");

	ask_for_recipients();
	assert_answer(&request, only_a);
	(void)strcpy(request.recipient, "x@bad.example");
	assert_answer(&request, "550 5.7.1 no");
}
END_TEST

START_TEST(entries_of_recipients)
{
	ask_for_recipients();
	ck_assert_str_eq(model_entry(&model, SLOTS_RECIPIENT, "x@bad.example",
	    now, false), "error:5.7.1 no");
	ck_assert_ptr_null(model_entry(&model, SLOTS_RECIPIENT,
	    "x@else.example", now, false));
	/* what is local stays here, whatever a pattern says */
	ck_assert_ptr_null(model_entry(&model, SLOTS_RECIPIENT,
	    "x@example.com", now, false));
	ck_assert_uint_eq(model.lookups, 3);
}
END_TEST

/* --- asked again --- */

START_TEST(same_instance_same_answer_counted_once)
{
	struct policy_request request = plain("u@rest.example");

	(void)strcpy(request.instance, "1.2.3.0");
	assert_answer(&request, ab);
	assert_answer(&request, ab);
	request.state = POLICY_END_OF_MESSAGE;
	assert_answer(&request, dunno);
	ck_assert_uint_eq(model.answered[REASON_ROUTED], 1);
	ck_assert_uint_eq(model.hosts.list[0].selected, 1);
	ck_assert_uint_eq(model.requests, 3);

	request.state = POLICY_DATA;
	(void)strcpy(request.instance, "1.2.3.1");
	assert_answer(&request, ba);
	assert_answer(&request, ba);
	(void)strcpy(request.instance, "1.2.3.0");
	assert_answer(&request, ab);
}
END_TEST

/* Where Postfix asks at END-OF-MESSAGE alone, that is the question. */
START_TEST(asked_again_at_the_end_alone)
{
	struct policy_request request = plain("u@rest.example");

	(void)strcpy(request.instance, "1.2.3.0");
	request.state = POLICY_END_OF_MESSAGE;
	assert_answer(&request, ab);
	assert_answer(&request, ab);
	ck_assert_uint_eq(model.hosts.list[0].selected, 1);
}
END_TEST

START_TEST(without_instance_each_is_its_own)
{
	struct policy_request request = plain("u@rest.example");

	assert_answer(&request, ab);
	assert_answer(&request, ba);
	assert_answer(&request, ab);
}
END_TEST

/* --- reload --- */

START_TEST(reload_keeps_what_is_known)
{
	static const char other[] =
	    "smart_hosts = (\n"
	    "  { name = \"b\"; nexthop = \"[192.0.2.2]:25\"; },\n"
	    "  { name = \"c\"; nexthop = \"[192.0.2.3]:25\"; } );\n"
	    "connectors = ( { name = \"new\"; transport = \"smtp\";\n"
	    "  members = ( { host = \"b\"; }, { host = \"c\"; } ); } );\n"
	    "local_domains = [ \"example.com\" ];\n"
	    "routes = ( { name = \"rest\"; connector = \"new\"; } );\n";
	struct policy_request request = plain("u@rest.example");
	struct transport transport = model.default_transport;
	struct config *next = load(other);

	(void)strcpy(request.instance, "1.2.3.0");
	assert_answer(&request, ab);
	host_set_order(&model.hosts, hosts_find(&model.hosts, "b"),
	    OPERATOR_DRAIN, (struct wall) { 0 }, now);
	model_reload(&model, next, &transport, now);
	/* its instance is not answered with a host that is gone */
	assert_answer(&request, "FILTER smtp:[192.0.2.3]:25");
	config_unref(&next);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("model");
	TCase *tcase = tcase_create("model");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, answers_by_the_request, 0,
	    sizeof(requests) / sizeof(requests[0]));
	tcase_add_test(tcase, no_local_domains_no_guess);
	tcase_add_test(tcase, milter_knows_every_recipient);
	tcase_add_test(tcase, found_by_client_when_there_is_no_queue_id);
	tcase_add_test(tcase, one_local_recipient_keeps_it_with_postfix);
	tcase_add_test(tcase, a_filter_is_not_kept_for_recipients_added);
	tcase_add_test(tcase, a_filter_is_not_kept_where_no_milter_looks);
	tcase_add_test(tcase,
	    a_local_recipient_takes_nobody_past_a_refusal);
	tcase_add_test(tcase, counts_must_agree);
	tcase_add_test(tcase, login_is_the_milters);
	tcase_add_test(tcase, two_sessions_could_be_meant);
	tcase_add_test(tcase, message_that_ended_is_forgotten);
	tcase_add_loop_test(tcase, pin_says_who_gets_filter, 0,
	    sizeof(pins) / sizeof(pins[0]));
	tcase_add_test(tcase, entries_and_answers_take_turns_apart);
	tcase_add_test(tcase, entry_follows_a_reload);
	tcase_add_loop_test(tcase, recipients_the_milter_told, 0,
	    sizeof(told) / sizeof(told[0]));
	tcase_add_test(tcase, recipients_nobody_told);
	tcase_add_test(tcase, recipient_of_the_request);
	tcase_add_test(tcase, entries_of_recipients);
	tcase_add_test(tcase, same_instance_same_answer_counted_once);
	tcase_add_test(tcase, asked_again_at_the_end_alone);
	tcase_add_test(tcase, without_instance_each_is_its_own);
	tcase_add_test(tcase, reload_keeps_what_is_known);
	suite_add_tcase(suite, tcase);
	return suite;
}
