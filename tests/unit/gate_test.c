/* SMTP sessions at the gate: caps at CONNECT, throttles at MAIL and RCPT. */
#include "core/event.h"
#include "core/gate.h"

#include "check_main.h"

#include <string.h>

static const uint8_t seed[16] = "0123456789abcde";
static struct config config;
static struct listener listeners[2];
static struct netblock exempt;
static struct throttle rules[2];
static struct gate gate;
static struct events *events;
static struct verdict verdict;

static struct now
at(int64_t s)
{
	return (struct now) { { s * SPAN_SECOND }, { s * SPAN_SECOND } };
}

static struct throttle
rule(const char *name, enum limit_what what, uint32_t limit)
{
	return (struct throttle) {
		.name = name,
		.what = what,
		.by = { LIMIT_BY_USER },
		.nby = 1,
		.rates = { { limit, { 60 * SPAN_SECOND } } },
		.nrates = 1,
		.action = ACTION_DEFER,
	};
}

static void
begin(void)
{
	memset(&config, 0, sizeof(config));
	config.state.max_keys = 1000;
	listeners[0] = (struct listener) { .name = "submission",
		.max_connections = 5000,
		.max_connections_per_source = UNLIMITED,
		.max_connections_per_source_percent = 2,
		.over_limit = ACTION_DEFER };
	listeners[1] = (struct listener) { .name = "default",
		.max_connections = UNLIMITED,
		.max_connections_per_source = 2,
		.max_connections_per_source_percent = UNLIMITED,
		.over_limit = ACTION_DEFER };
	config.listeners = listeners;
	config.nlisteners = 2;
	rules[0] = rule("messages", LIMIT_MESSAGES, 2);
	rules[1] = rule("recipients", LIMIT_RECIPIENTS, 5);
	config.throttles = rules;
	config.nthrottles = 2;
	events = events_new(100, NULL, NULL);
	gate_init(&gate, &config, seed, events);
}

static void
end(void)
{
	gate_clear(&gate);
	events_free(&events);
}

static struct session_key
key_of(uint64_t id)
{
	return (struct session_key) { "m", id };
}

static bool
connect_to(const char *listener, uint64_t id, const char *client)
{
	struct session_key key = key_of(id);
	struct netaddr from;

	ck_assert_int_eq(netaddr_parse(client, &from), 0);
	return gate_connect(&gate, &config, &key, listener, &from, 1, at(0),
	    &verdict);
}

static struct session *
session_of(uint64_t id)
{
	struct session_key key = key_of(id);

	return sessions_find(gate.sessions, &key);
}

static bool
mail(uint64_t id, const char *user, int64_t s)
{
	return gate_mail(&gate, &config, session_of(id), user, "a@x", 0, at(s),
	    &verdict);
}

static bool
rcpt(uint64_t id, bool is_default, int64_t s)
{
	return gate_rcpt(&gate, &config, session_of(id), "r@y", is_default,
	    at(s), &verdict);
}

static void
done(uint64_t id, bool give_back, int64_t s)
{
	gate_done(&gate, session_of(id), give_back, at(s));
}

static uint32_t
used(const char *name, int64_t s)
{
	struct limit_row row;

	return limits_find(gate.limits, &config, name, "u", at(s), &row) ?
	    row.used : 0;
}

/* --- connections --- */

START_TEST(seed_3_6)
{
	struct reply reply;
	uint64_t id = 0;

	for (; id < 100; id++)
		ck_assert(connect_to("submission", id, "192.0.2.1"));
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert(!connect_to("submission", 100, "192.0.2.1"));
	ck_assert_int_eq(verdict.action, ACTION_DEFER);
	ck_assert_int_eq(verdict.reason, REASON_CONNECTIONS_PERCENT);
	ck_assert_uint_eq(verdict.used, 100);
	ck_assert_uint_eq(verdict.limit, 100);
	ck_assert_str_eq(verdict.rule, "submission");
	ck_assert_str_eq(verdict.key, "192.0.2.1");
	ck_assert_uint_eq(strlen(verdict.ref), 6);
	ck_assert_ptr_null(session_of(100)); /* no lease */
	ck_assert(connect_to("submission", 101, "192.0.2.2"));
	/* 2 % of 4999 are 99; with the other one gone it is 100 again. */
	gate_close(&gate, session_of(0));
	ck_assert(!connect_to("submission", 102, "192.0.2.1"));
	gate_close(&gate, session_of(101));
	ck_assert(connect_to("submission", 102, "192.0.2.1"));
	ck_assert(!connect_to("submission", 103, "192.0.2.1"));
	verdict_reply(&verdict, &reply);
	ck_assert_str_eq(reply.code, "451");
	ck_assert_ptr_nonnull(strstr(reply.text, ": 100 of 100 open (weir "));
}
END_TEST

