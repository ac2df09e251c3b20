/* Throttles: every kind that is counted, hold, warnings, tallies, resets. */
#include "core/counter.h"
#include "core/limit.h"
#include "core/text.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

#define ROWS(list) (int)(sizeof(list) / sizeof((list)[0]))
#define RATE(n, s) { n, { (s) * SPAN_SECOND } }
#define GIB UINT64_C(1073741824)

static const uint8_t seed[16] = "0123456789abcde";
static struct limits *limits;
static struct events *events;
static struct config config;
static struct throttle rules[4];
static struct listener listener = { .name = "submission" };
static struct receipts receipts;
static struct verdict verdict;

static struct now
at(double seconds)
{
	int64_t us = (int64_t)(seconds * 1e6);

	return (struct now) { { us }, { us + 1700000000000000 } };
}

static struct throttle
rule(const char *name, enum limit_what what, uint64_t limit)
{
	return (struct throttle) {
		.name = name,
		.what = what,
		.by = { LIMIT_BY_USER },
		.nby = 1,
		.rates = { RATE(limit, 60) },
		.nrates = 1,
		.action = ACTION_DEFER,
	};
}

static void
begin(void)
{
	events = events_new(64, NULL, NULL);
	limits = limits_new(1000, seed, events);
	memset(&config, 0, sizeof(config));
	receipts_clear(&receipts);
	memset(rules, 0, sizeof(rules));
	config.listeners = &listener;
	config.nlisteners = 1;
	config.throttles = rules;
	config.nthrottles = 1;
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

	ck_assert_int_eq(netaddr_parse(client, &facts.client), 0);
	return facts;
}

static bool
charge_from(const char *client, uint64_t cost, double seconds)
{
	struct facts facts = facts_of("u", client);

	return limits_charge(limits, &config, &facts, rules[0].what, cost,
	    at(seconds), &receipts, &verdict);
}

static bool
charge(uint64_t cost, double seconds)
{
	return charge_from("192.0.2.1", cost, seconds);
}

