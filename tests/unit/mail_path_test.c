/* What Postfix may have made of a MAIL argument without changing it. */
#include "core/mail_path.h"

#include "check_main.h"

static const struct {
	const char *argument, *address;
	bool same;
} cases[] = {
	{ "<a@x.example>", "a@x.example", true },
	{ "a@x.example", "a@x.example", true },
	{ "<>", "", true },
	{ "<\"\">", "", true },
	{ "<A@X.Example>", "a@x.example", true },
	{ "<@r.example,@s.example:a@x.example>", "a@x.example", true },
	{ "<\"a\"@x.example>", "a@x.example", true },
	{ "<\"a\".\"b\"@x.example>", "a.b@x.example", true },
	{ "<a\\b@x.example>", "ab@x.example", true },
	{ "<\"a b\"@x.example>", "\"a b\"@x.example", true },
	{ "<a\\ b@x.example>", "\"a b\"@x.example", true },
	{ "<\"a\\\"b\"@x.example>", "\"a\\\"b\"@x.example", true },
	{ "<\"a@y\"@x.example>", "\"a@y\"@x.example", true },
	{ "<.a@x.example>", "\".a\"@x.example", true },
	{ "<a@[192.0.2.1]>", "a@[192.0.2.1]", true },
	{ "<a%y@x.example>", "a%y@x.example", true },
	{ "<a>", "a", true },
	{ "<J\xC3\x96rg@B\xC3\x9C"
	  "cher.example>",
	    "j\xC3\xB6rg@b\xC3\xBC"
	    "cher.example",
	    true },

	/* completed, understood, or tidied up */
	{ "<a>", "a@x.example", false },
	{ "<\"a@y.example\">", "a@y.example", false },
	{ "<y.example!a>", "a@y.example", false },
	{ "<a%y.example@x.example>", "a@y.example", false },
	{ "<a@y.example@x.example>", "\"a@y.example\"@x.example", false },
	{ "<a@x.example.>", "a@x.example", false },
	{ "<a(c)@x.example>", "a@x.example", false },
	{ "<a @x.example>", "a@x.example", false },
	{ "< a@x.example >", "a@x.example", false },
	{ "<a@host>", "a@host.x.example", false },
	{ "<a@x.example", "a@x.example", false },
	{ "<a@x.example>>", "a@x.example", false },
	{ "<b@x.example>", "a@x.example", false },
	{ "<a@x.example>", "", false },
	{ "<>", "a@x.example", false },
	{ "<\"a@x.example>", "a@x.example", false },
	{ "<a@x.example\\>", "a@x.example", false },
	{ "<@r.example>", "", false },
	/* KELVIN SIGN is no k, nor is any other letter an ASCII one */
	{ "<\xE2\x84\xAA"
	  "ate@x.example>",
	    "kate@x.example", false },
	{ "<gro\xC3\x9F@x.example>", "gross@x.example", false },
	{ "", "", true },
};

START_TEST(mail_path_differs_by_syntax_alone)
{
	ck_assert_msg(mail_path_is(cases[_i].argument, cases[_i].address) ==
			  cases[_i].same,
	    "%s %s", cases[_i].argument, cases[_i].address);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("mail_path");
	TCase *tcase = tcase_create("mail_path");

	tcase_add_loop_test(tcase, mail_path_differs_by_syntax_alone, 0,
	    sizeof(cases) / sizeof(cases[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
