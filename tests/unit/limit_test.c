/* Throttles: who is counted, by what, and who is refused. */
#include "core/counter.h"
#include "core/limit.h"
#include "core/text.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

#define ROWS(list) (int)(sizeof(list) / sizeof((list)[0]))
#define RATE(n, s) { n, { (s) * SPAN_SECOND } }

static const uint8_t seed[16] = "0123456789abcde";
static struct limits *limits;
static struct events *events;
static struct config config;
static struct throttle rules[8];
static struct listener listeners[2];
static struct netblock exempt;
static struct receipts receipts;
static struct verdict verdict;

static struct now
at(double seconds)
{
	int64_t us = (int64_t)(seconds * 1e6);

	return (struct now) { { us }, { us + 1700000000000000 } };
}

static struct throttle
rule(const char *name, enum limit_by by, uint32_t limit, int64_t seconds)
{
	return (struct throttle) {
		.name = name,
		.what = LIMIT_RECIPIENTS,
		.by = { by },
		.nby = 1,
		.rates = { RATE(limit, seconds) },
		.nrates = 1,
		.action = ACTION_DEFER,
	};
}

static void
begin_with(uint32_t max_keys)
{
	limits_free(&limits);
	events_free(&events);
	events = events_new(64, NULL, NULL);
	limits = limits_new(max_keys, seed, events);
	memset(&config, 0, sizeof(config));
	receipts_clear(&receipts);
	memset(rules, 0, sizeof(rules));
	memset(listeners, 0, sizeof(listeners));
	listeners[0].name = "submission";
	listeners[1].name = "default";
	config.identities.recipient_delimiter = "+";
	config.listeners = listeners;
	config.nlisteners = 2;
	config.throttles = rules;
	config.nthrottles = 1;
	rules[0] = rule("per-user", LIMIT_BY_USER, 3, 60);
}

static void
begin(void)
{
	begin_with(1000);
}

static void
end(void)
{
	receipts_clear(&receipts);
	limits_free(&limits);
	events_free(&events);
}

static struct facts
facts_of(const char *user, const char *client)
{
	struct facts facts = { .listener = "submission", .user = user,
		.sender = "a@example.com" };

	if (client != NULL)
		(void)netaddr_parse(client, &facts.client);
	return facts;
}

static bool
charge(struct facts facts, double seconds)
{
	return limits_charge(limits, &config, &facts, LIMIT_RECIPIENTS, 1,
	    at(seconds), &receipts, &verdict);
}

static bool
by_user(const char *user, double seconds)
{
	return charge(facts_of(user, "192.0.2.1"), seconds);
}

static uint32_t
used(const char *name, const char *key, double seconds)
{
	struct limit_row row;

	return limits_find(limits, &config, name, key, at(seconds), &row) ?
	    row.used : 0;
}

static int
events_of(enum event_kind kind)
{
	const struct notice *notice;
	uint64_t after = 0;
	int n = 0;

	while ((notice = events_next(events, after)) != NULL) {
		after = notice->seq;
		n += notice->kind == kind;
	}
	return n;
}

static const char *
last_event(void)
{
	static char line[EVENT_LINE_MAX];

	return notice_format(events_next(events, events_last(events) - 1),
	    line);
}

/* --- what a refusal says --- */

START_TEST(limit_names_rule_key_limit_and_wait)
{
	struct reply reply;

	for (int i = 0; i < 3; i++)
		ck_assert(by_user("alice@example.com", 10 + i));
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert(!by_user("alice@example.com", 20));
	ck_assert_int_eq(verdict.action, ACTION_DEFER);
	ck_assert_int_eq(verdict.reason, REASON_LIMIT);
	ck_assert_str_eq(verdict.rule, "per-user");
	ck_assert_str_eq(verdict.key, "alice@example.com");
	ck_assert_int_eq(verdict.what, LIMIT_RECIPIENTS);
	ck_assert_uint_eq(verdict.used, 3);
	ck_assert_uint_eq(verdict.limit, 3);
	ck_assert_int_eq(verdict.period.us, 60 * SPAN_SECOND);
	ck_assert_int_eq(verdict.wait.us, 50 * SPAN_SECOND);
	verdict_reply(&verdict, &reply);
	ck_assert_ptr_nonnull(strstr(reply.text,
	    "limit per-user: 3 recipients/1m used, try again in 50 s (weir "));
	ck_assert(!by_user("alice@example.com", 69.999999));
	ck_assert(by_user("alice@example.com", 70));
	ck_assert(by_user("bob@example.com", 20));
}
END_TEST

START_TEST(limit_refs_are_six_digits_and_new_each_time)
{
	static bool seen[1 << 24];
	char ref[REF_MAX];
	unsigned code;

	for (int i = 0; i < 1 << 18; i++) {
		limits_ref(limits, ref);
		if (strlen(ref) != 6 ||
		    ref[strspn(ref, "0123456789ABCDEF")] != '\0' ||
		    sscanf(ref, "%6X", &code) != 1 || seen[code])
			ck_abort_msg("%s", ref);
		seen[code] = true;
	}
}
END_TEST

/* --- several rules --- */

START_TEST(limit_charges_all_rules_or_none)
{
	config.nthrottles = 3;
	rules[0] = rule("wide", LIMIT_BY_USER, 100, 60);
	rules[1] = rule("narrow", LIMIT_BY_CLIENT, 2, 60);
	rules[2] = rule("narrower", LIMIT_BY_SENDER, 2, 600);
	ck_assert(by_user("u", 0));
	ck_assert(by_user("u", 0));
	ck_assert(!by_user("u", 1));
	/* The first in file order; the wait is until all have room. */
	ck_assert_str_eq(verdict.rule, "narrow");
	ck_assert_int_eq(verdict.wait.us, 599 * SPAN_SECOND);
	ck_assert_uint_eq(used("wide", "u", 1), 2);
	ck_assert_uint_eq(used("narrow", "192.0.2.1", 1), 2);
	ck_assert(!by_user("u", 60));
	ck_assert_str_eq(verdict.rule, "narrower");
	ck_assert_uint_eq(used("narrow", "192.0.2.1", 60), 0);
}
END_TEST

