/* Policy requests: whole, in pieces, in a row, and everything else refused. */
#include "core/policy.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

/* All attributes of Postfix 3.7, as one was seen. */
static const char whole[] =
    "request=smtpd_access_policy\n"
    "protocol_state=DATA\n"
    "protocol_name=ESMTP\n"
    "client_address=203.0.113.7\n"
    "client_name=client.example.net\n"
    "client_port=53284\n"
    "reverse_client_name=client.example.net\n"
    "server_address=127.0.0.1\n"
    "server_port=587\n"
    "helo_name=client.example.com\n"
    "sender=A@Example.com\n"
    "recipient=X2@example.org\n"
    "recipient_count=1\n"
    "queue_id=E48A0A8428F\n"
    "instance=34b2.6b042dc3.e316c.0\n"
    "size=300\n"
    "etrn_domain=\n"
    "stress=\n"
    "sasl_method=PLAIN\n"
    "sasl_username=Alice\n"
    "sasl_sender=\n"
    "ccert_subject=\n"
    "ccert_issuer=\n"
    "ccert_fingerprint=\n"
    "ccert_pubkey_fingerprint=\n"
    "encryption_protocol=\n"
    "encryption_cipher=\n"
    "encryption_keysize=0\n"
    "policy_context=\n"
    "compatibility_level=3.6\n"
    "mail_version=3.7.11\n"
    "\n";

static enum policy_parse
parse(const char *bytes, size_t len, struct policy_request *request,
    size_t *used, const char **why)
{
	*used = 0;
	*why = "";
	return policy_parse(bytes, len, request, used, why);
}

static void
assert_whole(const struct policy_request *request)
{
	char text[NETADDR_TEXT_MAX];

	ck_assert_int_eq(request->state, POLICY_DATA);
	ck_assert_str_eq(netaddr_format(&request->client, text),
	    "203.0.113.7");
	ck_assert_uint_eq(request->client_port, 53284);
	ck_assert_uint_eq(request->server_port, 587);
	ck_assert_str_eq(request->sender, "a@example.com");
	ck_assert_str_eq(request->recipient, "x2@example.org");
	ck_assert_uint_eq(request->recipient_count, 1);
	ck_assert_str_eq(request->queue_id, "E48A0A8428F");
	ck_assert_str_eq(request->instance, "34b2.6b042dc3.e316c.0");
	ck_assert_str_eq(request->user, "Alice");
	ck_assert(!request->overlong);
}

START_TEST(policy_split_at_every_byte)
{
	const size_t len = sizeof(whole) - 1;
	struct policy_request request;
	const char *why;
	size_t used;

	for (size_t at = 0; at < len; at++)
		ck_assert_int_eq(parse(whole, at, &request, &used, &why),
		    POLICY_PARSE_MORE);
	ck_assert_int_eq(parse(whole, len, &request, &used, &why),
	    POLICY_PARSE_DONE);
	ck_assert_uint_eq(used, len);
	assert_whole(&request);
}
END_TEST

START_TEST(policy_pipelined)
{
	char two[2 * sizeof(whole) + 64];
	struct policy_request request;
	const char *why;
	size_t used;
	int len;

	len = snprintf(two, sizeof(two), "%srequest=smtpd_access_policy\n"
	    "protocol_state=END-OF-MESSAGE\n\n", whole);
	ck_assert_int_eq(parse(two, (size_t)len, &request, &used, &why),
	    POLICY_PARSE_DONE);
	ck_assert_uint_eq(used, sizeof(whole) - 1);
	assert_whole(&request);
	ck_assert_int_eq(parse(two + used, (size_t)len - used, &request, &used,
	    &why), POLICY_PARSE_DONE);
	ck_assert_int_eq(request.state, POLICY_END_OF_MESSAGE);
	ck_assert_str_eq(request.sender, "");
	ck_assert_str_eq(request.instance, "");
}
END_TEST

#define OURS "request=smtpd_access_policy\n"
#define TEN(s) s s s s s s s s s s