static uint64_t
used(const char *name, double seconds)
{
	struct limit_row row;

	return limits_find(limits, &config, name, "u", at(seconds), &row) ?
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

/* --- what refusals say of each kind --- */

static const struct {
	enum limit_what what;
	uint64_t limit;
	const char *text;
} texts[] = {
	{ LIMIT_MESSAGES, 1, "limit r: 1 message/1m used, try again in 60 s" },
	{ LIMIT_MESSAGES, 9, "limit r: 9 messages/1m used, try again in " },
	{ LIMIT_RECIPIENTS, 9, "limit r: 9 recipients/1m used, " },
	{ LIMIT_BYTES, 50 * GIB, "limit r: 53687091200 bytes/1m used, " },
	{ LIMIT_CONNECTIONS, 9, "limit r: 9 connections/1m used, " },
	{ LIMIT_CLIENTS, 1, "limit r: 1 client/1m used, try again in 60 s" },
};

START_TEST(limit_text_names_what_is_counted)
{
	struct facts facts = facts_of("u", "192.0.2.1");
	uint64_t cost = texts[_i].what == LIMIT_BYTES ? GIB : 1;
	struct reply reply;

	rules[0] = rule("r", texts[_i].what, texts[_i].limit);
	for (uint64_t i = 0; i < texts[_i].limit / cost; i++)
		ck_assert(limits_charge(limits, &config, &facts,
		    texts[_i].what, cost, at(0), &receipts, &verdict));
	facts.client.bytes[3]++;
	ck_assert(!limits_charge(limits, &config, &facts, texts[_i].what,
	    cost, at(0), &receipts, &verdict));
	verdict_reply(&verdict, &reply);
	ck_assert_msg(strncmp(reply.text, texts[_i].text,
	    strlen(texts[_i].text)) == 0, "%s", reply.text);
}
END_TEST

/* --- bytes --- */

START_TEST(limit_bytes_are_exact_and_given_back)
{
	rules[0] = rule("b", LIMIT_BYTES, 10 * GIB);
	rules[0].rates[1] = (struct rate_spec) RATE(40 * GIB, 3600);
	rules[0].nrates = 2;
	ck_assert(charge(7 * GIB + 1, 0));
	ck_assert_uint_eq(used("b", 1), 7 * GIB + 1);
	ck_assert(!charge(3 * GIB, 1));
	ck_assert_uint_eq(verdict.used, 7 * GIB + 1);
	ck_assert_uint_eq(verdict.limit, 10 * GIB);
	ck_assert(charge(3 * GIB - 1, 1));
	ck_assert(!charge(1, 1));
	limits_give_back(limits, &receipts, at(2));
	ck_assert_uint_eq(used("b", 2), 0);
	ck_assert(!charge(10 * GIB + 1, 2)); /* never fits */
	ck_assert_int_eq(verdict.wait.us, 60 * SPAN_SECOND);
	ck_assert(charge(10 * GIB, 2));
}
END_TEST

/* What a message will have is asked about, and charged when it is there. */
START_TEST(limit_bytes_foreseen_are_asked_and_not_charged)
{
	struct limit_request request = { .cost = { [LIMIT_MESSAGES] = 1 },
		.foreseen = 600 };
	struct facts facts = facts_of("u", "192.0.2.1");

	rules[0] = rule("b", LIMIT_BYTES, 1000);
	rules[1] = rule("m", LIMIT_MESSAGES, 100);
	config.nthrottles = 2;
	ck_assert(limits_ask(limits, &config, &facts, &request, at(0),
	    &receipts, &verdict));
	ck_assert_uint_eq(used("b", 0), 0);
	ck_assert_uint_eq(used("m", 0), 1);
	ck_assert(charge(600, 0));
	ck_assert(!limits_ask(limits, &config, &facts, &request, at(1),
	    &receipts, &verdict));
	ck_assert_str_eq(verdict.rule, "b");
	ck_assert_uint_eq(used("m", 1), 1); /* none is charged */
	/* one that holds or observes has its say when the bytes are there */
	rules[0].action = ACTION_HOLD;
	ck_assert(limits_ask(limits, &config, &facts, &request, at(1),
	    &receipts, &verdict));
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert_uint_eq(used("m", 1), 2);
	ck_assert_uint_eq(used("b", 1), 600);
}
END_TEST

/* --- clients --- */

START_TEST(limit_clients_are_the_networks_of_one_login)
{
	rules[0] = rule("stolen", LIMIT_CLIENTS, 2);
	ck_assert(charge_from("192.0.2.1", 1, 0));
	ck_assert(charge_from("192.0.2.1", 1, 1));
	ck_assert(charge_from("2001:db8::1", 1, 2));
	ck_assert(charge_from("2001:db8::2:3", 1, 3)); /* the same /64 */
	ck_assert(charge_from("::ffff:192.0.2.1", 1, 4));
	ck_assert_uint_eq(used("stolen", 4), 2);
	ck_assert(!charge_from("192.0.2.2", 1, 5));
	ck_assert_uint_eq(verdict.used, 2);
	ck_assert_int_eq(verdict.wait.us, 58 * SPAN_SECOND);
	ck_assert(charge_from("192.0.2.1", 1, 5)); /* known */
	ck_assert_uint_eq(used("stolen", 5), 2); /* the refused is none */
	ck_assert(charge_from("192.0.2.2", 1, 63));
}
END_TEST

START_TEST(limit_clients_observed_are_more_than_the_limit)
{
	char client[32];

	rules[0] = rule("stolen", LIMIT_CLIENTS, 10);
	rules[0].action = ACTION_OBSERVE;
	for (int i = 1; i <= 50; i++) {
		(void)snprintf(client, sizeof(client), "192.0.2.%d", i);
		ck_assert(charge_from(client, 1, i / 10.0));
		ck_assert_uint_eq(used("stolen", i / 10.0),
		    (uint64_t)(i < 11 ? i : 11));
	}
	ck_assert_int_eq(events_of(EVENT_LIMIT_OBSERVED), 1);
	ck_assert_int_eq(events_of(EVENT_LIMIT_WARNING), 1);
}
END_TEST

/* Several periods in one rule, and a reload that raises and lowers. */
START_TEST(limit_clients_hold_in_each_period)
{
	rules[0] = rule("stolen", LIMIT_CLIENTS, 1);
	rules[0].rates[1] = (struct rate_spec) RATE(2, 3600);
	rules[0].nrates = 2;
	ck_assert(charge_from("192.0.2.1", 1, 0));
	ck_assert(!charge_from("192.0.2.2", 1, 1));
	ck_assert(charge_from("192.0.2.2", 1, 60));
	ck_assert(!charge_from("192.0.2.3", 1, 120));
	ck_assert_int_eq(verdict.period.us, 3600 * SPAN_SECOND);
	rules[0].rates[1].limit = 3;
	ck_assert(charge_from("192.0.2.3", 1, 121));
	rules[0].rates[1] = (struct rate_spec) RATE(2, 1800);
	ck_assert(!charge_from("192.0.2.4", 1, 1000));
	ck_assert(charge_from("192.0.2.4", 1, 1900));
}
END_TEST

START_TEST(limit_clients_are_given_back)
{
	rules[0] = rule("stolen", LIMIT_CLIENTS, 1);
	ck_assert(charge_from("192.0.2.1", 1, 0));
	ck_assert_uint_eq(receipts.count, 1);
	limits_give_back(limits, &receipts, at(1));
	ck_assert(charge_from("192.0.2.2", 1, 1));
	ck_assert(!charge_from("192.0.2.1", 1, 1));
	/* a network that was there before stays, as long as it would have */
	receipts_clear(&receipts);
	ck_assert(charge_from("192.0.2.2", 1, 30));
	limits_give_back(limits, &receipts, at(31));
	ck_assert(!charge_from("192.0.2.1", 1, 60.9));
	ck_assert(charge_from("192.0.2.1", 1, 61));
}
END_TEST

/* A login on the move: 100 networks fit into one counter, and no more. */
START_TEST(limit_clients_have_a_bound)
{
	char client[40];

	rules[0] = rule("stolen", LIMIT_CLIENTS, NETWORKS_LIMIT_MAX);
	rules[0].action = ACTION_OBSERVE;
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(client, sizeof(client), "2001:db8:%x::1", i);
		ck_assert(charge_from(client, 1, i / 100.0));
	}
	ck_assert_uint_eq(used("stolen", 10), NETWORKS_MAX);
}
END_TEST