START_TEST(limit_keeps_messages_and_recipients_apart)
{
	struct facts facts = facts_of("u", NULL);

	config.nthrottles = 2;
	rules[1] = rule("messages", LIMIT_BY_USER, 1, 60);
	rules[1].what = LIMIT_MESSAGES;
	ck_assert(limits_charge(limits, &config, &facts, LIMIT_MESSAGES, 1,
	    at(0), &receipts, &verdict));
	ck_assert(!limits_charge(limits, &config, &facts, LIMIT_MESSAGES, 1,
	    at(0), &receipts, &verdict));
	ck_assert_uint_eq(used("per-user", "u", 0), 0);
	ck_assert(by_user("u", 0));
	ck_assert_uint_eq(used("messages", "u", 0), 1);
}
END_TEST

START_TEST(limit_of_several_periods_holds_each)
{
	static const double passes[] = { 0, 1, 10, 11, 20, 3600, 3601 };
	static const double refused[] = { 2, 3, 12, 21, 30, 3599, 3602 };

	rules[0].nrates = 2;
	rules[0].rates[0] = (struct rate_spec) RATE(2, 10);
	rules[0].rates[1] = (struct rate_spec) RATE(5, 3600);
	for (int i = 0, j = 0; i < ROWS(passes); i++) {
		while (j < ROWS(refused) && refused[j] < passes[i]) {
			ck_assert_msg(!by_user("u", refused[j]), "%f",
			    refused[j]);
			j++;
		}
		ck_assert_msg(by_user("u", passes[i]), "%f", passes[i]);
	}
	ck_assert(!by_user("u", 3602));
	ck_assert_int_eq(verdict.period.us, 10 * SPAN_SECOND);
	ck_assert_int_eq(verdict.wait.us, 8 * SPAN_SECOND);
}
END_TEST

/* --- actions and events --- */

START_TEST(limit_observed_counts_and_never_refuses)
{
	rules[0].action = ACTION_OBSERVE;
	for (int i = 0; i < 50; i++)
		ck_assert(by_user("u", 1));
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert_uint_eq(used("per-user", "u", 1), 50);
	ck_assert_int_eq(events_of(EVENT_LIMIT_OBSERVED), 1);
	ck_assert_int_eq(events_of(EVENT_LIMIT_REACHED), 0);
	ck_assert(by_user("u", 61.5));
	ck_assert_int_eq(events_of(EVENT_LIMIT_OBSERVED), 2);
	ck_assert(by_user("v", 61.5));
	ck_assert_int_eq(events_of(EVENT_LIMIT_OBSERVED), 2);
	ck_assert_str_eq(last_event(), "event=LimitObserved rule=per-user "
	    "key=u what=recipients used=50 limit=3 period=1m wait=1 "
	    "user=u repeats=46");
}
END_TEST

/* An observed rule counts what passes: not what another rule refuses. */
START_TEST(limit_observed_beside_a_refusal_is_not_charged)
{
	config.nthrottles = 2;
	rules[1] = rule("watch", LIMIT_BY_USER, 1, 60);
	rules[1].action = ACTION_OBSERVE;
	for (int i = 0; i < 10; i++)
		(void)by_user("u", 0);
	ck_assert_uint_eq(used("watch", "u", 0), 3);
}
END_TEST

START_TEST(limit_reached_is_told_once_a_period)
{
	char want[200];

	for (int i = 0; i < 10; i++)
		(void)by_user("u", 5);
	ck_assert_int_eq(events_of(EVENT_LIMIT_REACHED), 1);
	for (int i = 0; i < 10; i++)
		(void)by_user("v", 5);
	ck_assert_int_eq(events_of(EVENT_LIMIT_REACHED), 2);
	for (int i = 0; i < 4; i++)
		(void)by_user("u", 65 + i / 10.0);
	(void)snprintf(want, sizeof(want), "event=LimitReached rule=per-user "
	    "key=u what=recipients used=3 limit=3 period=1m wait=60 ref=%s "
	    "user=u repeats=6", verdict.ref);
	ck_assert_int_eq(events_of(EVENT_LIMIT_REACHED), 3);
	ck_assert_str_eq(last_event(), want);
}
END_TEST

START_TEST(limit_events_name_whose_message_it_was)
{
	struct facts facts = facts_of("u", "192.0.2.1");

	facts.queue_id = "4jY54H2Vzjz1c6Kn";
	for (int i = 0; i < 4; i++)
		(void)charge(facts, 5);
	ck_assert_ptr_nonnull(strstr(last_event(),
	    " user=u queue_id=4jY54H2Vzjz1c6Kn"));
}
END_TEST

START_TEST(limit_key_in_an_event_is_escaped)
{
	for (int i = 0; i < 4; i++)
		(void)by_user("e\"\n\x1b[2J\xE2\x80\xAE", 5);
	ck_assert_ptr_nonnull(strstr(last_event(),
	    "key=e\\x22\\x0A\\x1B[2J\\xE2\\x80\\xAE "));
}
END_TEST

START_TEST(limit_action_is_the_rules)
{
	static const enum action actions[] = { ACTION_DEFER, ACTION_REJECT,
		ACTION_DISCONNECT };

	rules[0].action = actions[_i];
	for (int i = 0; i < 3; i++)
		ck_assert(by_user("u", 0));
	ck_assert(!by_user("u", 0));
	ck_assert_int_eq(verdict.action, actions[_i]);
}
END_TEST

/* --- keys --- */