START_TEST(gate_counts_ipv6_by_network_and_names_it)
{
	ck_assert(connect_to("default", 1, "2001:db8::1"));
	ck_assert(connect_to("default", 2, "2001:db8::2"));
	ck_assert(!connect_to("default", 3, "2001:db8::3"));
	ck_assert_int_eq(verdict.reason, REASON_CONNECTIONS_SOURCE);
	ck_assert_str_eq(verdict.key, "2001:db8::/64");
	ck_assert(connect_to("default", 4, "2001:db8:0:1::1"));
	/* A listener nobody configured any more is held as default. */
	ck_assert(connect_to("gone", 5, "192.0.2.1"));
	ck_assert(connect_to("gone", 6, "192.0.2.1"));
	ck_assert(!connect_to("gone", 7, "192.0.2.1"));
}
END_TEST

START_TEST(gate_exempt_client_is_held_to_the_total)
{
	ck_assert_int_eq(netblock_parse("192.0.2.0/24", &exempt), 0);
	listeners[0].exempt_clients = (struct netblocks) { &exempt, 1 };
	listeners[0].max_connections = 10;
	for (uint64_t id = 0; id < 10; id++)
		ck_assert(connect_to("submission", id, "192.0.2.1"));
	ck_assert(!connect_to("submission", 10, "192.0.2.1"));
	ck_assert_int_eq(verdict.reason, REASON_CONNECTIONS_TOTAL);
	ck_assert_uint_eq(verdict.used, 10);
}
END_TEST

/* --- over_limit --- */

static const struct {
	enum action action;
	bool admitted;
	const char *code; /* NULL: nothing is said */
	enum event_kind told;
	uint32_t refused;
} actions[] = {
	{ ACTION_DEFER, false, "451", EVENT_LIMIT_REACHED, 3 },
	{ ACTION_REJECT, false, "550", EVENT_LIMIT_REACHED, 3 },
	{ ACTION_DISCONNECT, false, "421", EVENT_LIMIT_REACHED, 3 },
	{ ACTION_HOLD, true, NULL, EVENT_LIMIT_REACHED, 0 },
	{ ACTION_OBSERVE, true, NULL, EVENT_LIMIT_OBSERVED, 0 },
};

START_TEST(seed_3_2_3_17_over_limit_is_what_happens_beyond_a_cap)
{
	const struct notice *notice;
	struct netaddr from;
	struct reply reply;

	listeners[1].over_limit = actions[_i].action;
	ck_assert(connect_to("default", 1, "192.0.2.1"));
	ck_assert(connect_to("default", 2, "192.0.2.1"));
	for (uint64_t id = 3; id < 6; id++) {
		ck_assert(connect_to("default", id, "192.0.2.1") ==
		    actions[_i].admitted);
		ck_assert_int_eq(verdict.action, actions[_i].action);
		ck_assert_int_eq(verdict.reason, REASON_CONNECTIONS_SOURCE);
		ck_assert_str_eq(verdict.rule, "default");
		ck_assert((session_of(id) != NULL) == actions[_i].admitted);
	}
	if (actions[_i].code != NULL) {
		verdict_reply(&verdict, &reply);
		ck_assert_str_eq(reply.code, actions[_i].code);
	}
	ck_assert_int_eq(netaddr_parse("192.0.2.1", &from), 0);
	ck_assert_uint_eq(refusals_of(gate.refusals, "default", &from),
	    actions[_i].refused);
	/* one event, however often */
	notice = events_next(events, 0);
	ck_assert_int_eq(notice->kind, actions[_i].told);
	ck_assert_str_eq(notice_value(notice, 0), "default");
	ck_assert_str_eq(notice_value(notice, 1), "192.0.2.1");
	ck_assert_ptr_null(events_next(events, notice->seq));
	/* another source is not concerned */
	ck_assert(connect_to("default", 6, "192.0.2.2"));
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
}
END_TEST