/* --- excepted and replaced --- */

START_TEST(limit_excepted_traffic_is_counted_and_free)
{
	static const char *app[] = { "app-*" };
	struct facts facts = facts_of("app-1", "192.0.2.1");

	rules[0] = rule("net", LIMIT_RECIPIENTS, 5);
	rules[0].by[0] = LIMIT_BY_CLIENT;
	rules[0].except_users = (struct strings) { app, 1 };
	for (int i = 0; i < 20; i++)
		ck_assert(limits_charge(limits, &config, &facts,
		    LIMIT_RECIPIENTS, 1, at(0), &receipts, &verdict));
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert_uint_eq(events_last(events), 0); /* it is free: no news */
	/* Others behind the same address find the counter as it is. */
	ck_assert(!charge(1, 0));
	ck_assert_uint_eq(verdict.used, 20);
	/* What it sent is given back as well. */
	limits_give_back(limits, &receipts, at(1));
	ck_assert(charge(5, 1));
}
END_TEST

START_TEST(limit_replaced_is_neither_asked_nor_counted)
{
	static const char *whom[] = { "u" };

	rules[0] = rule("everyone", LIMIT_RECIPIENTS, 2);
	rules[1] = rule("u", LIMIT_RECIPIENTS, 5);
	rules[1].users = (struct strings) { whom, 1 };
	rules[1].replaces = "everyone";
	config.nthrottles = 2;
	for (int i = 0; i < 5; i++)
		ck_assert(charge(1, 0));
	ck_assert(!charge(1, 0));
	ck_assert_str_eq(verdict.rule, "u");
	ck_assert_uint_eq(used("everyone", 0), 0);
	rules[1].replaces = NULL; /* both, then: the smaller decides */
	ck_assert(charge(1, 60));
	ck_assert(charge(1, 60));
	ck_assert(!charge(1, 60));
	ck_assert_str_eq(verdict.rule, "everyone");
}
END_TEST

