/* Decisions: who is first, who stands behind, why the others do not. */
#include "core/choose.h"
#include "core/route.h"

#include "check_main.h"
#include "site.h"

static struct site site;
static struct hosts hosts;
static struct chooser chooser;
static struct decision decision;
static char action[ACTION_TEXT_MAX];

static void
start(size_t nhosts)
{
	site_init(&site, nhosts);
	hosts_init(&hosts, &site.config, NULL, site_now(0).mono);
	chooser_init(&chooser, &site.config);
}

static void
teardown(void)
{
	chooser_clear(&chooser);
	hosts_clear(&hosts);
}

static const char *
decide_as(const char *user, const char *sender, int64_t at, bool dry)
{
	struct facts facts = { .listener = "default", .user = user,
		.sender = sender };

	choose(&chooser, &site.config, &hosts,
	    route_find(&site.config, &facts), &facts, site_now(at), dry,
	    &decision);
	return decision_action(&decision, &site.config, action);
}

static const char *
decide(int64_t at)
{
	return decide_as("alice", "a@example.com", at, false);
}

static void
tell(size_t host, enum evidence_grade grade, enum stage stage, int64_t at)
{
	struct evidence evidence = site_evidence(grade, stage);

	host_address_on(&hosts, &hosts.list[host],
	    &hosts.list[host].addresses[0], &site.config.health, &evidence,
	    site_now(at));
}

static void
order(size_t host, enum operator_state state)
{
	host_set_order(&hosts, &hosts.list[host], state, (struct wall) { 0 },
	    site_now(0));
}

/* "abc": the hosts of the list in order. */
static const char *
names(void)
{
	static char text[MEMBERS_MAX + 1];

	for (size_t i = 0; i < decision.nlist; i++)
		text[i] = (char)('a' + decision.list[i]);
	text[decision.nlist] = '\0';
	return text;
}

static const char *
tag(size_t member)
{
	return reason_tag(decision.candidates[member].reason);
}

START_TEST(action_is_what_postfix_wants)
{
	start(2);
	ck_assert_str_eq(decide(0),
	    "FILTER relay:[192.0.2.1]:587, [192.0.2.2]:587");
	ck_assert_str_eq(decide(0),
	    "FILTER relay:[192.0.2.2]:587, [192.0.2.1]:587");
	ck_assert_int_eq(decision.kind, DECISION_FILTER);
	ck_assert_int_eq(decision.reason, REASON_ROUTED);
	ck_assert_ptr_eq(decision.route, &site.route);
	ck_assert_ptr_eq(decision.connector, &site.connector);

	site.connector.failovers = 0;
	ck_assert_str_eq(decide(0), "FILTER relay:[192.0.2.1]:587");
	site.route.target = ROUTE_DIRECT;
	ck_assert_str_eq(decide(0), "FILTER smtp:");
	ck_assert_ptr_null(decision.connector);
	site.route.target = ROUTE_POSTFIX;
	ck_assert_str_eq(decide(0), "DUNNO");
	ck_assert_int_eq(decision.reason, REASON_ROUTE_POSTFIX);
	site.route.target = ROUTE_REJECT;
	site.route.reject = "no mail to this domain";
	ck_assert_str_eq(decide(0), "550 5.7.1 no mail to this domain");
	site.route.reject = "one\naction=OK\r\n\n";
	ck_assert_str_eq(decide(0), "550 5.7.1 one action=OK   ");
	site.route.reject = NULL;
	ck_assert_str_eq(decide(0), "550 5.7.1 the route refuses this mail");
	ck_assert_int_eq(decision.reason, REASON_ROUTE_REJECTS);
	site.config.nroutes = 0;
	ck_assert_str_eq(decide(0), "DUNNO");
	ck_assert_int_eq(decision.reason, REASON_NO_ROUTE);
	ck_assert_ptr_null(decision.route);
}
END_TEST

/*
 * Two accounts on one relay: Postfix looks up each password by the next hop as
 * it is written, so that is what it is given, whatever the addresses are.
 */
