/* Whose From header it may be. */
#include "io/from_check.h"

#include "check_main.h"

#include <string.h>

static const char *senders[] = { "alice@example.com",
	"alice@xn--bcher-kva.example", "@sales.example.com",
	"@.eu.example.com" };
static struct identity_user users[] = {
	{ .user = "alice", .senders = { senders, 4 } } };
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
	/* what is his by its end only, or by its last '@' */
	{ "\"ceo@bank.example?x@sales.example.com\" <alice@example.com>",
	    REASON_FROM_NOT_OWNED, "ceo@bank.example?x@sales.example.com",
	    "another address in a name or comment" },
	{ "\"ceo@bank.example/x.eu.example.com\" <alice@example.com>",
	    REASON_FROM_NOT_OWNED, "ceo@bank.example/x.eu.example.com",
	    "another address in a name or comment" },
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
	struct author_header header = { AUTHOR_FROM, cases[_i].value,
		strlen(cases[_i].value) };
	struct from_finding finding;
	struct owner owner;

	identity_owner(&ids, "alice", &owner);
	ck_assert_int_eq(from_check(&owner, &header, 1, &finding),
	    cases[_i].reason);
	ck_assert_str_eq(finding.subject, cases[_i].subject);
	ck_assert_pstr_eq(finding.why, cases[_i].why);
	ck_assert_int_eq(finding.kind, AUTHOR_FROM);
}
END_TEST

#define FROM { AUTHOR_FROM, "alice@example.com", 17 }
#define HEADER(kind, value) { kind, value, sizeof(value) - 1 }

static const struct {
	struct author_header list[4];
	size_t count;
	enum reason reason;
	enum author kind;
	const char *subject;
	const char *why;
} messages[] = {
	{ { FROM }, 0, REASON_FROM_MISSING, AUTHOR_FROM, "", NULL },
	{ { FROM, FROM }, 2, REASON_FROM_SEVERAL, AUTHOR_FROM, "", NULL },
	{ { HEADER(AUTHOR_SENDER, "alice@example.com") }, 1,
	    REASON_FROM_MISSING, AUTHOR_FROM, "", NULL },
	{ { FROM, HEADER(AUTHOR_SENDER, "Alice <x@sales.example.com>") }, 2,
	    REASON_OK, AUTHOR_SENDER, "", NULL },
	{ { HEADER(AUTHOR_SENDER, "bob@example.com"), FROM }, 2,
	    REASON_HEADER_SENDER_NOT_OWNED, AUTHOR_SENDER, "bob@example.com",
	    NULL },
	{ { HEADER(AUTHOR_SENDER, "\"ceo@bank.example\" <alice@example.com>"),
	    FROM }, 2, REASON_HEADER_SENDER_NOT_OWNED, AUTHOR_SENDER,
	    "ceo@bank.example", "another address in a name or comment" },
	{ { FROM, HEADER(AUTHOR_SENDER, "") }, 2, REASON_HEADER_SENDER_SYNTAX,
	    AUTHOR_SENDER, "", "it is empty" },
	{ { FROM, HEADER(AUTHOR_SENDER,
	    "alice@example.com, x@sales.example.com") }, 2,
	    REASON_HEADER_SENDER_SYNTAX, AUTHOR_SENDER, "",
	    "more than one mailbox" },
	{ { FROM, HEADER(AUTHOR_SENDER, "alice@example.com"),
	    HEADER(AUTHOR_SENDER, "alice@example.com") }, 3,
	    REASON_HEADER_SENDER_SEVERAL, AUTHOR_SENDER, "", NULL },
	/* sent again, and again */
	{ { HEADER(AUTHOR_RESENT_FROM, "alice@example.com"),
	    HEADER(AUTHOR_RESENT_FROM, "x@sales.example.com, Alice "
	    "<alice@example.com>"),
	    HEADER(AUTHOR_RESENT_SENDER, "alice@example.com"), FROM }, 4,
	    REASON_OK, AUTHOR_RESENT_SENDER, "", NULL },
	{ { HEADER(AUTHOR_RESENT_FROM, "alice@example.com"),
	    HEADER(AUTHOR_RESENT_FROM, "bob@example.com"), FROM }, 3,
	    REASON_RESENT_NOT_OWNED, AUTHOR_RESENT_FROM, "bob@example.com",
	    NULL },
	{ { FROM, HEADER(AUTHOR_RESENT_SENDER, "bob@example.com") }, 2,
	    REASON_RESENT_NOT_OWNED, AUTHOR_RESENT_SENDER, "bob@example.com",
	    NULL },
	{ { FROM, HEADER(AUTHOR_RESENT_SENDER,
	    "alice@example.com, alice@example.com") }, 2,
	    REASON_RESENT_SYNTAX, AUTHOR_RESENT_SENDER, "",
	    "more than one mailbox" },
	{ { FROM, HEADER(AUTHOR_RESENT_FROM, "nobody") }, 2,
	    REASON_RESENT_SYNTAX, AUTHOR_RESENT_FROM, "",
	    "a name without an address" },
	/* the From header comes first, wherever it stands */
	{ { HEADER(AUTHOR_SENDER, "bob@example.com"),
	    HEADER(AUTHOR_FROM, "eve@example.com") }, 2,
	    REASON_FROM_NOT_OWNED, AUTHOR_FROM, "eve@example.com", NULL },
};

START_TEST(from_check_asks_every_author)
{
	struct from_finding finding;
	struct owner owner;

	identity_owner(&ids, "alice", &owner);
	ck_assert_int_eq(from_check(&owner, messages[_i].list,
	    messages[_i].count, &finding), messages[_i].reason);
	ck_assert_int_eq(finding.kind, messages[_i].kind);
	ck_assert_str_eq(finding.subject, messages[_i].subject);
	ck_assert_pstr_eq(finding.why, messages[_i].why);
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
	tcase_add_loop_test(tcase, from_check_asks_every_author, 0,
	    sizeof(messages) / sizeof(messages[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