START_TEST(limit_explain_shows_scope_and_what_replaces)
{
	static const char *whom[] = { "u" };
	struct facts facts = facts_of("u", "192.0.2.1");
	struct limit_view list[LIMIT_SCOPE_MAX];

	rules[0] = rule("everyone", LIMIT_RECIPIENTS, 2);
	rules[1] = rule("u", LIMIT_RECIPIENTS, 1);
	rules[1].users = (struct strings) { whom, 1 };
	rules[1].replaces = "everyone";
	rules[2] = rule("free", LIMIT_RECIPIENTS, 1);
	rules[2].except_users = (struct strings) { whom, 1 };
	config.nthrottles = 3;
	ck_assert(charge(1, 0));
	ck_assert_uint_eq(limits_explain(limits, &config, &facts,
	    1U << LIMIT_RECIPIENTS, at(10), list, LIMIT_SCOPE_MAX), 3);
	ck_assert_int_eq(list[0].scope, LIMIT_REPLACED);
	ck_assert_str_eq(list[0].replaced_by, "u");
	ck_assert_int_eq(list[0].verdict.action, ACTION_ACCEPT);
	ck_assert_uint_eq(list[0].verdict.used, 0);
	ck_assert_int_eq(list[1].scope, LIMIT_APPLIES);
	ck_assert_int_eq(list[1].verdict.action, ACTION_DEFER);
	ck_assert_int_eq(list[1].resets_in.us, 50 * SPAN_SECOND);
	ck_assert_int_eq(list[2].scope, LIMIT_EXCEPTED);
	ck_assert_int_eq(list[2].verdict.action, ACTION_ACCEPT);
	ck_assert_uint_eq(list[2].verdict.used, 1);
}
END_TEST

/* --- hold --- */

START_TEST(limit_hold_lets_pass_and_counts_what_is_not_held)
{
	rules[0] = rule("h", LIMIT_MESSAGES, 2);
	rules[0].action = ACTION_HOLD;
	rules[1] = rule("m", LIMIT_MESSAGES, 4);
	config.nthrottles = 2;
	for (int i = 0; i < 2; i++)
		ck_assert(charge(1, 0));
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	for (int i = 0; i < 2; i++) {
		ck_assert(charge(1, 1));
		if (i == 0)
			ck_assert_ptr_nonnull(strstr(last_event(), "rule=h "
			    "key=u what=messages used=2 limit=2 period=1m "
			    "wait=59 action=hold ref="));
		ck_assert_int_eq(verdict.action, ACTION_HOLD);
		ck_assert_int_eq(verdict.reason, REASON_LIMIT);
		ck_assert_str_eq(verdict.rule, "h");
		ck_assert_uint_eq(strlen(verdict.ref), 6);
	}
	ck_assert_uint_eq(used("h", 1), 2);
	ck_assert_uint_eq(used("m", 1), 4);
	ck_assert_int_eq(events_of(EVENT_LIMIT_REACHED), 1);
	/* A rule that refuses is stronger, wherever it stands. */
	ck_assert(!charge(1, 1));
	ck_assert_str_eq(verdict.rule, "m");
	ck_assert(charge(1, 60));
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
}
END_TEST

/* --- warnings --- */

static const struct {
	uint64_t limit, warned_at; /* 0: never */
} warnings[] = { { 1, 0 }, { 2, 2 }, { 4, 4 }, { 5, 4 }, { 10, 8 },
	{ 33, 27 }, { 600, 480 } };

START_TEST(limit_warning_comes_at_80_percent)
{
	char want[200];

	rules[0] = rule("w", LIMIT_MESSAGES, warnings[_i].limit);
	for (uint64_t i = 1; i <= warnings[_i].limit; i++) {
		ck_assert(charge(1, 0));
		ck_assert_int_eq(events_of(EVENT_LIMIT_WARNING),
		    warnings[_i].warned_at != 0 &&
		    i >= warnings[_i].warned_at);
	}
	if (warnings[_i].warned_at == 0)
		return;
	(void)snprintf(want, sizeof(want), "event=LimitWarning rule=w key=u "
	    "what=messages used=%u limit=%u period=1m user=u",
	    (unsigned)warnings[_i].warned_at, (unsigned)warnings[_i].limit);
	ck_assert_str_eq(last_event(), want);
}
END_TEST

