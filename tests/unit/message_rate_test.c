/*
 * message_rate of listeners: the throttles they become, what each source
 * counts, the profiles, and the reload that keeps what was counted.
 */
#include "core/gate.h"
#include "core/message_rate.h"
#include "io/config_file.h"

#include "check_main.h"
#include "libconfig_leak.h"

#include <stdio.h>
#include <string.h>

static const uint8_t seed[16] = "0123456789abcde";
static struct config_errors errors;
static struct config *config;
static struct gate gate;
static struct verdict verdict;
static uint64_t sessions;

static struct config *
load(const char *text)
{
	struct config *c = config_load_text(text, strlen(text), "weir.conf",
	    &errors);

	config_errors_print(&errors, stdout);
	ck_assert_ptr_nonnull(c);
	return c;
}

static void
begin_with(const char *text)
{
	config = load(text);
	sessions = 0;
	gate_init(&gate, config, seed, NULL);
}

static void
end(void)
{
	gate_clear(&gate);
	config_unref(&config);
}

static struct now
at(int64_t ms)
{
	return (struct now) { { 1000000000 + ms * 1000 }, { ms * 1000 } };
}

/* One message on a connection of its own. */
static bool
mail(const char *listener, const char *client, const char *user, int64_t ms)
{
	struct session_key key = { "m", ++sessions };
	struct netaddr from;
	struct session *session;
	bool passes;

	ck_assert_int_eq(netaddr_parse(client, &from), 0);
	ck_assert(gate_connect(&gate, config, &key, listener, &from, 1, at(ms),
	    &verdict));
	session = sessions_find(gate.sessions, &key);
	passes = gate_mail(&gate, config, session, user, "a@x", 0, at(ms),
	    &verdict);
	gate_close(&gate, session);
	return passes;
}

static unsigned
pass_of(unsigned count, const char *client, const char *user, int64_t ms)
{
	unsigned passed = 0;

	for (unsigned i = 0; i < count; i++)
		passed += mail("default", client, user, ms);
	return passed;
}

#define RATE(source) "listeners = ( { name = \"default\"; " \
	"message_rate = \"600/m\"; message_rate_source = \"" source "\"; } );"

/* --- what they become --- */

static const struct throttle *
find(const char *name)
{
	for (size_t i = 0; i < config->nthrottles; i++) {
		if (strcmp(config->throttles[i].name, name) == 0)
			return &config->throttles[i];
	}
	return NULL;
}

START_TEST(rates_stand_before_the_throttles_of_the_file)
{
	static const char *const names[] = { "sub/message-rate-client",
		"sub/message-rate-user", "default/message-rate-user", "t" };
	const struct throttle *t;

	begin_with("listeners = ("
	    " { name = \"default\"; message_rate = \"2/m\";"
	    "   message_rate_source = \"user\"; over_limit = \"hold\"; },"
	    " { name = \"sub\"; ports = 587; message_rate_source = \"all\";"
	    "   message_rate = [ \"600/m\", \"5000/d\" ]; },"
	    " { name = \"in\"; ports = 25; message_rate = \"9/m\";"
	    "   message_rate_source = \"none\"; },"
	    " { name = \"out\"; ports = 26; message_rate = \"unlimited\"; } );"
	    "throttles = ( { name = \"t\"; what = \"messages\"; by = \"user\";"
	    " limit = \"1/h\"; } );");
	ck_assert_uint_eq(config->nthrottles, 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_str_eq(config->throttles[i].name, names[i]);
	t = find("sub/message-rate-client");
	ck_assert_int_eq(t->what, LIMIT_MESSAGES);
	ck_assert_uint_eq(t->nby, 1);
	ck_assert_int_eq(t->by[0], LIMIT_BY_CLIENT);
	ck_assert_uint_eq(t->nrates, 2);
	ck_assert_uint_eq(t->rates[1].limit, 5000);
	ck_assert_int_eq(t->action, ACTION_DEFER);
	ck_assert_uint_eq(t->listeners.count, 1);
	ck_assert_str_eq(t->listeners.list[0], "sub");
	ck_assert_int_eq(find("default/message-rate-user")->action,
	    ACTION_HOLD);
	end();
}
END_TEST

/* The longest name, on every listener there may be, with every throttle. */
START_TEST(rates_of_every_listener_fit)
{
	char *text, name[NAME_MAX_LEN + 1];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)fprintf(out, "listeners = (");
	for (unsigned i = 0; i < LISTENERS_MAX - 1; i++)
		(void)fprintf(out, "{ name = \"%061u%02u\"; ports = %u;"
		    " message_rate = \"600/m\"; message_rate_source = \"all\";"
		    " }, ", 0, i, i + 1);
	(void)fprintf(out, "{ name = \"default\"; message_rate = \"6/m\"; });"
	    "throttles = (");
	for (unsigned i = 0; i < THROTTLES_MAX; i++)
		(void)fprintf(out, "%s{ name = \"t%u\"; what = \"messages\";"
		    " by = \"user\"; limit = \"600/m\"; }", i > 0 ? "," : "",
		    i);
	(void)fprintf(out, ");");
	(void)fclose(out);
	begin_with(text);
	free(text);
	ck_assert_uint_eq(config->nthrottles,
	    2 * (LISTENERS_MAX - 1) + 1 + THROTTLES_MAX);
	(void)snprintf(name, sizeof(name), "%061u%02u", 0, 7);
	for (unsigned i = 0; i < 600; i++)
		ck_assert(mail(name, "192.0.2.1", "u", 0));
	ck_assert(!mail(name, "192.0.2.1", "u", 0));
	ck_assert_uint_eq(strlen(verdict.rule), RULE_MAX_LEN);
	ck_assert(strncmp(verdict.rule, name, NAME_MAX_LEN) == 0);
	end();
}
END_TEST

