/* Each login has one form, whatever letters its domain is written in. */
#include "io/login.h"

#include "check_main.h"

#include <string.h>

#define BUECHER "b\xC3\xBC" "cher.example"
#define A_LABEL "xn--bcher-kva.example"
#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct identities ids = { .realm = "example.com" };

static const struct {
	const char *login;
	const char *user; /* NULL: refused */
} logins[] = {
	{ "Alice", "alice@example.com" },
	{ "Alice@Other.example", "alice@other.example" },
	{ "Y@" BUECHER, "y@" A_LABEL },
	{ "y@B\xC3\x9C" "CHER.Example", "y@" A_LABEL },
	{ "y@bu\xCC\x88" "cher.example", "y@" A_LABEL },
	{ "y@XN--BCHER-KVA.example", "y@" A_LABEL },
	{ "*@" BUECHER, "*@" A_LABEL },
	/* the local part is compared as it is */
	{ "\xC3\xBCser@" BUECHER, "\xC3\xBCser@" A_LABEL },
	{ "\xC3\xBCser@" A_LABEL, "\xC3\xBCser@" A_LABEL },
	{ "a@" BUECHER "@" BUECHER, "a@" BUECHER "@" A_LABEL },
	/* no domain: the realm is added, or it is what the server says */
	{ BUECHER, BUECHER "@example.com" },
	{ "y@", "y@" },
	{ "Y@\xFF\xFE.example", "y@\xFF\xFE.example" },
	{ "boss@a.example\xEF\xBC\xA0" BUECHER,
	    "boss@a.example\xEF\xBC\xA0" BUECHER },
	{ "", NULL },
	/* 248 bytes; 6 more as an A-label are one less than 255, and 8 not */
	{ A63 A63 A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@" BUECHER,
	    A63 A63 A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@" A_LABEL },
	{ A63 A63 A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@" BUECHER,
	    NULL },
	{ A63 A63 A63 A63 A63 A63 "@" BUECHER, NULL },
};

START_TEST(login_has_one_form)
{
	char user[LOGIN_MAX + 1], again[LOGIN_MAX + 1];
	const char *want = logins[_i].user;
	enum reason reason = login_canonical(&ids, logins[_i].login, user);

	ck_assert_int_eq(reason == REASON_OK, want != NULL);
	ck_assert_str_eq(user, want != NULL ? want : "");
	if (want == NULL)
		return;
	ck_assert_int_eq(identity_login(&ids, user, again), REASON_OK);
	ck_assert_str_eq(again, user);
}
END_TEST

START_TEST(login_in_place_has_it_too)
{
	char login[LOGIN_MAX + 1] = "y@" BUECHER;
	char ascii[LOGIN_MAX + 1] = "Alice"; /* left to identity_login */
	char longest[LOGIN_MAX + 1] = A63 A63 A63
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@" BUECHER;
	char before[LOGIN_MAX + 1];

	memcpy(before, longest, sizeof(before));
	login_make_canonical(&ids, login);
	ck_assert_str_eq(login, "y@" A_LABEL);
	login_make_canonical(&ids, ascii);
	ck_assert_str_eq(ascii, "Alice");
	login_make_canonical(&ids, longest);
	ck_assert_str_eq(longest, before);
}
END_TEST

START_TEST(login_pattern_can_match)
{
	ck_assert(login_pattern_is_sound("*"));
	ck_assert(login_pattern_is_sound("app-*@" BUECHER));
	ck_assert(login_pattern_is_sound("\xC3\xBC*@*.example"));
	ck_assert(login_pattern_is_sound("*@*." BUECHER));
	ck_assert(!login_pattern_is_sound("a@b\xC3\xBC*.example"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("login");
	TCase *tcase = tcase_create("login");

	tcase_add_loop_test(tcase, login_has_one_form, 0,
	    sizeof(logins) / sizeof(logins[0]));
	tcase_add_test(tcase, login_in_place_has_it_too);
	tcase_add_test(tcase, login_pattern_can_match);
	suite_add_tcase(suite, tcase);
	return suite;
}