/* Once a period and key, for each period of the rule. */
START_TEST(limit_warning_is_given_once_a_period)
{
	rules[0] = rule("w", LIMIT_MESSAGES, 5);
	rules[0].rates[1] = (struct rate_spec) RATE(10, 3600);
	rules[0].nrates = 2;
	ck_assert(charge(4, 0)); /* of the minute */
	ck_assert_int_eq(events_of(EVENT_LIMIT_WARNING), 1);
	ck_assert(charge(1, 30));
	ck_assert_int_eq(events_of(EVENT_LIMIT_WARNING), 1);
	ck_assert(charge(4, 61)); /* and of the hour: 9 */
	ck_assert_int_eq(events_of(EVENT_LIMIT_WARNING), 3);
	ck_assert_ptr_nonnull(strstr(last_event(), "used=9 limit=10 "
	    "period=1h"));
	ck_assert(charge(1, 3600)); /* 6 left the hour, 4 + 1 are there */
	ck_assert_int_eq(events_of(EVENT_LIMIT_WARNING), 3);
	ck_assert(charge(4, 3662));
	ck_assert_int_eq(events_of(EVENT_LIMIT_WARNING), 4);
}
END_TEST

/* The hour is told of although the minute was told of within it. */
START_TEST(limit_reached_is_told_for_each_period)
{
	rules[0] = rule("w", LIMIT_MESSAGES, 2);
	rules[0].rates[1] = (struct rate_spec) RATE(3, 3600);
	rules[0].nrates = 2;
	ck_assert(charge(2, 0));
	ck_assert(!charge(1, 1));
	ck_assert_ptr_nonnull(strstr(last_event(), "period=1m"));
	ck_assert(charge(1, 60));
	ck_assert(!charge(1, 120));
	ck_assert_ptr_nonnull(strstr(last_event(), "period=1h"));
	ck_assert_int_eq(events_of(EVENT_LIMIT_REACHED), 2);
}
END_TEST

/* --- tallies --- */

static struct limit_tally tallies[4];

static void
keep_tally(void *ctx, const struct throttle *throttle,
    const struct limit_tally *tally)
{
	int *n = ctx;

	ck_assert_str_eq(throttle->name, rules[*n].name);
	tallies[(*n)++] = *tally;
}

START_TEST(limit_tallies_say_what_became_of_requests)
{
	static const char *me[] = { "u" };
	int n = 0;

	rules[0] = rule("defers", LIMIT_MESSAGES, 6);
	rules[1] = rule("holds", LIMIT_MESSAGES, 2);
	rules[1].action = ACTION_HOLD;
	rules[2] = rule("watches", LIMIT_MESSAGES, 5);
	rules[2].action = ACTION_OBSERVE;
	rules[3] = rule("excepts", LIMIT_MESSAGES, 1);
	rules[3].except_users = (struct strings) { me, 1 };
	config.nthrottles = 4;
	for (int i = 0; i < 10; i++)
		ck_assert(charge(1, 0) == (i < 6));
	limits_tallies(limits, &config, keep_tally, &n);
	ck_assert_int_eq(n, 4);
	ck_assert_uint_eq(tallies[0].allowed, 6);
	ck_assert_uint_eq(tallies[0].refused, 4);
	ck_assert_uint_eq(tallies[0].warned, 1);
	ck_assert_uint_eq(tallies[1].allowed, 2);
	ck_assert_uint_eq(tallies[1].held, 4);
	ck_assert_uint_eq(tallies[1].refused, 0);
	ck_assert_uint_eq(tallies[2].allowed, 5);
	ck_assert_uint_eq(tallies[2].observed, 1);
	ck_assert_uint_eq(tallies[3].excepted, 6);
	ck_assert_uint_eq(tallies[3].allowed, 0);
	ck_assert_uint_eq(tallies[3].warned, 0);
}
END_TEST