START_TEST(seed_5_6_next_hops_stay_as_written)
{
	start(2);
	site.hosts[0].nexthop = "[Relay.Example.NET]:587";
	site.hosts[1].nexthop = "[account-b.relay.example.net]:587";
	site.hosts[1].host = site.hosts[0].host;
	ck_assert_str_eq(decide(0), "FILTER relay:[Relay.Example.NET]:587, "
	    "[account-b.relay.example.net]:587");
	ck_assert_str_eq(decide(0), "FILTER relay:"
	    "[account-b.relay.example.net]:587, [Relay.Example.NET]:587");
}
END_TEST

START_TEST(failovers_stand_in_cyclic_order)
{
	static const char *const lists[] = { "abc", "bcd", "cda", "dab",
		"abc" };

	start(4);
	for (size_t i = 0; i < 5; i++) {
		decide(0);
		ck_assert_str_eq(names(), lists[i]);
	}
	ck_assert_str_eq(tag(0), "chosen");
	ck_assert_str_eq(tag(1), "failover");
	ck_assert_uint_eq(decision.candidates[1].position, 2);
	ck_assert_str_eq(tag(2), "failover");
	ck_assert_str_eq(tag(3), "not_needed");
	ck_assert_uint_eq(decision.candidates[3].position, 0);
}
END_TEST

/* What stands against each member, and what the list then is. */
static const struct {
	const char *rule;
	const char *states; /* . healthy, x sick, d drained, D down */
	unsigned costs[4];
	unsigned failovers;
	const char *list; /* of the first decision */
	const char *reasons[4];
} rows[] = {
	{ "all well", "...", { 10, 10, 10 }, 2, "abc",
	    { "chosen", "failover", "failover" } },
	{ "the sick one is left out", ".x.", { 10, 10, 10 }, 2, "ac",
	    { "chosen", "unhealthy", "failover" } },
	{ "so are the drained and the down one", "d.D", { 10, 10, 10 }, 2,
	    "b", { "drained", "chosen", "down" } },
	{ "an order is named before a sickness", "d", { 10 }, 2, "",
	    { "drained" } },
	{ "the dear one stands behind", "...", { 20, 10, 10 }, 2, "bca",
	    { "failover", "chosen", "failover" } },
	{ "or is not reached", "...", { 20, 10, 10 }, 1, "bc",
	    { "cost_higher", "chosen", "failover" } },
	{ "dearer ones by cost, then in order", "....", { 30, 10, 20, 20 }, 3,
	    "bcda", { "failover", "chosen", "failover", "failover" } },
	{ "the last member of a dearer cost too", "...", { 10, 20, 20 }, 5,
	    "abc", { "chosen", "failover", "failover" } },
	{ "the dear one when the cheap are gone", "xd.", { 10, 10, 20 }, 2,
	    "c", { "unhealthy", "drained", "chosen" } },
	{ "no failovers wanted", "...", { 10, 10, 20 }, 0, "a",
	    { "chosen", "not_needed", "cost_higher" } },
	{ "cost nothing is a cost", "..", { 0, 1 }, 0, "a",
	    { "chosen", "cost_higher" } },
	{ "all sick: all are tried", "xxx", { 10, 20, 10 }, 0, "abc",
	    { "last_resort", "last_resort", "last_resort" } },
	{ "all sick but drained ones: never those", "xdx", { 10, 10, 10 }, 2,
	    "ac", { "last_resort", "drained", "last_resort" } },
	{ "none at all", "ddD", { 10, 10, 10 }, 2, "",
	    { "drained", "drained", "down" } },
};

