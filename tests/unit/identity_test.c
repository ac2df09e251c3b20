/* Who may send as whom: one row a rule, in rule order. */
#include "core/identity.h"

#include "check_main.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIST(...) { (const char *[]) { __VA_ARGS__ }, \
	sizeof((const char *[]) { __VA_ARGS__ }) / sizeof(const char *) }

#define ROW(login, ...) { .user = (login), .senders = LIST(__VA_ARGS__) }

static struct identity_user users[] = {
	ROW("plain", "plain@example.com"),
	ROW("alice@example.com", "alice@example.com", "@sales.example.com",
	    "alice+fixed@lists.example"),
	ROW("bob@example.com", "info@example.com", "!bob+secret@example.com",
	    "bob@example.com"),
	ROW("app-erp@example.com", "@.erp.example"),
	{ .user = "mute@example.com" },
	/* letters beyond ASCII, beside what is denied */
	ROW("zoe@example.com", "@example.com", "@other.example",
	    "!b\xC3\xBCro@example.com", "z\xC3\xB6\xC3\xA9@example.com"),
	/* denied, whatever is listed before or behind it */
	ROW("eve@example.com", "!boss@example.com", "@example.com",
	    "boss@example.com", "@.sub.example", "!@a.sub.example",
	    "!@.b.sub.example"),
	/* of every login of a domain, and of every one */
	ROW("*@staff.example", "@staff-lists.example", "!@closed.example",
	    "info@example.com"),
	ROW("*", "@all.example", "!owner@all.example"),
	ROW("chef@staff.example", "@closed.example", "owner@all.example",
	    "chef@staff.example"),
};
static struct identity_client clients[] = {
	{ { { 4, { 192, 0, 2, 128 } }, 25 }, "narrow@example.com" },
	{ { { 4, { 192, 0, 2, 0 } }, 24 }, "app-erp@example.com" },
};
static struct identities ids = {
	.realm = "example.com", .unlisted = UNLISTED_OWN_ADDRESS,
	.null_sender = ACTION_ACCEPT, .recipient_delimiter = "+",
	.users = users, .nusers = sizeof(users) / sizeof(users[0]),
	 .clients = clients, .nclients = 2,
};

/* --- logins --- */

#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *login;
	const char *user; /* NULL: refused for the reason */
	enum reason reason;
} logins[] = {
	{ "alice", "alice@example.com", REASON_OK },
	{ "ALICE", "alice@example.com", REASON_OK },
	{ "Alice@Example.COM", "alice@example.com", REASON_OK },
	{ "alice@other.example", "alice@other.example", REASON_OK },
	/* nothing is trimmed: these are other logins */
	{ " alice", " alice@example.com", REASON_OK },
	{ "alice ", "alice @example.com", REASON_OK },
	{ "alice@", "alice@", REASON_OK },
	{ "alice+tag", "alice+tag@example.com", REASON_OK },
	/* ASCII only: a locale never decides who a user is */
	{ "\xC3\x84nne", "\xC3\x84nne@example.com", REASON_OK },
	{ "", NULL, REASON_LOGIN_EMPTY },
	{ A63 A63 A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b",
	    A63 A63 A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b",
	    REASON_OK },
	{ A63 A63 A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    A63 A63 A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "@example.com", REASON_OK },
	/* 244 bytes and "@example.com" are one too many */
	{ A63 A63 A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    NULL, REASON_LOGIN_TOO_LONG },
	{ A63 A63 A63 A63 "aaaa", NULL, REASON_LOGIN_TOO_LONG },
	{ A63 A63 A63 A63 "@aaa", NULL, REASON_LOGIN_TOO_LONG },
};

START_TEST(identity_login_has_one_form)
{
	char user[LOGIN_MAX + 1];

	ck_assert_int_eq(identity_login(&ids, logins[_i].login, user),
	    logins[_i].reason);
	ck_assert_str_eq(user, logins[_i].user == NULL ? "" : logins[_i].user);
}
END_TEST

