/* Requests over HTTP: what is taken, and who may ask. */
#include "core/http.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

#define HOST "Host: localhost\r\n"

static struct http_request request;
static unsigned status;

static enum http_parse
parse(const char *text)
{
	return http_parse(text, strlen(text), &request, &status);
}

static const struct {
	const char *text;
	const char *path, *query, *host;
	bool head, old;
} good[] = {
	{ "GET / HTTP/1.1\r\n" HOST "\r\n", "/", "", "localhost", false,
	    false },
	{ "HEAD /metrics HTTP/1.1\r\nhOsT:[::1]:9180 \r\n\r\n", "/metrics", "",
	    "[::1]:9180", true, false },
	{ "GET /h.json?after=5&x HTTP/1.0\r\n\r\n", "/h.json", "after=5&x", "",
	    false, true },
	{ "GET /? HTTP/1.9\r\nHost:\r\n\r\n", "/", "", "", false, false },
	{ "GET /a?b?c HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\nrest", "/a",
	    "b?c", "localhost", false, false },
	{ "GET //..%2f HTTP/1.1\r\n" HOST "X: a\tb\xC3\xA4\r\n\r\n",
	    "//..%2f", "", "localhost", false, false },
};

START_TEST(requests_that_are_taken)
{
	ck_assert_int_eq(parse(good[_i].text), HTTP_PARSE_DONE);
	ck_assert_uint_eq(status, 0);
	ck_assert_str_eq(request.path, good[_i].path);
	ck_assert_str_eq(request.query, good[_i].query);
	ck_assert_str_eq(request.host, good[_i].host);
	ck_assert_int_eq(request.head, good[_i].head);
	ck_assert_int_eq(request.old, good[_i].old);
	ck_assert_int_eq(request.has_host, strcasestr(good[_i].text, "host:") !=
	    NULL);
}
END_TEST

START_TEST(half_a_head_is_waited_for)
{
	static const char text[] = "GET / HTTP/1.1\r\n" HOST "\r\n";

	for (size_t len = 0; len < sizeof(text) - 1; len++)
		ck_assert_int_eq(http_parse(text, len, &request, &status),
		    HTTP_PARSE_MORE);
}
END_TEST