/* --- reset, and the store --- */

static struct record {
	char rule[NAME_MAX_LEN + 1];
	char key[LIMIT_KEY_MAX];
	unsigned char bytes[COUNTER_BYTES_MAX];
	size_t len;
} records[8];
static int nrecords;

static void
keep(void *ctx, const char *name, const char *key, const void *bytes,
    size_t len)
{
	struct record *record = &records[nrecords++];

	(void)ctx;
	ck_assert_int_le(nrecords, ROWS(records));
	(void)text_copy(record->rule, sizeof(record->rule), name);
	(void)text_copy(record->key, sizeof(record->key), key);
	if (len > 0)
		memcpy(record->bytes, bytes, len);
	record->len = len;
}

/* A restart: what is counted goes out and comes back. */
static int
restart(double shift, double seconds)
{
	int loaded = 0;

	nrecords = 0;
	while (limits_dump(limits, 100, keep, NULL))
		;
	limits_free(&limits);
	limits = limits_new(1000, seed, events);
	for (int i = 0; i < nrecords; i++)
		loaded += limits_load(limits, &config, records[i].rule,
		    records[i].key, records[i].bytes, records[i].len,
		    span_us((int64_t)(shift * 1e6)), at(seconds)) == 0;
	return loaded;
}

START_TEST(limit_reset_forgets_a_key_and_its_records)
{
	rules[0] = rule("a", LIMIT_MESSAGES, 1);
	rules[1] = rule("b", LIMIT_MESSAGES, 1);
	rules[2] = rule("c", LIMIT_MESSAGES, 9);
	rules[2].by[0] = LIMIT_BY_CLIENT;
	config.nthrottles = 3;
	ck_assert(charge(1, 0));
	ck_assert(!charge(1, 1));
	nrecords = 0;
	ck_assert_uint_eq(limits_reset(limits, &config, "b", "u", at(1), keep,
	    NULL), 1);
	ck_assert_int_eq(nrecords, 1);
	ck_assert_str_eq(records[0].rule, "b");
	ck_assert_str_eq(records[0].key, "u");
	ck_assert_uint_eq(records[0].len, 0);
	ck_assert_uint_eq(used("a", 1), 1);
	ck_assert_uint_eq(limits_reset(limits, &config, NULL, "u", at(1),
	    keep, NULL), 1);
	ck_assert(charge(1, 1));
	ck_assert_uint_eq(limits_reset(limits, &config, NULL, "u", at(1),
	    keep, NULL), 2);
	ck_assert_uint_eq(limits_reset(limits, &config, NULL, "nobody", at(1),
	    keep, NULL), 0);
	ck_assert_uint_eq(limits_reset(limits, &config, "none", "u", at(1),
	    keep, NULL), 0);
	ck_assert_uint_eq(limits_reset(limits, &config, NULL, "192.0.2.1",
	    at(1), keep, NULL), 1);
	ck_assert_uint_eq(limits_count(limits), 0);
	ck_assert_int_eq(restart(0, 2), 0);
}
END_TEST

START_TEST(limit_reset_of_the_shared_counter)
{
	limits_free(&limits);
	limits = limits_new(1, seed, events);
	rules[0] = rule("a", LIMIT_MESSAGES, 1);
	ck_assert(charge(1, 0));
	rules[0].by[0] = LIMIT_BY_CLIENT;
	ck_assert(charge(1, 0));
	ck_assert(!charge_from("192.0.2.9", 1, 1));
	ck_assert_str_eq(verdict.key, LIMIT_KEY_SHARED);
	ck_assert_uint_eq(limits_reset(limits, &config, NULL,
	    LIMIT_KEY_SHARED, at(1), keep, NULL), 1);
	ck_assert(charge_from("192.0.2.9", 1, 1));
}
END_TEST

