/* The bounded table, and the hash under it. */
#include "core/siphash.h"
#include "core/table.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

/* The reference vectors of the paper's authors: key and input count up. */
START_TEST(siphash_is_siphash_2_4)
{
	static const struct {
		size_t len;
		uint64_t hash;
	} rows[] = {
		{ 0, UINT64_C(0x726FDB47DD0E0E31) },
		{ 1, UINT64_C(0x74F839C593DC67FD) },
		{ 7, UINT64_C(0xAB0200F58B01D137) },
		{ 8, UINT64_C(0x93F5F5799A932462) },
		{ 15, UINT64_C(0xA129CA6149BE45E5) },
		{ 63, UINT64_C(0x958A324CEB064572) },
	};
	uint8_t key[16], input[64];

	for (uint8_t i = 0; i < 64; i++)
		input[i] = i;
	memcpy(key, input, sizeof(key));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(siphash(key, input, rows[i].len) == rows[i].hash,
		    "%zu", rows[i].len);
}
END_TEST

static bool
may_leave(void *ctx, const void *value)
{
	++*(int *)ctx;
	return *(const uint64_t *)value != 1; /* 1: busy */
}

static struct table *
table_of(size_t max, int *asked)
{
	struct table_settings settings = { .max = max, .seed = "seed" };

	if (asked != NULL) {
		settings.may_leave = may_leave;
		settings.ctx = asked;
	}
	return table_new(&settings);
}

static uint64_t *
add(struct table *table, const char *key, uint64_t number)
{
	uint64_t *value = table_add(table, key, strlen(key), sizeof(*value));

	if (value != NULL) {
		ck_assert_uint_eq((uintptr_t)value % sizeof(*value), 0);
		ck_assert(*value == 0);
		*value = number;
	}
	return value;
}

static bool
has(struct table *table, const char *key)
{
	return table_peek(table, key, strlen(key)) != NULL;
}

START_TEST(table_longest_unused_leaves_first)
{
	struct table *table = table_of(3, NULL);

	ck_assert_uint_eq(table_count(table), 0);
	(void)add(table, "a", 2);
	(void)add(table, "b", 2);
	(void)add(table, "c", 2);
	ck_assert(*(uint64_t *)table_find(table, "a", 1) == 2);
	ck_assert(has(table, "b")); /* a look is no use */
	(void)add(table, "d", 2);
	ck_assert(!has(table, "b"));
	ck_assert(has(table, "a") && has(table, "c") && has(table, "d"));
	ck_assert_uint_eq(table_count(table), 3);
	table_remove(table, "a", 1);
	table_remove(table, "a", 1);
	ck_assert(!has(table, "a"));
	ck_assert_uint_eq(table_count(table), 2);
	table_remove(table, "c", 1);
	table_remove(table, "d", 1);
	ck_assert_uint_eq(table_count(table), 0);
	(void)add(table, "e", 2);
	ck_assert(has(table, "e"));
	table_free(&table);
	ck_assert_ptr_null(table);
	table_free(&table);
}
END_TEST

START_TEST(table_keys_are_bytes_of_their_length)
{
	struct table *table = table_of(9, NULL);

	(void)table_add(table, "a\0b", 3, 8);
	ck_assert_ptr_null(table_find(table, "a\0c", 3));
	ck_assert_ptr_null(table_find(table, "a", 1));
	ck_assert_ptr_null(table_find(table, "a\0", 2));
	ck_assert_ptr_nonnull(table_find(table, "a\0b", 3));
	table_free(&table);
}
END_TEST

/* Twenty busy ones at the front hide no idle one for ever. */
START_TEST(table_busy_entries_stay_and_idle_ones_are_found)
{
	int asked = 0, tries = 0;
	struct table *table = table_of(21, &asked);
	char key[16];

	for (int i = 0; i < 20; i++) {
		(void)snprintf(key, sizeof(key), "busy-%d", i);
		(void)add(table, key, 1);
	}
	(void)add(table, "idle", 2);
	while (add(table, "new", 1) == NULL && tries < 10)
		tries++;
	ck_assert_int_gt(tries, 0);
	ck_assert_int_lt(tries, 4);
	ck_assert_int_le(asked, 21);
	ck_assert(!has(table, "idle"));
	ck_assert(has(table, "new"));
	ck_assert_uint_eq(table_count(table), 21);
	for (int i = 0; i < 100; i++)
		ck_assert_ptr_null(add(table, "more", 1));
	for (int i = 0; i < 20; i++) {
		(void)snprintf(key, sizeof(key), "busy-%d", i);
		ck_assert(has(table, key));
	}
	table_free(&table);
}
END_TEST

START_TEST(table_of_none_takes_none)
{
	struct table *table = table_of(0, NULL);

	ck_assert_ptr_null(add(table, "a", 1));
	table_free(&table);
}
END_TEST

START_TEST(table_resize_keeps_value_and_key)
{
	struct table *table = table_of(100, NULL);
	unsigned char *value = table_add(table, "key", 3, 10);

	memset(value, 7, 10);
	(void)add(table, "other", 2);
	value = table_resize(table, value, 10, 300);
	ck_assert_ptr_eq(table_find(table, "key", 3), value);
	for (int i = 0; i < 300; i++)
		ck_assert_int_eq(value[i], i < 10 ? 7 : 0);
	ck_assert_uint_eq(table_count(table), 2);
	table_free(&table);
}
END_TEST