static const struct {
	const char *text;
	unsigned status;
} bad[] = {
	/* another method */
	{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello", 405 },
	{ "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "OPTIONS / HTTP/1.1\r\n" HOST "\r\n", 405 },
	{ "get / HTTP/1.1\r\n" HOST "\r\n", 405 },
	{ "GE(T / HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ " GET / HTTP/1.1\r\n" HOST "\r\n", 400 },
	/* a body */
	{ "GET / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello", 413 },
	{ "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 413 },
	{ "GET / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400 },
	{ "GET / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", 400 },
	{ "GET / HTTP/1.1\r\n" HOST
	  "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", 400 },
	/* a target of another kind */
	{ "GET http://localhost/ HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET  HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET /\xFF HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET /a b HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "CONNECT localhost:25 HTTP/1.1\r\n" HOST "\r\n", 400 },
	/* another version */
	{ "GET /\r\n\r\n", 400 },
	{ "GET / HTTP/2.0\r\n" HOST "\r\n", 505 },
	{ "GET / HTTP/1\r\n" HOST "\r\n", 400 },
	{ "GET / http/1.1\r\n" HOST "\r\n", 400 },
	{ "GET / HTTP/1.1 \r\n" HOST "\r\n", 400 },
	/* hosts */
	{ "GET / HTTP/1.1\r\n\r\n", 400 },
	{ "GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400 },
	/* fields */
	{ "GET / HTTP/1.1\r\n" HOST "X : y\r\n\r\n", 400 },
	{ "GET / HTTP/1.1\r\n" HOST "X: y\r\n folded\r\n\r\n", 400 },
	{ "GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n", 400 },
	{ "GET / HTTP/1.1\r\n" HOST ": y\r\n\r\n", 400 },
	{ "GET / HTTP/1.1\r\n" HOST "X: a\x01\r\n\r\n", 400 },
	/* ends of lines */
	{ "GET / HTTP/1.1\nHost: localhost\n\n", 400 },
	{ "GET / HTTP/1.1\r\nX: a\rHost: b\r\n" HOST "\r\n", 400 },
	{ "GET / HTTP/1.1\r\n" HOST "\n", 400 },
	{ "\r\n", 400 },
	{ "\n", 400 },
	/* other protocols */
	{ "\x16\x03\x01\x02\r\n\r\n", 400 },
	{ "EHLO me\r\n\r\n", 400 },
};

START_TEST(requests_that_are_refused)
{
	ck_assert_int_eq(parse(bad[_i].text), HTTP_PARSE_BAD);
	ck_assert_uint_eq(status, bad[_i].status);
}
END_TEST

START_TEST(a_nul_is_refused)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n";

	ck_assert_int_eq(http_parse(text, sizeof(text) - 1, &request, &status),
	    HTTP_PARSE_BAD);
	ck_assert_uint_eq(status, 400);
}
END_TEST

START_TEST(long_ones_are_refused)
{
	static char text[HTTP_HEAD_MAX + 1], path[HTTP_PATH_MAX + 2];
	int used;

	memset(text, 'x', HTTP_HEAD_MAX);
	ck_assert_int_eq(http_parse(text, HTTP_HEAD_MAX - 1, &request, &status),
	    HTTP_PARSE_MORE);
	ck_assert_int_eq(http_parse(text, HTTP_HEAD_MAX, &request, &status),
	    HTTP_PARSE_BAD);
	ck_assert_uint_eq(status, 431);

	memset(path, 'p', sizeof(path) - 1);
	path[0] = '/';
	(void)snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\n" HOST "\r\n",
	    path);
	ck_assert_int_eq(parse(text), HTTP_PARSE_BAD);
	ck_assert_uint_eq(status, 414);

	used = snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n" HOST);
	for (int i = 0; i < HTTP_FIELDS_MAX; i++)
		used += snprintf(text + used, sizeof(text) - (size_t)used,
		    "X: y\r\n");
	(void)snprintf(text + used, sizeof(text) - (size_t)used, "\r\n");
	ck_assert_int_eq(parse(text), HTTP_PARSE_BAD);
	ck_assert_uint_eq(status, 431);
}
END_TEST

static const struct {
	const char *accept;
	bool plain;
} accepts[] = {
	{ "*/*", false },
	{ "text/plain; version=0.0.4", true },
	{ "text/html, */*;q=0.1", false },
	{ "application/openmetrics-text; version=1.0.0,text/plain;q=0.5",
	    false },
	{ "Text/Plain;version=0.0.4;q=1,*/*;q=0.1", true },
};

START_TEST(plain_text_is_for_those_who_ask)
{
	char text[256];

	(void)snprintf(text, sizeof(text),
	    "GET / HTTP/1.1\r\n" HOST "Accept: %s\r\n\r\n", accepts[_i].accept);
	ck_assert_int_eq(parse(text), HTTP_PARSE_DONE);
	ck_assert_int_eq(request.plain_text, accepts[_i].plain);
}
END_TEST

static const char *list[] = { "mail.example.org", "2001:db8::7" };
static const struct strings names = { list, 2 };

static const struct {
	const char *listen, *host;
	bool ours;
} hosts[] = {
	{ "inet:127.0.0.1:9180", "127.0.0.1:9180", true },
	{ "inet:127.0.0.1:9180", "127.0.0.1", true },
	{ "inet:127.0.0.1:9180", "127.0.0.1:1", true },
	{ "inet:127.0.0.1:9180", "localhost", true },
	{ "inet:127.0.0.1:9180", "LocalHost:8080", true },
	{ "inet:127.0.0.1:9180", "mail.EXAMPLE.org", true },
	{ "inet:127.0.0.1:9180", "mail.example.org:443", true },
	{ "inet:[::1]:9180", "[::1]:9180", true },
	{ "inet:[::1]:9180", "[0:0::0:1]", true },
	{ "inet:0.0.0.0:9180", "192.0.2.7:9180", true },
	{ "inet:[::]:9180", "[2001:db8::1]", true },
	{ "inet:[::]:9180", "192.0.2.7", true },
	{ "unix:/run/weir/http.sock", "localhost", true },
	{ "unix:/run/weir/http.sock", "mail.example.org", true },
	{ "unix:/run/weir/http.sock", "[2001:DB8:0::7]:80", true },

	{ "inet:127.0.0.1:9180", "evil.example", false },
	{ "inet:127.0.0.1:9180", "127.0.0.1.evil.example", false },
	{ "inet:127.0.0.1:9180", "127.0.0.1@evil.example", false },
	{ "inet:127.0.0.1:9180", "evil.example:127.0.0.1", false },
	{ "inet:127.0.0.1:9180", "localhost.evil.example", false },
	{ "inet:127.0.0.1:9180", "localhost:80:80", false },
	{ "inet:127.0.0.1:9180", "localhost:+80", false },
	{ "inet:127.0.0.1:9180", "localhost:123456", false },
	{ "inet:127.0.0.1:9180", "127.0.0.2", false },
	{ "inet:127.0.0.1:9180", "2130706433", false },
	{ "inet:127.0.0.1:9180", "127.1", false },
	{ "inet:127.0.0.1:9180", "", false },
	{ "inet:127.0.0.1:9180", ":9180", false },
	{ "inet:127.0.0.1:9180", "[127.0.0.1", false },
	{ "inet:127.0.0.1:9180", "[localhost]", false },
	{ "inet:127.0.0.1:9180", "[::1]x", false },
	{ "inet:127.0.0.1:9180", "xmail.example.org", false },
	{ "inet:0.0.0.0:9180", "evil.example", false },
	{ "inet:0.0.0.0:9180", "", false },
	{ "unix:/run/weir/http.sock", "127.0.0.1", false },
	{ "unix:/run/weir/http.sock", "2001:db8::7", false },
	{ "unix:/run/weir/http.sock", "", false },
};

START_TEST(host_must_name_us)
{
	request.has_host = true;
	(void)snprintf(request.host, sizeof(request.host), "%s",
	    hosts[_i].host);
	ck_assert_msg(http_host_is_ours(&request, hosts[_i].listen, &names) ==
	    hosts[_i].ours, "%s on %s", hosts[_i].host, hosts[_i].listen);
}
END_TEST

START_TEST(no_host_is_for_old_ones)
{
	ck_assert_int_eq(parse("GET /healthz HTTP/1.0\r\n\r\n"),
	    HTTP_PARSE_DONE);
	ck_assert(http_host_is_ours(&request, "inet:127.0.0.1:1", &names));
	ck_assert_int_eq(parse("GET / HTTP/1.0\r\nHost: evil.example\r\n\r\n"),
	    HTTP_PARSE_DONE);
	ck_assert(!http_host_is_ours(&request, "inet:127.0.0.1:1", &names));
}
END_TEST

static const struct {
	const char *query;
	int result;
	uint64_t number;
} queries[] = {
	{ "", 0, 0 },
	{ "after", -1, 0 },
	{ "after=", -1, 0 },
	{ "after=0", 1, 0 },
	{ "after=17", 1, 17 },
	{ "x=1&after=17&y", 1, 17 },
	{ "&&after=3", 1, 3 },
	{ "xafter=3", 0, 0 },
	{ "after=3x", -1, 0 },
	{ "after=-3", -1, 0 },
	{ "after=+3", -1, 0 },
	{ "after=3=4", -1, 0 },
	{ "after=9007199254740992", 1, UINT64_C(9007199254740992) },
	{ "after=9007199254740993", -1, 0 },
	{ "after=99999999999999999999999999999", -1, 0 },
};

START_TEST(numbers_of_a_query)
{
	uint64_t number = 0;

	ck_assert_int_eq(http_query_number(queries[_i].query, "after",
	    &number), queries[_i].result);
	if (queries[_i].result == 1)
		ck_assert_uint_eq(number, queries[_i].number);
}
END_TEST

START_TEST(a_status_has_its_words)
{
	ck_assert_str_eq(http_status_text(404), "Not Found");
	ck_assert_str_eq(http_status_text(999), "Error");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_str_ne(http_status_text(bad[i].status), "Error");
}
END_TEST

#define LOOP(test, table)                                                     \
	tcase_add_loop_test(tcase, test, 0, sizeof(table) / sizeof(table[0]))

static Suite *
suite(void)
{
	Suite *suite = suite_create("http");
	TCase *tcase = tcase_create("http");

	LOOP(requests_that_are_taken, good);
	tcase_add_test(tcase, half_a_head_is_waited_for);
	LOOP(requests_that_are_refused, bad);
	tcase_add_test(tcase, a_nul_is_refused);
	tcase_add_test(tcase, long_ones_are_refused);
	LOOP(plain_text_is_for_those_who_ask, accepts);
	LOOP(host_must_name_us, hosts);
	tcase_add_test(tcase, no_host_is_for_old_ones);
	LOOP(numbers_of_a_query, queries);
	tcase_add_test(tcase, a_status_has_its_words);
	suite_add_tcase(suite, tcase);
	return suite;
}
