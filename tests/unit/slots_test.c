/* What a sender's mail is told to do, and for how long. */
#include "core/slots.h"

#include "core/route.h"

#include "check_main.h"
#include "site.h"

static const uint8_t key[16] = { 7 };

static struct site site;
static struct hosts hosts;
static struct slots slots;
static struct decision decision;

static void
start(size_t nhosts)
{
	site_init(&site, nhosts);
	hosts_init(&hosts, &site.config, NULL, site_now(0).mono);
	slots_init(&slots, &site.config, key);
}

static void
teardown(void)
{
	slots_clear(&slots);
	hosts_clear(&hosts);
}

static struct now
after(int64_t ms)
{
	struct now now = site_now(0);

	now.mono.us += ms * 1000;
	now.wall.us += ms * 1000;
	return now;
}

static const char *
ask_at(const char *sender, int64_t ms, bool dry)
{
	static char entry[ACTION_TEXT_MAX];

	slots_ask(&slots, &site.config, &hosts, SLOTS_SENDER, sender,
	    after(ms), dry, &decision);
	return decision_entry(&decision, &site.config, entry);
}

/* "ab": the hosts of the entry in order. */
static const char *
names(const char *sender, int64_t ms)
{
	static char text[MEMBERS_MAX + 1];

	(void)ask_at(sender, ms, false);
	for (size_t i = 0; i < decision.nlist; i++)
		text[i] = (char)('a' + decision.list[i]);
	text[decision.nlist] = '\0';
	return text;
}

static void
tell(size_t host, enum evidence_grade grade, enum stage stage)
{
	struct evidence evidence = site_evidence(grade, stage);

	host_address_on(&hosts, &hosts.list[host],
	    &hosts.list[host].addresses[0], &site.config.health, &evidence,
	    site_now(0));
}

static void
order(size_t host, enum operator_state state)
{
	host_set_order(&hosts, &hosts.list[host], state, (struct wall) { 0 },
	    site_now(0));
}

/* --- what it is told --- */

static const struct {
	enum route_target target;
	const char *reject;
	const char *entry;
} targets[] = {
	{ ROUTE_CONNECTOR, NULL, "relay:[192.0.2.1]:587, [192.0.2.2]:587" },
	{ ROUTE_HOST, NULL, "relay:[192.0.2.1]:587" },
	{ ROUTE_DIRECT, NULL, "smtp:" },
	{ ROUTE_POSTFIX, NULL, NULL },
	{ ROUTE_REJECT, "not from there", "error:5.7.1 not from there" },
	{ ROUTE_REJECT, NULL, "error:5.7.1 the route refuses this mail" },
};

START_TEST(entry_says_what_filter_would)
{
	const char *want = targets[_i].entry;

	start(2);
	site.route.target = targets[_i].target;
	site.route.reject = targets[_i].reject;
	/* the second answer comes from memory */
	for (int turn = 0; turn < 2; turn++) {
		if (want == NULL)
			ck_assert_ptr_null(ask_at("a@x.example", 0, false));
		else
			ck_assert_str_eq(ask_at("a@x.example", 0, false),
			    want);
	}
}
END_TEST

START_TEST(no_route_no_entry)
{
	start(2);
	site.config.nroutes = 0;
	ck_assert_ptr_null(ask_at("a@x.example", 0, false));
	ck_assert_int_eq(decision.reason, REASON_NO_ROUTE);
}
END_TEST

START_TEST(all_sick_all_are_named)
{
	start(2);
	tell(1, EVIDENCE_HARD, STAGE_TCP);
	tell(0, EVIDENCE_HARD, STAGE_TCP);
	ck_assert_str_eq(ask_at("a@x.example", 0, false),
	    "relay:[192.0.2.1]:587, [192.0.2.2]:587");
	ck_assert_int_eq(decision.reason, REASON_LAST_RESORT);
}
END_TEST

/* What was taken waits; it is not refused after the event. */
START_TEST(all_sick_and_the_mail_waits)
{
	static const enum none_healthy waits[] = { NONE_HEALTHY_QUEUE,
		NONE_HEALTHY_REFUSE };

	start(2);
	site.connector.none_healthy = waits[_i];
	tell(0, EVIDENCE_HARD, STAGE_TCP);
	order(1, OPERATOR_DRAIN);
	ck_assert_str_eq(ask_at("a@x.example", 0, false),
	    "retry:4.3.2 no smart host is available");
	tell(0, EVIDENCE_GOOD, STAGE_DATA);
	ck_assert_str_eq(ask_at("a@x.example", 0, false),
	    "relay:[192.0.2.1]:587");
}
END_TEST

START_TEST(all_drained_and_the_mail_waits)
{
	start(2);
	order(0, OPERATOR_DRAIN);
	order(1, OPERATOR_DRAIN);
	ck_assert_str_eq(ask_at("a@x.example", 0, false),
	    "retry:4.3.2 no smart host is available");
	ck_assert_int_eq(decision.reason, REASON_NONE_HEALTHY);
}
END_TEST

