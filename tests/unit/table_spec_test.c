/* identities.tables, one element. */
#include "io/table_spec.h"

#include "check_main.h"

#include <string.h>

static const struct {
	const char *text;
	enum table_kind kind;
	const char *path, *map;
} right[] = {
	{ "file:/etc/weir/senders", TABLE_FILE, "/etc/weir/senders", "" },
	{ "file:/etc/weir/a.lmdb", TABLE_FILE, "/etc/weir/a.lmdb", "" },
	{ "lmdb:/etc/postfix/senders", TABLE_LMDB,
	    "/etc/postfix/senders.lmdb", "" },
	{ "lmdb:/etc/postfix/senders.lmdb", TABLE_LMDB,
	    "/etc/postfix/senders.lmdb", "" },
	{ "socketmap:unix:/run/map.sock:senders", TABLE_SOCKETMAP,
	    "/run/map.sock", "senders" },
	{ "socketmap:inet:127.0.0.1:4711:senders", TABLE_SOCKETMAP, "",
	    "senders" },
	{ "socketmap:inet:[::1]:4711:s", TABLE_SOCKETMAP, "", "s" },
};

START_TEST(table_spec_is_taken_apart)
{
	struct table_spec spec;
	const char *why = NULL;

	ck_assert_int_eq(table_spec_parse(right[_i].text, &spec, &why), 0);
	ck_assert_int_eq(spec.kind, right[_i].kind);
	ck_assert_str_eq(spec.kind == TABLE_SOCKETMAP ? spec.address.path :
	    spec.path, right[_i].path);
	ck_assert_str_eq(spec.map, right[_i].map);
	if (spec.kind == TABLE_SOCKETMAP && !spec.address.is_unix)
		ck_assert_uint_eq(spec.address.port, 4711);
}
END_TEST

static const struct {
	const char *text, *why;
} wrong[] = {
	{ "", "should begin with" },
	{ "hash:/etc/postfix/senders", "should begin with" },
	{ "/etc/weir/senders", "should begin with" },
	{ "file:senders", "should name an absolute path" },
	{ "lmdb:", "should name an absolute path" },
	{ "socketmap:", "should be \"socketmap:" },
	{ "socketmap:unix:/run/map.sock", "should" },
	{ "socketmap:unix:/run/map.sock:", "should be \"socketmap:" },
	{ "socketmap:unix:run/map.sock:a", "should name an absolute path" },
	{ "socketmap:inet:localhost:1:a", "should be \"inet:" },
	{ "socketmap:inet:127.0.0.1:0:a", "should be \"inet:" },
};

START_TEST(table_spec_says_what_would_be_right)
{
	struct table_spec spec;
	const char *why = NULL;

	ck_assert_int_eq(table_spec_parse(wrong[_i].text, &spec, &why), -1);
	ck_assert_ptr_nonnull(strstr(why, wrong[_i].why));
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("table_spec");
	TCase *tcase = tcase_create("table_spec");

	tcase_add_loop_test(tcase, table_spec_is_taken_apart, 0,
	    sizeof(right) / sizeof(right[0]));
	tcase_add_loop_test(tcase, table_spec_says_what_would_be_right, 0,
	    sizeof(wrong) / sizeof(wrong[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