START_TEST(identity_login_without_a_realm_stays_bare)
{
	static const struct identities bare = { .realm = "" };
	static const struct identities unset = { .realm = NULL };
	char user[LOGIN_MAX + 1];

	ck_assert_int_eq(identity_login(&bare, "Alice", user), REASON_OK);
	ck_assert_str_eq(user, "alice");
	ck_assert_int_eq(identity_login(&unset, "Alice", user), REASON_OK);
	ck_assert_str_eq(user, "alice");
}
END_TEST

/* --- addresses --- */

static const struct {
	const char *user;
	const char *address;
	bool owns;
} cases[] = {
	/* a listed user: exactly what is listed */
	{ "alice@example.com", "alice@example.com", true },
	{ "alice@example.com", "bob@example.com", false },
	{ "alice@example.com", "anyone@sales.example.com", true },
	{ "alice@example.com", "x@eu.sales.example.com", false },
	{ "alice@example.com", "x@notsales.example.com", false },
	{ "alice@example.com", "@sales.example.com", false },
	{ "mute@example.com", "mute@example.com", false },
	{ "plain", "plain@example.com", true },
	/* "@.domain": below it, at any depth, not itself */
	{ "app-erp@example.com", "x@a.erp.example", true },
	{ "app-erp@example.com", "x@b.a.erp.example", true },
	{ "app-erp@example.com", "x@erp.example", false },
	{ "app-erp@example.com", "x@aerp.example", false },
	{ "app-erp@example.com", "x@.erp.example", false },
	/* the domain is what stands behind the last '@' */
	{ "app-erp@example.com", "x@a.erp.example@evil.example", false },
	{ "alice@example.com", "\"x@sales.example.com\"@evil.example", false },
	/* +tags */
	{ "alice@example.com", "alice+news@example.com", true },
	{ "alice@example.com", "alice+a+b@example.com", true },
	{ "alice@example.com", "alice+@example.com", true },
	{ "alice@example.com", "alice-news@example.com", false },
	{ "alice@example.com", "+news@example.com", false },
	{ "alice@example.com", "+alice@example.com", false },
	{ "alice@example.com", "bob+alice@example.com", false },
	{ "alice@example.com", "\"alice+x\"@example.com", false },
	/* a listed tag is that tag alone */
	{ "alice@example.com", "alice+fixed@lists.example", true },
	{ "alice@example.com", "alice@lists.example", false },
	{ "alice@example.com", "alice+other@lists.example", false },
	/* a shared mailbox: two logins, one address */
	{ "bob@example.com", "info@example.com", true },
	{ "who@staff.example", "info@example.com", true },
	{ "alice@example.com", "info@example.com", false },
	/* denied wins, wherever it stands */
	{ "eve@example.com", "eve@example.com", true },
	{ "eve@example.com", "boss@example.com", false },
	{ "eve@example.com", "boss+x@example.com", false },
	/* the mail system finds the tag in a quoted local part too */
	{ "eve@example.com", "\"boss+x y\"@example.com", false },
	{ "eve@example.com", "\"boss+\\\"\"@example.com", false },
	{ "eve@example.com", "\"boss \"@example.com", true },
	{ "eve@example.com", "\"boss +x\"@example.com", true },
	{ "alice@example.com", "\"alice+x y\"@example.com", false },
	{ "eve@example.com", "x@c.sub.example", true },
	{ "eve@example.com", "x@a.sub.example", false },
	{ "eve@example.com", "x@z.a.sub.example", true },
	{ "eve@example.com", "x@b.sub.example", true },
	{ "eve@example.com", "x@z.b.sub.example", false },
	/* B\u00DCRO, u with the dots behind it; and what is his by name */
	{ "zoe@example.com", "b\xC3\xBCro@example.com", false },
	{ "zoe@example.com", "b\xC3\x9Cro@example.com", false },
	{ "zoe@example.com", "bu\xCC\x88ro@example.com", false },
	{ "zoe@example.com", "b\xC3\x9Cro+x@example.com", false },
	{ "zoe@example.com", "z\xC3\xB6\xC3\xA9@example.com", true },
	{ "zoe@example.com", "z\xC3\xB6\xC3\xA9+x@example.com", true },
	{ "zoe@example.com", "buro@example.com", true },
	{ "zoe@example.com", "b\xC3\x9Cro@other.example", true },
	{ "eve@example.com", "b\xD0\xBEss@example.com", false },
	{ "bob@example.com", "bob@example.com", true },
	{ "bob@example.com", "bob+other@example.com", true },
	{ "bob@example.com", "bob+secret@example.com", false },
	/* what every login has, besides its own */
	{ "alice@example.com", "x@all.example", true },
	{ "mute@example.com", "x@all.example", true },
	{ "nobody@other.example", "x@all.example", true },
	{ "bare", "x@all.example", true },
	{ "nobody@other.example", "nobody@other.example", true },
	{ "nobody@other.example", "owner@all.example", false },
	{ "who@staff.example", "x@staff-lists.example", true },
	{ "who@staff.example", "who@staff.example", true },
	{ "alice@example.com", "x@staff-lists.example", false },
	{ "who@sub.staff.example", "x@staff-lists.example", false },
	/* what is denied to all of them nobody's own row gives back */
	{ "chef@staff.example", "chef@staff.example", true },
	{ "chef@staff.example", "x@closed.example", false },
	{ "chef@staff.example", "owner@all.example", false },
	/* no login is a pattern */
	{ "*", "x@all.example", true },
	{ "*@staff.example", "x@staff-lists.example", true },
	/* an unlisted user: the address that is his login */
	{ "carol@example.com", "carol@example.com", true },
	{ "carol@example.com", "carol+x@example.com", true },
	{ "carol@example.com", "alice+x@example.com", false },
	{ "carol@example.com", "alice@example.com", false },
	{ "carol@other.example", "carol@example.com", false },
	{ "bare", "bare", false },
	{ "bare", "bare@example.com", false },
	/* no address at all */
	{ "alice@example.com", "", false },
	{ "alice@example.com", "alice", false },
	{ "carol@example.com", "", false },
};