static const struct {
	enum limit_by by[3];
	unsigned nby;
	const char *user, *client, *sender, *recipient;
	const char *key; /* NULL: the rule is skipped */
} keys[] = {
	{ { LIMIT_BY_USER }, 1, "al", "192.0.2.1", "s@x", NULL, "al" },
	{ { LIMIT_BY_USER }, 1, NULL, "192.0.2.1", "s@x", NULL, NULL },
	{ { LIMIT_BY_CLIENT }, 1, NULL, "192.0.2.1", NULL, NULL, "192.0.2.1" },
	{ { LIMIT_BY_CLIENT }, 1, NULL, "::ffff:192.0.2.1", NULL, NULL,
	    "192.0.2.1" },
	{ { LIMIT_BY_CLIENT }, 1, NULL, "2001:db8:1:2:3:4:5:6", NULL, NULL,
	    "2001:db8:1:2::/64" },
	{ { LIMIT_BY_CLIENT }, 1, NULL, "2001:db8:1:2::9", NULL, NULL,
	    "2001:db8:1:2::/64" },
	{ { LIMIT_BY_CLIENT }, 1, "al", NULL, "s@x", NULL, NULL },
	{ { LIMIT_BY_SENDER }, 1, NULL, NULL, "s@x", NULL, "s@x" },
	{ { LIMIT_BY_SENDER }, 1, NULL, NULL, "s+1@x", NULL, "s@x" },
	{ { LIMIT_BY_SENDER, LIMIT_BY_USER }, 2, "al", NULL, "s+|@x", NULL,
	    "s@x|al" },
	{ { LIMIT_BY_SENDER }, 1, NULL, NULL, "+s@x", NULL, "+s@x" },
	{ { LIMIT_BY_SENDER }, 1, NULL, NULL, "", NULL, "<>" },
	{ { LIMIT_BY_SENDER }, 1, NULL, NULL, NULL, NULL, NULL },
	{ { LIMIT_BY_LISTENER }, 1, NULL, NULL, NULL, NULL, "submission" },
	{ { LIMIT_BY_USER, LIMIT_BY_CLIENT }, 2, "al", "192.0.2.1", "s@x", NULL,
	    "al|192.0.2.1" },
	{ { LIMIT_BY_CLIENT, LIMIT_BY_LISTENER, LIMIT_BY_USER }, 3, "al",
	    "192.0.2.1", "s@x", NULL, "192.0.2.1|submission|al" },
	{ { LIMIT_BY_USER, LIMIT_BY_CLIENT }, 2, "al", NULL, "s@x", NULL,
	    NULL },
	{ { LIMIT_BY_SENDER, LIMIT_BY_USER }, 2, "al|b", NULL, "a\\|b@x", NULL,
	    "a\\x5C\\x7Cb@x|al\\x7Cb" },
	{ { LIMIT_BY_SENDER }, 1, NULL, NULL, "a|b@x", NULL, "a|b@x" },
	{ { LIMIT_BY_SENDER_DOMAIN }, 1, NULL, NULL, "s+1@x.example", NULL,
	    "x.example" },
	{ { LIMIT_BY_SENDER_DOMAIN }, 1, NULL, NULL, "", NULL, "<>" },
	{ { LIMIT_BY_SENDER_DOMAIN }, 1, NULL, NULL, "root", NULL, "(none)" },
	{ { LIMIT_BY_SENDER_DOMAIN }, 1, NULL, NULL, "root@", NULL,
	    "(none)" },
	{ { LIMIT_BY_SENDER_DOMAIN }, 1, NULL, NULL, NULL, NULL, NULL },
	{ { LIMIT_BY_RECIPIENT_DOMAIN }, 1, NULL, NULL, "s@x", "r@y.example",
	    "y.example" },
	{ { LIMIT_BY_RECIPIENT_DOMAIN }, 1, NULL, NULL, "s@x", "r", "(none)" },
	{ { LIMIT_BY_RECIPIENT_DOMAIN }, 1, NULL, NULL, "s@x", NULL, NULL },
	{ { LIMIT_BY_USER, LIMIT_BY_RECIPIENT_DOMAIN }, 2, "al", NULL, "s@x",
	    "r@y.example", "al|y.example" },
	{ { LIMIT_BY_USER }, 1, "", NULL, "s@x", NULL, NULL },
};

START_TEST(limit_key_is_canonical)
{
	struct facts facts = facts_of(keys[_i].user, keys[_i].client);

	facts.sender = keys[_i].sender;
	facts.recipient = keys[_i].recipient;
	memcpy(rules[0].by, keys[_i].by, sizeof(keys[_i].by));
	rules[0].nby = keys[_i].nby;
	for (int i = 0; i < 4; i++)
		ck_assert(charge(facts, 0) ==
		    (keys[_i].key == NULL || i < 3));
	if (keys[_i].key != NULL) {
		ck_assert_str_eq(verdict.key, keys[_i].key);
		ck_assert_uint_eq(used("per-user", keys[_i].key, 0), 3);
	} else {
		ck_assert_uint_eq(limits_count(limits), 0);
	}
}
END_TEST

START_TEST(limit_key_too_long_ends_in_its_hash)
{
	char user[LOGIN_MAX + 1], sender[ADDRESS_MAX + 1], first[LIMIT_KEY_MAX];
	struct facts facts = facts_of(user, NULL);

	memset(user, 'u', LOGIN_MAX);
	user[LOGIN_MAX] = '\0';
	memset(sender, 's', ADDRESS_MAX);
	sender[ADDRESS_MAX] = '\0';
	facts.sender = sender;
	rules[0].by[1] = LIMIT_BY_SENDER;
	rules[0].nby = 2;
	rules[0].rates[0].limit = 1;
	ck_assert(charge(facts, 0));
	ck_assert(!charge(facts, 0));
	ck_assert_uint_eq(strlen(verdict.key), LIMIT_KEY_MAX - 1);
	ck_assert_int_eq(verdict.key[LIMIT_KEY_MAX - 18], '~');
	(void)text_copy(first, sizeof(first), verdict.key);
	/* The difference lies behind the cut. */
	sender[ADDRESS_MAX - 1] = 't';
	ck_assert(charge(facts, 0));
	ck_assert(!charge(facts, 0));
	ck_assert_str_ne(verdict.key, first);
	/* Every byte escaped, and four parts: still within its bounds. */
	memset(user, '|', LOGIN_MAX);
	memset(sender, '\\', ADDRESS_MAX);
	(void)netaddr_parse("2001:db8:1111:2222::1", &facts.client);
	rules[0].by[2] = LIMIT_BY_CLIENT;
	rules[0].by[3] = LIMIT_BY_LISTENER;
	rules[0].nby = 4;
	ck_assert(charge(facts, 0));
	ck_assert(!charge(facts, 0));
}
END_TEST

/* --- conditions --- */

/* How a rule takes a session: not at all, counted only, or refusing too. */
enum taken { NOT, COUNTED, HELD };

static struct netblock
block(const char *text)
{
	struct netblock out;

	ck_assert_int_eq(netblock_parse(text, &out), 0);
	return out;
}

