/* With the index and without: the same route, whatever is asked. */
#include "core/route_index.h"

#include "core/route.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

enum { ROUTES = 12, PATTERNS = 3, ROUNDS = 3000 };

static const char *const patterns[] = { "@a.example", "@.a.example",
	"@b.a.example", "@.b.a.example", "@.example", "@c.example",
	"x@a.example", "x*@b.a.example", "*@c.example", "@*.example",
	"@.*.example", "x@*", "<>", "*", "@A.Example", "\"p@q\"@c.example",
	"@.", "@", "x" };
static const char *const senders[] = { "x@a.example", "y@a.example",
	"x@b.a.example", "xy@b.a.example", "y@c.b.a.example", "y@example",
	"x@c.example", "\"p@q\"@c.example", "x@.a.example", "x@a.example.",
	"x@xa.example", "", "x", "x@", "y@A.EXAMPLE", "@", "y@d.other" };

static unsigned
draw(uint64_t *state, size_t below)
{
	*state = *state * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (unsigned)((*state >> 33) % below);
}

static void
check_round(uint64_t *state)
{
	static const char *const users[] = { "alice", "bob",
		"Alice", "a*", "b.a.example" };
	static const char *const recipients[] = { NULL, "u@big.example",
		"u@small.example" };
	static const char *big = "@big.example";
	static struct netblock ten = { { 4, { 10 } }, 8 };
	const char *texts[ROUTES][PATTERNS + 2];
	struct route routes[ROUTES];
	struct config config = { .routes = routes, .nroutes = ROUTES };
	struct arena *arena = arena_new();
	struct route_index *index;

	memset(routes, 0, sizeof(routes));
	for (size_t i = 0; i < ROUTES; i++) {
		for (size_t j = 0; j < PATTERNS; j++)
			texts[i][j] = patterns[draw(state,
			    sizeof(patterns) / sizeof(patterns[0]))];
		texts[i][PATTERNS] = users[draw(state, 5)];
		texts[i][PATTERNS + 1] = users[draw(state, 5)];
		routes[i].sender = (struct strings) { texts[i],
			draw(state, PATTERNS + 1) };
		routes[i].user = (struct strings) { &texts[i][PATTERNS],
			draw(state, 3) };
	}
	for (size_t i = 1; i < ROUTES; i += 3)
		routes[i].client = (struct netblocks) { &ten,
			draw(state, 2) };
	for (size_t i = 0; i < ROUTES; i += 3)
		routes[i].recipient = (struct strings) { &big,
			draw(state, 2) };
	index = route_index_new(arena, routes, ROUTES);
	for (size_t i = 0; i <= sizeof(senders) / sizeof(senders[0]); i++) {
		const struct facts facts = { .listener = "default",
			.user = draw(state, 2) ? users[draw(state, 5)] : NULL,
			.client = { 4, { (uint8_t)(9 + draw(state, 2)) } },
			.sender = i > 0 ? senders[i - 1] : NULL,
			.recipient = recipients[draw(state, 3)] };
		const struct route *plain, *quick, *doubt, *quick_doubt;

		config.route_index = NULL;
		plain = route_find_sure(&config, &facts, &doubt);
		config.route_index = index;
		quick = route_find_sure(&config, &facts, &quick_doubt);
		if (doubt != quick_doubt)
			ck_abort_msg("another doubt");
		if (plain != quick)
			ck_abort_msg("%s: %d, not %d",
			    facts.sender != NULL ? facts.sender : "no sender",
			    quick != NULL ? (int)(quick - routes) : -1,
			    plain != NULL ? (int)(plain - routes) : -1);
	}
	arena_free(&arena);
}

START_TEST(finds_what_looking_through_finds)
{
	uint64_t state = 5;

	for (int round = 0; round < ROUNDS; round++)
		check_round(&state);
}
END_TEST

static size_t asked;

static bool
count_asked(void *ctx, size_t route)
{
	(void)ctx;
	(void)route;
	asked++;
	return false;
}

/* A thousand routes, and only those of the domain are asked. */
START_TEST(asks_few)
{
	static char texts[ROUTES_MAX][32];
	static const char *lists[ROUTES_MAX];
	static struct route routes[ROUTES_MAX];
	struct arena *arena = arena_new();
	struct route_index *index;

	for (unsigned i = 0; i < ROUTES_MAX; i++) {
		(void)snprintf(texts[i], 32, "%scustomer%u.example",
		    i % 2 ? "@." : "@", i / 2);
		lists[i] = texts[i];
		routes[i].sender = (struct strings) { &lists[i], 1 };
	}
	routes[700].sender.count = 0; /* always asked */
	index = route_index_new(arena, routes, ROUTES_MAX);
	ck_assert(route_index_find(index, "mail.customer77.example",
	    "alice@example.com", count_asked, NULL) == SIZE_MAX);
	ck_assert_uint_eq(asked, 3);

	for (unsigned i = 0; i < ROUTES_MAX; i++) {
		(void)snprintf(texts[i], 32, "user%u@example.com", i);
		routes[i].user = routes[i].sender;
		routes[i].sender.count = 0;
	}
	routes[700].user.count = 0;
	asked = 0;
	index = route_index_new(arena, routes, ROUTES_MAX);
	ck_assert(route_index_find(index, "example.com", "user77@example.com",
	    count_asked, NULL) == SIZE_MAX);
	ck_assert_uint_eq(asked, 2);
	arena_free(&arena);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("route index");
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, finds_what_looking_through_finds);
	tcase_add_test(tcase, asks_few);
	suite_add_tcase(suite, tcase);
	return suite;
}