START_TEST(table_finds_by_name)
{
	struct table *table = table_of(1000, NULL);
	char key[16];

	for (int i = 0; i < 1000; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		(void)add(table, key, (uint64_t)i);
	}
	for (int i = 0; i < 1000; i++) {
		uint64_t *value;

		(void)snprintf(key, sizeof(key), "%d", i);
		value = table_by_name(table,
		    table_name(table, key, strlen(key)));
		ck_assert_ptr_eq(value, table_peek(table, key, strlen(key)));
	}
	ck_assert_ptr_null(table_by_name(table, 12345));
	table_remove(table, "5", 1);
	ck_assert_ptr_null(table_by_name(table, table_name(table, "5", 1)));
	table_free(&table);
}
END_TEST

/* --- walks --- */

static struct table *walked;

static void
see(void *ctx, const void *key, size_t len, void *value)
{
	(void)ctx;
	(void)key;
	(void)len;
	++*(uint64_t *)value;
}

static void
remove_odd(void *ctx, const void *key, size_t len, void *value)
{
	if (*(uint64_t *)value % 2 == 1)
		table_remove(walked, key, len);
	else
		(void)table_resize(walked, value, 8, 64);
	++*(int *)ctx;
}

/* A thousand that stay are seen once each, whatever comes and goes between. */
START_TEST(table_walk_survives_changes)
{
	struct table *table = table_of(4000, NULL);
	uint64_t cursor = 0;
	char key[24];
	int step = 0;

	for (int i = 0; i < 1000; i++) {
		(void)snprintf(key, sizeof(key), "stays-%d", i);
		(void)add(table, key, 0);
		(void)snprintf(key, sizeof(key), "goes-%d", i);
		(void)add(table, key, 0);
	}
	do {
		(void)snprintf(key, sizeof(key), "goes-%d", step);
		table_remove(table, key, strlen(key));
		(void)snprintf(key, sizeof(key), "comes-%d", step);
		(void)add(table, key, 0);
		(void)snprintf(key, sizeof(key), "stays-%d", step % 1000);
		(void)table_find(table, key, strlen(key));
		table_walk(table, &cursor, 5, see, NULL);
		step++;
	} while (cursor != 0);
	ck_assert_int_gt(step, 300);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(key, sizeof(key), "stays-%d", i);
		ck_assert(*(uint64_t *)table_find(table, key, strlen(key)) ==
		    1);
	}
	table_free(&table);
}
END_TEST

START_TEST(table_walk_lets_the_entry_be_removed_or_resized)
{
	uint64_t cursor = 0;
	int seen = 0;
	char key[16];

	walked = table_of(1000, NULL);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		(void)add(walked, key, (uint64_t)i);
	}
	do
		table_walk(walked, &cursor, 100, remove_odd, &seen);
	while (cursor != 0);
	ck_assert_int_eq(seen, 1000);
	ck_assert_uint_eq(table_count(walked), 500);
	ck_assert(has(walked, "998") && !has(walked, "999"));
	cursor = UINT64_MAX; /* a cursor from a stranger */
	table_walk(walked, &cursor, 100, see, NULL);
	ck_assert(cursor == 0);
	table_free(&walked);
}
END_TEST

START_TEST(table_marked_shows_what_was_marked)
{
	struct table *table = table_of(4000, NULL);
	int calls = 1;
	char key[16];

	for (int i = 0; i < 4000; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		(void)add(table, key, 0);
	}
	ck_assert(!table_marked(table, 10, see, NULL));
	for (int i = 0; i < 500; i++) {
		(void)snprintf(key, sizeof(key), "%d", i * 7);
		table_mark(table, table_find(table, key, strlen(key)));
		table_mark(table, table_find(table, key, strlen(key)));
	}
	while (table_marked(table, 100, see, NULL))
		calls++;
	ck_assert_int_gt(calls, 5);
	for (int i = 0; i < 500; i++) {
		(void)snprintf(key, sizeof(key), "%d", i * 7);
		ck_assert(*(uint64_t *)table_find(table, key, strlen(key)) ==
		    1);
	}
	ck_assert(!table_marked(table, 100, see, NULL));
	/* A mark that was taken away can be set again. */
	table_mark(table, table_find(table, "7", 1));
	(void)table_marked(table, 100, see, NULL);
	ck_assert(*(uint64_t *)table_find(table, "7", 1) == 2);
	table_free(&table);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("table");
	TCase *tcase = tcase_create("table");

	tcase_add_test(tcase, siphash_is_siphash_2_4);
	tcase_add_test(tcase, table_longest_unused_leaves_first);
	tcase_add_test(tcase, table_keys_are_bytes_of_their_length);
	tcase_add_test(tcase, table_busy_entries_stay_and_idle_ones_are_found);
	tcase_add_test(tcase, table_of_none_takes_none);
	tcase_add_test(tcase, table_resize_keeps_value_and_key);
	tcase_add_test(tcase, table_finds_by_name);
	tcase_add_test(tcase, table_walk_survives_changes);
	tcase_add_test(tcase, table_walk_lets_the_entry_be_removed_or_resized);
	tcase_add_test(tcase, table_marked_shows_what_was_marked);
	suite_add_tcase(suite, tcase);
	return suite;
}
