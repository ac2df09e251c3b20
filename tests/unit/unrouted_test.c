/* The end of a message the policy service may not have been asked about. */
#include "core/model.h"

#include "io/config_file.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

static const char conf[] =
    "smart_hosts = ( { name = \"a\"; nexthop = \"[192.0.2.1]:25\"; } );\n"
    "connectors = ( { name = \"out\"; members = ( { host = \"a\"; } ); },\n"
    "  { name = \"home\"; balance = \"affinity\";\n"
    "    members = ( { host = \"a\"; } ); } );\n"
    "milter: { on_unrouted = \"%s\"; };\n"
    "policy: { pin = \"%s\"; };\n"
    "throttles = ( { name = \"few\"; what = \"messages\"; by = \"user\";\n"
    "  limit = \"100/h\"; } );\n"
    "routes = (\n"
    "  { name = \"no\"; sender = \"@bad.example\"; reject = \"no\"; },\n"
    "  { name = \"al\"; user = \"alice@example.com\"; host = \"a\"; },\n"
    "  { name = \"to\"; recipient = \"@to.example\"; host = \"a\"; },\n"
    "  { name = \"mx\"; sender = \"@direct.example\";\n"
    "    connector = \"direct\"; },\n"
    "  { name = \"pf\"; sender = \"@postfix.example\";\n"
    "    connector = \"postfix\"; },\n"
    "  { name = \"home\"; sender = \"@home.example\";\n"
    "    connector = \"home\"; },\n"
    "  { name = \"rest\"; sender = \"@rest.example\";\n"
    "    connector = \"out\"; } );\n";

static const struct now now = { { 1000 * SPAN_SECOND },
	{ INT64_C(1700000000) * SPAN_SECOND } };
static const uint8_t seed[16] = { 1 };

static struct model model;
static struct config *config;
static char told[EVENT_LINE_MAX]; /* the last event */
static unsigned events;

static void
sink(void *ctx, const struct notice *notice)
{
	(void)ctx;
	(void)notice_format(notice, told);
	events++;
}

static void
begin(const char *on_unrouted, const char *pin)
{
	static struct config_errors errors;
	struct transport transport;
	char text[sizeof(conf) + 32];

	(void)snprintf(text, sizeof(text), conf, on_unrouted, pin);
	config = config_load_text(text, strlen(text), "test", &errors);
	if (config == NULL)
		config_errors_print(&errors, stderr);
	ck_assert_ptr_nonnull(config);
	ck_assert_int_eq(transport_parse("smtp", "", &transport), 0);
	model_init(&model, config, &transport, seed, sink, NULL, now);
	told[0] = '\0';
	events = 0;
}

static void
end(void)
{
	model_clear(&model);
	config_unref(&config);
}

static struct session *
session_of(uint64_t id, const char *user, const char *sender)
{
	struct session_key key = { .instance = "m1", .id = id };
	struct netaddr client;
	struct session *session;
	struct verdict verdict;

	ck_assert_int_eq(netaddr_parse("203.0.113.9", &client), 0);
	ck_assert(gate_connect(
	    &model.gate, config, &key, "default", &client, 0, now, &verdict));
	session = sessions_find(model.gate.sessions, &key);
	ck_assert(gate_mail(
	    &model.gate, config, session, user, sender, 0, now, &verdict));
	return session;
}

static void
add_rcpt(struct session *session, const char *recipient, bool is_default)
{
	struct verdict verdict;

	ck_assert(gate_rcpt(&model.gate, config, session, recipient, is_default,
	    now, &verdict));
}

static void
ask_policy(const struct session *session, const char *queue_id,
    enum policy_state state)
{
	struct policy_request request = { .state = state,
		.client = session->client,
		.recipient_count = session->recipients };

	(void)strcpy(request.queue_id, queue_id);
	(void)strcpy(request.sender, session->sender);
	(void)model_answer(&model, &request, now);
}