START_TEST(members_and_their_reasons)
{
	size_t n = strlen(rows[_i].states);

	start(n);
	site.connector.failovers = rows[_i].failovers;
	for (size_t i = 0; i < n; i++) {
		char state = rows[_i].states[i];

		site.members[i].cost = rows[_i].costs[i];
		if (state == 'x')
			tell(i, EVIDENCE_HARD, STAGE_TCP, (int64_t)i);
		else if (state != '.')
			order(i, state == 'd' ? OPERATOR_DRAIN : OPERATOR_DOWN);
	}
	decide(10);
	ck_assert_msg(strcmp(names(), rows[_i].list) == 0, "%s: %s, not %s",
	    rows[_i].rule, names(), rows[_i].list);
	ck_assert_uint_eq(decision.ncandidates, n);
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(strcmp(tag(i), rows[_i].reasons[i]) == 0,
		    "%s: member %zu: %s", rows[_i].rule, i, tag(i));
	if (rows[_i].list[0] == '\0') {
		ck_assert_str_eq(action, "DUNNO");
		ck_assert_int_eq(decision.reason, REASON_NONE_HEALTHY);
	}
}
END_TEST

START_TEST(all_sick_least_recently_failed_first)
{
	start(3);
	tell(0, EVIDENCE_HARD, STAGE_TCP, 1);
	tell(1, EVIDENCE_HARD, STAGE_TCP, 2);
	tell(2, EVIDENCE_HARD, STAGE_TCP, 3);
	decide(4);
	ck_assert_str_eq(names(), "abc");
	ck_assert_int_eq(decision.reason, REASON_LAST_RESORT);
	tell(0, EVIDENCE_HARD, STAGE_TCP, 5); /* it was tried, and failed */
	decide(6);
	ck_assert_str_eq(names(), "bca");
	tell(1, EVIDENCE_GOOD, STAGE_DATA, 7);
	decide(8);
	ck_assert_str_eq(names(), "b");
	ck_assert_int_eq(decision.reason, REASON_ROUTED);
}
END_TEST

/*
 * Each failed message fails by the first of its list before the second: the
 * same order again would pin all that waits to one host.
 */
START_TEST(all_sick_each_in_its_turn)
{
	static const char *const lists[] = { "abc", "bca", "cab", "abc" };

	start(3);
	for (size_t i = 0; i < 3; i++)
		tell(i, EVIDENCE_HARD, STAGE_TCP, (int64_t)i);
	for (int n = 0; n < 4; n++) {
		for (int dry = 1; dry >= 0; dry--) {
			decide_as("alice", "a@example.com", 10 * n + 10, dry);
			ck_assert_str_eq(names(), lists[n]);
		}
		for (size_t i = 0; i < 3; i++)
			tell(i, EVIDENCE_HARD, STAGE_TCP,
			    10 * n + 11 + (int64_t)i);
	}
}
END_TEST

/* A name that does not resolve bounces when it stands last (contract 1.2). */
START_TEST(an_unresolved_host_is_never_named)
{
	start(2);
	site.hosts[0].host = "relay.example.net";
	hosts_clear(&hosts);
	hosts_init(&hosts, &site.config, NULL, site_now(0).mono);
	decide(0);
	ck_assert_str_eq(names(), "ab"); /* not looked up yet */
	tell(0, EVIDENCE_HARD, STAGE_DNS, 1);
	decide(1);
	ck_assert_str_eq(names(), "b");
	ck_assert_str_eq(tag(0), "unresolved");
	tell(1, EVIDENCE_HARD, STAGE_TCP, 2);
	decide(2);
	ck_assert_str_eq(names(), "b");
	order(1, OPERATOR_DRAIN);
	ck_assert_str_eq(decide(3), "DUNNO");
}
END_TEST

/* Nor as a last resort while the addresses it had are still known. */
START_TEST(a_host_whose_name_is_gone_is_no_last_resort)
{
	start(2);
	tell(0, EVIDENCE_HARD, STAGE_TCP, 1);
	tell(1, EVIDENCE_HARD, STAGE_TCP, 1);
	decide(1);
	ck_assert_str_eq(names(), "ab");
	tell(1, EVIDENCE_HARD, STAGE_DNS, 2);
	decide(2);
	ck_assert_str_eq(names(), "a");
	ck_assert_str_eq(tag(1), "unresolved");
	tell(0, EVIDENCE_HARD, STAGE_TCP, 3);
	tell(1, EVIDENCE_HARD, STAGE_TCP, 4);
	decide(4);
	ck_assert_str_eq(names(), "ba"); /* its first turn */
}
END_TEST

