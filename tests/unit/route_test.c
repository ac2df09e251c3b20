/* The first route whose conditions all hold. */
#include "core/route.h"

#include "check_main.h"

#define STRINGS(...)                                                          \
	{                                                                     \
		(const char *[]) { __VA_ARGS__ },                             \
		    sizeof((const char *[]) { __VA_ARGS__ }) / sizeof(char *) \
	}

static const struct {
	const char *listener, *user, *sender;
	const char *route; /* NULL: none matches */
} rows[] = {
	{ "submission", "app-erp", "x@y.example", "bulk" },
	{ "default", "app-erp", "a@abc.example", "bulk" },
	{ "submission", "alice", "a@abc.example", "abc" },
	{ "default", "alice", "a@abc.example", NULL },
	{ "default", NULL, "v@vip.example", "vip" },
	{ "default", NULL, "v@sub.vip.example", "vip" },
	{ "default", NULL, "", "null" },
	{ "default", NULL, NULL, NULL },
	{ "default", NULL, "a@abc.example", NULL },
	{ "default", "bob", "x@y.example", NULL },
	{ "inside", NULL, "x@y.example", "inside" },
	{ "inside", NULL, NULL, "inside" },
};

START_TEST(first_match_wins)
{
	struct route routes[] = {
		{ .name = "bulk", .user = STRINGS("app-*") },
		{ .name = "abc", .sender = STRINGS("@abc.example"),
		    .listener = STRINGS("submission") },
		{ .name = "vip",
		    .sender = STRINGS("@vip.example", "@.vip.example") },
		{ .name = "null", .sender = STRINGS("<>") },
		{ .name = "inside", .listener = STRINGS("inside") },
		{ .name = "never", .user = STRINGS("app-erp") },
	};
	struct config config = { .routes = routes,
		.nroutes = sizeof(routes) / sizeof(routes[0]) };
	struct facts facts = { .listener = rows[_i].listener,
		.user = rows[_i].user, .sender = rows[_i].sender };
	const struct route *route = route_find(&config, &facts);

	if (rows[_i].route == NULL)
		ck_assert_ptr_null(route);
	else
		ck_assert_str_eq(route->name, rows[_i].route);
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

	tcase_add_loop_test(tcase, first_match_wins, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, a_route_without_conditions_takes_the_rest);
	suite_add_tcase(suite, tcase);
	return suite;
}
