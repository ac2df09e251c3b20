/* Rows of a table: what is right, and each mistake with its place. */
#include "io/owner_rows.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char config_text[] =
    "identities: { realm = \"example.com\"; };\n"
    "smart_hosts = ( { name = \"isp-a\"; nexthop = \"[192.0.2.1]:25\"; },\n"
    "  { name = \"isp-b\"; nexthop = \"[192.0.2.2]:25\"; },\n"
    "  { name = \"isp-c\"; nexthop = \"[192.0.2.3]:25\"; } );\n"
    "connectors = ( { name = \"o\"; transport = \"relay\";\n"
    "    balance = \"affinity\"; members = ( { host = \"isp-a\"; },\n"
    "    { host = \"isp-b\"; } ); },\n"
    "  { name = \"p\"; transport = \"relay\"; balance = \"affinity\";\n"
    "    members = ( { host = \"isp-a\"; } ); },\n"
    "  { name = \"q\"; transport = \"relay\";\n"
    "    members = ( { host = \"isp-c\"; } ); } );\n"
    "routes = ( { name = \"vip\"; user = \"vip@example.com\";\n"
    "  connector = \"p\"; } );\n";

static struct config *config;
static struct config_errors errors;

static void
setup(void)
{
	config = config_load_text(config_text, strlen(config_text),
	    "weir.conf", &errors);
	config_errors_print(&errors, stdout);
	ck_assert_ptr_nonnull(config);
}

static void
teardown(void)
{
	config_unref(&config);
}

static struct owners *
load(const char *text)
{
	struct owner_rows *rows;

	errors.count = 0;
	rows = owner_rows_new(config, "senders", &errors);
	owner_rows_file(rows, text, strlen(text));
	return owner_rows_end(&rows);
}

START_TEST(owner_rows_have_one_form)
{
	struct owners *owners = load(
	    "# who may send as whom\n"
	    "Alice   Alice@Example.com, @Sales.example.com,\n"
	    "        @.B\xC3\xBC" "cher.example !Boss@Example.com home=isp-b\n"
	    "bob@other.example  info@example.com\n"
	    "*@staff.example @lists.example\n"
	    "* info@example.com\n"
	    "carol home=isp-a\n"
	    "Dan@B\xC3\xBC" "cher.example info@example.com\n"
	    "*@b\xC3\xBC" "cher.example help@example.com\n");
	const struct identity_user *row;

	config_errors_print(&errors, stdout);
	ck_assert_ptr_nonnull(owners);
	ck_assert_uint_eq(owners_count(owners), 7);
	row = owners_find(owners, "alice@example.com");
	ck_assert_uint_eq(row->line, 2);
	ck_assert_uint_eq(row->senders.count, 3);
	ck_assert_str_eq(row->senders.list[0], "@.xn--bcher-kva.example");
	ck_assert_str_eq(row->senders.list[1], "@sales.example.com");
	ck_assert_str_eq(row->senders.list[2], "alice@example.com");
	ck_assert_str_eq(row->denied.list[0], "boss@example.com");
	ck_assert_str_eq(row->home, "isp-b");
	ck_assert(!row->only_home);
	ck_assert_ptr_nonnull(owners_find(owners, "bob@other.example"));
	ck_assert_ptr_nonnull(owners_find(owners, "*@staff.example"));
	ck_assert_ptr_nonnull(owners_find(owners,
	    "dan@xn--bcher-kva.example"));
	ck_assert_ptr_nonnull(owners_find(owners, "*@xn--bcher-kva.example"));
	ck_assert_ptr_nonnull(owners_find(owners, "*"));
	ck_assert(owners_find(owners, "carol@example.com")->only_home);
	owners_unref(&owners);
}
END_TEST

START_TEST(owner_rows_may_be_none)
{
	struct owners *owners = load("# nobody yet\n");

	ck_assert_uint_eq(owners_count(owners), 0);
	owners_unref(&owners);
}
END_TEST