static const struct {
	const char *users, *except_users, *clients, *except_clients,
	    *listeners;
	const char *user, *client;
	enum taken taken;
} conditions[] = {
	{ NULL, NULL, NULL, NULL, NULL, "al", "192.0.2.1", HELD },
	{ "a*", NULL, NULL, NULL, NULL, "al", "192.0.2.1", HELD },
	{ "a*", NULL, NULL, NULL, NULL, "bo", "192.0.2.1", NOT },
	{ "a*", NULL, NULL, NULL, NULL, NULL, "192.0.2.1", NOT },
	{ NULL, "app-*", NULL, NULL, NULL, "app-1", "192.0.2.1", COUNTED },
	{ NULL, "app-*", NULL, NULL, NULL, "al", "192.0.2.1", HELD },
	{ NULL, "app-*", NULL, NULL, NULL, NULL, "192.0.2.1", HELD },
	{ "a*", "al*", NULL, NULL, NULL, "alice", "192.0.2.1", COUNTED },
	{ NULL, NULL, "192.0.2.0/24", NULL, NULL, "al", "192.0.2.1", HELD },
	{ NULL, NULL, "192.0.2.0/24", NULL, NULL, "al", "198.51.100.1",
	    NOT },
	{ NULL, NULL, "192.0.2.0/24", NULL, NULL, "al", NULL, NOT },
	{ NULL, NULL, NULL, "192.0.2.0/24", NULL, "al", "192.0.2.1",
	    COUNTED },
	{ NULL, NULL, NULL, "192.0.2.0/24", NULL, "al", "2001:db8::1",
	    HELD },
	{ NULL, NULL, NULL, "192.0.2.0/24", NULL, "al", NULL, HELD },
	{ NULL, NULL, NULL, NULL, "submission", "al", NULL, HELD },
	{ NULL, NULL, NULL, NULL, "default", "al", NULL, NOT },
	{ "al", NULL, "192.0.2.0/24", NULL, "submission", "al", "192.0.2.9",
	    HELD },
	{ "al", NULL, "192.0.2.0/24", NULL, "default", "al", "192.0.2.9",
	    NOT },
};

static void
set_one(struct strings *strings, const char **text)
{
	strings->list = text;
	strings->count = *text != NULL;
}

static void
set_block(struct netblocks *blocks, struct netblock *one, const char *text)
{
	if (text == NULL)
		return;
	*one = block(text);
	blocks->list = one;
	blocks->count = 1;
}

START_TEST(limit_applies_to_whom_it_says)
{
	const char *users = conditions[_i].users;
	const char *except_users = conditions[_i].except_users;
	const char *names = conditions[_i].listeners;
	struct netblock clients, except_clients;

	rules[0].by[0] = LIMIT_BY_LISTENER;
	set_one(&rules[0].users, &users);
	set_one(&rules[0].except_users, &except_users);
	set_one(&rules[0].listeners, &names);
	set_block(&rules[0].clients, &clients, conditions[_i].clients);
	set_block(&rules[0].except_clients, &except_clients,
	    conditions[_i].except_clients);
	rules[0].rates[0].limit = 1;
	for (int i = 0; i < 3; i++)
		ck_assert(charge(facts_of(conditions[_i].user,
		    conditions[_i].client), 0) ==
		    (i == 0 || conditions[_i].taken != HELD));
	ck_assert_uint_eq(used("per-user", "submission", 0),
	    conditions[_i].taken == NOT ? 0 :
	    conditions[_i].taken == COUNTED ? 3 : 1);
}
END_TEST

START_TEST(limit_exempt_clients_are_free_of_rules_by_client_alone)
{
	struct facts facts = facts_of("al", "192.0.2.1");

	exempt = block("192.0.2.0/24");
	listeners[0].exempt_clients.list = &exempt;
	listeners[0].exempt_clients.count = 1;
	config.nthrottles = 3;
	rules[0] = rule("client", LIMIT_BY_CLIENT, 1, 60);
	rules[1] = rule("user", LIMIT_BY_USER, 3, 60);
	rules[2] = rule("both", LIMIT_BY_CLIENT, 9, 60);
	rules[2].by[rules[2].nby++] = LIMIT_BY_USER;
	for (int i = 0; i < 3; i++)
		ck_assert(charge(facts, 0));
	ck_assert(!charge(facts, 0));
	ck_assert_str_eq(verdict.rule, "user");
	ck_assert_uint_eq(used("both", "192.0.2.1|al", 0), 3);
	/* Counted all the same, which those find who are not exempt. */
	ck_assert_uint_eq(used("client", "192.0.2.1", 0), 3);
	facts.listener = "default"; /* which exempts nobody */
	facts.user = "bo";
	ck_assert(!charge(facts, 0));
	ck_assert_str_eq(verdict.rule, "client");
	ck_assert(charge(facts, 60));
	ck_assert(!charge(facts, 60));
}
END_TEST

/* --- giving back --- */

START_TEST(limit_gives_back_all_of_a_message)
{
	struct facts facts = facts_of("u", "192.0.2.1");

	config.nthrottles = 2;
	rules[0].rates[0].limit = 100;
	rules[0].rates[1] = (struct rate_spec) RATE(10, 3600);
	rules[0].nrates = 2;
	rules[1] = rule("client", LIMIT_BY_CLIENT, 7, 60);
	ck_assert(charge(facts, 0));
	receipts_clear(&receipts);
	for (int i = 0; i < 6; i++)
		ck_assert(charge(facts, 1));
	ck_assert(!charge(facts, 1));
	/* Merged: one for each rule and period, however many recipients. */
	ck_assert_uint_eq(receipts.count, 3);
	limits_give_back(limits, &receipts, at(2));
	ck_assert_uint_eq(receipts.count, 0);
	ck_assert_uint_eq(used("per-user", "u", 2), 1);
	ck_assert_uint_eq(used("client", "192.0.2.1", 2), 1);
	limits_give_back(limits, &receipts, at(2));
	ck_assert_uint_eq(used("per-user", "u", 2), 1);
	for (int i = 0; i < 6; i++)
		ck_assert(charge(facts, 2));
}
END_TEST

/* Limits in single times and in parts, alone and several periods at once. */
static const struct many {
	uint32_t limits[2]; /* a period of an hour, and of a day */
	unsigned recipients;
	double apart; /* in seconds */
} manies[] = {
	{ { 32, 30 }, 30, 0.013 }, /* single times */
	{ { 200, 1000 }, 100, 0.013 },
	{ { 1000, 1000 }, 200, 0.001 },
	{ { 3000, 32 }, 32, 1 }, /* one of either form */
	{ { 3000, 3000 }, 3000, 0.1 },
	{ { 2000, 2000 }, 1000, 3 }, /* longer than a few parts */
	{ { 100000, 100000 }, 7000, 1 }, /* and than the period */
};

