/*
 * A file postmap of Postfix 3.7 made (tests/data/postmap.lmdb), whole and
 * damaged. Its source: "Alice@Example.com", "bob", "bob@example.com", "*",
 * 200 users and one whose value takes pages of its own.
 */
#include "core/lmdb.h"

#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 205, PAGE = 4096, DAMAGED = 20000 };

static uint8_t *file;
static size_t size;

static void
setup(void)
{
	const char *dir = getenv("top_srcdir");
	char path[4096];
	FILE *in;

	(void)snprintf(path, sizeof(path), "%s/tests/data/postmap.lmdb",
	    dir == NULL ? "." : dir);
	in = fopen(path, "rb");
	ck_assert_ptr_nonnull(in);
	ck_assert_int_eq(fseek(in, 0, SEEK_END), 0);
	size = (size_t)ftell(in);
	rewind(in);
	file = malloc(size);
	ck_assert_uint_eq(fread(file, 1, size, in), size);
	(void)fclose(in);
}

static void
teardown(void)
{
	free(file);
}

struct seen {
	size_t rows, bytes;
	unsigned sum; /* touches every byte given */
	char first[64], last[64];
	size_t longest;
};

static bool
see(void *ctx, struct lmdb_text key, struct lmdb_text value)
{
	struct seen *seen = ctx;

	for (size_t i = 0; i < key.len; i++)
		seen->sum += (unsigned char)key.bytes[i];
	for (size_t i = 0; i < value.len; i++)
		seen->sum += (unsigned char)value.bytes[i];
	(void)snprintf(seen->rows == 0 ? seen->first : seen->last,
	    sizeof(seen->first), "%.*s=%.*s", (int)key.len, key.bytes,
	    (int)value.len, value.bytes);
	seen->rows++;
	seen->bytes += key.len + value.len;
	if (value.len > seen->longest)
		seen->longest = value.len;
	return true;
}

START_TEST(lmdb_gives_every_row_in_order)
{
	struct seen seen = { 0 };
	const char *why;

	ck_assert_int_eq(lmdb_read(file, size, see, &seen, &why), 0);
	ck_assert_uint_eq(seen.rows, ROWS);
	ck_assert_str_eq(seen.first, "*=@lists.example");
	ck_assert_str_eq(seen.last, "user199@example.com=user199@example.com, "
	    "!@d199.example");
	ck_assert(seen.longest > PAGE);
	ck_assert(lmdb_commit(file, size) > 0);
	ck_assert_uint_eq(lmdb_commit(file, LMDB_HEAD_MAX < size ?
	    LMDB_HEAD_MAX : size), lmdb_commit(file, size));
}
END_TEST

static bool
stop_at_three(void *ctx, struct lmdb_text key, struct lmdb_text value)
{
	(void)key;
	(void)value;
	return ++*(int *)ctx < 3;
}

START_TEST(lmdb_ends_when_it_is_told)
{
	int rows = 0;
	const char *why;

	ck_assert_int_eq(lmdb_read(file, size, stop_at_three, &rows, &why),
	    0);
	ck_assert_int_eq(rows, 3);
}
END_TEST

/* From each length that the file may have been cut to. */
START_TEST(lmdb_refuses_a_part)
{
	struct seen seen = { 0 };
	const char *why;

	for (size_t len = 0; len < size; len += len < 200 ? 1 : 97) {
		uint8_t *part = malloc(len + 1);

		memcpy(part, file, len);
		ck_assert_int_eq(lmdb_read(part, len, see, &seen, &why), -1);
		ck_assert_ptr_nonnull(why);
		free(part);
	}
}
END_TEST

/* The page of the last commit that has the root, as its number says. */
static size_t
meta_at(void)
{
	uint64_t first, second;

	memcpy(&first, file + 16 + 24 + 96 + 8, 8);
	memcpy(&second, file + PAGE + 16 + 24 + 96 + 8, 8);
	return second > first ? PAGE : 0;
}

static void
put64(size_t at, uint64_t value)
{
	memcpy(file + at, &value, 8);
}

START_TEST(lmdb_believes_no_number)
{
	static const struct {
		size_t at; /* in the description of the main tree */
		uint64_t value;
		const char *why;
	} cases[] = {
		{ 40, UINT64_MAX - 1, "a page is missing" },
		{ 40, 0, "a page is missing" },
		{ 40, 1, "a page is missing" },
		{ 32, ROWS - 1, "it has more rows than it says" },
		{ 32, ROWS + 1, "it has fewer rows than it says" },
		{ 24, 0, "a value is not as long as it should be" },
		{ 16, 1, "a page has no rows, or there are too many" },
		{ 8, 0, "a page has no branches, or there are too many" },
	};
	const char *why;
	struct seen seen = { 0 };

	put64(meta_at() + 16 + 24 + 48 + cases[_i].at, cases[_i].value);
	ck_assert_int_eq(lmdb_read(file, size, see, &seen, &why), -1);
	ck_assert_str_eq(why, cases[_i].why);
}
END_TEST

START_TEST(lmdb_is_of_this_machine)
{
	struct seen seen = { 0 };
	const char *why;
	uint8_t swapped[4] = { 0xBE, 0xEF, 0xC0, 0xDE };

	memcpy(file + 16, swapped, 4);
	ck_assert_int_eq(lmdb_read(file, size, see, &seen, &why), -1);
	ck_assert_str_eq(why, "it is no LMDB file of this kind of machine");
	ck_assert_uint_eq(lmdb_commit(file, size), 0);
}
END_TEST

static uint32_t
random_next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	return *state ^= *state << 5;
}

/* Bytes anywhere, in a page's head, a whole page, two pages exchanged. */
static void
damage(uint8_t *copy, uint32_t *state, unsigned kind)
{
	size_t page = random_next(state) % (size / PAGE) * PAGE;
	size_t other = random_next(state) % (size / PAGE) * PAGE;

	for (unsigned i = 0; kind < 2 && i <= random_next(state) % 16; i++)
		copy[kind == 0 ? random_next(state) % size :
		    page + random_next(state) % 64] =
		    (uint8_t)random_next(state);
	for (size_t i = 0; kind == 2 && i < PAGE; i++)
		copy[page + i] = (uint8_t)random_next(state);
	if (kind == 3)
		memmove(copy + page, copy + other, PAGE);
}

/*
 * Nothing outside the bytes is touched (they end where the memory does), and
 * what is taken is as many rows as the file says.
 */
START_TEST(lmdb_stands_any_damage)
{
	uint32_t state = 4711;
	unsigned whole = 0;
	const char *why;

	for (unsigned i = 0; i < DAMAGED; i++) {
		uint8_t *copy = malloc(size);
		struct seen seen = { 0 };

		memcpy(copy, file, size);
		damage(copy, &state, i % 4);
		if (lmdb_read(copy, size, see, &seen, &why) == 0) {
			ck_assert_uint_eq(seen.rows, ROWS);
			whole++;
		}
		free(copy);
	}
	printf("%u of %d damaged files were taken: their rows were whole\n",
	    whole, DAMAGED);
	ck_assert(whole < DAMAGED);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("lmdb");
	TCase *tcase = tcase_create("lmdb");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, lmdb_gives_every_row_in_order);
	tcase_add_test(tcase, lmdb_ends_when_it_is_told);
	tcase_add_test(tcase, lmdb_refuses_a_part);
	tcase_add_loop_test(tcase, lmdb_believes_no_number, 0, 8);
	tcase_add_test(tcase, lmdb_is_of_this_machine);
	tcase_add_test(tcase, lmdb_stands_any_damage);
	suite_add_tcase(suite, tcase);
	return suite;
}