START_TEST(gate_throttle_of_connections_refuses_and_holds)
{
	struct netaddr from;

	rules[0] = (struct throttle) { .name = "arrivals",
		.what = LIMIT_CONNECTIONS, .by = { LIMIT_BY_CLIENT },
		.nby = 1, .rates = { { 1, { 60 * SPAN_SECOND } } },
		.nrates = 1, .action = ACTION_REJECT };
	ck_assert_int_eq(netaddr_parse("192.0.2.1", &from), 0);
	ck_assert(connect_to("default", 1, "192.0.2.1"));
	ck_assert(!connect_to("default", 2, "192.0.2.1"));
	ck_assert_str_eq(verdict.rule, "arrivals");
	ck_assert_int_eq(verdict.action, ACTION_REJECT);
	ck_assert_ptr_null(session_of(2));
	ck_assert_uint_eq(refusals_of(gate.refusals, "default", &from), 1);
	/* the stronger of two that let in is named */
	rules[0].action = ACTION_HOLD;
	listeners[1].max_connections_per_source = 1;
	listeners[1].over_limit = ACTION_OBSERVE;
	ck_assert(connect_to("default", 3, "192.0.2.1"));
	ck_assert_str_eq(verdict.rule, "arrivals");
	ck_assert_int_eq(verdict.action, ACTION_HOLD);
	/* a cap that refuses is stronger still */
	listeners[1].over_limit = ACTION_DEFER;
	ck_assert(!connect_to("default", 4, "192.0.2.1"));
	ck_assert_str_eq(verdict.rule, "default");
	ck_assert_uint_eq(refusals_of(gate.refusals, "default", &from), 2);
}
END_TEST

START_TEST(gate_has_room_for_so_many_whatever_the_action)
{
	listeners[1].over_limit = ACTION_OBSERVE;
	for (uint64_t id = 0; id < SESSIONS_MAX; id++)
		ck_assert(connect_to("default", id, "192.0.2.1"));
	ck_assert(!connect_to("default", SESSIONS_MAX, "192.0.2.1"));
	ck_assert_int_eq(verdict.action, ACTION_DEFER);
	ck_assert_uint_eq(verdict.used, SESSIONS_MAX);
}
END_TEST

/* An answer that was lost is asked for again: that is one connection. */
START_TEST(gate_connect_twice_is_once)
{
	for (int i = 0; i < 5; i++)
		ck_assert(connect_to("default", 1, "192.0.2.1"));
	ck_assert(connect_to("default", 2, "192.0.2.1"));
	ck_assert(!connect_to("default", 3, "192.0.2.1"));
	ck_assert_uint_eq(sessions_count(gate.sessions), 2);
}
END_TEST

START_TEST(gate_announce_never_refuses)
{
	struct netaddr from;

	ck_assert_int_eq(netaddr_parse("192.0.2.1", &from), 0);
	for (uint64_t id = 0; id < 10; id++) {
		struct session_key key = key_of(id);

		gate_announce(&gate, &key, "default", &from, 1);
	}
	ck_assert_uint_eq(sessions_open_of(gate.sessions, "default", &from),
	    10);
	ck_assert(!connect_to("default", 10, "192.0.2.1"));
	ck_assert_uint_eq(verdict.used, 10);
	ck_assert_uint_eq(verdict.limit, 2);
	/* One that is known is left as it is. */
	ck_assert(mail(3, "u", 0));
	gate_announce(&gate, &(struct session_key) { "m", 3 }, "default",
	    &from, 1);
	ck_assert(session_of(3)->mail);
}
END_TEST

/* --- messages --- */

