/* The last hour of each smart host, in slots. */
#include "core/history.h"

#include "check_main.h"
#include "site.h"

static struct site site;
static struct hosts hosts;
static struct history *history;
static int64_t seconds;

static void
setup(void)
{
	site_init(&site, 3);
	hosts_init(&hosts, &site.config, NULL, site_now(0).mono);
	history = history_new();
	seconds = 0;
}

static void
teardown(void)
{
	history_free(&history);
	hosts_clear(&hosts);
}

static void
tick(void)
{
	seconds += 10;
	history_tick(history, &hosts, site_now(seconds).wall);
}

static const struct history_slot *
slot(size_t at, uint64_t number)
{
	return history_slot(history, &hosts.list[at], at, number);
}

START_TEST(a_slot_has_what_came_since_the_last)
{
	hosts.list[1].selected = 1000; /* before: of an earlier run */
	tick();
	ck_assert_uint_eq(slot(1, 1)->selected, 0);
	hosts.list[1].selected += 7;
	hosts.list[1].delivered += 6;
	hosts.list[1].failed += 1;
	tick();
	ck_assert_uint_eq(slot(1, 2)->selected, 7);
	ck_assert_uint_eq(slot(1, 2)->delivered, 6);
	ck_assert_uint_eq(slot(1, 2)->failed, 1);
	ck_assert_uint_eq(slot(0, 2)->selected, 0);
	tick();
	ck_assert_uint_eq(slot(1, 3)->selected, 0);
	ck_assert_uint_eq(history_last(history), 3);
	ck_assert_int_eq(history_closed(history).us, site_now(30).wall.us);
}
END_TEST

START_TEST(a_slot_has_the_state_at_its_end)
{
	struct evidence evidence = site_evidence(EVIDENCE_HARD, STAGE_TCP);

	tick();
	ck_assert_int_eq(slot(0, 1)->state, 'h');
	host_address_on(&hosts, &hosts.list[0], &hosts.list[0].addresses[0],
	    &site.config.health, &evidence, site_now(11));
	host_set_order(&hosts, &hosts.list[1], OPERATOR_DRAIN,
	    (struct wall) { 0 }, site_now(11));
	host_set_order(&hosts, &hosts.list[2], OPERATOR_DOWN,
	    (struct wall) { 0 }, site_now(11));
	tick();
	ck_assert_int_eq(slot(0, 2)->state, 'u');
	ck_assert_int_eq(slot(1, 2)->state, 'd');
	ck_assert_int_eq(slot(2, 2)->state, 'x');
	ck_assert_int_eq(slot(0, 1)->state, 'h');
}
END_TEST

START_TEST(slots_are_of_one_hour)
{
	ck_assert_ptr_null(slot(0, 0));
	for (int i = 0; i < HISTORY_SLOTS + 5; i++) {
		hosts.list[0].selected += (unsigned)i;
		tick();
	}
	ck_assert_ptr_null(slot(0, 5));
	ck_assert_uint_eq(slot(0, 6)->selected, 5);
	ck_assert_uint_eq(slot(0, HISTORY_SLOTS + 5)->selected,
	    HISTORY_SLOTS + 4);
	ck_assert_ptr_null(slot(0, HISTORY_SLOTS + 6));
}
END_TEST

/* b goes, d comes, and c stands where b was. */
START_TEST(after_a_reload_hosts_are_known_by_name)
{
	struct site other;

	tick();
	hosts.list[2].selected += 9;
	tick();
	site_init(&other, 4);
	other.hosts[1] = site.hosts[2];
	other.hosts[2] = other.hosts[3];
	other.config.nhosts = 3;
	hosts_reload(&hosts, &other.config, site_now(25).mono);
	ck_assert_ptr_null(slot(1, 2)); /* until the next slot */
	hosts.list[1].selected += 4;
	tick();
	ck_assert_uint_eq(slot(1, 2)->selected, 9);
	ck_assert_uint_eq(slot(1, 3)->selected, 4);
	ck_assert_ptr_null(slot(2, 2));
	ck_assert_ptr_nonnull(slot(2, 3));
	ck_assert_ptr_nonnull(slot(0, 1));
	ck_assert_ptr_null(history_slot(history, &hosts.list[0], 3, 3));
}
END_TEST

START_TEST(a_counter_that_was_set_back_is_no_flood)
{
	hosts.list[0].selected = 5;
	tick();
	hosts.list[0].selected = 2;
	tick();
	ck_assert_uint_eq(slot(0, 2)->selected, 0);
	hosts.list[0].selected = 3;
	tick();
	ck_assert_uint_eq(slot(0, 3)->selected, 1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("history");
	TCase *tcase = tcase_create("history");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_slot_has_what_came_since_the_last);
	tcase_add_test(tcase, a_slot_has_the_state_at_its_end);
	tcase_add_test(tcase, slots_are_of_one_hour);
	tcase_add_test(tcase, after_a_reload_hosts_are_known_by_name);
	tcase_add_test(tcase, a_counter_that_was_set_back_is_no_flood);
	suite_add_tcase(suite, tcase);
	return suite;
}