static bool
owns(const struct identities *by, const char *user, const char *address)
{
	struct owner owner;

	identity_owner(by, user, &owner);
	return identity_owns(&owner, address);
}

START_TEST(seed_5_5_identity_owns_what_is_listed)
{
	ck_assert_int_eq(owns(&ids, cases[_i].user, cases[_i].address),
	    cases[_i].owns);
}
END_TEST

START_TEST(identity_denied_is_denied_to_the_unlisted_too)
{
	struct identities other = ids;

	other.unlisted = UNLISTED_ANY;
	ck_assert(owns(&other, "carol@example.com", "x@y.example"));
	ck_assert(!owns(&other, "carol@example.com", "owner@all.example"));
	ck_assert(!owns(&other, "who@staff.example", "x@closed.example"));
	ck_assert(!owns(&other, "carol@example.com",
	    "\xC3\x96wner@all.example"));
}
END_TEST

START_TEST(identity_rows_are_named_by_whom_they_speak_of)
{
	char key[LOGIN_MAX + 2];
	struct owner owner;

	identity_owner(&ids, "chef@staff.example", &owner);
	ck_assert_str_eq(owner.rows[OWNER_OWN]->user, "chef@staff.example");
	ck_assert_str_eq(owner.rows[OWNER_DOMAIN]->user, "*@staff.example");
	ck_assert_str_eq(owner.rows[OWNER_EVERYONE]->user, "*");
	identity_owner(&ids, "*@staff.example", &owner);
	ck_assert_ptr_null(owner.rows[OWNER_OWN]);
	identity_owner(&ids, "bare", &owner);
	ck_assert_ptr_null(owner.rows[OWNER_DOMAIN]);
	ck_assert(identity_is_pattern("*"));
	ck_assert(!identity_is_pattern("*a"));
	ck_assert(identity_domain_key("a@b@c.example", key));
	ck_assert_str_eq(key, "*@c.example");
	ck_assert(!identity_domain_key("bare", key));
}
END_TEST

START_TEST(identity_unlisted_reject_and_any)
{
	struct identities other = ids;

	other.unlisted = UNLISTED_REJECT;
	ck_assert(!owns(&other, "carol@example.com",
	    "carol@example.com"));
	ck_assert(owns(&other, "alice@example.com",
	    "alice@example.com"));
	other.unlisted = UNLISTED_ANY;
	ck_assert(owns(&other, "carol@example.com", "x@y.example"));
	/* but a listed user stays with his list */
	ck_assert(!owns(&other, "alice@example.com", "x@y.example"));
}
END_TEST