/* As by a route to the built-in connector; the second time from memory. */
START_TEST(all_sick_and_the_mail_needs_no_smart_host)
{
	start(1);
	site.connector.none_healthy = NONE_HEALTHY_DIRECT;
	tell(0, EVIDENCE_HARD, STAGE_TCP);
	for (int turn = 0; turn < 2; turn++)
		ck_assert_str_eq(ask_at("a@x.example", 0, false), "smtp:");
	site.connector.none_healthy = NONE_HEALTHY_POSTFIX;
	for (int turn = 0; turn < 2; turn++)
		ck_assert_ptr_null(ask_at("b@x.example", 0, false));
	ck_assert_int_eq(decision.reason, REASON_ROUTE_POSTFIX);
}
END_TEST

/* Nothing is known of a session here, not even that it had no login. */
START_TEST(routes_that_ask_for_a_session_do_not_match)
{
	static const char *any[] = { "*" };
	static const char *submission[] = { "submission" };

	start(2);
	ck_assert(!route_asks_session(&site.route));
	site.route.user = (struct strings) { any, 1 };
	ck_assert_ptr_null(ask_at("a@x.example", 0, false));
	ck_assert(route_asks_session(&site.route));

	site.route.user.count = 0;
	site.route.listener = (struct strings) { submission, 1 };
	ck_assert_ptr_null(ask_at("b@x.example", 0, false));
	ck_assert(route_asks_session(&site.route));
}
END_TEST

/* Only what a route asks for: that table stands before the senders'. */
START_TEST(recipients_have_entries_of_their_own)
{
	static const char *blocked[] = { "@no.example" };
	static const struct {
		const char *address;
		bool found;
	} asked[] = { { "u@no.example", true }, { "u@y.example", false },
		{ "u@no.example", true } };
	struct route routes[2] = { { 0 } };

	start(2);
	routes[0] = site.route;
	routes[0].target = ROUTE_DIRECT;
	routes[0].recipient = (struct strings) { blocked, 1 };
	routes[1] = site.route;
	site.config.routes = routes;
	site.config.nroutes = 2;
	for (int i = 0; i < 3; i++) {
		slots_ask(&slots, &site.config, &hosts, SLOTS_RECIPIENT,
		    asked[i].address, site_now(0), false, &decision);
		ck_assert_int_eq(decision.kind, asked[i].found
		    ? DECISION_FILTER : DECISION_DUNNO);
	}
	/* as a sender, the same address is another question */
	ck_assert_str_eq(names("u@no.example", 0), "ab");
	ck_assert_str_eq(ask_at("u@y.example", 0, false),
	    "relay:[192.0.2.2]:587, [192.0.2.1]:587");
}
END_TEST

/* --- how long --- */

START_TEST(an_answer_holds_for_two_seconds)
{
	start(2);
	ck_assert_str_eq(names("a@x.example", 0), "ab");
	ck_assert_str_eq(names("a@x.example", 1), "ab");
	ck_assert_str_eq(names("a@x.example", 1999), "ab");
	ck_assert_str_eq(names("a@x.example", 2000), "ba");
	ck_assert_str_eq(names("a@x.example", 3999), "ba");
	ck_assert_uint_eq(hosts.list[0].selected, 1);
	ck_assert_uint_eq(hosts.list[1].selected, 1);
}
END_TEST

START_TEST(senders_take_turns)
{
	start(2);
	ck_assert_str_eq(names("a@x.example", 0), "ab");
	ck_assert_str_eq(names("b@x.example", 0), "ba");
	ck_assert_str_eq(names("", 0), "ab");
	ck_assert_str_eq(names("b@x.example", 0), "ba");
	ck_assert_str_eq(names("", 0), "ab");
}
END_TEST

START_TEST(dry_takes_no_turn_and_sees_what_holds)
{
	start(2);
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(ask_at("a@x.example", 0, true),
		    "relay:[192.0.2.1]:587, [192.0.2.2]:587");
	ck_assert_uint_eq(hosts.list[0].selected, 0);
	ck_assert_str_eq(names("a@x.example", 0), "ab");
	ck_assert_str_eq(ask_at("a@x.example", 1000, true),
	    "relay:[192.0.2.1]:587, [192.0.2.2]:587");
	ck_assert_str_eq(ask_at("b@x.example", 0, true),
	    "relay:[192.0.2.2]:587, [192.0.2.1]:587");
}
END_TEST