START_TEST(limit_clients_and_bytes_outlive_a_restart)
{
	rules[0] = rule("stolen", LIMIT_CLIENTS, 2);
	ck_assert(charge_from("192.0.2.1", 1, 10));
	ck_assert(charge_from("2001:db8::1", 1, 20));
	ck_assert_int_eq(restart(0, 30), 1);
	ck_assert_uint_eq(used("stolen", 30), 2);
	ck_assert(!charge_from("192.0.2.3", 1, 30));
	ck_assert(charge_from("192.0.2.1", 1, 31));
	/* another boot: what was at 20 is at 120 */
	ck_assert_int_eq(restart(100, 140), 1);
	ck_assert(!charge_from("192.0.2.3", 1, 179.9));
	ck_assert(charge_from("192.0.2.3", 1, 180));
	/* a rule that counts something else now begins afresh */
	rules[0].what = LIMIT_BYTES;
	rules[0].rates[0].limit = 10 * GIB;
	ck_assert_int_eq(restart(0, 181), 0);
	ck_assert(charge(9 * GIB, 182));
	ck_assert_int_eq(restart(0, 183), 1);
	ck_assert_uint_eq(used("stolen", 183), 9 * GIB);
	rules[0].what = LIMIT_MESSAGES;
	rules[0].rates[0].limit = 5;
	ck_assert_uint_eq(used("stolen", 184), 0);
	ck_assert(charge(1, 184));
}
END_TEST

/* Only the clock of the machine's uptime counts: an hour either way is none. */
START_TEST(limit_wall_clock_steps_free_and_freeze_nobody)
{
	struct facts facts = facts_of("u", "192.0.2.1");
	static const int64_t steps[] = { 3600, -3600, 86400, -31 * 86400 };
	struct now now = at(0);

	rules[0] = rule("r", LIMIT_MESSAGES, 4);
	for (int i = 0; i < ROWS(steps); i++) {
		now.wall.us += steps[i] * SPAN_SECOND;
		ck_assert(limits_charge(limits, &config, &facts,
		    LIMIT_MESSAGES, 1, now, &receipts, &verdict));
	}
	now.wall.us += 3600 * SPAN_SECOND;
	now.mono.us += 60 * SPAN_SECOND - 1;
	ck_assert(!limits_charge(limits, &config, &facts, LIMIT_MESSAGES, 1,
	    now, &receipts, &verdict));
	ck_assert_int_eq(verdict.wait.us, 1);
	now.wall.us -= 7200 * SPAN_SECOND;
	now.mono.us++;
	ck_assert(limits_charge(limits, &config, &facts, LIMIT_MESSAGES, 4,
	    now, &receipts, &verdict));
}
END_TEST

/* As the version before wrote it: recipients, counts of 4 bytes. */
START_TEST(limit_load_knows_the_version_before)
{
	static const unsigned char bytes[] = { 1, 1, /* one period */
		60, 0, 0, 0, 2, /* of 60 s, two times */
		0x80, 0x96, 0x98, 0, 0, 0, 0, 0, 3, 0, 0, 0, /* at 10 s: 3 */
		0x00, 0x2D, 0x31, 0x01, 0, 0, 0, 0, 1, 0, 0, 0 }; /* 20 s */
	static const enum limit_what whats[] = { LIMIT_MESSAGES,
		LIMIT_RECIPIENTS, LIMIT_BYTES, LIMIT_CLIENTS };

	rules[0] = rule("r", whats[_i], 5);
	ck_assert_int_eq(limits_load(limits, &config, "r", "u", bytes,
	    sizeof(bytes), span_s(0), at(30)), _i < 2 ? 0 : 1);
	ck_assert_uint_eq(used("r", 30), _i < 2 ? 4 : 0);
	ck_assert_uint_eq(used("r", 70), _i < 2 ? 1 : 0);
}
END_TEST