START_TEST(gate_charges_messages_and_recipients)
{
	ck_assert(connect_to("submission", 1, "192.0.2.1"));
	ck_assert(mail(1, "u", 0));
	ck_assert(session_of(1)->mail && session_of(1)->has_user);
	ck_assert_str_eq(session_of(1)->user, "u");
	for (int i = 0; i < 5; i++)
		ck_assert(rcpt(1, true, 0));
	ck_assert(!rcpt(1, false, 0));
	ck_assert_str_eq(verdict.rule, "recipients");
	/* The one that was refused is no recipient. */
	ck_assert_uint_eq(session_of(1)->recipients, 5);
	ck_assert(session_of(1)->all_default);
	done(1, false, 0);
	ck_assert(!session_of(1)->mail);
	ck_assert(mail(1, "u", 1));
	ck_assert(!mail(1, "u", 1));
	ck_assert_str_eq(verdict.rule, "messages");
	ck_assert(!session_of(1)->mail);
	ck_assert(mail(1, NULL, 1)); /* nobody's limit */
	ck_assert(mail(1, "", 1));
	ck_assert(!session_of(1)->has_user);
}
END_TEST

START_TEST(gate_gives_back_what_we_refused_ourselves)
{
	ck_assert(connect_to("submission", 1, "192.0.2.1"));
	for (int i = 0; i < 10; i++) {
		ck_assert(mail(1, "u", 0));
		for (int j = 0; j < 5; j++)
			ck_assert(rcpt(1, true, 0));
		done(1, true, 1);
	}
	ck_assert_uint_eq(used("messages", 1), 0);
	ck_assert_uint_eq(used("recipients", 1), 0);
	/* Not when the client goes, and not twice. */
	ck_assert(mail(1, "u", 2));
	ck_assert(rcpt(1, true, 2));
	done(1, false, 2);
	done(1, true, 2);
	ck_assert_uint_eq(used("messages", 2), 1);
	ck_assert_uint_eq(used("recipients", 2), 1);
}
END_TEST

START_TEST(gate_gives_back_what_its_route_refused)
{
	static const enum reason refusals[] = { REASON_ROUTE_REJECTS,
		REASON_NONE_AVAILABLE };

	ck_assert(connect_to("submission", 1, "192.0.2.1"));
	for (size_t i = 0; i < 2; i++) {
		ck_assert(mail(1, "u", 0));
		ck_assert(rcpt(1, true, 0));
		session_of(1)->decision = refusals[i];
		done(1, false, 0);
		ck_assert_uint_eq(used("messages", 0), 0);
		ck_assert_uint_eq(used("recipients", 0), 0);
	}
	ck_assert(mail(1, "u", 0));
	session_of(1)->decision = REASON_ROUTED;
	done(1, false, 0);
	ck_assert_uint_eq(used("messages", 0), 1);
}
END_TEST

/* warn_if_reject, or another instance's answer: it went on all the same. */
START_TEST(gate_keeps_what_came_to_its_end)
{
	ck_assert(connect_to("submission", 1, "192.0.2.1"));
	ck_assert(mail(1, "u", 0));
	ck_assert(rcpt(1, true, 0));
	session_of(1)->decision = REASON_ROUTE_REJECTS;
	ck_assert(gate_end(&gate, &config, session_of(1), 0, at(0), &verdict));
	ck_assert_uint_eq(used("messages", 0), 1);
	ck_assert_uint_eq(used("recipients", 0), 1);
	ck_assert(!session_of(1)->mail);
}
END_TEST

START_TEST(gate_mail_ends_what_was_in_progress)
{
	ck_assert(connect_to("submission", 1, "192.0.2.1"));
	ck_assert(mail(1, "u", 0));
	ck_assert(rcpt(1, false, 0));
	session_set_queue_id(gate.sessions, session_of(1), "Q1");
	ck_assert(!session_of(1)->all_default);
	ck_assert(mail(1, "u", 0));
	ck_assert_uint_eq(session_of(1)->recipients, 0);
	ck_assert(session_of(1)->all_default);
	ck_assert_str_eq(session_of(1)->queue_id, "");
	done(1, true, 0); /* gives back the second message alone */
	ck_assert_uint_eq(used("messages", 0), 1);
	ck_assert_uint_eq(used("recipients", 0), 1);
}
END_TEST

START_TEST(gate_rcpt_needs_mail)
{
	ck_assert(connect_to("submission", 1, "192.0.2.1"));
	ck_assert(!rcpt(1, true, 0));
	ck_assert_int_eq(verdict.action, ACTION_DEFER);
	ck_assert_int_eq(verdict.reason, REASON_STATE_AWAY);
	ck_assert_uint_eq(session_of(1)->recipients, 0);
}
END_TEST

