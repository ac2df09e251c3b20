/* Frames of the state protocol: what is taken, what is refused, how early. */
#include "io/resp.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

#define REQUEST { 4, 100, false }
#define REPLY { 4, 100, true }

static const struct {
	struct resp_limits limits;
	const char *bytes;
	size_t len; /* 0: of the text */
	const char *result; /* frames in short, or why it is bad at the end */
} rows[] = {
	/* a request is an array of strings */
	{ REQUEST, "*1\r\n$4\r\nPING\r\n", 0, "*(PING)" },
	{ REQUEST, "*2\r\n$1\r\na\r\n$0\r\n\r\n", 0, "*(a,)" },
	{ REQUEST, "*1\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n", 0, "*(a)*(b)" },
	{ REQUEST, "*1\r\n$3\r\n\r\n\r\r\n", 0, "*(\r\n\r)" },
	{ REQUEST, "", 0, "" },
	{ REQUEST, "*1\r\n$4\r\nPIN", 0, "" },
	/* and nothing else */
	{ REQUEST, "PING\r\n", 0, "not the protocol" },
	{ REQUEST, "\r\n", 0, "not the protocol" },
	{ REQUEST, "$1\r\na\r\n", 0, "not an array" },
	{ REQUEST, "+OK\r\n", 0, "not an array" },
	{ REQUEST, "+O", 0, "not an array" },
	{ REQUEST, ":1\r\n", 0, "not an array" },
	{ REQUEST, "*1\r\n:1\r\n", 0, "an element that is no string" },
	{ REQUEST, "*1\r\n+a\r\n", 0, "an element that is no string" },
	{ REQUEST, "*1\r\n*1\r\n$1\r\na\r\n", 0, "an array in an array" },
	{ REQUEST, "*1\r\n$2\r\na\0\r\n", 12, "NUL in a string" },
	{ REQUEST, "*1\r\n$1\r\nabc", 0, "string longer than announced" },
	/* no more than the bounds, and refused when announced */
	{ REQUEST, "*4\r\n", 0, "" },
	{ REQUEST, "*5\r\n", 0, "a length out of bounds" },
	{ REQUEST, "*100000000\r\n", 0, "a length out of bounds" },
	{ REQUEST, "*2147483647\r\n", 0, "a length out of bounds" },
	{ REQUEST, "*0\r\n", 0, "empty array" },
	{ REQUEST, "*-1\r\n", 0, "a length below zero" },
	{ REQUEST, "*-2\r\n", 0, "not the protocol" },
	{ REQUEST, "*1\r\n$100\r\n", 0, "" },
	{ REQUEST, "*1\r\n$101\r\n", 0, "a length out of bounds" },
	{ REQUEST, "*1\r\n$101", 0, "a length out of bounds" },
	{ REQUEST, "*1\r\n$2147483647\r\n", 0,
	    "a length out of bounds" },
	{ REQUEST, "*1\r\n$9223372036854775807\r\n", 0,
	    "a length out of bounds" },
	{ REQUEST, "*1\r\n$-1\r\n", 0, "a length below zero" },
	{ REQUEST, "*1\r\n$-2\r\n", 0, "not the protocol" },
	{ REQUEST, "*1\r\n$-99999999999999999999999", 0,
	    "a length out of bounds" },
	{ REQUEST, "*1x", 0, "a length out of bounds" },
	{ REQUEST, "*00000000000000000000000000", 0,
	    "a length out of bounds" },
	{ REQUEST, "*2\r\n$60\r\n"
	    "123456789012345678901234567890123456789012345678901234567890"
	    "\r\n$60\r\n123456789012345678901234567890123456", 0,
	    "too many bytes" },
	/* a reply may also be a string, a status, an error, a number */
	{ REPLY, "*2\r\n$1\r\na\r\n$1\r\nb\r\n", 0, "*(a,b)" },
	{ REPLY, "$1\r\na\r\n", 0, "$(a)" },
	{ REPLY, "+OK\r\n", 0, "+(OK)" },
	{ REPLY, "-ERR no\r\n", 0, "-(ERR no)" },
	{ REPLY, ":-12\r\n", 0, ":(-12)" },
	{ REPLY, "+\r\n", 0, "+()" },
	{ REPLY, "$-1\r\n", 0, "a length below zero" },
	{ REPLY, "*1\r\n:1\r\n", 0, "an element that is no string" },
	{ REPLY, "+O\0K\r\n", 6, "NUL in a string" },
};