START_TEST(identity_delimiter_is_a_set_or_nothing)
{
	struct identities other = ids;

	other.recipient_delimiter = "+-";
	ck_assert(owns(&other, "carol@example.com",
	    "carol-x@example.com"));
	ck_assert(owns(&other, "carol@example.com",
	    "carol+x-y@example.com"));
	other.recipient_delimiter = "";
	ck_assert(!owns(&other, "carol@example.com",
	    "carol+x@example.com"));
	other.recipient_delimiter = NULL;
	ck_assert(!owns(&other, "carol@example.com",
	    "carol+x@example.com"));
}
END_TEST

static const struct {
	const char *sender;
	enum reason reason;
} envelopes[] = {
	{ "", REASON_OK },
	{ "alice@example.com", REASON_OK },
	{ "alice+x@example.com", REASON_OK },
	{ "bob@example.com", REASON_SENDER_NOT_OWNED },
	{ "alice", REASON_SENDER_SYNTAX },
	{ "alice@", REASON_SENDER_SYNTAX },
	{ "@example.com", REASON_SENDER_SYNTAX },
};

START_TEST(identity_envelope_says_why)
{
	struct owner owner;

	identity_owner(&ids, "alice@example.com", &owner);
	ck_assert_int_eq(identity_envelope(&owner, envelopes[_i].sender),
	    envelopes[_i].reason);
}
END_TEST

START_TEST(identity_envelope_null_sender_by_setting)
{
	struct identities other = ids;
	struct owner owner;

	other.null_sender = ACTION_REJECT;
	identity_owner(&other, "alice@example.com", &owner);
	ck_assert_int_eq(identity_envelope(&owner, ""), REASON_SENDER_NULL);
}
END_TEST

static const struct {
	enum reason reason;
	enum action action;
} actions[] = {
	{ REASON_OK, ACTION_ACCEPT },
	{ REASON_SENDER_NOT_OWNED, ACTION_HOLD },
	{ REASON_SENDER_SYNTAX, ACTION_HOLD },
	{ REASON_SENDER_NULL, ACTION_ACCEPT },
	{ REASON_FROM_NOT_OWNED, ACTION_TAG },
	{ REASON_FROM_MISSING, ACTION_TAG },
	{ REASON_FROM_SEVERAL, ACTION_TAG },
	{ REASON_FROM_SYNTAX, ACTION_TAG },
	{ REASON_SENDER_DIFFERS, ACTION_HOLD },
	{ REASON_HEADER_SENDER_SEVERAL, ACTION_TAG },
	{ REASON_HEADER_SENDER_SYNTAX, ACTION_TAG },
	{ REASON_HEADER_SENDER_NOT_OWNED, ACTION_TAG },
	{ REASON_RESENT_SYNTAX, ACTION_TAG },
	{ REASON_RESENT_NOT_OWNED, ACTION_TAG },
	{ REASON_AUTHORS_TOO_LARGE, ACTION_TAG },
	/* whatever the settings */
	{ REASON_LOGIN_EMPTY, ACTION_REJECT },
	{ REASON_LOGIN_TOO_LONG, ACTION_REJECT },
	{ REASON_USER_REQUIRED, ACTION_REJECT },
	{ REASON_USER_UNKNOWABLE, ACTION_REJECT },
	{ REASON_MESSAGE_TOO_LARGE, ACTION_REJECT },
};

START_TEST(identity_action_is_the_listeners)
{
	const struct listener listener = { .envelope = ACTION_HOLD,
		.header_from = ACTION_TAG };

	ck_assert_int_eq(identity_action(&ids, &listener, actions[_i].reason),
	    actions[_i].action);
}
END_TEST