START_TEST(gate_refuses_names_that_do_not_fit)
{
	char user[LOGIN_MAX + 2], sender[ADDRESS_MAX + 2];

	memset(user, 'u', sizeof(user));
	user[LOGIN_MAX + 1] = '\0';
	memset(sender, 's', sizeof(sender));
	sender[ADDRESS_MAX + 1] = '\0';
	ck_assert(connect_to("submission", 1, "192.0.2.1"));
	ck_assert(!mail(1, user, 0));
	ck_assert_int_eq(verdict.reason, REASON_LOGIN_TOO_LONG);
	ck_assert(!gate_mail(&gate, &config, session_of(1), "u", sender, 0,
	    at(0), &verdict));
	ck_assert_int_eq(verdict.reason, REASON_SENDER_SYNTAX);
	ck_assert(!session_of(1)->mail);
	ck_assert_uint_eq(limits_count(gate.limits), 0);
}
END_TEST

/* --- throttles of connections --- */

static uint32_t
used_by(const char *name, const char *key)
{
	struct limit_row row;

	return limits_find(gate.limits, &config, name, key, at(0), &row) ?
	    (uint32_t)row.used : 0;
}

static void
connections_by(enum limit_by by, uint32_t limit, enum action action)
{
	rules[0] = rule("new", LIMIT_CONNECTIONS, limit);
	rules[0].by[0] = by;
	rules[0].action = action;
	listeners[0].max_connections_per_source_percent = UNLIMITED;
}

START_TEST(gate_charges_connections_when_they_open)
{
	connections_by(LIMIT_BY_CLIENT, 3, ACTION_DEFER);
	for (uint64_t id = 0; id < 3; id++) {
		ck_assert(connect_to("submission", id, "192.0.2.1"));
		gate_close(&gate, session_of(id));
	}
	ck_assert(!connect_to("submission", 3, "192.0.2.1"));
	ck_assert_int_eq(verdict.action, ACTION_DEFER);
	ck_assert_str_eq(verdict.rule, "new");
	ck_assert_int_eq(verdict.what, LIMIT_CONNECTIONS);
	ck_assert_ptr_null(session_of(3)); /* no lease */
	ck_assert(connect_to("submission", 4, "192.0.2.2"));
	ck_assert(!connect_to("default", 5, "192.0.2.1"));
	connections_by(LIMIT_BY_LISTENER, 1, ACTION_REJECT);
	ck_assert(connect_to("default", 6, "192.0.2.1"));
	ck_assert(!connect_to("default", 7, "192.0.2.9"));
	ck_assert_int_eq(verdict.action, ACTION_REJECT);
}
END_TEST

/* Asked again because the answer was lost: one, and never refused then. */
START_TEST(gate_charges_a_connection_once)
{
	connections_by(LIMIT_BY_CLIENT, 1, ACTION_DEFER);
	for (int i = 0; i < 5; i++)
		ck_assert(connect_to("submission", 1, "192.0.2.1"));
	ck_assert_uint_eq(used_by("new", "192.0.2.1"), 1);
}
END_TEST

START_TEST(gate_connections_a_cap_refuses_are_not_counted)
{
	connections_by(LIMIT_BY_CLIENT, 100, ACTION_DEFER);
	for (uint64_t id = 0; id < 10; id++)
		ck_assert(connect_to("default", id, "192.0.2.1") == (id < 2));
	ck_assert_uint_eq(used_by("new", "192.0.2.1"), 2);
}
END_TEST

/* Held and observed connections are open, and the verdict says so. */
START_TEST(gate_connections_beyond_a_limit_may_be_held)
{
	connections_by(LIMIT_BY_CLIENT, 1, ACTION_HOLD);
	ck_assert(connect_to("submission", 1, "192.0.2.1"));
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert(connect_to("submission", 2, "192.0.2.1"));
	ck_assert_int_eq(verdict.action, ACTION_HOLD);
	ck_assert_str_eq(verdict.rule, "new");
	ck_assert_ptr_nonnull(session_of(2));
	rules[0].action = ACTION_OBSERVE;
	ck_assert(connect_to("submission", 3, "192.0.2.1"));
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
}
END_TEST

