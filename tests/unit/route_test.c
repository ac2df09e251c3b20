/* The first route whose conditions all hold. */
#include "core/route.h"
#include "core/route_index.h"

#include "check_main.h"

#define STRINGS(...)                                                          \
	{                                                                     \
		(const char *[]) { __VA_ARGS__ },                             \
		    sizeof((const char *[]) { __VA_ARGS__ }) / sizeof(char *) \
	}

static const struct {
	const char *listener, *user, *sender;
	const char *route; /* NULL: none matches */
	const char *client; /* NULL: not known */
} rows[] = {
	/* all conditions of one route must hold */
	{ "submission", "alice", "a@all.example", "all", "192.0.2.9" },
	{ "submission", "alice", "a@all.example", "all", "2001:db8::1" },
	{ "submission", "alice", "a@all.example", NULL, "198.51.100.1" },
	{ "submission", "alice", "a@all.example", NULL, NULL },
	{ "default", "alice", "a@all.example", NULL, "192.0.2.9" },
	{ "submission", "bob", "a@all.example", NULL, "192.0.2.9" },
	{ "submission", "alice", "a@any.example", NULL, "192.0.2.9" },
	{ "default", NULL, "a@any.example", "lab", "203.0.113.9" },
	{ "submission", "app-erp", "x@y.example", "bulk", NULL },
	{ "default", "app-erp", "a@abc.example", "bulk", NULL },
	{ "submission", "alice", "a@abc.example", "abc", NULL },
	{ "default", "alice", "a@abc.example", NULL, NULL },
	{ "default", NULL, "v@vip.example", "vip", NULL },
	{ "default", NULL, "v@sub.vip.example", "vip", NULL },
	{ "default", NULL, "", "null", NULL },
	{ "default", NULL, NULL, NULL, NULL },
	{ "default", NULL, "a@abc.example", NULL, NULL },
	{ "default", "bob", "x@y.example", NULL, NULL },
	{ "inside", NULL, "x@y.example", "inside", NULL },
	{ "inside", NULL, NULL, "inside", NULL },
	{ "Inside", NULL, NULL, NULL, NULL }, /* a name, no pattern */
};

START_TEST(seed_1_27_first_match_wins)
{
	struct netblock blocks[] = { { { 4, { 192, 0, 2, 0 } }, 24 },
		{ { 6, { 0x20, 0x01, 0x0d, 0xb8 } }, 32 },
		{ { 4, { 203, 0, 113, 8 } }, 29 } };
	const struct netblocks nets = { blocks, 2 }, lab = { blocks + 2, 1 };
	struct route routes[] = {
		{ .name = "bulk", .user = STRINGS("app-*") },
		{ .name = "abc", .sender = STRINGS("@abc.example"),
		    .listener = STRINGS("submission") },
		{ .name = "vip",
		    .sender = STRINGS("@vip.example", "@.vip.example") },
		{ .name = "null", .sender = STRINGS("<>") },
		{ .name = "inside", .listener = STRINGS("inside") },
		{ .name = "never", .user = STRINGS("app-erp") },
		{ .name = "all", .user = STRINGS("alice"),
		    .listener = STRINGS("submission"),
		    .sender = STRINGS("@all.example"), .client = nets },
		{ .name = "lab", .client = lab },
	};
	struct config config = { .routes = routes,
		.nroutes = sizeof(routes) / sizeof(routes[0]) };
	struct facts facts = { .listener = rows[_i].listener,
		.user = rows[_i].user, .sender = rows[_i].sender };
	struct arena *arena = arena_new();
	const struct route *route;

	if (rows[_i].client != NULL)
		ck_assert_int_eq(netaddr_parse(rows[_i].client,
		    &facts.client), 0);
	route = route_find(&config, &facts);
	config.route_index = route_index_new(arena, routes, config.nroutes);
	ck_assert_ptr_eq(route_find(&config, &facts), route);
	arena_free(&arena);
	if (rows[_i].route == NULL)
		ck_assert_ptr_null(route);
	else
		ck_assert_str_eq(route->name, rows[_i].route);
}
END_TEST

/* --- recipients --- */

static struct route asking[] = {
	{ .name = "no", .recipient = STRINGS("@no.example", "@.no.example") },
	{ .name = "abc-big", .sender = STRINGS("@abc.example"),
	    .recipient = STRINGS("@big.example") },
	{ .name = "rest" },
};
static const struct config asks = { .routes = asking, .nroutes = 3,
	.generation = 7 };