static enum action
ended(struct session *session)
{
	struct verdict verdict;
	bool pass = model_end(&model, session, "4ABC", 0, now, &verdict);

	ck_assert(pass == (verdict.action == ACTION_ACCEPT ||
			      verdict.action == ACTION_OBSERVE));
	ck_assert(!session->mail);
	return verdict.action;
}

static const struct {
	const char *pin, *user, *sender, *recipient;
	bool needed;
} needs[] = {
	{ "always", "bob", "b@rest.example", "x@example.org", true },
	{ "always", "", "b@rest.example", "x@example.org", true },
	{ "always", "alice@example.com", "b@other.example", "x@example.org",
	    true },
	{ "always", "bob", "b@bad.example", "x@example.org", true },
	{ "always", "bob", "b@other.example", "x@to.example", true },
	{ "always", "bob", "b@other.example", "x@example.org", false },
	{ "always", "bob", "b@direct.example", "x@example.org", false },
	{ "always", "bob", "b@postfix.example", "x@example.org", false },
	/* the socketmap knows the sender, but neither login nor home */
	{ "login", "bob", "b@rest.example", "x@example.org", false },
	{ "login", "alice@example.com", "b@rest.example", "x@example.org",
	    true },
	{ "login", "bob", "b@home.example", "x@example.org", true },
	{ "login", "", "b@home.example", "x@example.org", false },
	{ "never", "alice@example.com", "b@rest.example", "x@example.org",
	    false },
};

START_TEST(seed_0_17_which_messages_need_a_decision)
{
	struct session *session;

	begin("defer", needs[_i].pin);
	session = session_of(1, needs[_i].user, needs[_i].sender);
	add_rcpt(session, needs[_i].recipient, true);
	ck_assert_int_eq(
	    ended(session), needs[_i].needed ? ACTION_DEFER : ACTION_ACCEPT);
	ck_assert_uint_eq(events, needs[_i].needed);

	/* the same one, asked about in time */
	session = session_of(2, needs[_i].user, needs[_i].sender);
	add_rcpt(session, needs[_i].recipient, true);
	ask_policy(
	    session, "", _i % 2 == 0 ? POLICY_DATA : POLICY_END_OF_MESSAGE);
	ck_assert_int_eq(ended(session), ACTION_ACCEPT);
	end();
}
END_TEST

START_TEST(seed_0_17_the_event_names_message_and_login)
{
	struct session *session;

	begin("observe", "always");
	session = session_of(1, "alice@example.com", "a@rest.example");
	add_rcpt(session, "x@example.org", true);
	ck_assert_int_eq(ended(session), ACTION_ACCEPT);
	ck_assert_msg(
	    strstr(told, "event=Unrouted queue_id=4ABC "
			 "user=alice@example.com sender=a@rest.example "
			 "client=203.0.113.9 reason=policy_not_asked "
			 "action=observe ref=") == told,
	    "%s", told);
	end();
}
END_TEST

START_TEST(deferred_with_a_reference_and_given_back)
{
	struct session *session;
	struct verdict verdict;
	struct limit_row row;
	struct reply reply;
	char want[REPLY_TEXT_MAX];

	begin("defer", "always");
	session = session_of(1, "alice@example.com", "a@rest.example");
	add_rcpt(session, "x@example.org", true);
	ck_assert(!model_end(&model, session, "4ABC", 0, now, &verdict));
	verdict_reply(&verdict, &reply);
	ck_assert_str_eq(reply.code, "451");
	ck_assert_str_eq(reply.enhanced, "4.3.0");
	(void)snprintf(want, sizeof(want),
	    "the way of this message was not "
	    "decided, try again later (weir %s)",
	    verdict.ref);
	ck_assert_str_eq(reply.text, want);
	ck_assert(!limits_find(model.gate.limits, config, "few",
		      "alice@example.com", now, &row) ||
		  row.used == 0);
	end();
}
END_TEST

