/* Each domain has one form. */
#include "io/idn.h"

#include "check_main.h"

#include <string.h>

static const struct {
	const char *in;
	const char *out; /* NULL: refused */
} addresses[] = {
	{ "Alice@Example.COM", "alice@example.com" },
	{ "alice@B\xC3\xBC" "cher.example", "alice@xn--bcher-kva.example" },
	{ "alice@BU\xCC\x88" "CHER.example", "alice@xn--bcher-kva.example" },
	{ "alice@XN--BCHER-KVA.example", "alice@xn--bcher-kva.example" },
	{ "alice", "alice" },
	{ "", "" },
	{ "\"a@b\"@example.com", "\"a@b\"@example.com" },
	{ "alice@\xFF\xFE.example", NULL },
	{ "alice@\xE2\x80\xAE.example", NULL },
	{ "boss@a.example\xEF\xBC\xA0" "b.\xC3\xBC", NULL }, /* U+FF20 */
};

START_TEST(idn_address_has_one_form)
{
	char out[ADDRESS_MAX + 1];
	int result = idn_address(addresses[_i].in, out);

	ck_assert_int_eq(result, addresses[_i].out == NULL ? -1 : 0);
	ck_assert_str_eq(out,
	    addresses[_i].out == NULL ? "" : addresses[_i].out);
}
END_TEST

START_TEST(idn_address_is_bounded)
{
	char in[2 * ADDRESS_MAX], out[ADDRESS_MAX + 1];

	memset(in, 'a', sizeof(in));
	in[sizeof(in) - 1] = '\0';
	ck_assert_int_eq(idn_address(in, out), -1);
	in[60] = '@';
	ck_assert_int_eq(idn_address(in, out), -1);
	in[60 + 1 + 255] = '\0';
	ck_assert_int_eq(idn_address(in, out), 0);
	in[61] = '\xC3';
	in[62] = '\xBC';
	ck_assert_int_eq(idn_address(in, out), -1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("idn");
	TCase *tcase = tcase_create("idn");

	tcase_add_loop_test(tcase, idn_address_has_one_form, 0,
	    sizeof(addresses) / sizeof(addresses[0]));
	tcase_add_test(tcase, idn_address_is_bounded);
	suite_add_tcase(suite, tcase);
	return suite;
}
