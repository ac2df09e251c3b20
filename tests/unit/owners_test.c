/* Tables of owners in memory, and several of them one behind the other. */
#include "core/owners.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

static const struct identity_user *
add(struct owners *owners, const char *user, const char *home,
    const char *const *senders)
{
	struct identity_user row = { .user = user, .home = home, .line = 7,
		.only_home = senders == NULL };

	row.senders.list = (const char **)(uintptr_t)senders;
	while (senders != NULL && senders[row.senders.count] != NULL)
		row.senders.count++;
	return owners_add(owners, &row);
}

#define SENDERS(...) (const char *const []) { __VA_ARGS__, NULL }

START_TEST(owners_find_what_was_added)
{
	struct owners *owners = owners_new();
	const struct identity_user *row;

	ck_assert_ptr_null(owners_find(owners, "alice@example.com"));
	ck_assert_ptr_null(add(owners, "alice@example.com", "isp-a",
	    SENDERS("b@example.com", "!z@example.com", "a@example.com")));
	ck_assert_ptr_null(add(owners, "bob", NULL, NULL));
	row = owners_find(owners, "alice@example.com");
	ck_assert_str_eq(row->user, "alice@example.com");
	ck_assert_str_eq(row->home, "isp-a");
	ck_assert_uint_eq(row->line, 7);
	ck_assert_uint_eq(row->senders.count, 2);
	ck_assert_str_eq(row->senders.list[0], "a@example.com");
	ck_assert_str_eq(row->denied.list[0], "z@example.com");
	ck_assert(owners_find(owners, "bob")->only_home);
	ck_assert_ptr_null(owners_find(owners, "alice"));
	ck_assert_ptr_null(owners_find(owners, ""));
	/* the second one is not taken */
	ck_assert_ptr_eq(add(owners, "alice@example.com", NULL, NULL), row);
	ck_assert_uint_eq(owners_count(owners), 2);
	owners_unref(&owners);
	ck_assert_ptr_null(owners);
	owners_unref(&owners);
}
END_TEST

START_TEST(owners_find_each_of_many)
{
	struct owners *owners = owners_new(), *second;
	char user[32];

	for (int i = 0; i < 5000; i++) {
		(void)snprintf(user, sizeof(user), "u%d@example.com", i);
		ck_assert_ptr_null(add(owners, user, NULL, SENDERS(user)));
	}
	second = owners_ref(owners);
	owners_unref(&owners);
	for (int i = 0; i < 5000; i++) {
		(void)snprintf(user, sizeof(user), "u%d@example.com", i);
		ck_assert_str_eq(owners_find(second, user)->senders.list[0],
		    user);
	}
	ck_assert_ptr_null(owners_find(second, "u5000@example.com"));
	ck_assert_ptr_nonnull(owners_row(second, 4999));
	ck_assert_ptr_null(owners_row(second, 5000));
	ck_assert(owners_bytes(second) > 5000 * 32);
	owners_unref(&second);
}
END_TEST

/* --- several sources --- */

static const char *inline_senders[] = { "inline@example.com" };
static struct identity_user inline_users[] = {
	{ .user = "alice@example.com", .senders = { inline_senders, 1 } },
	{ .user = "dora@example.com", .senders = { inline_senders, 1 },
	    .home = "isp-i" },
};
static struct identities ids = { .users = inline_users, .nusers = 2,
	.unlisted = UNLISTED_OWN_ADDRESS };
static struct owner_source list[3];
static struct owner_sources sources = { list, 3 };

static void
setup(void)
{
	identity_settle(&ids);
	list[0] = (struct owner_source) { "file:/first", owners_new() };
	list[1] = (struct owner_source) { "socketmap:unix:/x:y", NULL };
	list[2] = (struct owner_source) { "lmdb:/last", owners_new() };
	(void)add(list[0].owners, "alice@example.com", "isp-a",
	    SENDERS("first@example.com"));
	(void)add(list[0].owners, "bob@example.com", "isp-b", NULL);
	(void)add(list[0].owners, "*@example.com", "isp-d",
	    SENDERS("@first.example"));
	(void)add(list[2].owners, "bob@example.com", "isp-c",
	    SENDERS("bob@example.com"));
	(void)add(list[2].owners, "carol@example.com", NULL,
	    SENDERS("carol@example.com"));
	(void)add(list[2].owners, "*@example.com", NULL,
	    SENDERS("@last.example"));
	(void)add(list[2].owners, "*", "isp-e", SENDERS("@all.example"));
}

