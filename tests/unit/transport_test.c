/* Which recipients Postfix's default transport takes. */
#include "core/transport.h"

#include "check_main.h"

#include <string.h>

static const struct {
	const char *default_transport, *relayhost;
	int result;
	const char *mailer, *host;
} parses[] = {
	{ "smtp", "", 0, "smtp", "" },
	{ "smtp:", "", 0, "smtp", "" },
	{ " smtp \n", " \n", 0, "smtp", "" },
	{ "relay:[h.example]:25", "", 0, "relay", "[h.example]:25" },
	/* postconf(5): default_transport's own next hop comes first */
	{ "relay:[h.example]:25", "[r.example]", 0, "relay",
	    "[h.example]:25" },
	{ "smtp", "[r.example]:587", 0, "smtp", "[r.example]:587" },
	{ "smtp:[a]:25, [b]:25", "", 0, "smtp", "[a]:25, [b]:25" },
	{ "", "", -1, NULL, NULL },
	{ ":[h]:25", "", -1, NULL, NULL },
	{ "$mine", "", -1, NULL, NULL },
	{ "smtp", "$mine", -1, NULL, NULL },
	{ "[h]:25", "", -1, NULL, NULL },
	{ "smtp relay", "", -1, NULL, NULL },
};

START_TEST(transport_parses)
{
	struct transport transport;

	ck_assert_int_eq(transport_parse(parses[_i].default_transport,
	    parses[_i].relayhost, &transport), parses[_i].result);
	if (parses[_i].result != 0)
		return;
	ck_assert_str_eq(transport.mailer, parses[_i].mailer);
	ck_assert_str_eq(transport.host, parses[_i].host);
}
END_TEST

START_TEST(transport_too_long)
{
	struct transport transport;
	char text[TRANSPORT_MAX + 8];

	memset(text, 'x', sizeof(text));
	text[TRANSPORT_MAX + 1] = '\0';
	ck_assert_int_eq(transport_parse(text, "", &transport), -1);
	ck_assert_int_eq(transport_parse("smtp", text, &transport), -1);
	text[TRANSPORT_MAX] = '\0';
	ck_assert_int_eq(transport_parse(text, text, &transport), 0);
}
END_TEST

static const struct {
	const char *transport, *mailer, *host;
	bool is;
} equals[] = {
	{ "smtp", "smtp", "example.org", true },
	{ "smtp", "smtp", "", true },
	{ "smtp", "relay", "example.org", false },
	{ "smtp", "local", "mx.example.com", false },
	{ "smtp", "SMTP", "example.org", false },
	{ "smtp", "", "", false },
	{ "smtp:[h]:25", "smtp", "[h]:25", true },
	{ "smtp:[h]:25", "smtp", "[H]:25", true },
	{ "smtp:[h]:25", "smtp", "[h]", false },
	{ "smtp:[h]:25", "smtp", "", false },
};

START_TEST(transport_equal)
{
	struct transport transport;

	ck_assert_int_eq(transport_parse(equals[_i].transport, "", &transport),
	    0);
	ck_assert(transport_is(&transport, equals[_i].mailer,
	    equals[_i].host) == equals[_i].is);
}
END_TEST

static const struct {
	const char *mailers[3], *hosts[3];
	const char *mailer, *host; /* in common */
} sets[] = {
	{ { "smtp" }, { "a.example" }, "smtp", "a.example" },
	{ { "smtp", "smtp", "smtp" }, { "[h]:25", "[H]:25", "[h]:25" },
	    "smtp", "[h]:25" },
	{ { "smtp", "smtp" }, { "a.example", "b.example" }, "smtp", "" },
	{ { "smtp", "smtp", "smtp" }, { "a.example", "b.example",
	    "a.example" }, "smtp", "" },
	{ { "smtp", "local" }, { "a.example", "a.example" }, "",
	    "a.example" },
	{ { "smtp", "local", "smtp" }, { "a", "b", "a" }, "", "" },
	{ { "", "smtp" }, { "", "a.example" }, "", "" },
};

START_TEST(what_recipients_have_in_common)
{
	struct transport common = { "old", "old" };

	for (int i = 0; i < 3 && sets[_i].mailers[i] != NULL; i++)
		transport_narrow(&common, i == 0, sets[_i].mailers[i],
		    sets[_i].hosts[i]);
	ck_assert_str_eq(common.mailer, sets[_i].mailer);
	ck_assert_str_eq(common.host, sets[_i].host);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("transport");
	TCase *tcase = tcase_create("transport");

	tcase_add_loop_test(tcase, transport_parses, 0,
	    sizeof(parses) / sizeof(parses[0]));
	tcase_add_test(tcase, transport_too_long);
	tcase_add_loop_test(tcase, transport_equal, 0,
	    sizeof(equals) / sizeof(equals[0]));
	tcase_add_loop_test(tcase, what_recipients_have_in_common, 0,
	    sizeof(sets) / sizeof(sets[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