static const struct {
	const char *text, *mistake;
} mistakes[] = {
	{ "", "senders: is empty, as a file that could not be written" },
	{ "alice alice@example.com", "senders: has no end of line at its end" },
	{ "alice\n", "senders:1: \"alice@example.com\" should have what it may "
	    "send as behind it" },
	{ "# x\n  a@example.com\n", "senders:2: should begin with a login" },
	{ "alice bob\n", "senders:1: \"bob\" should be an address" },
	{ "alice a@b,\n  c@d\n  nonsense\n", "senders:3: \"nonsense\" should" },
	{ "alice *@example.com\n", "senders:1: \"*@example.com\" should be "
	    "written \"@domain\"" },
	{ "app-* @example.com\n", "senders:1: \"app-*\" should be a login, "
	    "\"*@domain\"" },
	{ "a,b @example.com\n", "senders:1: \"a,b\" should be a login" },
	{ "@example.com alice\n", "senders:1: \"@example.com\" is no login; a "
	    "table of smtpd_sender_login_maps must be turned round" },
	{ "alice a@b\nALICE@example.com c@d\n", "senders:2: "
	    "\"alice@example.com\" is given twice; the other is in line 1" },
	{ "alice home=isp-x\n", "senders:1: home: there is no smart host "
	    "\"isp-x\"; did you mean \"isp-a\"?" },
	{ "alice home=isp-c\n", "senders:1: home: \"isp-c\" is no member of a "
	    "connector with balance = \"affinity\"" },
	{ "vip home=isp-b\n", "senders:1: home: \"isp-b\" is no member of "
	    "connector \"p\", to which route \"vip\" leads this login" },
	{ "alice home=isp-a home=isp-b\n", "senders:1: home: the login has one "
	    "already, \"isp-a\"" },
	{ "alice hoMe=@d\n", "senders:1: home: there is no smart host \"@d\"" },
	{ "alice home=\n", "senders:1: home: there is no smart host \"\"" },
	{ "alice a\x01@b\n",
	    "senders:1: \"a\\x01@b\" should be text in UTF-8" },
	{ "alice a\xFF@b\n", "senders:1: \"a\\xff@b\" should be text in "
	    "UTF-8" },
	{ "al\xE2\x80\xAE" "ice a@b\n", "senders:1: " },
};

START_TEST(seed_0_13_owner_rows_mistakes_have_their_place)
{
	ck_assert_ptr_null(load(mistakes[_i].text));
	ck_assert_uint_ge(errors.count, 1);
	if (strncasecmp(errors.list[0], mistakes[_i].mistake,
	    strlen(mistakes[_i].mistake)) != 0)
		ck_abort_msg("%s", errors.list[0]);
}
END_TEST

START_TEST(owner_rows_tell_all_mistakes_at_once)
{
	ck_assert_ptr_null(load("alice x\nbob y z\ncarol a@b\n"));
	ck_assert_uint_eq(errors.count, 3);
}
END_TEST

/* --- values of other tables --- */

static struct owners *
load_values(const char *key, const char *value, const char *second_key,
    bool may_be_there)
{
	struct owner_rows *rows;

	errors.count = 0;
	rows = owner_rows_new(config, "map", &errors);
	owner_rows_value(rows, key, strlen(key), value, strlen(value), false);
	if (second_key != NULL)
		owner_rows_value(rows, second_key, strlen(second_key), "x@y",
		    3, may_be_there);
	return owner_rows_end(&rows);
}

START_TEST(owner_rows_of_values)
{
	struct owners *owners = load_values("alice@example.com",
	    "a@b,c@d home=isp-a", "alice", true);

	ck_assert_uint_eq(owners_count(owners), 1);
	ck_assert_uint_eq(owners_find(owners,
	    "alice@example.com")->senders.count, 2);
	owners_unref(&owners);
	ck_assert_ptr_null(load_values("alice", "a@b", "ALICE", false));
	ck_assert_str_eq(errors.list[0], "map: \"alice@example.com\" is there "
	    "twice, in other letters");
	ck_assert_ptr_null(load_values("alice", "nonsense", NULL, false));
	ck_assert_ptr_nonnull(strstr(errors.list[0], "map: "
	    "\"alice@example.com\": \"nonsense\" should be an address"));
	ck_assert_ptr_null(load_values("alice", "a@b\nbob", NULL, false));
	ck_assert_ptr_nonnull(strstr(errors.list[0], "should be one line"));
	ck_assert_ptr_null(load_values("alice", "", NULL, false));
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("owner_rows");
	TCase *tcase = tcase_create("owner_rows");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, owner_rows_have_one_form);
	tcase_add_test(tcase, owner_rows_may_be_none);
	tcase_add_loop_test(tcase,
	    seed_0_13_owner_rows_mistakes_have_their_place, 0,
	    sizeof(mistakes) / sizeof(mistakes[0]));
	tcase_add_test(tcase, owner_rows_tell_all_mistakes_at_once);
	tcase_add_test(tcase, owner_rows_of_values);
	suite_add_tcase(suite, tcase);
	return suite;
}