/* Requirements 1.2, 4.1, 4.37 through the whole function. */
START_TEST(seed_1_2_4_1_4_37_shares)
{
	static const struct {
		size_t hosts;
		unsigned messages;
	} shares[] = { { 2, 10000 }, { 3, 3000 }, { 64, 6400 } };

	start(shares[_i].hosts);
	for (unsigned n = 0; n < shares[_i].messages; n++)
		decide(0);
	for (size_t i = 0; i < shares[_i].hosts; i++)
		ck_assert_uint_eq(hosts.list[i].selected,
		    shares[_i].messages / shares[_i].hosts);
}
END_TEST

/* Requirements 1.8, 1.26: standby by cost, in and out by itself. */
START_TEST(seed_1_8_1_26_standby_only_when_the_first_is_down)
{
	start(2);
	site.members[1].cost = 20;
	for (int n = 0; n < 100; n++)
		decide(0);
	ck_assert_uint_eq(hosts.list[1].selected, 0);
	tell(0, EVIDENCE_HARD, STAGE_TCP, 1);
	for (int n = 0; n < 100; n++)
		decide(2);
	ck_assert_uint_eq(hosts.list[0].selected, 100);
	ck_assert_uint_eq(hosts.list[1].selected, 100);
	tell(0, EVIDENCE_GOOD, STAGE_DATA, 3);
	for (int n = 0; n < 100; n++)
		decide(4);
	ck_assert_uint_eq(hosts.list[1].selected, 100);
}
END_TEST

/* Requirement 4.4, and a host that returns gets its share, no more. */
START_TEST(seed_4_4_half_each_at_once)
{
	start(3);
	for (int n = 0; n < 100; n++)
		decide(0);
	tell(0, EVIDENCE_HARD, STAGE_TCP, 1);
	for (size_t i = 0; i < 3; i++)
		hosts.list[i].selected = 0;
	for (int n = 0; n < 1000; n++)
		decide(2);
	ck_assert_uint_eq(hosts.list[0].selected, 0);
	ck_assert_uint_eq(hosts.list[1].selected, 500);
	ck_assert_uint_eq(hosts.list[2].selected, 500);
	tell(0, EVIDENCE_GOOD, STAGE_DATA, 3);
	for (int n = 0; n < 30; n++)
		decide(4);
	ck_assert_uint_ge(hosts.list[0].selected, 9);
	ck_assert_uint_le(hosts.list[0].selected, 11);
}
END_TEST

START_TEST(members_weigh_what_the_connector_says)
{
	start(2);
	site.members[0].weight = 30;
	for (int n = 0; n < 400; n++)
		decide(0);
	ck_assert_uint_eq(hosts.list[0].selected, 300);
	ck_assert_uint_eq(hosts.list[1].selected, 100);
}
END_TEST

START_TEST(one_host_by_name_same_rules)
{
	start(3);
	site.route.target = ROUTE_HOST;
	site.route.host = 1;
	for (int n = 0; n < 3; n++)
		ck_assert_str_eq(decide(n), "FILTER relay:[192.0.2.2]:587");
	ck_assert_uint_eq(decision.ncandidates, 1);
	ck_assert_uint_eq(hosts.list[1].selected, 3);
	tell(1, EVIDENCE_HARD, STAGE_TCP, 4);
	ck_assert_str_eq(decide(5), "FILTER relay:[192.0.2.2]:587");
	ck_assert_int_eq(decision.reason, REASON_LAST_RESORT);
	order(1, OPERATOR_DRAIN);
	ck_assert_str_eq(decide(6), "DUNNO");
	ck_assert_int_eq(decision.reason, REASON_NONE_HEALTHY);
	/* and it took no turn of the connector's members */
	site.route.target = ROUTE_CONNECTOR;
	decide(7);
	ck_assert_str_eq(names(), "ac");
}
END_TEST