static const struct {
	const char *sender;
	const char *recipients[3];
	const char *route;
	const char *doubt; /* NULL: none */
} messages[] = {
	{ "a@x.example", { "u@no.example" }, "no", NULL },
	{ "a@x.example", { "u@no.example", "v@sub.no.example" }, "no", NULL },
	{ "a@x.example", { "u@no.example", "v@y.example" }, "rest", "no" },
	{ "a@x.example", { "v@y.example", "u@no.example" }, "rest", "no" },
	{ "a@x.example", { "v@y.example", "w@y.example" }, "rest", NULL },
	{ "a@abc.example", { "u@big.example" }, "abc-big", NULL },
	{ "a@abc.example", { "u@big.example", "v@y.example" }, "rest",
	    "abc-big" },
	{ "a@x.example", { "u@big.example", "v@y.example" }, "rest", NULL },
	{ "a@x.example", { NULL }, "rest", "no" }, /* nobody knows them */
};

START_TEST(every_recipient_must_match)
{
	struct facts facts = { .listener = "default",
		.sender = messages[_i].sender };
	struct route_fit fit = { 0 };
	const struct route *route, *doubt;
	uint32_t count = 0;

	for (; count < 3 && messages[_i].recipients[count] != NULL; count++)
		route_fit_note(&fit, &asks, messages[_i].recipients[count]);
	ck_assert_int_eq(route_fit_whole(&fit, &asks, count), count > 0);
	facts.fit = count > 0 ? &fit : NULL;
	route = route_find_sure(&asks, &facts, &doubt);
	ck_assert_ptr_eq(route, route_find(&asks, &facts));
	ck_assert_str_eq(route->name, messages[_i].route);
	ck_assert_pstr_eq(doubt != NULL ? doubt->name : NULL,
	    messages[_i].doubt);
	if (count != 1)
		return;
	/* one alone needs no notes */
	facts.fit = NULL;
	facts.recipient = messages[_i].recipients[0];
	ck_assert_ptr_eq(route_find_sure(&asks, &facts, &doubt), route);
	ck_assert_ptr_null(doubt);
}
END_TEST

START_TEST(recipients_held_against_two_configurations_are_not_known)
{
	struct config later = asks;
	struct route_fit fit = { 0 };

	later.generation++;
	ck_assert(!route_fit_whole(&fit, &asks, 0));
	route_fit_note(&fit, &asks, "u@no.example");
	ck_assert(route_fit_whole(&fit, &asks, 1));
	ck_assert(!route_fit_whole(&fit, &asks, 2));
	ck_assert(!route_fit_whole(&fit, &later, 1));
	route_fit_note(&fit, &later, "v@no.example");
	ck_assert(!route_fit_whole(&fit, &later, 2));
	ck_assert(!route_fit_whole(&fit, &asks, 2));
	fit.recipients = 0; /* the next message */
	route_fit_note(&fit, &later, "v@y.example");
	ck_assert(route_fit_whole(&fit, &later, 1));
}
END_TEST

START_TEST(what_a_table_cannot_know)
{
	ck_assert(!route_asks_session(&asking[0]));
	ck_assert(route_asks_session(&asking[1]));
	ck_assert(!route_asks_session(&asking[2]));
	ck_assert(route_asks_session(&(struct route) {
	    .client = { &(struct netblock) { { 4, { 10 } }, 8 }, 1 } }));
	ck_assert(route_asks_session(&(struct route) {
	    .listener = STRINGS("x") }));
	ck_assert(route_asks_session(&(struct route) {
	    .user = STRINGS("x") }));
}
END_TEST

START_TEST(a_route_without_conditions_takes_the_rest)
{
	struct route rest = { .name = "rest" };
	struct config config = { .routes = &rest, .nroutes = 1 };
	struct facts facts = { .listener = "default" };

	ck_assert_ptr_eq(route_find(&config, &facts), &rest);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("route");
	TCase *tcase = tcase_create("route");

	tcase_add_loop_test(tcase, seed_1_27_first_match_wins, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(tcase, every_recipient_must_match, 0,
	    sizeof(messages) / sizeof(messages[0]));
	tcase_add_test(tcase,
	    recipients_held_against_two_configurations_are_not_known);
	tcase_add_test(tcase, what_a_table_cannot_know);
	tcase_add_test(tcase, a_route_without_conditions_takes_the_rest);
	suite_add_tcase(suite, tcase);
	return suite;
}