/* Of what a milter counted by itself, each network comes alone. */
START_TEST(limit_adds_networks_seen_elsewhere)
{
	struct claim claim = { .cost = 0 };

	rules[0] = rule("stolen", LIMIT_CLIENTS, 2);
	limits_add(limits, &config, "stolen", "u", &claim, span_s(0), at(0));
	ck_assert_uint_eq(used("stolen", 0), 0); /* none */
	ck_assert_int_eq(netaddr_parse("192.0.2.1", &claim.network), 0);
	limits_add(limits, &config, "stolen", "u", &claim, span_s(0), at(0));
	ck_assert_int_eq(netaddr_parse("192.0.2.2", &claim.network), 0);
	limits_add(limits, &config, "stolen", "u", &claim, span_s(0), at(1));
	ck_assert_uint_eq(used("stolen", 1), 2);
	ck_assert(!charge_from("192.0.2.3", 1, 1));
	ck_assert(charge_from("192.0.2.2", 1, 1));
}
END_TEST

/* --- variants of one key --- */

/* The network's length can be set; its key says it. */
static const struct {
	uint32_t prefix;
	const char *client, *key;
} prefixes[] = {
	{ 0, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
	{ 64, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
	{ 56, "2001:db8:1:2ff:3:4:5:6", "2001:db8:1:200::/56" },
	{ 48, "2001:db8:1:2ff:3:4:5:6", "2001:db8:1::/48" },
	{ 128, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6" },
	{ 48, "192.0.2.1", "192.0.2.1" },
	{ 48, "::ffff:192.0.2.1", "192.0.2.1" },
};

START_TEST(limit_ipv6_prefix_can_be_set)
{
	struct limit_row row;

	config.ipv6_prefix = prefixes[_i].prefix;
	rules[0] = rule("c", LIMIT_MESSAGES, 5);
	rules[0].by[0] = LIMIT_BY_CLIENT;
	ck_assert(charge_from(prefixes[_i].client, 1, 0));
	ck_assert(limits_find(limits, &config, "c", prefixes[_i].key, at(0),
	    &row));
	rules[0] = rule("n", LIMIT_CLIENTS, 1);
	ck_assert(charge_from(prefixes[_i].client, 1, 0));
	ck_assert(limits_find(limits, &config, "n", "u", at(0), &row));
	ck_assert_uint_eq(row.networks->n, 1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("limit_what");
	TCase *tcase = tcase_create("limit_what");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_loop_test(tcase, limit_text_names_what_is_counted, 0,
	    ROWS(texts));
	tcase_add_test(tcase, limit_bytes_are_exact_and_given_back);
	tcase_add_test(tcase, limit_bytes_foreseen_are_asked_and_not_charged);
	tcase_add_test(tcase, limit_clients_are_the_networks_of_one_login);
	tcase_add_test(tcase, limit_clients_observed_are_more_than_the_limit);
	tcase_add_test(tcase, limit_clients_hold_in_each_period);
	tcase_add_test(tcase, limit_clients_are_given_back);
	tcase_add_test(tcase, limit_clients_have_a_bound);
	tcase_add_test(tcase, limit_excepted_traffic_is_counted_and_free);
	tcase_add_test(tcase, limit_replaced_is_neither_asked_nor_counted);
	tcase_add_test(tcase, limit_explain_shows_scope_and_what_replaces);
	tcase_add_test(tcase,
	    limit_hold_lets_pass_and_counts_what_is_not_held);
	tcase_add_loop_test(tcase, limit_warning_comes_at_80_percent, 0,
	    ROWS(warnings));
	tcase_add_test(tcase, limit_warning_is_given_once_a_period);
	tcase_add_test(tcase, limit_reached_is_told_for_each_period);
	tcase_add_test(tcase, limit_tallies_say_what_became_of_requests);
	tcase_add_test(tcase, limit_reset_forgets_a_key_and_its_records);
	tcase_add_test(tcase, limit_reset_of_the_shared_counter);
	tcase_add_test(tcase, limit_clients_and_bytes_outlive_a_restart);
	tcase_add_test(tcase, limit_wall_clock_steps_free_and_freeze_nobody);
	tcase_add_loop_test(tcase, limit_load_knows_the_version_before, 0, 4);
	tcase_add_test(tcase, limit_adds_networks_seen_elsewhere);
	tcase_add_loop_test(tcase, limit_ipv6_prefix_can_be_set, 0,
	    ROWS(prefixes));
	suite_add_tcase(suite, tcase);
	return suite;
}
