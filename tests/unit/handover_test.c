/*
 * What waits for the state to be told of it: with nobody there, none of it is
 * lost, and no more of it is kept than there is room for.
 */
#include "milter/handover.h"

#include "check_main.h"
#include "io/log.h"

#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct handover_batch *waiting;
static struct outlet nowhere;

static void
setup(void)
{
	log_open("test", LOG_LEVEL_ERROR);
	nowhere.client = state_client_new(&(struct state_client_settings) {
	    .socket = "/nowhere/at/all", .role = "milter", .instance = "test",
	    .timeout = span_ms(100) });
}

static void
teardown(void)
{
	for (struct handover_batch *next; waiting != NULL; waiting = next) {
		next = waiting->next;
		local_charges_clear(&waiting->charges);
		free(waiting);
	}
	state_client_free(&nowhere.client);
}

/* So many that say the same. */
static void
tell(size_t count)
{
	struct local_charges charges = { .arena = arena_new(),
		.count = count, .room = count };

	charges.list = calloc(count + 1, sizeof(*charges.list));
	ck_assert_ptr_nonnull(charges.list);
	if (count > 0)
		charges.list[0] = (struct local_charge) { .rule = "r",
			.key = "k", .claim.cost = 1 };
	handover_tell(&waiting, &lock, &charges, &nowhere);
}

/* The counts of the batches that wait, the oldest first. */
static void
expect(size_t first, size_t second)
{
	ck_assert_ptr_nonnull(waiting);
	ck_assert_uint_eq(waiting->charges.count, first);
	ck_assert_uint_eq(waiting->told, 0);
	if (second == 0) {
		ck_assert_ptr_null(waiting->next);
		return;
	}
	ck_assert_ptr_nonnull(waiting->next);
	ck_assert_uint_eq(waiting->next->charges.count, second);
	ck_assert_ptr_null(waiting->next->next);
}

START_TEST(what_cannot_be_told_waits_in_its_order)
{
	tell(0);
	ck_assert_ptr_null(waiting);
	tell(3);
	expect(3, 0);
	tell(0);
	expect(3, 0);
	tell(5);
	expect(3, 5);
}
END_TEST

START_TEST(of_too_many_the_oldest_are_dropped)
{
	tell(HANDOVER_MAX - 1);
	tell(1);
	expect(HANDOVER_MAX - 1, 1);
	tell(2);
	expect(1, 2);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("handover");
	TCase *tcase = tcase_create("handover");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_cannot_be_told_waits_in_its_order);
	tcase_add_test(tcase, of_too_many_the_oldest_are_dropped);
	suite_add_tcase(s, tcase);
	return s;
}