START_TEST(gate_caps_and_throttles_see_the_same_source)
{
	config.ipv6_prefix = 48;
	connections_by(LIMIT_BY_CLIENT, 100, ACTION_DEFER);
	ck_assert(connect_to("default", 1, "2001:db8:1:1::1"));
	ck_assert(connect_to("default", 2, "2001:db8:1:2::1"));
	ck_assert(!connect_to("default", 3, "2001:db8:1:3::1"));
	ck_assert_str_eq(verdict.key, "2001:db8:1::/48");
	ck_assert_uint_eq(used_by("new", "2001:db8:1::/48"), 2);
	/* a reload that tells them apart */
	config.ipv6_prefix = 64;
	gate_use(&gate, &config);
	ck_assert(connect_to("default", 4, "2001:db8:1:1::1"));
	ck_assert(!connect_to("default", 5, "2001:db8:1:1::1"));
	ck_assert_str_eq(verdict.key, "2001:db8:1:1::/64");
}
END_TEST

/* --- bytes, and the networks of a login --- */

static bool
mail_of(uint64_t id, uint64_t size, int64_t s)
{
	return gate_mail(&gate, &config, session_of(id), "u", "a@x", size,
	    at(s), &verdict);
}

static bool
end_of(uint64_t id, uint64_t size, int64_t s)
{
	return gate_end(&gate, &config, session_of(id), size, at(s),
	    &verdict);
}

START_TEST(gate_charges_bytes_when_they_are_there)
{
	rules[0].rates[0].limit = 100;
	rules[1] = rule("bytes", LIMIT_BYTES, 1000);
	ck_assert(connect_to("submission", 1, "192.0.2.1"));
	ck_assert(mail_of(1, 900, 0));
	ck_assert(end_of(1, 800, 0)); /* smaller than was said */
	ck_assert(!session_of(1)->mail);
	ck_assert_uint_eq(used("bytes", 0), 800);
	/* what cannot fit need not come */
	ck_assert(!mail_of(1, 201, 0));
	ck_assert_str_eq(verdict.rule, "bytes");
	ck_assert_uint_eq(used("messages", 0), 1);
	/* larger than was said: refused at its end, and all is given back */
	ck_assert(mail_of(1, 200, 0));
	ck_assert_uint_eq(used("messages", 0), 2);
	ck_assert(!end_of(1, 201, 1));
	ck_assert_int_eq(verdict.action, ACTION_DEFER);
	ck_assert(!session_of(1)->mail);
	ck_assert_uint_eq(used("messages", 1), 1);
	ck_assert_uint_eq(used("bytes", 1), 800);
	ck_assert(mail_of(1, 0, 1));
	ck_assert(end_of(1, 200, 1));
	ck_assert_uint_eq(used("bytes", 1), 1000);
	/* nobody counted them */
	ck_assert(mail_of(1, 0, 1));
	ck_assert(end_of(1, 0, 1));
}
END_TEST

START_TEST(gate_holds_a_message_for_its_bytes)
{
	rules[0] = rule("bytes", LIMIT_BYTES, 1000);
	rules[0].action = ACTION_HOLD;
	ck_assert(connect_to("submission", 1, "192.0.2.1"));
	ck_assert(mail_of(1, 2000, 0));
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert(end_of(1, 2000, 0));
	ck_assert_int_eq(verdict.action, ACTION_HOLD);
	ck_assert_uint_eq(used("bytes", 0), 0);
}
END_TEST

START_TEST(gate_refuses_a_login_from_too_many_networks)
{
	rules[0].rates[0].limit = 100;
	rules[1] = rule("stolen", LIMIT_CLIENTS, 2);
	rules[1].action = ACTION_REJECT;
	ck_assert(connect_to("submission", 1, "192.0.2.1"));
	ck_assert(connect_to("submission", 2, "2001:db8::1"));
	ck_assert(connect_to("submission", 3, "192.0.2.3"));
	ck_assert(mail(1, "u", 0));
	ck_assert(mail(2, "u", 1));
	ck_assert(!mail(3, "u", 2));
	ck_assert_int_eq(verdict.action, ACTION_REJECT);
	ck_assert_str_eq(verdict.rule, "stolen");
	ck_assert_uint_eq(used("messages", 2), 2); /* charged by none */
	ck_assert(mail(3, "other", 2));
	ck_assert(mail(3, NULL, 2)); /* no login: no rule by user */
	/* one refused for another reason: its network was seen at 1 last */
	ck_assert(mail(2, "u", 3));
	done(2, true, 3);
	ck_assert(!mail(3, "u", 59));
	ck_assert(mail(3, "u", 60));
	ck_assert(!mail(1, "u", 60));
	ck_assert(mail(1, "u", 61));
}
END_TEST