START_TEST(limit_gives_back_all_recipients)
{
	const struct many *many = &manies[_i];
	struct facts facts = facts_of("u", "192.0.2.1");
	double last = many->recipients * many->apart;

	config.nthrottles = 2;
	rules[0].rates[0] = (struct rate_spec) RATE(many->limits[0], 3600);
	rules[0].rates[1] = (struct rate_spec) RATE(many->limits[1], 86400);
	rules[0].nrates = 2;
	rules[1] = rule("client", LIMIT_BY_CLIENT, 100000, 60);
	for (unsigned i = 0; i < many->recipients; i++)
		ck_assert(charge(facts, i * many->apart));
	/* not one for each: what is gone needs none */
	ck_assert_uint_le(receipts.count, 4 * 3 * (RATE_SLOTS + 1));
	limits_give_back(limits, &receipts, at(last));
	ck_assert_uint_eq(used("per-user", "u", last), 0);
	ck_assert_uint_eq(used("client", "192.0.2.1", last), 0);
}
END_TEST

/* Each recipient has a counter of its own. */
START_TEST(limit_gives_back_to_each_domain)
{
	struct facts facts = facts_of("u", "192.0.2.1");
	char recipient[32];

	begin_with(10000);
	config.nthrottles = 2;
	rules[0] = rule("domain", LIMIT_BY_RECIPIENT_DOMAIN, 5, 60);
	rules[0].rates[1] = (struct rate_spec) RATE(50, 3600);
	rules[0].nrates = 2;
	rules[1] = rule("per-user", LIMIT_BY_USER, 5000, 60);
	facts.recipient = recipient;
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(recipient, sizeof(recipient), "a@d%d.example",
		    i);
		ck_assert(charge(facts, i / 100.0));
	}
	limits_give_back(limits, &receipts, at(10));
	ck_assert_uint_eq(used("domain", "d0.example", 10), 0);
	ck_assert_uint_eq(used("domain", "d500.example", 10), 0);
	ck_assert_uint_eq(used("domain", "d999.example", 10), 0);
	ck_assert_uint_eq(used("per-user", "u", 10), 0);
}
END_TEST

/* Beyond the bound the rest stays charged, and nobody gets more than his. */
START_TEST(limit_gives_back_only_so_much)
{
	struct facts facts = facts_of("u", "192.0.2.1");
	char recipient[32];

	begin_with(2 * RECEIPTS_MAX);
	rules[0] = rule("domain", LIMIT_BY_RECIPIENT_DOMAIN, 1, 60);
	facts.recipient = recipient;
	for (int i = 0; i <= RECEIPTS_MAX; i++) {
		(void)snprintf(recipient, sizeof(recipient), "a@d%d.example",
		    i);
		if (!charge(facts, 0))
			ck_abort();
	}
	ck_assert_uint_eq(receipts.count, RECEIPTS_MAX);
	limits_give_back(limits, &receipts, at(1));
	ck_assert_uint_eq(used("domain", "d0.example", 1), 0);
	(void)snprintf(recipient, sizeof(recipient), "d%d.example",
	    RECEIPTS_MAX - 1);
	ck_assert_uint_eq(used("domain", recipient, 1), 0);
	(void)snprintf(recipient, sizeof(recipient), "d%d.example",
	    RECEIPTS_MAX);
	ck_assert_uint_eq(used("domain", recipient, 1), 1);
}
END_TEST

/* --- the bound --- */

static void
flood(int from, int count, double seconds)
{
	char name[32];

	for (int i = from; i < from + count; i++) {
		(void)snprintf(name, sizeof(name), "flood-%d", i);
		(void)by_user(name, seconds);
	}
}

START_TEST(limit_flood_frees_nobody_and_is_bounded)
{
	begin_with(100);
	for (int i = 0; i < 3; i++)
		ck_assert(by_user("full", 0));
	ck_assert(by_user("used", 0));
	flood(0, 20000, 1);
	ck_assert_uint_eq(limits_count(limits), 100);
	ck_assert(!by_user("full", 2));
	ck_assert_uint_eq(used("per-user", "used", 2), 1);
	/* Those without a counter of their own share one, limited too. */
	ck_assert(!by_user("new", 2));
	ck_assert_str_eq(verdict.key, LIMIT_KEY_SHARED);
	ck_assert_uint_eq(used("per-user", LIMIT_KEY_SHARED, 2), 3);
	/* Idle ones make room again. */
	ck_assert(by_user("new", 62));
	ck_assert_uint_eq(used("per-user", "new", 62), 1);
	ck_assert_uint_eq(limits_count(limits), 100);
}
END_TEST

/* Limit 3; what was used in a crowd counts when there is room again. */
START_TEST(limit_own_counter_begins_with_the_shared_one)
{
	begin_with(1);
	ck_assert(by_user("one", 0));
	for (int i = 0; i < 2; i++)
		ck_assert(by_user("two", 30));
	ck_assert(by_user("two", 61));
	ck_assert_uint_eq(used("per-user", "two", 61), 3);
	ck_assert(!by_user("two", 62));
	ck_assert(!by_user("two", 63));
	/* all of the crowd's is out of the window, and one of his own is not */
	ck_assert(by_user("two", 91));
	ck_assert_uint_eq(used("per-user", "two", 91), 2);
}
END_TEST

/* Also where the first thing he is told is no. */
START_TEST(limit_own_counter_begins_full)
{
	begin_with(1);
	ck_assert(by_user("one", 0));
	for (int i = 0; i < 3; i++)
		ck_assert(by_user("two", 30));
	ck_assert(!by_user("three", 61));
	ck_assert_str_eq(verdict.key, "three");
	ck_assert(!by_user("three", 62));
	ck_assert(by_user("three", 91));
}
END_TEST

START_TEST(limit_shared_counter_is_given_back_to)
{
	begin_with(1);
	ck_assert(by_user("one", 0));
	receipts_clear(&receipts);
	for (int i = 0; i < 3; i++)
		ck_assert(by_user("two", 0));
	ck_assert(!by_user("three", 0));
	limits_give_back(limits, &receipts, at(1));
	for (int i = 0; i < 3; i++)
		ck_assert(by_user("three", 1));
	ck_assert(!by_user("two", 1));
}
END_TEST