/* --- homes --- */

static struct identity_user homed = { .user = "alice", .home = "c" };

static void
start_homes(void)
{
	start(3);
	site.connector.balance = BALANCE_AFFINITY;
	site.connector.default_home = "b";
	site.config.identities.users = &homed;
	site.config.identities.nusers = 1;
}

/* The reason of the first host in the list. */
static enum reason
why_first(void)
{
	for (size_t i = 0; i < decision.ncandidates; i++) {
		if (decision.candidates[i].position == 1)
			return decision.candidates[i].reason;
	}
	return REASON_COUNT;
}

START_TEST(seed_0_4_why_a_login_goes_there)
{
	start_homes();
	decide_as("alice", "a@example.com", 0, false);
	ck_assert_str_eq(names(), "cab");
	ck_assert_int_eq(why_first(), REASON_HOME);
	decide_as("bob", "a@example.com", 0, false);
	ck_assert_str_eq(names(), "bca");
	ck_assert_int_eq(why_first(), REASON_DEFAULT_HOME);
	ck_assert_str_eq(reason_row(REASON_DEFAULT_HOME)->text,
	    "no home, default used");
	/* a home of another connector is none here */
	homed.home = "elsewhere";
	decide_as("alice", "a@example.com", 0, false);
	ck_assert_int_eq(why_first(), REASON_DEFAULT_HOME);
	homed.home = "c";
	site.connector.default_home = "";
	decide_as("bob", "a@example.com", 0, false);
	ck_assert_int_eq(why_first(), REASON_CHOSEN);
	site.connector.prefer_home = false;
	decide_as("alice", "a@example.com", 0, false);
	ck_assert_int_eq(why_first(), REASON_CHOSEN);
}
END_TEST

/* Users that a client's network gave, and mail of nobody, are spread. */
START_TEST(seed_0_1_homes_are_for_logins)
{
	struct facts facts = { .listener = "default", .user = "alice",
		.by_network = true };

	start_homes();
	for (int i = 0; i < 300; i++)
		choose(&chooser, &site.config, &hosts,
		    route_find(&site.config, &facts), &facts, site_now(0),
		    false, &decision);
	for (int i = 0; i < 300; i++)
		decide_as(NULL, "a@example.com", 0, false);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(hosts.list[i].selected, 200);
}
END_TEST

/* A route to one host is no connector with homes. */
START_TEST(no_home_where_a_route_names_the_host)
{
	start_homes();
	site.route.target = ROUTE_HOST;
	site.route.host = 2;
	decide_as("alice", "a@example.com", 0, false);
	ck_assert_str_eq(names(), "c");
	ck_assert_int_eq(why_first(), REASON_CHOSEN);
}
END_TEST

/* A step's probe came as far as EHLO; what failed was AUTH. */
static void
grant_mail_trial(size_t host, int64_t at)
{
	struct evidence good = { .grade = EVIDENCE_GOOD,
		.source = EVIDENCE_TRIAL, .stage = STAGE_EHLO };

	host_address_on(&hosts, &hosts.list[host],
	    &hosts.list[host].addresses[0], &site.config.health, &good,
	    site_now(at));
}

START_TEST(a_mail_trial_is_first_once)
{
	start(3);
	tell(1, EVIDENCE_HARD, STAGE_AUTH, 1);
	decide(2);
	ck_assert_str_eq(names(), "ac");
	grant_mail_trial(1, 60);
	decide_as("alice", "a@example.com", 61, true);
	ck_assert_str_eq(names(), "bca");
	decide(61);
	ck_assert_str_eq(names(), "bca"); /* whole list behind it */
	ck_assert_str_eq(tag(1), "mail_trial");
	ck_assert_uint_eq(decision.candidates[1].position, 1);
	ck_assert_str_eq(tag(2), "chosen");
	decide(61);
	ck_assert_str_eq(names(), "ca"); /* and c's turn was not used up */
	ck_assert_uint_eq(hosts.list[1].selected, 1);
}
END_TEST