static const struct {
	const char *bytes;
	size_t len;
	enum policy_parse want;
	const char *why;
} lines[] = {
#define ROW(text, want, why) { text, sizeof(text) - 1, want, why }
	ROW(OURS "\n", POLICY_PARSE_DONE, ""),
	ROW(OURS "new_attribute=1\n\n", POLICY_PARSE_DONE, ""),
	ROW("sender=a@b\n" OURS "\n", POLICY_PARSE_DONE, ""),
	ROW("", POLICY_PARSE_MORE, ""),
	ROW("\n", POLICY_PARSE_BAD, "not a policy request"),
	ROW("sender=a@b\n\n", POLICY_PARSE_BAD, "not a policy request"),
	ROW("request=other\n", POLICY_PARSE_BAD, "not a policy request"),
	ROW("GET / HTTP/1.1\r\n", POLICY_PARSE_BAD,
	    "a line without name=value"),
	ROW(OURS "=x\n", POLICY_PARSE_BAD, "a line without name=value"),
	ROW(OURS "sender\n\n", POLICY_PARSE_BAD, "a line without name=value"),
	ROW(OURS "sender=a\0b\n\n", POLICY_PARSE_BAD, "a NUL byte"),
	ROW("\0", POLICY_PARSE_BAD, "a NUL byte"),
	ROW(OURS "recipient_count=\n\n", POLICY_PARSE_BAD,
	    "recipient_count is no number"),
	ROW(OURS "recipient_count=-1\n\n", POLICY_PARSE_BAD,
	    "recipient_count is no number"),
	ROW(OURS "recipient_count=4294967296\n\n", POLICY_PARSE_BAD,
	    "recipient_count is no number"),
	ROW(OURS "recipient_count=4294967295\n\n", POLICY_PARSE_DONE, ""),
	ROW(OURS "queue_id=" TEN("0123456") "\n\n", POLICY_PARSE_BAD,
	    "queue_id too long"),
	ROW(OURS "instance=" TEN("0123456") "\n\n", POLICY_PARSE_BAD,
	    "instance too long"),
	ROW(OURS "client_address=unknown\nclient_port=unknown\n\n",
	    POLICY_PARSE_DONE, ""),
	ROW(OURS "client_address=" TEN("0123456789") "\n\n",
	    POLICY_PARSE_DONE, ""),
#undef ROW
};

START_TEST(policy_lines)
{
	struct policy_request request;
	const char *why;
	size_t used;

	ck_assert_int_eq(parse(lines[_i].bytes, lines[_i].len, &request, &used,
	    &why), lines[_i].want);
	ck_assert_str_eq(why, lines[_i].why);
	if (lines[_i].want == POLICY_PARSE_DONE)
		ck_assert_uint_eq(used, lines[_i].len);
}
END_TEST

START_TEST(policy_unknown_client_is_no_address)
{
	static const char bytes[] = OURS
	    "client_address=unknown\nclient_port=70000\nserver_port=x\n\n";
	struct policy_request request;
	const char *why;
	size_t used;

	ck_assert_int_eq(parse(bytes, sizeof(bytes) - 1, &request, &used,
	    &why), POLICY_PARSE_DONE);
	ck_assert_uint_eq(request.client.family, 0);
	ck_assert_uint_eq(request.client_port, 0);
	ck_assert_uint_eq(request.server_port, 0);
}
END_TEST

/* What a client chose too long is no fault of Postfix: the connection stays. */
START_TEST(policy_overlong_value_is_no_garbage)
{
	static const char *const names[] = { "sender", "recipient",
		"sasl_username" };
	char bytes[1024], value[ADDRESS_MAX + 2];
	struct policy_request request;
	const char *why;
	size_t used;
	int len;

	memset(value, 'x', sizeof(value));
	value[sizeof(value) - 1] = '\0';
	len = snprintf(bytes, sizeof(bytes), OURS "%s=%s\n\n", names[_i],
	    value);
	ck_assert_int_eq(parse(bytes, (size_t)len, &request, &used, &why),
	    POLICY_PARSE_DONE);
	ck_assert(request.overlong);
	ck_assert_str_eq(request.sender, "");
	ck_assert_str_eq(request.recipient, "");
	ck_assert_str_eq(request.user, "");
}
END_TEST

START_TEST(policy_too_long)
{
	static char bytes[POLICY_REQUEST_MAX + 2];
	struct policy_request request;
	const char *why;
	size_t used;

	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes, OURS "a=", sizeof(OURS "a=") - 1);
	ck_assert_int_eq(parse(bytes, POLICY_REQUEST_MAX - 1, &request, &used,
	    &why), POLICY_PARSE_MORE);
	ck_assert_int_eq(parse(bytes, POLICY_REQUEST_MAX, &request, &used,
	    &why), POLICY_PARSE_BAD);
	ck_assert_str_eq(why, "a request too long");
	/* the longest one, and one byte more */
	memcpy(bytes + POLICY_REQUEST_MAX - 2, "\n\n", 2);
	ck_assert_int_eq(parse(bytes, POLICY_REQUEST_MAX, &request, &used,
	    &why), POLICY_PARSE_DONE);
	memcpy(bytes + POLICY_REQUEST_MAX - 2, "x\n\n", 3);
	ck_assert_int_eq(parse(bytes, POLICY_REQUEST_MAX + 1, &request, &used,
	    &why), POLICY_PARSE_BAD);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("policy");
	TCase *tcase = tcase_create("policy");

	tcase_add_test(tcase, policy_split_at_every_byte);
	tcase_add_test(tcase, policy_pipelined);
	tcase_add_loop_test(tcase, policy_lines, 0,
	    sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(tcase, policy_unknown_client_is_no_address);
	tcase_add_loop_test(tcase, policy_overlong_value_is_no_garbage, 0, 3);
	tcase_add_test(tcase, policy_too_long);
	suite_add_tcase(suite, tcase);
	return suite;
}