/* With a table smaller than the rules, a request does not lose its own. */
START_TEST(limit_counters_in_use_do_not_make_room)
{
	begin_with(2);
	config.nthrottles = 4;
	rules[0] = rule("a", LIMIT_BY_USER, 9, 60);
	rules[1] = rule("b", LIMIT_BY_USER, 9, 60);
	rules[2] = rule("c", LIMIT_BY_USER, 9, 60);
	rules[3] = rule("d", LIMIT_BY_USER, 9, 60);
	for (int i = 0; i < 9; i++)
		ck_assert(by_user("u", 0));
	ck_assert(!by_user("u", 0));
	ck_assert_str_eq(verdict.rule, "a");
	ck_assert_uint_eq(used("b", "u", 0), 9);
	ck_assert_uint_eq(used("c", LIMIT_KEY_SHARED, 0), 9);
	ck_assert_uint_eq(limits_count(limits), 2);
}
END_TEST

/* --- shown --- */

struct shown {
	int rows;
	uint32_t used;
	char last[LIMIT_KEY_MAX];
};

static void
show(void *ctx, const struct limit_row *row)
{
	struct shown *shown = ctx;

	shown->rows++;
	shown->used += row->used;
	(void)text_copy(shown->last, sizeof(shown->last), row->key);
}

static struct shown
walk(double seconds, size_t budget)
{
	struct shown shown = { 0 };
	uint64_t cursor = 0;

	do
		limits_walk(limits, &config, at(seconds), &cursor, budget,
		    show, &shown);
	while (cursor != 0);
	return shown;
}

START_TEST(limit_walk_shows_each_once)
{
	struct shown shown;

	flood(0, 500, 0);
	flood(0, 250, 30);
	for (size_t budget = 1; budget < 2000; budget *= 7) {
		shown = walk(30, budget);
		ck_assert_int_eq(shown.rows, 500);
		ck_assert_uint_eq(shown.used, 750);
	}
	shown = walk(61, 100); /* idle ones are passed over, and kept */
	ck_assert_int_eq(shown.rows, 250);
	ck_assert_uint_eq(limits_count(limits), 500);
}
END_TEST

/* A reload may take a rule out, and the next one bring it back. */
START_TEST(limit_walk_takes_nothing_from_a_rule_that_is_away)
{
	size_t nthrottles = config.nthrottles;

	flood(0, 500, 0);
	config.nthrottles = 0;
	ck_assert_int_eq(walk(1, 100).rows, 0);
	config.nthrottles = nthrottles;
	ck_assert_int_eq(walk(1, 100).rows, 500);
}
END_TEST

START_TEST(limit_find_shows_the_period_nearest_its_end)
{
	struct limit_row row;

	rules[0].nrates = 2;
	rules[0].rates[1] = (struct rate_spec) RATE(100, 3600);
	ck_assert(by_user("u", 0));
	ck_assert(by_user("u", 30));
	ck_assert(limits_find(limits, &config, "per-user", "u", at(40), &row));
	ck_assert_str_eq(row.rule, "per-user");
	ck_assert_str_eq(row.key, "u");
	ck_assert_uint_eq(row.used, 2);
	ck_assert_uint_eq(row.rate.limit, 3);
	ck_assert_int_eq(row.resets_in.us, 50 * SPAN_SECOND);
	ck_assert(limits_find(limits, &config, "per-user", "u", at(100),
	    &row));
	ck_assert_uint_eq(row.rate.limit, 100);
	ck_assert(!limits_find(limits, &config, "per-user", "u", at(9999),
	    &row));
	ck_assert(!limits_find(limits, &config, "per-user", "v", at(40),
	    &row));
	ck_assert(!limits_find(limits, &config, "gone", "u", at(40), &row));
}
END_TEST

START_TEST(limit_explain_charges_nothing)
{
	struct limit_view list[4];
	struct facts facts = facts_of("u", "192.0.2.1");

	config.nthrottles = 3;
	rules[1] = rule("watch", LIMIT_BY_CLIENT, 1, 60);
	rules[1].action = ACTION_OBSERVE;
	rules[2] = rule("messages", LIMIT_BY_USER, 1, 60);
	rules[2].what = LIMIT_MESSAGES;
	ck_assert(charge(facts, 0));
	for (int i = 0; i < 5; i++)
		ck_assert_uint_eq(limits_explain(limits, &config, &facts,
		    1U << LIMIT_RECIPIENTS, at(10), list, 4), 2);
	ck_assert_str_eq(list[0].verdict.rule, "per-user");
	ck_assert_int_eq(list[0].verdict.action, ACTION_ACCEPT);
	ck_assert_uint_eq(list[0].verdict.used, 1);
	ck_assert_uint_eq(list[0].verdict.limit, 3);
	ck_assert_int_eq(list[1].verdict.action, ACTION_OBSERVE);
	ck_assert_int_eq(list[1].verdict.wait.us, 50 * SPAN_SECOND);
	ck_assert_uint_eq(limits_explain(limits, &config, &facts,
	    1U << LIMIT_RECIPIENTS, at(10), list, 1), 1);
	facts.user = "new";
	(void)limits_explain(limits, &config, &facts, 1U << LIMIT_RECIPIENTS,
	    at(10), list, 4);
	ck_assert_uint_eq(list[0].verdict.used, 0);
	ck_assert_uint_eq(limits_count(limits), 2);
}
END_TEST

/* --- reload --- */

START_TEST(limit_reload_keeps_what_was_used)
{
	for (int i = 0; i < 3; i++)
		ck_assert(by_user("u", i));
	ck_assert(!by_user("u", 3));
	rules[0].rates[0].limit = 5; /* raised */
	ck_assert(by_user("u", 3));
	ck_assert(by_user("u", 3));
	ck_assert(!by_user("u", 3));
	rules[0].rates[0].limit = 1; /* lowered */
	ck_assert(!by_user("u", 60.5));
	ck_assert_uint_eq(verdict.used, 4);
	rules[0].rates[0] = (struct rate_spec) RATE(5, 3600); /* longer */
	ck_assert(by_user("u", 60.5));
	ck_assert(!by_user("u", 61));
	ck_assert_uint_eq(verdict.used, 5);
	rules[0].rates[0] = (struct rate_spec) RATE(2, 10); /* shorter */
	ck_assert(by_user("u", 61));
	ck_assert(!by_user("u", 61));
	ck_assert_int_eq(verdict.wait.us, 9500000);
	rules[0].rates[1] = (struct rate_spec) RATE(100, 60); /* and more */
	rules[0].nrates = 2;
	ck_assert(by_user("u", 72));
	ck_assert_uint_eq(walk(72, 100).rows, 2);
}
END_TEST

