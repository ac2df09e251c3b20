/* Whose From header it may be. */
#include "io/from_check.h"

#include "check_main.h"

#include <string.h>

static const char *senders[] = { "alice@example.com",
	"alice@xn--bcher-kva.example", "@sales.example.com" };
static struct identity_user users[] = {
	{ .user = "alice", .senders = { senders, 3 } } };
static struct identities ids = { .recipient_delimiter = "+",
	.users = users, .nusers = 1 };

static const struct {
	const char *value;
	enum reason reason;
	const char *subject;
	const char *why;
} cases[] = {
	{ "Alice <alice@example.com>", REASON_OK, "", NULL },
	{ "alice+tag@example.com", REASON_OK, "", NULL },
	{ "alice@B\xC3\xBC" "cher.example", REASON_OK, "", NULL },
	{ "alice@xn--bcher-kva.example", REASON_OK, "", NULL },
	/* several are fine, each must be his */
	{ "alice@example.com, x@sales.example.com", REASON_OK, "", NULL },
	{ "alice@example.com, bob@example.com", REASON_FROM_NOT_OWNED,
	    "bob@example.com", NULL },
	{ "bob@example.com", REASON_FROM_NOT_OWNED, "bob@example.com", NULL },
	/* and what stands in a name */
	{ "\"x@sales.example.com\" <alice@example.com>", REASON_OK, "", NULL },
	{ "\"ceo@bank.example\" <alice@example.com>", REASON_FROM_NOT_OWNED,
	    "ceo@bank.example", "another address in a name or comment" },
	{ "\"ceo@bank.example\" <bob@example.com>", REASON_FROM_NOT_OWNED,
	    "bob@example.com", NULL },
	/* a domain that is none: the name is somebody's, so it is not his */
	{ "\"ceo@a\xE2\x80\xA5" "b\" <alice@example.com>",
	    REASON_FROM_NOT_OWNED, "ceo@a\xE2\x80\xA5" "b",
	    "another address in a name or comment" },
	{ "alice@\xE2\x82\xAC\xCC\x88\xE2\x80\xA5", REASON_FROM_SYNTAX,
	    "alice@\xE2\x82\xAC\xCC\x88\xE2\x80\xA5", NULL },
	{ "", REASON_FROM_SYNTAX, "", "it is empty" },
	{ "Friends: alice@example.com;", REASON_FROM_SYNTAX, "",
	    "group syntax" },
};

START_TEST(from_check_names_the_address)
{
	char subject[ADDRESS_MAX + 1];
	struct owner owner;
	const char *why;

	identity_owner(&ids, "alice", &owner);
	ck_assert_int_eq(from_check(&owner, cases[_i].value,
	    strlen(cases[_i].value), subject, &why), cases[_i].reason);
	ck_assert_str_eq(subject, cases[_i].subject);
	ck_assert_pstr_eq(why, cases[_i].why);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("from_check");
	TCase *tcase = tcase_create("from_check");

	identity_settle(&ids);
	tcase_add_loop_test(tcase, from_check_names_the_address, 0,
	    sizeof(cases) / sizeof(cases[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