START_TEST(no_mail_trial_by_a_dearer_or_drained_host)
{
	start(3);
	site.members[1].cost = 20;
	site.members[2].cost = 20;
	tell(1, EVIDENCE_HARD, STAGE_AUTH, 1);
	grant_mail_trial(1, 60);
	decide(61);
	ck_assert_str_eq(names(), "ac");
	order(0, OPERATOR_DRAIN); /* now cost 20 is the one in use */
	order(1, OPERATOR_DRAIN);
	decide(62);
	ck_assert_str_eq(names(), "c");
	order(1, OPERATOR_NONE);
	decide(63);
	ck_assert_str_eq(names(), "bc");
	decide(64);
	ck_assert_str_eq(names(), "c");
}
END_TEST

START_TEST(dry_changes_nothing)
{
	struct balance_member memory[MEMBERS_MAX];

	start(3);
	tell(1, EVIDENCE_HARD, STAGE_AUTH, 1);
	grant_mail_trial(1, 60);
	memcpy(memory, chooser.memory[0], sizeof(memory));
	for (int n = 0; n < 10; n++)
		decide_as("alice", "a@example.com", 61, true);
	ck_assert_mem_eq(memory, chooser.memory[0], sizeof(memory));
	ck_assert(hosts.list[1].addresses[0].health.mail_trial);
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(hosts.list[i].selected, 0);
}
END_TEST

/* 64 hosts with names as long as they come: whole next hops, or none. */
START_TEST(a_long_list_ends_at_a_whole_hop)
{
	static char hop[300];
	size_t used;

	start(64);
	site.connector.failovers = 63;
	memset(hop, 'n', 250);
	memcpy(hop + 250, "]:587", 6);
	hop[0] = '[';
	for (size_t i = 0; i < 64; i++)
		site.hosts[i].nexthop = hop;
	decide(0);
	used = strlen(action);
	ck_assert_uint_lt(used, ACTION_TEXT_MAX);
	ck_assert_uint_gt(used, ACTION_TEXT_MAX - 300);
	ck_assert_str_eq(action + used - 5, "]:587");
	ck_assert_uint_eq(decision.nlist, 64);
}
END_TEST

START_TEST(connectors_keep_their_own_turns)
{
	struct connector two[2];
	struct route routes[2];

	start(2);
	chooser_clear(&chooser);
	two[0] = two[1] = site.connector;
	routes[0] = routes[1] = site.route;
	routes[0].user = (struct strings) { (const char *[]) { "bob" }, 1 };
	routes[1].connector = 1;
	site.config.connectors = two;
	site.config.nconnectors = 2;
	site.config.routes = routes;
	site.config.nroutes = 2;
	chooser_init(&chooser, &site.config);
	for (int n = 0; n < 4; n++) {
		decide_as("bob", "b@example.com", n, false);
		ck_assert_str_eq(names(), n % 2 == 0 ? "ab" : "ba");
		decide_as("alice", "a@example.com", n, false);
		ck_assert_str_eq(names(), n % 2 == 0 ? "ab" : "ba");
	}
}
END_TEST

/*
 * Hosts of which nothing is to be said are not asked again before something
 * changes (core/choose.h, calm). Each of these is such a change.
 */
static void
lose_addresses(void)
{
	struct evidence gone = site_evidence(EVIDENCE_HARD, STAGE_DNS);

	host_set_addresses(&hosts, &hosts.list[0], NULL, 0,
	    site_now(0).mono);
	host_address_on(&hosts, &hosts.list[0], &hosts.list[0].addresses[0],
	    &site.config.health, &gone, site_now(0));
}

static void
be_refused(void)
{
	tell(0, EVIDENCE_HARD, STAGE_TCP, 0);
}