static void
add(const char *rule_name, const char *key, uint64_t cost, int64_t age)
{
	struct claim claim = { .cost = cost };

	limits_add(limits, &config, rule_name, key, &claim, span_s(age),
	    at(151));
}

START_TEST(limit_adds_what_was_counted_elsewhere)
{
	struct claim two = { .cost = 2 };

	limits_add(limits, &config, "per-user", "u", &two, span_s(10),
	    at(100));
	ck_assert(by_user("u", 100));
	ck_assert(!by_user("u", 149));
	ck_assert(by_user("u", 150));
	add("per-user", "u", 100, 61);
	ck_assert_uint_eq(used("per-user", "u", 151), 2);
	add("per-user", "u", 100, -5);
	ck_assert_uint_eq(used("per-user", "u", 151), 102);
	add("gone", "u", 2, 1);
	add("per-user", "", 2, 1);
	ck_assert_uint_eq(limits_count(limits), 1);
}
END_TEST

/* --- the store --- */

enum { RECORDS = 1200 };

static struct record {
	char rule[NAME_MAX_LEN + 1];
	char key[LIMIT_KEY_MAX];
	unsigned char bytes[COUNTER_BYTES_MAX];
	size_t len;
} records[RECORDS];
static int nrecords;

static void
keep(void *ctx, const char *name, const char *key, const void *bytes,
    size_t len)
{
	struct record *record = &records[nrecords++];

	(void)ctx;
	ck_assert_int_le(nrecords, RECORDS);
	ck_assert_uint_le(len, sizeof(record->bytes));
	(void)text_copy(record->rule, sizeof(record->rule), name);
	(void)text_copy(record->key, sizeof(record->key), key);
	if (len > 0)
		memcpy(record->bytes, bytes, len);
	record->len = len;
}

static int
dump(size_t budget)
{
	nrecords = 0;
	while (limits_dump(limits, budget, keep, NULL))
		;
	return nrecords;
}

static int
load(double shift, double seconds)
{
	int loaded = 0;

	limits_free(&limits);
	limits = limits_new(1000, seed, events);
	for (int i = 0; i < nrecords; i++)
		loaded += limits_load(limits, &config, records[i].rule,
		    records[i].key, records[i].bytes, records[i].len,
		    span_us((int64_t)(shift * 1e6)), at(seconds)) == 0;
	return loaded;
}

START_TEST(limit_dump_hands_out_each_change_once)
{
	ck_assert_int_eq(dump(10), 0);
	flood(0, 900, 0);
	ck_assert_int_eq(dump(10), 900);
	ck_assert_int_eq(dump(10), 0);
	flood(7, 2, 1);
	ck_assert_int_eq(dump(10), 2);
	flood(0, 900, 1);
	nrecords = 0;
	ck_assert(limits_dump(limits, 100, keep, NULL));
	ck_assert_int_ge(nrecords, 90);
	ck_assert_int_le(nrecords, 200);
}
END_TEST

START_TEST(limit_touch_hands_out_all_again)
{
	uint64_t cursor = 0;
	unsigned calls = 0;

	flood(0, 900, 0);
	ck_assert_int_eq(dump(10), 900);
	do {
		limits_touch(limits, &cursor, 100);
		calls++;
	} while (cursor != 0);
	ck_assert_uint_gt(calls, 1);
	ck_assert_int_eq(dump(10), 900);
	ck_assert_int_eq(dump(10), 0);
}
END_TEST

/* Times within one boot, limits that use single times and parts. */
static const uint32_t dumped[] = { 3, 100 };

START_TEST(limit_load_within_a_boot_loses_nothing)
{
	uint32_t limit = dumped[_i];

	rules[0].rates[0].limit = limit;
	rules[0].rates[1] = (struct rate_spec) RATE(10000, 86400);
	rules[0].nrates = 2;
	for (uint32_t i = 0; i < limit; i++)
		ck_assert(by_user("u", 10 + i * 20.0 / limit));
	ck_assert(!by_user("u", 40));
	ck_assert_int_eq(dump(100), 1);
	ck_assert_int_eq(load(0, 45), 1);
	ck_assert(!by_user("u", 45));
	ck_assert_uint_eq(verdict.used, limit);
	ck_assert(!by_user("u", 69.9));
	ck_assert(by_user("u", limit == 3 ? 70 : 72));
	ck_assert(!by_user("u", limit == 3 ? 70 : 70.1) || limit != 3);
	/* What was loaded goes out again: times of this clock. */
	ck_assert_int_eq(dump(100), 1);
}
END_TEST

START_TEST(limit_load_across_boots_frees_nobody_early)
{
	uint32_t limit = dumped[_i];

	rules[0].rates[0].limit = limit;
	for (uint32_t i = 0; i < limit; i++)
		ck_assert(by_user("u", 1000));
	ck_assert_int_eq(dump(100), 1);
	/* 1000 on the old clock is 5 on the new one; now is 10. */
	ck_assert_int_eq(load(-995, 10), 1);
	ck_assert(!by_user("u", 64.9));
	ck_assert(by_user("u", 70));
	/* It cannot lie ahead: then it counts as now. */
	ck_assert_int_eq(load(-500, 10), 1);
	ck_assert(!by_user("u", 69.9));
	ck_assert(by_user("u", 75));
	/* Long gone. */
	ck_assert_int_eq(load(-5000, 10), 0);
	ck_assert_uint_eq(limits_count(limits), 0);
}
END_TEST

