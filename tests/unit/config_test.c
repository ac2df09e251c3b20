/* Which listener a session came in by, and who frees a configuration. */
#include "core/config.h"

#include "check_main.h"

#include <stdint.h>

static const char *daemons_a[] = { "submission", "submissions" };
static const char *daemons_b[] = { "relay" };
static uint16_t ports_a[] = { 465, 587 };
static uint16_t ports_b[] = { 2525 };
static struct listener listeners[] = {
	{ .name = "a", .ports = { ports_a, 2 }, .daemons = { daemons_a, 2 } },
	{ .name = "b", .ports = { ports_b, 1 }, .daemons = { daemons_b, 1 } },
	{ .name = "default" },
};
static const struct config config = { .listeners = listeners, .nlisteners = 3 };

static const struct {
	const char *daemon_name;
	uint16_t port;
	const char *listener;
} sessions[] = {
	{ "submission", 0, "a" },
	{ "submissions", 10465, "a" },
	{ NULL, 587, "a" },
	{ "relay", 0, "b" },
	{ "other", 2525, "b" },
	/* the first listener in the file wins */
	{ "relay", 465, "a" },
	{ "Submission", 0, "default" },
	{ "smtpd", 25, "default" },
	{ NULL, 0, "default" },
};

START_TEST(config_listener_is_the_first_that_fits)
{
	ck_assert_str_eq(config_listener(&config, sessions[_i].daemon_name,
	    sessions[_i].port)->name, sessions[_i].listener);
}
END_TEST

START_TEST(config_lives_as_long_as_its_last_user)
{
	struct config *mine = config_new(), *yours = config_ref(mine);
	char *text = arena_copy(mine->arena, "still here");

	config_unref(&mine);
	ck_assert_ptr_null(mine);
	ck_assert_str_eq(text, "still here");
	ck_assert_uint_eq(atomic_load(&yours->refs), 1);
	config_unref(&yours);
	config_unref(&yours); /* an empty handle is accepted */
}
END_TEST

START_TEST(arena_gives_aligned_zeroed_memory_of_any_size)
{
	static const size_t sizes[] = { 0, 1, 3, 16, 4096, 65535, 65536,
		1000000, 1 };
	struct arena *arena = arena_new();

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *p = arena_alloc(arena, sizes[i]);
		size_t zeros = 0; /* counted: an assertion a byte is slow */

		ck_assert_uint_eq((uintptr_t)p % sizeof(void *), 0);
		while (zeros < sizes[i] && p[zeros] == 0)
			zeros++;
		ck_assert_uint_eq(zeros, sizes[i]);
		memset(p, 'x', sizes[i]);
	}
	arena_free(&arena);
	arena_free(&arena);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("config");
	TCase *tcase = tcase_create("config");

	tcase_add_loop_test(tcase, config_listener_is_the_first_that_fits, 0,
	    sizeof(sessions) / sizeof(sessions[0]));
	tcase_add_test(tcase, config_lives_as_long_as_its_last_user);
	tcase_add_test(tcase, arena_gives_aligned_zeroed_memory_of_any_size);
	suite_add_tcase(suite, tcase);
	return suite;
}