static void
drain(void)
{
	order(0, OPERATOR_DRAIN);
}

static void
take_down(void)
{
	order(0, OPERATOR_DOWN);
}

static void
reload_with_rate(void)
{
	site.hosts[0].max_rate = (struct rate_spec) { 1, span_s(60) };
	hosts_reload(&hosts, &site.config, site_now(0).mono);
	host_selected(&hosts.list[0], site_now(0).mono);
}

static const struct {
	void (*happens)(void);
	const char *reason;
} changes[] = {
	{ lose_addresses, "unresolved" },
	{ be_refused, "unhealthy" },
	{ drain, "drained" },
	{ take_down, "down" },
	{ reload_with_rate, "over_capacity" },
};

START_TEST(a_change_is_seen_by_the_next_decision)
{
	start(2);
	for (int n = 0; n < 4; n++) {
		decide(0);
		ck_assert_uint_eq(decision.nlist, 2);
	}
	changes[_i].happens();
	for (int n = 0; n < 4; n++) {
		decide(0);
		ck_assert_str_eq(names(), "b");
		ck_assert_str_eq(tag(0), changes[_i].reason);
	}
}
END_TEST

/* Of so many messages, those that went to host a. */
static uint64_t
part_of_a(unsigned messages, int64_t at)
{
	uint64_t before = hosts.list[0].selected;

	for (unsigned n = 0; n < messages; n++)
		decide(at);
	return hosts.list[0].selected - before;
}

START_TEST(a_share_grows_with_time)
{
	start(2);
	site.config.health.slow_start = span_s(60);
	ck_assert_uint_eq(part_of_a(66, 0), 33);
	be_refused();
	tell(0, EVIDENCE_GOOD, STAGE_DATA, 0);
	ck_assert_uint_le(part_of_a(66, 0), 7); /* a tenth of its weight */
	ck_assert_uint_ge(part_of_a(66, 60), 33);
}
END_TEST

/* The exchanger that grows into its share is preferred from now on. */
START_TEST(a_share_follows_preference)
{
	struct evidence refused = site_evidence(EVIDENCE_HARD, STAGE_TCP);
	struct evidence sent = site_evidence(EVIDENCE_GOOD, STAGE_DATA);
	struct netaddr list[2];
	struct host *host;

	start(2);
	host = &hosts.list[0];
	site.config.health.slow_start = span_s(60);
	ck_assert_int_eq(netaddr_parse("198.51.100.1", &list[0]), 0);
	ck_assert_int_eq(netaddr_parse("198.51.100.2", &list[1]), 0);
	host_set_addresses(&hosts, host, list, 2, site_now(0).mono);
	host_set_exchanger(&hosts, host, &list[1], "mx2.example.net", 10);
	host_address_on(&hosts, host, &host->addresses[1],
	    &site.config.health, &refused, site_now(0));
	host_address_on(&hosts, host, &host->addresses[1],
	    &site.config.health, &sent, site_now(0));
	ck_assert_uint_eq(part_of_a(66, 0), 33);
	host_set_exchanger(&hosts, host, &list[0], "mx1.example.net", 20);
	ck_assert_uint_le(part_of_a(66, 0), 7);
}
END_TEST

/* Also one whose end was told to nobody, and when the clock is set back. */
START_TEST(an_order_goes_by_the_clock_alone)
{
	static const struct {
		int64_t at;
		size_t hosts;
	} told[] = { { 59, 1 }, { 60, 2 }, { 61, 2 }, { 30, 1 }, { 90, 2 } };
	struct facts facts = { .listener = "default" };

	start(2);
	host_set_order(&hosts, &hosts.list[0], OPERATOR_DRAIN,
	    site_now(60).wall, site_now(0));
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		struct now now = { site_now((int64_t)i).mono,
			site_now(told[i].at).wall };

		choose(&chooser, &site.config, &hosts, &site.route, &facts,
		    now, false, &decision);
		ck_assert_msg(decision.nlist == told[i].hosts, "at %d: %s",
		    (int)told[i].at, tag(0));
	}
}
END_TEST