START_TEST(a_sick_host_ends_it_at_once)
{
	start(2);
	ck_assert_str_eq(names("a@x.example", 0), "ab");
	tell(0, EVIDENCE_HARD, STAGE_TCP);
	ck_assert_str_eq(names("a@x.example", 0), "b");
	tell(0, EVIDENCE_GOOD, STAGE_DATA);
	ck_assert_uint_eq(strlen(names("a@x.example", 0)), 2);
}
END_TEST

START_TEST(an_order_ends_it_at_once)
{
	start(2);
	ck_assert_str_eq(names("a@x.example", 0), "ab");
	order(1, OPERATOR_DRAIN);
	ck_assert_str_eq(names("a@x.example", 0), "a");
	order(0, OPERATOR_DOWN);
	ck_assert_str_eq(names("a@x.example", 0), "");
	order(0, OPERATOR_NONE);
	ck_assert_str_eq(names("a@x.example", 0), "a");
}
END_TEST

START_TEST(no_address_ends_it_at_once)
{
	start(2);
	ck_assert_str_eq(names("a@x.example", 0), "ab");
	host_set_addresses(&hosts, &hosts.list[0], NULL, 0, site_now(0).mono);
	tell(0, EVIDENCE_HARD, STAGE_DNS);
	ck_assert_str_eq(names("a@x.example", 0), "b");
}
END_TEST

START_TEST(a_reload_ends_it)
{
	start(2);
	ck_assert_str_eq(names("a@x.example", 0), "ab");
	site.connector.failovers = 0;
	slots_reload(&slots, &site.config);
	ck_assert_str_eq(names("a@x.example", 0), "a");
}
END_TEST

/* One message tries the sick host; the next asked gets the usual answer. */
START_TEST(a_mail_trial_is_told_once)
{
	start(2);
	tell(0, EVIDENCE_HARD, STAGE_AUTH);
	ck_assert_str_eq(names("a@x.example", 0), "b");
	hosts.list[0].addresses[0].health.mail_trial = true;
	ck_assert_str_eq(names("a@x.example", 2000), "ab");
	ck_assert_str_eq(names("a@x.example", 2000), "b");
}
END_TEST

/* --- strangers --- */

START_TEST(shares_over_1000_senders)
{
	unsigned first[3] = { 0 };
	char sender[32];

	start(3);
	site.members[0].weight = 50;
	site.members[1].weight = 30;
	site.members[2].weight = 20;
	for (unsigned i = 0; i < 1000; i++) {
		(void)snprintf(sender, sizeof(sender), "u%u@x.example", i);
		(void)ask_at(sender, i, false);
		first[decision.list[0]]++;
	}
	ck_assert_uint_eq(first[0], 500);
	ck_assert_uint_eq(first[1], 300);
	ck_assert_uint_eq(first[2], 200);
}
END_TEST

/* More senders than places: turns are taken, nobody gets another's answer. */
START_TEST(who_needs_a_place_takes_it)
{
	static const char *odd[] = { "*1@x.example", "*3@x.example",
		"*5@x.example", "*7@x.example", "*9@x.example" };
	char sender[32];

	start(2);
	site.route.sender = (struct strings) { odd, 5 };
	for (unsigned i = 0; i < 3 * SLOTS_MAX; i++) {
		(void)snprintf(sender, sizeof(sender), "u%u@x.example", i);
		ck_assert_int_eq(ask_at(sender, 0, false) != NULL,
		    i % 2 == 1);
		ck_assert_int_eq(ask_at(sender, 0, false) != NULL,
		    i % 2 == 1);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("slots");
	TCase *tcase = tcase_create("slots");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_loop_test(tcase, entry_says_what_filter_would, 0,
	    sizeof(targets) / sizeof(targets[0]));
	tcase_add_test(tcase, no_route_no_entry);
	tcase_add_test(tcase, all_sick_all_are_named);
	tcase_add_test(tcase, all_drained_and_the_mail_waits);
	tcase_add_loop_test(tcase, all_sick_and_the_mail_waits, 0, 2);
	tcase_add_test(tcase, all_sick_and_the_mail_needs_no_smart_host);
	tcase_add_test(tcase, routes_that_ask_for_a_session_do_not_match);
	tcase_add_test(tcase, recipients_have_entries_of_their_own);
	tcase_add_test(tcase, an_answer_holds_for_two_seconds);
	tcase_add_test(tcase, senders_take_turns);
	tcase_add_test(tcase, dry_takes_no_turn_and_sees_what_holds);
	tcase_add_test(tcase, a_sick_host_ends_it_at_once);
	tcase_add_test(tcase, an_order_ends_it_at_once);
	tcase_add_test(tcase, no_address_ends_it_at_once);
	tcase_add_test(tcase, a_reload_ends_it);
	tcase_add_test(tcase, a_mail_trial_is_told_once);
	tcase_add_test(tcase, shares_over_1000_senders);
	tcase_add_test(tcase, who_needs_a_place_takes_it);
	suite_add_tcase(suite, tcase);
	return suite;
}