/* What cannot be known is treated as the worst that it may be. */
START_TEST(identity_away_is_treated_as_the_strictest_says)
{
	static const struct {
		enum action envelope, header_from, null_sender, away;
		bool ignored;
	} rows[] = {
		{ ACTION_REJECT, ACTION_ACCEPT, ACTION_ACCEPT, ACTION_REJECT,
		    false },
		{ ACTION_OBSERVE, ACTION_REJECT, ACTION_ACCEPT, ACTION_REJECT,
		    false },
		{ ACTION_OBSERVE, ACTION_HOLD, ACTION_ACCEPT, ACTION_HOLD,
		    false },
		{ ACTION_TAG, ACTION_OBSERVE, ACTION_ACCEPT, ACTION_TAG,
		    false },
		{ ACTION_OBSERVE, ACTION_ACCEPT, ACTION_ACCEPT, ACTION_OBSERVE,
		    false },
		{ ACTION_ACCEPT, ACTION_ACCEPT, ACTION_REJECT, ACTION_REJECT,
		    false },
		{ ACTION_ACCEPT, ACTION_ACCEPT, ACTION_ACCEPT, ACTION_ACCEPT,
		    true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct listener listener = {
			.envelope = rows[i].envelope,
			.header_from = rows[i].header_from };
		struct identities some = ids;

		some.null_sender = rows[i].null_sender;
		ck_assert_int_eq(identity_action(&some, &listener,
		    REASON_IDENTITY_AWAY), rows[i].away);
		ck_assert_int_eq(identity_ignored(&some, &listener),
		    rows[i].ignored);
	}
}
END_TEST

START_TEST(identity_home_is_what_is_listed)
{
	static const struct {
		const char *user, *home;
	} homes[] = {
		{ "a@x.example", "own" },
		{ "b@x.example", "domain" }, /* listed without a home */
		{ "c@x.example", "domain" },
		{ "d@y.example", NULL },
		{ "d", NULL },
	};
	struct identity_user rows[] = {
		{ .user = "*@x.example", .home = "domain" },
		{ .user = "a@x.example", .home = "own" },
		{ .user = "b@x.example", .home = "" },
	};
	const struct identities some = { .users = rows, .nusers = 3 };
	struct owner owner;

	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
		const char *home;

		identity_owner(&some, homes[i].user, &owner);
		home = identity_home(&owner);
		ck_assert((home == NULL) == (homes[i].home == NULL));
		if (home != NULL)
			ck_assert_str_eq(home, homes[i].home);
	}
}
END_TEST

START_TEST(identity_by_network_is_the_first_that_holds_it)
{
	static const struct {
		const char *client;
		const char *user;
	} nets[] = {
		{ "192.0.2.129", "narrow@example.com" },
		{ "192.0.2.1", "app-erp@example.com" },
		{ "::ffff:192.0.2.1", "app-erp@example.com" },
		{ "192.0.3.1", NULL },
		{ "2001:db8::1", NULL },
	};
	const struct netaddr unknown = { 0 };
	struct netaddr addr;

	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		const char *user;

		ck_assert_int_eq(netaddr_parse(nets[i].client, &addr), 0);
		user = identity_by_network(&ids, &addr);
		ck_assert_pstr_eq(user, nets[i].user);
	}
	ck_assert_ptr_null(identity_by_network(&ids, &unknown));
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("identity");
	TCase *tcase = tcase_create("identity");

	identity_settle(&ids);
	tcase_add_loop_test(tcase, identity_login_has_one_form, 0,
	    sizeof(logins) / sizeof(logins[0]));
	tcase_add_test(tcase, identity_login_without_a_realm_stays_bare);
	tcase_add_loop_test(tcase, seed_5_5_identity_owns_what_is_listed, 0,
	    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tcase, identity_denied_is_denied_to_the_unlisted_too);
	tcase_add_test(tcase, identity_rows_are_named_by_whom_they_speak_of);
	tcase_add_test(tcase, identity_unlisted_reject_and_any);
	tcase_add_test(tcase, identity_delimiter_is_a_set_or_nothing);
	tcase_add_loop_test(tcase, identity_envelope_says_why, 0,
	    sizeof(envelopes) / sizeof(envelopes[0]));
	tcase_add_test(tcase, identity_envelope_null_sender_by_setting);
	tcase_add_loop_test(tcase, identity_action_is_the_listeners, 0,
	    sizeof(actions) / sizeof(actions[0]));
	tcase_add_test(tcase, identity_away_is_treated_as_the_strictest_says);
	tcase_add_test(tcase, identity_home_is_what_is_listed);
	tcase_add_test(tcase, identity_by_network_is_the_first_that_holds_it);
	suite_add_tcase(suite, tcase);
	return suite;
}