START_TEST(a_rate_is_asked_each_time)
{
	start(2);
	site.hosts[0].max_rate = (struct rate_spec) { 2, span_s(60) };
	ck_assert_uint_eq(part_of_a(8, 0), 2);
	ck_assert_str_eq(tag(0), "over_capacity");
	ck_assert_uint_eq(part_of_a(8, 61), 2);
}
END_TEST

/* A connector built in, as by a route that leads there; also for one host. */
START_TEST(none_usable_and_no_smart_host_needed)
{
	static const enum none_healthy ways[] = { NONE_HEALTHY_DIRECT,
		NONE_HEALTHY_POSTFIX };
	static const char *const actions[] = { "FILTER smtp:", "DUNNO" };
	static const enum reason reasons[] = { REASON_ROUTE_DIRECT,
		REASON_ROUTE_POSTFIX };

	start(2);
	site.connector.none_healthy = ways[_i];
	site.route.target = ROUTE_HOST;
	tell(0, EVIDENCE_HARD, STAGE_TCP, 0);
	for (int turn = 0; turn < 2; turn++) {
		ck_assert_str_eq(decide(1), actions[_i]);
		ck_assert_int_eq(decision.reason, reasons[_i]);
		ck_assert_int_eq(decision.built_in, _i == 0 ? BUILT_IN_DIRECT
		                                            : BUILT_IN_POSTFIX);
		ck_assert_ptr_null(decision.connector);
		ck_assert_str_eq(tag(0), "unhealthy");
		site.route.target = ROUTE_CONNECTOR;
		order(1, OPERATOR_DRAIN);
	}
	ck_assert_str_eq(tag(1), "drained");
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("choose");
	TCase *tcase = tcase_create("choose");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, action_is_what_postfix_wants);
	tcase_add_test(tcase, seed_5_6_next_hops_stay_as_written);
	tcase_add_test(tcase, failovers_stand_in_cyclic_order);
	tcase_add_loop_test(tcase, members_and_their_reasons, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, all_sick_least_recently_failed_first);
	tcase_add_test(tcase, all_sick_each_in_its_turn);
	tcase_add_test(tcase, an_unresolved_host_is_never_named);
	tcase_add_test(tcase, a_host_whose_name_is_gone_is_no_last_resort);
	tcase_add_loop_test(tcase, seed_1_2_4_1_4_37_shares, 0, 3);
	tcase_add_test(tcase,
	    seed_1_8_1_26_standby_only_when_the_first_is_down);
	tcase_add_test(tcase, seed_4_4_half_each_at_once);
	tcase_add_test(tcase, members_weigh_what_the_connector_says);
	tcase_add_test(tcase, one_host_by_name_same_rules);
	tcase_add_test(tcase, seed_0_4_why_a_login_goes_there);
	tcase_add_test(tcase, seed_0_1_homes_are_for_logins);
	tcase_add_test(tcase, no_home_where_a_route_names_the_host);
	tcase_add_test(tcase, a_mail_trial_is_first_once);
	tcase_add_test(tcase, no_mail_trial_by_a_dearer_or_drained_host);
	tcase_add_test(tcase, dry_changes_nothing);
	tcase_add_test(tcase, a_long_list_ends_at_a_whole_hop);
	tcase_add_test(tcase, connectors_keep_their_own_turns);
	tcase_add_loop_test(tcase, a_change_is_seen_by_the_next_decision, 0,
	    sizeof(changes) / sizeof(changes[0]));
	tcase_add_test(tcase, a_share_grows_with_time);
	tcase_add_test(tcase, a_share_follows_preference);
	tcase_add_test(tcase, an_order_goes_by_the_clock_alone);
	tcase_add_test(tcase, a_rate_is_asked_each_time);
	tcase_add_loop_test(tcase, none_usable_and_no_smart_host_needed, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