/* Limit 100, 200 sessions at once: exactly 100 pass. */
START_TEST(gate_parallel_sessions_do_not_slip_through)
{
	int passed = 0;

	rules[1].rates[0].limit = 100;
	rules[0].rates[0].limit = 1000;
	listeners[0].max_connections_per_source_percent = UNLIMITED;
	for (uint64_t id = 0; id < 200; id++)
		ck_assert(connect_to("submission", id, "192.0.2.1"));
	for (uint64_t id = 0; id < 200; id++)
		ck_assert(mail(id, "u", 0));
	for (uint64_t id = 0; id < 200; id++)
		passed += rcpt(id, true, 0);
	ck_assert_int_eq(passed, 100);
}
END_TEST

/* By what is charged there: gate_mail. */
START_TEST(mail_decides_only_where_something_is_counted_there)
{
	static const bool decides[] = { [LIMIT_MESSAGES] = true,
		[LIMIT_RECIPIENTS] = false, [LIMIT_BYTES] = true,
		[LIMIT_CONNECTIONS] = false, [LIMIT_CLIENTS] = true };

	config.nthrottles = 1;
	for (size_t i = 0; i < sizeof(decides) / sizeof(decides[0]); i++) {
		rules[0] = rule("r", (enum limit_what)i, 1);
		ck_assert_int_eq(gate_mail_decides(&config), decides[i]);
	}
	config.nthrottles = 0;
	ck_assert(!gate_mail_decides(&config));
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("gate");
	TCase *tcase = tcase_create("gate");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase,
	    mail_decides_only_where_something_is_counted_there);
	tcase_add_test(tcase, seed_3_6);
	tcase_add_test(tcase, gate_counts_ipv6_by_network_and_names_it);
	tcase_add_test(tcase, gate_exempt_client_is_held_to_the_total);
	tcase_add_loop_test(tcase,
	    seed_3_2_3_17_over_limit_is_what_happens_beyond_a_cap, 0,
	    sizeof(actions) / sizeof(actions[0]));
	tcase_add_test(tcase, gate_throttle_of_connections_refuses_and_holds);
	tcase_add_test(tcase, gate_has_room_for_so_many_whatever_the_action);
	tcase_add_test(tcase, gate_connect_twice_is_once);
	tcase_add_test(tcase, gate_announce_never_refuses);
	tcase_add_test(tcase, gate_charges_messages_and_recipients);
	tcase_add_test(tcase, gate_gives_back_what_we_refused_ourselves);
	tcase_add_test(tcase, gate_gives_back_what_its_route_refused);
	tcase_add_test(tcase, gate_keeps_what_came_to_its_end);
	tcase_add_test(tcase, gate_mail_ends_what_was_in_progress);
	tcase_add_test(tcase, gate_rcpt_needs_mail);
	tcase_add_test(tcase, gate_refuses_names_that_do_not_fit);
	tcase_add_test(tcase, gate_charges_connections_when_they_open);
	tcase_add_test(tcase, gate_charges_a_connection_once);
	tcase_add_test(tcase, gate_connections_a_cap_refuses_are_not_counted);
	tcase_add_test(tcase, gate_connections_beyond_a_limit_may_be_held);
	tcase_add_test(tcase, gate_caps_and_throttles_see_the_same_source);
	tcase_add_test(tcase, gate_charges_bytes_when_they_are_there);
	tcase_add_test(tcase, gate_holds_a_message_for_its_bytes);
	tcase_add_test(tcase, gate_refuses_a_login_from_too_many_networks);
	tcase_add_test(tcase, gate_parallel_sessions_do_not_slip_through);
	suite_add_tcase(suite, tcase);
	return suite;
}