/* Reads it all, cut into pieces, and tells what came of it. */
static void
read_in_pieces(const struct resp_limits *limits, const char *bytes,
    size_t len, size_t piece, char *told, size_t size)
{
	struct resp *resp = resp_new(limits);
	enum resp_result result = RESP_MORE;
	struct resp_frame frame;
	FILE *out = fmemopen(told, size, "w");

	for (size_t at = 0; at < len && result != RESP_BAD; at += piece) {
		resp_feed(resp, bytes + at,
		    len - at < piece ? len - at : piece);
		while ((result = resp_next(resp, &frame)) == RESP_FRAME) {
			fprintf(out, "%c(", frame.type);
			for (size_t i = 0; i < frame.count; i++)
				fprintf(out, "%s%s", i == 0 ? "" : ",",
				    frame.elements[i]);
			fprintf(out, ")");
		}
	}
	if (result == RESP_BAD) {
		rewind(out);
		fprintf(out, "%s", resp_why(resp));
	}
	fputc('\0', out);
	fclose(out);
	resp_free(&resp);
	ck_assert_ptr_null(resp);
}

START_TEST(frames_are_taken_and_refused)
{
	size_t len = rows[_i].len == 0 ? strlen(rows[_i].bytes) : rows[_i].len;
	char told[256] = "";

	for (size_t piece = 1; piece <= len; piece++) {
		read_in_pieces(&rows[_i].limits, rows[_i].bytes, len, piece,
		    told, sizeof(told));
		ck_assert_str_eq(told, rows[_i].result);
	}
}
END_TEST

START_TEST(a_bad_reader_stays_bad)
{
	struct resp_limits limits = REQUEST;
	struct resp *resp = resp_new(&limits);
	struct resp_frame frame;

	resp_feed(resp, "x", 1);
	ck_assert_int_eq(resp_next(resp, &frame), RESP_BAD);
	resp_feed(resp, "*1\r\n$1\r\na\r\n", 11);
	ck_assert_int_eq(resp_next(resp, &frame), RESP_BAD);
	resp_free(&resp);
}
END_TEST

START_TEST(what_is_written_is_read)
{
	static const char *const list[] = { "MAIL", "", "a\r\nb" };
	struct resp_limits limits = REPLY;
	struct resp_out out = { 0 };
	char told[256];

	resp_put_strings(&out, 3, list);
	resp_put_line(&out, '-', "ERR one\r\ntwo");
	resp_put_line(&out, '+', "OK");
	resp_put_bulk(&out, "{}", 2);
	read_in_pieces(&limits, out.bytes, resp_out_pending(&out),
	    RESP_FEED_MAX, told, sizeof(told));
	ck_assert_str_eq(told,
	    "*(MAIL,,a\r\nb)-(ERR one  two)+(OK)$({})");
	resp_out_clear(&out);
}
END_TEST

START_TEST(output_is_sent_from_its_front)
{
	struct resp_out out = { 0 };

	for (int i = 0; i < 100000; i++) {
		resp_put_line(&out, '+', "0123456789");
		ck_assert_int_eq(out.bytes[out.start], '+');
		if (i % 3 != 0)
			resp_out_sent(&out, 13);
		ck_assert_uint_ge(out.size, out.end);
	}
	ck_assert_uint_eq(resp_out_pending(&out), 33334 * 13);
	resp_out_sent(&out, 33334 * 13);
	ck_assert_uint_eq(resp_out_pending(&out), 0);
	ck_assert_uint_le(out.size, 65536);
	resp_out_clear(&out);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("resp");
	TCase *tcase = tcase_create("resp");

	tcase_add_loop_test(tcase, frames_are_taken_and_refused, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, a_bad_reader_stays_bad);
	tcase_add_test(tcase, what_is_written_is_read);
	tcase_add_test(tcase, output_is_sent_from_its_front);
	suite_add_tcase(suite, tcase);
	return suite;
}