START_TEST(rates_of_one_period_are_a_mistake)
{
	static const char text[] = "listeners = ( { name = \"default\";"
	    " message_rate = [ \"6/m\", \"7/60s\" ]; } );";

	ck_assert_ptr_null(config_load_text(text, strlen(text), "weir.conf",
	    &errors));
	ck_assert_str_eq(errors.list[0], "weir.conf:1: "
	    "listeners[default].message_rate: has two rates of one period; "
	    "keep the smaller");
}
END_TEST

/* --- the profiles --- */

START_TEST(seed_2_23_hub_is_unlimited)
{
	begin_with("profile = \"hub\";");
	ck_assert_uint_eq(config->nthrottles, 0);
	ck_assert_uint_eq(pass_of(2000, "192.0.2.1", NULL, 0), 2000);
	end();
	begin_with("profile = \"hub\"; listeners = ( { name = \"default\";"
	    " message_rate = \"3/m\"; } );");
	ck_assert_uint_eq(pass_of(10, "192.0.2.1", NULL, 0), 3);
	end();
}
END_TEST

START_TEST(seed_2_24_edge_is_600_a_minute)
{
	begin_with("profile = \"edge\"; listeners = ("
	    " { name = \"in\"; ports = 25; },"
	    " { name = \"out\"; ports = 26; message_rate = \"unlimited\"; },"
	    " { name = \"own\"; ports = 27; message_rate = \"2000/m\"; } );");
	ck_assert_uint_eq(pass_of(700, "192.0.2.1", NULL, 0), 600);
	for (int i = 0; i < 600; i++)
		ck_assert(mail("in", "192.0.2.1", NULL, 0));
	ck_assert(!mail("in", "192.0.2.1", NULL, 0));
	ck_assert_str_eq(verdict.rule, "in/message-rate-client");
	for (int i = 0; i < 1000; i++) {
		ck_assert(mail("out", "192.0.2.1", NULL, 0));
		ck_assert(mail("own", "192.0.2.1", NULL, 0));
	}
	end();
}
END_TEST

/* --- how much --- */

START_TEST(seed_2_22_3_1_the_601st_is_refused)
{
	struct reply reply;
	unsigned passed = 0;

	begin_with(RATE("client"));
	for (int64_t ms = 0; ms < 60000; ms += 80) /* 750 in a minute */
		passed += mail("default", "192.0.2.1", NULL, ms);
	ck_assert_uint_eq(passed, 600);
	ck_assert(!mail("default", "192.0.2.1", NULL, 59999));
	ck_assert_int_eq(verdict.reason, REASON_LIMIT);
	verdict_reply(&verdict, &reply);
	ck_assert_str_eq(reply.code, "451");
	ck_assert_ptr_nonnull(strstr(reply.text,
	    "limit default/message-rate-client: 600 messages/1m used, "
	    "try again in "));
	ck_assert(mail("default", "192.0.2.2", NULL, 59999));
	end();
}
END_TEST

START_TEST(seed_2_25_a_reload_keeps_what_was_counted)
{
	begin_with(RATE("client"));
	ck_assert_uint_eq(pass_of(700, "192.0.2.1", NULL, 0), 600);
	config_unref(&config);
	config = load("listeners = ( { name = \"default\"; "
	    "message_rate = \"2000/m\"; } );");
	ck_assert_uint_eq(pass_of(2000, "192.0.2.1", NULL, 1000), 1400);
	ck_assert_uint_eq(verdict.limit, 2000);
	end();
}
END_TEST

/* --- whom --- */

START_TEST(seed_2_26_none_limits_nobody)
{
	begin_with(RATE("none"));
	ck_assert_uint_eq(pass_of(2000, "192.0.2.1", "u", 0), 2000);
	end();
}
END_TEST