START_TEST(limit_load_refuses_what_is_not_a_record)
{
	unsigned char bytes[sizeof(records[0].bytes) + 1];
	struct record *record = &records[0];

	rules[0].nrates = 2;
	rules[0].rates[1] = (struct rate_spec) RATE(100, 3600);
	for (int i = 0; i < 3; i++)
		ck_assert(by_user("u", 10 * i));
	ck_assert_int_eq(dump(100), 1);
	for (size_t len = 0; len <= record->len + 1; len++) {
		/* of its own length, so that a sanitizer sees over-reading */
		unsigned char *copy = malloc(len + 1);

		memcpy(bytes, record->bytes, record->len);
		memcpy(copy, bytes, len);
		ck_assert_int_eq(limits_load(limits, &config, "per-user", "x",
		    copy, len, span_s(0), at(30)),
		    len == record->len ? 0 : -1);
		free(copy);
	}
	for (size_t i = 0; i < record->len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			memcpy(bytes, record->bytes, record->len);
			bytes[i] ^= (unsigned char)(1 << bit);
			(void)limits_load(limits, &config, "per-user", "x",
			    bytes, record->len, span_s(0), at(30));
		}
	}
	memcpy(bytes, record->bytes, record->len);
	bytes[0]++; /* another version */
	ck_assert_int_eq(limits_load(limits, &config, "per-user", "y", bytes,
	    record->len, span_s(0), at(30)), -1);
	ck_assert_int_eq(limits_load(limits, &config, "gone", "y",
	    record->bytes, record->len, span_s(0), at(30)), 1);
	ck_assert_int_eq(limits_load(limits, &config, "per-user", "y",
	    record->bytes, record->len, span_us(INT64_MAX), at(30)), -1);
	ck_assert_uint_eq(used("per-user", "y", 30), 0);
}
END_TEST

START_TEST(limit_load_knows_other_periods)
{
	for (int i = 0; i < 3; i++)
		ck_assert(by_user("u", i));
	ck_assert_int_eq(dump(100), 1);
	rules[0].rates[0] = (struct rate_spec) RATE(3, 3600);
	ck_assert_int_eq(load(0, 30), 1);
	ck_assert(!by_user("u", 3599));
	ck_assert(by_user("u", 3602));
}
END_TEST

START_TEST(limit_shared_counter_outlives_a_restart)
{
	begin_with(1);
	ck_assert(by_user("one", 0));
	for (int i = 0; i < 3; i++)
		ck_assert(by_user("two", 0));
	ck_assert_int_eq(dump(10), 2);
	ck_assert_int_eq(load(0, 1), 2);
	ck_assert_uint_eq(used("per-user", LIMIT_KEY_SHARED, 1), 3);
}
END_TEST

START_TEST(limit_sweep_lets_idle_ones_go)
{
	flood(0, 500, 0);
	flood(0, 100, 30);
	nrecords = 0;
	for (int i = 0; i < 100; i++)
		limits_sweep(limits, 10, at(61), keep, NULL);
	ck_assert_uint_eq(limits_count(limits), 100);
	ck_assert_int_eq(nrecords, 400);
	ck_assert_uint_eq(records[0].len, 0);
	ck_assert_str_eq(records[0].rule, "per-user");
	ck_assert_int_eq(strncmp(records[0].key, "flood-", 6), 0);
	ck_assert_int_eq(walk(61, 1000).rows, 100);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("limit");
	TCase *tcase = tcase_create("limit");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, limit_names_rule_key_limit_and_wait);
	tcase_add_test(tcase, limit_refs_are_six_digits_and_new_each_time);
	tcase_add_test(tcase, limit_charges_all_rules_or_none);
	tcase_add_test(tcase, limit_keeps_messages_and_recipients_apart);
	tcase_add_test(tcase, limit_of_several_periods_holds_each);
	tcase_add_test(tcase, limit_observed_counts_and_never_refuses);
	tcase_add_test(tcase, limit_observed_beside_a_refusal_is_not_charged);
	tcase_add_test(tcase, limit_reached_is_told_once_a_period);
	tcase_add_test(tcase, limit_events_name_whose_message_it_was);
	tcase_add_test(tcase, limit_key_in_an_event_is_escaped);
	tcase_add_loop_test(tcase, limit_action_is_the_rules, 0, 3);
	tcase_add_loop_test(tcase, limit_key_is_canonical, 0, ROWS(keys));
	tcase_add_test(tcase, limit_key_too_long_ends_in_its_hash);
	tcase_add_loop_test(tcase, limit_applies_to_whom_it_says, 0,
	    ROWS(conditions));
	tcase_add_test(tcase,
	    limit_exempt_clients_are_free_of_rules_by_client_alone);
	tcase_add_test(tcase, limit_gives_back_all_of_a_message);
	tcase_add_loop_test(tcase, limit_gives_back_all_recipients, 0,
	    sizeof(manies) / sizeof(manies[0]));
	tcase_add_test(tcase, limit_gives_back_to_each_domain);
	tcase_add_test(tcase, limit_gives_back_only_so_much);
	tcase_add_test(tcase, limit_flood_frees_nobody_and_is_bounded);
	tcase_add_test(tcase, limit_own_counter_begins_with_the_shared_one);
	tcase_add_test(tcase, limit_own_counter_begins_full);
	tcase_add_test(tcase, limit_shared_counter_is_given_back_to);
	tcase_add_test(tcase, limit_counters_in_use_do_not_make_room);
	tcase_add_test(tcase, limit_walk_shows_each_once);
	tcase_add_test(tcase,
	    limit_walk_takes_nothing_from_a_rule_that_is_away);
	tcase_add_test(tcase, limit_find_shows_the_period_nearest_its_end);
	tcase_add_test(tcase, limit_explain_charges_nothing);
	tcase_add_test(tcase, limit_reload_keeps_what_was_used);
	tcase_add_test(tcase, limit_adds_what_was_counted_elsewhere);
	tcase_add_test(tcase, limit_dump_hands_out_each_change_once);
	tcase_add_test(tcase, limit_touch_hands_out_all_again);
	tcase_add_loop_test(tcase, limit_load_within_a_boot_loses_nothing, 0,
	    ROWS(dumped));
	tcase_add_loop_test(tcase, limit_load_across_boots_frees_nobody_early,
	    0, ROWS(dumped));
	tcase_add_test(tcase, limit_load_refuses_what_is_not_a_record);
	tcase_add_test(tcase, limit_load_knows_other_periods);
	tcase_add_test(tcase, limit_shared_counter_outlives_a_restart);
	tcase_add_test(tcase, limit_sweep_lets_idle_ones_go);
	suite_add_tcase(suite, tcase);
	return suite;
}