static void
teardown(void)
{
	owners_unref(&list[0].owners);
	owners_unref(&list[2].owners);
}

static const struct {
	const char *user;
	const char *own, *domain, *everyone; /* the first sender of each row */
	const char *source; /* of his own */
} rows[] = {
	/* the first source that has a row counts, weir.conf before tables */
	{ "alice@example.com", "inline@example.com", "@first.example",
	    "@all.example", NULL },
	{ "carol@example.com", "carol@example.com", "@first.example",
	    "@all.example", "lmdb:/last" },
	/* a row with nothing but a home says nothing of senders */
	{ "bob@example.com", "bob@example.com", "@first.example",
	    "@all.example", "lmdb:/last" },
	{ "x@other.example", NULL, NULL, "@all.example", NULL },
	{ "bare", NULL, NULL, "@all.example", NULL },
	{ "*@example.com", NULL, "@first.example", "@all.example", NULL },
};

static const char *
first_sender(const struct identity_user *row)
{
	return row == NULL ? NULL : row->senders.list[0];
}

START_TEST(owner_rows_come_from_the_first_source)
{
	struct owner owner;

	identity_owner(&ids, rows[_i].user, &owner);
	ck_assert(owner_add(&owner, &list[0]));
	ck_assert(owner_add(&owner, &list[2]));
	ck_assert_pstr_eq(first_sender(owner.rows[OWNER_OWN]), rows[_i].own);
	ck_assert_pstr_eq(first_sender(owner.rows[OWNER_DOMAIN]),
	    rows[_i].domain);
	ck_assert_pstr_eq(first_sender(owner.rows[OWNER_EVERYONE]),
	    rows[_i].everyone);
	ck_assert_pstr_eq(owner.sources[OWNER_OWN], rows[_i].source);
}
END_TEST

START_TEST(owner_needs_a_source_only_while_a_row_is_missing)
{
	struct owner owner;

	identity_owner(&ids, "alice@example.com", &owner);
	ck_assert(!owner_add(&owner, &list[1]));
	ck_assert(owner_add(&owner, &list[2]));
	ck_assert(owner_add(&owner, &list[1]));
	identity_owner(&ids, "nobody@example.com", &owner);
	(void)owner_add(&owner, &list[2]);
	ck_assert(!owner_add(&owner, &list[1]));
	/* a login without a domain misses no row of a domain */
	identity_owner(&ids, "bare", &owner);
	owner.rows[OWNER_OWN] = &inline_users[0];
	owner.rows[OWNER_EVERYONE] = &inline_users[0];
	ck_assert(owner_add(&owner, &list[1]));
}
END_TEST

static const struct {
	const char *user, *home, *source;
} homes[] = {
	{ "dora@example.com", "isp-i", NULL },
	{ "alice@example.com", "isp-a", "file:/first" },
	{ "bob@example.com", "isp-b", "file:/first" },
	/* none of his own: that of his domain, that of every one */
	{ "carol@example.com", "isp-d", "file:/first" },
	{ "who@other.example", "isp-e", "lmdb:/last" },
	{ "bare", "isp-e", "lmdb:/last" },
	{ "*@example.com", "isp-d", "file:/first" },
};

START_TEST(owner_home_is_the_nearest)
{
	const char *source = "none";
	const struct identity_user *row = owner_home(&ids, &sources,
	    homes[_i].user, &source);

	ck_assert_str_eq(row->home, homes[_i].home);
	ck_assert_pstr_eq(source, homes[_i].source);
}
END_TEST

START_TEST(owner_home_may_be_none)
{
	const struct owner_sources none = { NULL, 0 };

	ck_assert_ptr_null(owner_home(&ids, &none, "bob@example.com", NULL));
	ck_assert_ptr_null(owner_home(&ids, &none, "*", NULL));
	ck_assert_str_eq(owner_home(&ids, &none, "dora@example.com",
	    NULL)->home, "isp-i");
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("owners");
	TCase *tcase = tcase_create("owners");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, owners_find_what_was_added);
	tcase_add_test(tcase, owners_find_each_of_many);
	tcase_add_loop_test(tcase, owner_rows_come_from_the_first_source, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase,
	    owner_needs_a_source_only_while_a_row_is_missing);
	tcase_add_loop_test(tcase, owner_home_is_the_nearest, 0,
	    sizeof(homes) / sizeof(homes[0]));
	tcase_add_test(tcase, owner_home_may_be_none);
	suite_add_tcase(suite, tcase);
	return suite;
}