START_TEST(seed_2_26_client)
{
	begin_with(RATE("client"));
	ck_assert_uint_eq(pass_of(300, "192.0.2.1", "u", 0), 300);
	ck_assert_uint_eq(pass_of(601, "192.0.2.1", "v", 0), 300);
	ck_assert_str_eq(verdict.rule, "default/message-rate-client");
	ck_assert_uint_eq(pass_of(601, "192.0.2.2", "u", 0), 600);
	end();
}
END_TEST

START_TEST(seed_2_26_user)
{
	begin_with(RATE("user"));
	ck_assert_uint_eq(pass_of(300, "192.0.2.1", "u", 0), 300);
	ck_assert_uint_eq(pass_of(601, "192.0.2.2", "u", 0), 300);
	ck_assert_str_eq(verdict.rule, "default/message-rate-user");
	ck_assert_uint_eq(pass_of(601, "192.0.2.1", "v", 0), 600);
	/* who has no login has none to be counted by */
	ck_assert_uint_eq(pass_of(1000, "192.0.2.1", NULL, 0), 1000);
	end();
}
END_TEST

START_TEST(seed_2_26_all_the_stricter_decides)
{
	begin_with(RATE("all"));
	ck_assert_uint_eq(pass_of(400, "192.0.2.1", "u", 0), 400);
	ck_assert_uint_eq(pass_of(601, "192.0.2.1", "v", 0), 200);
	ck_assert_str_eq(verdict.rule, "default/message-rate-client");
	ck_assert_uint_eq(pass_of(601, "192.0.2.2", "u", 0), 200);
	ck_assert_str_eq(verdict.rule, "default/message-rate-user");
	ck_assert_uint_eq(pass_of(601, "192.0.2.2", "v", 0), 400);
	end();
}
END_TEST

START_TEST(seed_3_3_3_4_gateways_that_are_exempt_may_burst)
{
	begin_with("listeners = ( { name = \"default\"; "
	    "message_rate = \"600/m\"; message_rate_source = \"all\"; "
	    "exempt_clients = \"192.0.2.0/28\"; } );");
	ck_assert_uint_eq(pass_of(5000, "192.0.2.1", NULL, 0), 5000);
	ck_assert_uint_eq(pass_of(601, "192.0.2.99", NULL, 0), 600);
	/* not from what counts a login */
	ck_assert_uint_eq(pass_of(601, "192.0.2.1", "u", 0), 600);
	ck_assert_str_eq(verdict.rule, "default/message-rate-user");
	end();
}
END_TEST

START_TEST(seed_3_2_a_rate_may_be_observed_only)
{
	begin_with("listeners = ( { name = \"default\"; "
	    "message_rate = \"3/m\"; over_limit = \"observe\"; } );");
	ck_assert_uint_eq(pass_of(10, "192.0.2.1", NULL, 0), 10);
	end();
}
END_TEST

/* The other numbers of the profile, and that explicit settings win. */
START_TEST(profiles_set_the_ladder)
{
	static const struct {
		const char *text;
		int64_t minutes[2];
	} rows[] = {
		{ "profile = \"hub\";", { 5, 10 } },
		{ "profile = \"edge\";", { 10, 30 } },
		{ "profile = \"edge\"; health: { ladder = \"1m 2m 3m\"; };",
		    { 2, 3 } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *c = load(rows[i].text);

		for (size_t j = 0; j < 2; j++)
			ck_assert_int_eq(c->health.ladder.rungs[j + 1].step.us,
			    rows[i].minutes[j] * 60 * SPAN_SECOND);
		config_unref(&c);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("message_rate");
	TCase *tcase = tcase_create("message_rate");

	tcase_add_test(tcase, rates_stand_before_the_throttles_of_the_file);
	tcase_add_test(tcase, rates_of_every_listener_fit);
	tcase_add_test(tcase, rates_of_one_period_are_a_mistake);
	tcase_add_test(tcase, seed_2_23_hub_is_unlimited);
	tcase_add_test(tcase, seed_2_24_edge_is_600_a_minute);
	tcase_add_test(tcase, seed_2_22_3_1_the_601st_is_refused);
	tcase_add_test(tcase, seed_2_25_a_reload_keeps_what_was_counted);
	tcase_add_test(tcase, seed_2_26_none_limits_nobody);
	tcase_add_test(tcase, seed_2_26_client);
	tcase_add_test(tcase, seed_2_26_user);
	tcase_add_test(tcase, seed_2_26_all_the_stricter_decides);
	tcase_add_test(tcase, seed_3_3_3_4_gateways_that_are_exempt_may_burst);
	tcase_add_test(tcase, seed_3_2_a_rate_may_be_observed_only);
	tcase_add_test(tcase, profiles_set_the_ladder);
	suite_add_tcase(suite, tcase);
	return suite;
}