/* Where FILTER would not be the answer, its lack is no harm. */
START_TEST(doubtful_messages_are_left_to_postfix)
{
	struct session *session;

	begin("defer", "always");
	session = session_of(1, "bob", "b@rest.example");
	add_rcpt(session, "x@example.org", true);
	add_rcpt(session, "box@local.example", false);
	ck_assert_int_eq(ended(session), ACTION_ACCEPT);
	session = session_of(2, "bob", "b@rest.example");
	add_rcpt(session, "x@to.example", true);
	add_rcpt(session, "x@example.org", true);
	ck_assert_int_eq(ended(session), ACTION_ACCEPT);
	/* announced after a loss: nobody knows its recipients */
	session = session_of(3, "bob", "b@rest.example");
	add_rcpt(session, "x@example.org", true);
	session->all_default = false;
	ck_assert_int_eq(ended(session), ACTION_ACCEPT);
	ck_assert_uint_eq(events, 0);
	end();
}
END_TEST

/* One decision is not that of the next message of the session. */
START_TEST(decision_is_of_one_message)
{
	struct session *session;
	struct verdict verdict;

	begin("defer", "always");
	session = session_of(1, "bob", "b@rest.example");
	add_rcpt(session, "x@example.org", true);
	ask_policy(session, "", POLICY_DATA);
	ck_assert_int_eq(ended(session), ACTION_ACCEPT);
	ck_assert(gate_mail(&model.gate, config, session, "bob",
	    "b@rest.example", 0, now, &verdict));
	add_rcpt(session, "x@example.org", true);
	ck_assert_int_eq(ended(session), ACTION_DEFER);
	end();
}
END_TEST

/* The service was asked, but Postfix told too little to know about which. */
START_TEST(ambiguous_is_unrouted_and_said_so)
{
	struct session *list[3];

	begin("defer", "always");
	for (unsigned i = 0; i < 3; i++) {
		list[i] = session_of(i + 1, "bob", "b@rest.example");
		add_rcpt(list[i], "x@example.org", true);
	}
	ask_policy(list[0], "4ABC", POLICY_DATA);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_int_eq(ended(list[i]), ACTION_DEFER);
		ck_assert_ptr_nonnull(strstr(told, "reason=session_ambiguous"));
	}
	end();
}
END_TEST

/* A service that is not there at all must not fill the list of events. */
START_TEST(events_are_so_many_a_minute)
{
	struct now later = { { now.mono.us + 60 * SPAN_SECOND }, now.wall };
	struct session *session;
	struct verdict verdict;

	begin("observe", "always");
	session = session_of(1, "", "b@rest.example");
	for (unsigned i = 1; i <= 101; i++) {
		ck_assert(gate_mail(&model.gate, config, session, "",
		    "b@rest.example", 0, now, &verdict));
		add_rcpt(session, "x@example.org", true);
		ck_assert(model_end(&model, session, "4ABC", 0,
		    i == 101 ? later : now, &verdict));
	}
	ck_assert_uint_eq(events, 61);
	ck_assert_ptr_nonnull(strstr(told, " repeats=40"));
	end();
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("unrouted");
	TCase *tcase = tcase_create("unrouted");

	tcase_add_loop_test(tcase, seed_0_17_which_messages_need_a_decision, 0,
	    sizeof(needs) / sizeof(needs[0]));
	tcase_add_test(tcase, seed_0_17_the_event_names_message_and_login);
	tcase_add_test(tcase, deferred_with_a_reference_and_given_back);
	tcase_add_test(tcase, doubtful_messages_are_left_to_postfix);
	tcase_add_test(tcase, decision_is_of_one_message);
	tcase_add_test(tcase, ambiguous_is_unrouted_and_said_so);
	tcase_add_test(tcase, events_are_so_many_a_minute);
	suite_add_tcase(suite, tcase);
	return suite;
}
