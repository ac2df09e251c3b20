/*
 * From headers, one row a case: what is accepted with which mailboxes, what
 * hides an address, and why the rest is refused.
 */
#include "core/from.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

#define TEN(x) x x x x x x x x x x

/*
 * mailboxes and hidden are joined by a blank. Accepted when why is NULL,
 * refused with that reason else; "hidden" has its own.
 */
static const char hides[] = "another address in a name or comment";
static const char empty[] = "it is empty";
static const char utf8[] = "bytes that are no UTF-8";
static const char control[] = "a control or direction character";
static const char text_control[] =
    "a control or direction character in a name or comment";
static const char fold[] = "a line end that is no folding";
static const char blank_line[] = "a folded line of white space alone";
static const char bare_cr[] = "a CR without LF";
static const char left[] = "something left over behind an address";
static const char second_at[] =
    "an address with white space or a second '@' in it";
static const char group[] = "group syntax";
static const char route[] = "a source route";
static const char no_address[] = "a name without an address";
static const char spaced[] =
    "an address with white space in it, or unquoted in a name";
static const char special[] = "an unquoted special character in a name";
static const char dot_name[] = "a dot before a name";
static const char inside[] = "white space or a comment within < >";
static const char beside[] = "white space or a comment beside the '@'";
static const char no_one[] = "< > without one address";
static const char unclosed[] = "< without its >";
static const char place[] = "an empty place in the list";
static const char dots[] = "a dot too many in an address";
static const char label[] = "a domain with an empty or overlong label";
static const char no_domain[] = "a domain that is empty or ends in a dot";
static const char no_such[] = "a character that no domain has";
static const char literal[] = "an address literal, which nobody owns";
static const char no_local[] = "an empty local part";
static const char at_local[] = "an '@' within a local part";
static const char tab_local[] = "a tab or line end in a local part";
static const char comment_end[] = "a comment's end without its begin";
static const char comment_open[] = "a comment without an end";
static const char comment_deep[] = "comments nested too deep";
static const char quote_open[] = "a quoted string without an end";
static const char word_local[] = "an encoded word in an address";
static const char unseen[] = "an invisible character in an address";
static const char charset[] =
    "an encoded word in a charset that may hide an address";
static const char cut[] =
    "an encoded word that ends within characters of its charset";
static const char base64[] = "an encoded word that is no base64";
static const char deep[] = "encoded words within encoded words";

static const struct {
	const char *value;
	const char *mailboxes;
	const char *hidden;
	const char *why;
} cases[] = {
	/* --- addr-spec, RFC 5322 3.4.1 --- */
	{ "alice@example.com", "alice@example.com", "", NULL },
	{ " alice@example.com ", "alice@example.com", "", NULL },
	{ "Alice@Example.COM", "alice@example.com", "", NULL },
	{ "a.b.c@x", "a.b.c@x", "", NULL },
	{ "a!#$%&'*+-/?=^_`{|}~z@x", "a!#$%&'*+-/?=^_`{|}~z@x", "", NULL },
	{ "alice@sub_1.ex-ample.com", "alice@sub_1.ex-ample.com", "", NULL },
	{ "azAZ09@azAZ09-_", "azaz09@azaz09-_", "", NULL },
	{ ".a@x", "", "", dots },
	{ "a.@x", "", "", dots },
	{ "a..b@x", "", "", dots },
	{ "@x", "", "", spaced },
	{ "a@", "", "", no_domain },
	{ "a@.x", "", "", label },
	{ "a@x..y", "", "", label },
	{ "a@x.", "", "", no_domain },
	{ "a@" TEN("123456") "123.x", "a@" TEN("123456") "123.x", "", NULL },
	{ "a@" TEN("123456") "1234.x", "", "", label },
	{ "a@x!y", "", "", no_such },
	{ "a@x'", "", "", no_such },
	{ "a@x@y", "", "", second_at },
	{ "a@[192.0.2.1]", "", "", literal },
	{ "a@[IPv6:2001:db8::1]", "", "", literal },
	{ "alice", "", "", no_address },
	{ "alice smith", "", "", no_address },
	{ "alice @example.com", "", "", spaced },
	{ "alice@ example.com", "", "", beside },
	{ "alice @ example.com", "", "", spaced },
	{ "alice smith@example.com", "", "", spaced },
	{ "alice(c)@example.com", "", "", spaced },
	{ "alice@(c)example.com", "", "", beside },
	{ "alice@example .com", "", "", left },
	{ "alice.\r\n smith@example.com", "", "", spaced },

	/* --- quoted local parts: one form for each address --- */
	{ "\"alice\"@example.com", "alice@example.com", "", NULL },
	{ "\"al\\ice\"@example.com", "alice@example.com", "", NULL },
	{ "\"a.b\"@x", "a.b@x", "", NULL },
	{ "\"a b\"@x", "\"a b\"@x", "", NULL },
	{ "\"a..b\"@x", "\"a..b\"@x", "", NULL },
	{ "\"a\\\"b\\\\c\\d\"@x", "\"a\\\"b\\\\cd\"@x", "", NULL },
	{ "<\"a b\"@x>", "\"a b\"@x", "", NULL },
	{ "\"\"@x", "", "", no_local },
	{ "\"a@y\"@x", "", "", at_local },
	{ "<\"a@y\"@x>", "", "", at_local },
	{ "\"a\r\n b\"@x", "", "", tab_local },
	{ "\"a\tb\"@x", "", "", tab_local },
	{ "\"a\".b@x", "", "", spaced },
	{ "a.\"b\"@x", "", "", spaced },
	{ "\"a\"b@x", "", "", spaced },
	{ "<\"a\"b@x>", "", "", no_one },
	{ "\"a@x", "", "", quote_open },
	{ "\"a\\\r\n b\" <a@x>", "", "",
	    "a '\\' with nothing to quote" },
	{ "\"a\\", "", "", "a '\\' with nothing to quote" },

	/* --- name-addr --- */
	{ "<alice@example.com>", "alice@example.com", "", NULL },
	{ "Alice <alice@example.com>", "alice@example.com", "", NULL },
	{ "Alice Smith <alice@example.com>", "alice@example.com", "", NULL },
	{ "Alice<alice@example.com>", "alice@example.com", "", NULL },
	{ "\"Smith, Alice\" <alice@example.com>", "alice@example.com", "",
	    NULL },
	{ "\"Alice \\\"A\\\" Smith\" <a@x>", "a@x", "", NULL },
	{ "\"\" <a@x>", "a@x", "", NULL },
	{ "Alice \"A\" Smith <a@x>", "a@x", "", NULL },
	{ "\"Dr. Alice <x>\" <a@x>", "a@x", "", NULL },
	{ "O'Neil <a@x>", "a@x", "", NULL },
	/* obs-phrase, RFC 5322 4.1: initials; a dot hides nothing */
	{ "J. Smith <a@x>", "a@x", "", NULL },
	{ "Dr. J.R. Smith Jr. <a@x>", "a@x", "", NULL },
	{ "J .. Smith <a@x>", "a@x", "", NULL },
	{ "\"J\". Smith <a@x>", "a@x", "", NULL },
	{ "alice.smith <a@x>, J. S. <b@x>", "a@x b@x", "", NULL },
	{ "J. \"b@y\" Smith <a@x>", "a@x", "b@y", hides },
	{ ". Smith <a@x>", "", "", dot_name },
	{ ".J Smith <a@x>", "", "", dot_name },
	{ "J. Smith a@x", "", "", spaced },
	{ "J. Smith, Jr. <a@x>", "", "", no_address },
	{ "j. smith@x <a@x>", "", "", spaced },
	{ "J. Smith", "", "", no_address },
	{ "Smith, Alice <a@x>", "", "", no_address },
	{ "Alice [x] <a@x>", "", "", special },
	{ "Alice \\x <a@x>", "", "", special },
	{ "Alice <a@x", "", "", unclosed },
	{ "Alice a@x>", "", "", spaced },
	{ "a@x>", "", "", left },
	{ "Alice >a@x<", "", "", "a > without its <" },
	{ "<a@x> Alice", "", "", left },
	{ "Alice <a@x> <b@x>", "", "", left },
	{ "Alice <a@x>>", "", "", left },
	{ "<<a@x>>", "", "", no_one },
	{ "<>", "", "", "an empty address" },
	{ "Alice <>", "", "", "an empty address" },
	{ "Alice <alice>", "", "", no_one },
	{ "Alice <a@x, b@x>", "", "", unclosed },
	{ "Alice <@x>", "", "", route },
	{ "< a@x>", "", "", inside },
	{ "<a@x >", "", "", inside },
	{ "<a @x>", "", "", inside },
	{ "<a@ x>", "", "", beside },
	{ "<a@x(c)>", "", "", inside },
	{ "<(c)a@x>", "", "", inside },
	{ "<a@x.>", "", "", no_domain },
	{ "<@r.example:a@x>", "", "", route },
	{ "Alice <@r,@s:a@x>", "", "", route },
	{ "a@x <b@y>", "", "", left },
	{ "a@x b@y", "", "", left },

	/* --- comments --- */
	{ "a@x (Alice)", "a@x", "", NULL },
	{ "(Alice) a@x", "a@x", "", NULL },
	{ "Alice (the first) <a@x> (here)", "a@x", "", NULL },
	{ "a@x ((nested) twice)", "a@x", "", NULL },
	{ "a@x (a \\) b)", "a@x", "", NULL },
	{ "a@x (\xC3\xBC)", "a@x", "", NULL },
	{ "(((((((((a)))))))))a@x", "", "", comment_deep },
	{ "((((((((a))))))))a@x", "a@x", "", NULL },
	{ "a@x (open", "", "", comment_open },
	{ "a@x (open \\)", "", "", comment_open },
	{ "a@x )", "", "", comment_end },
	{ "Alice ) <a@x>", "", "", comment_end },
	{ "(only)", "", "", place },

	/* --- lists --- */
	{ "a@x, b@y", "a@x b@y", "", NULL },
	{ "Alice <a@x>,\"B\" <b@y>,c@z", "a@x b@y c@z", "", NULL },
	{ "a@x (A), b@y (B)", "a@x b@y", "", NULL },
	{ "a@x,", "", "", place },
	{ ",a@x", "", "", place },
	{ "a@x,,b@y", "", "", place },
	{ "a@x, (c) ,b@y", "", "", place },
	{ "a@x; b@y", "", "", group },
	{ "Friends: a@x, b@y;", "", "", group },
	{ "Friends:;", "", "", group },
	{ "a@x:b@y", "", "", group },
	{ "Undisclosed recipients:;", "", "", group },
	{ TEN("a@x,") TEN("a@x,") TEN("a@x,") "b@x,c@x",
	    TEN("a@x ") TEN("a@x ") TEN("a@x ") "b@x c@x", "", NULL },
	{ TEN("a@x,") TEN("a@x,") TEN("a@x,") "b@x,c@x,d@x", "", "",
	    "too many mailboxes" },

	/* --- nothing --- */
	{ "", "", "", empty },
	{ "  \t", "", "", empty },
	{ "\r\n ", "", "", empty },

	/* --- folding --- */
	{ "Alice\r\n <a@x>", "a@x", "", NULL },
	{ "Alice\n\t<a@x>", "a@x", "", NULL },
	{ "\r\n a@x", "a@x", "", NULL },
	{ "\"Alice\r\n Smith\" <a@x>", "a@x", "", NULL },
	{ "a@x (long\r\n comment)", "a@x", "", NULL },
	{ "a@x,\r\n b@y", "a@x b@y", "", NULL },
	{ "a@x\r\nb@y", "", "", fold },
	{ "a@x\n", "", "", fold },
	{ "a@x\r", "", "", bare_cr },
	{ "Alice\r <a@x>", "", "", bare_cr },
	{ "a@x,\r\n \r\n b@y", "", "", blank_line },
	{ "a@x\r\n ", "", "", blank_line },

	/* --- characters --- */
	{ "\xC3\xBC@b\xC3\xBC" "cher.example",
	    "\xC3\xBC@b\xC3\xBC" "cher.example", "", NULL },
	{ "J\xC3\xB6rg M\xC3\xBCller <j@x>", "j@x", "", NULL },
	{ "J\xF6rg <j@x>", "", "", utf8 },
	{ "a\xC0\x80@x", "", "", utf8 },
	{ "\xED\xA0\x80 <a@x>", "", "", utf8 },
	{ "Al\x01ice <a@x>", "", "", control },
	{ "\"Al\x1B[31mice\" <a@x>", "", "", control },
	{ "Al\x7Fice <a@x>", "", "", control },
	{ "Al\xC2\x85ice <a@x>", "", "", control },
	{ "\xE2\x80\xAE" "moc.x@a <a@x>", "", "", control },
	{ "a@x (\xE2\x81\xA6)", "", "", control },
	{ "a\xE2\x80\x8B@x", "", "", unseen },
	{ "a@x\xC2\xAD.example", "", "", unseen },
	{ "\"a\xC2\xA0\"@x", "", "", unseen },
	{ "a\xE2\xA0\x80@x", "", "", unseen },
	{ "a\xEF\xBC\xA0y@x", "", "", at_local },
	{ "a\xEF\xB9\xABy@x", "", "", at_local },
	{ "a@x\xEF\xBC\xA0y", "", "", at_local },
	/* zero width joiners belong to names in some scripts */
	{ "\xD9\x86\xE2\x80\x8C\xD9\x87 <a@x>", "a@x", "", NULL },

	/* --- other addresses in a name or comment --- */
	{ "\"b@y\" <a@x>", "a@x", "b@y", hides },
	{ "\"B@Y.example via A\" <a@x>", "a@x", "b@y.example", hides },
	{ "\"'b@y'\" <a@x>", "a@x", "b@y", hides },
	{ "\"Boss <b@y>\" <a@x>", "a@x", "b@y", hides },
	{ "\"\xE2\x80\x9C" "b@y.example\xE2\x80\x9D\" <a@x>", "a@x",
	    "b@y.example", hides },
	{ "\"\xC2\xAB" "b@y\xC2\xBB\" <a@x>", "a@x", "b@y", hides },
	{ "\"\xE2\x80\x98" "b@y\xE2\x80\x9F\" <a@x>", "a@x", "b@y", hides },
	{ "\"\xE2\x80\xB9" "b@y\xE2\x80\xBA\" <a@x>", "a@x", "b@y", hides },
	{ "\"\xEF\xBC\x9C" "b@y\xEF\xBC\x9E\" <a@x>", "a@x", "b@y", hides },
	{ "\"b\xC2\xA0@\xE3\x80\x80y.example\" <a@x>", "a@x", "b@y.example",
	    hides },
	{ "\"b\xE2\x80\x80@\xE2\x80\x8Ay.example\" <a@x>", "a@x",
	    "b@y.example", hides },
	{ "\"b\xE2\x80\xAF@\xE2\x81\x9Fy.example\" <a@x>", "a@x",
	    "b@y.example", hides },
	{ "\"b @ y.\" <a@x>", "a@x", "", NULL },
	{ "\"b @ .y\" <a@x>", "a@x", "", NULL },
	{ "\"b\\@y\" <a@x>", "a@x", "b@y", hides },
	{ "\"b\"\"@y\" <a@x>", "a@x", "b@y", hides },
	{ "\"b\" \"@y.example\" <a@x>", "a@x", "b@y.example", hides },
	{ "\"b @ y.example\" <a@x>", "a@x", "b@y.example", hides },
	{ "\"b\xEF\xBC\xA0y.example\" <a@x>", "a@x", "b@y.example", hides },
	{ "b\xEF\xBC\xA0y <a@x>", "a@x", "b@y", hides },
	{ "\"b\xE2\x80\x8B@\xE2\x80\x8By\" <a@x>", "a@x", "b@y", hides },
	{ "\"\\\"b\\\"@y.example\" <a@x>", "a@x", "b@y.example", hides },
	{ "\"\\\"b\\\" @ y.example\" <a@x>", "a@x", "b@y.example", hides },
	{ "\"\xE2\x80\x9C" "b\xE2\x80\x9D@y.example\" <a@x>", "a@x",
	    "b@y.example", hides },
	{ "\"b\\\\@y.example\" <a@x>", "a@x", "b@y.example", hides },
	{ "\"<b>@y.example\" <a@x>", "a@x", "b@y.example", hides },
	{ "\"b@<y.example>\" <a@x>", "a@x", "b@y.example", hides },
	{ "\"b@\\\"y.example\\\"\" <a@x>", "a@x", "b@y.example", hides },
	{ "\"b@[192.0.2.1]\" <a@x>", "a@x", "b@192.0.2.1", hides },
	{ "\"A \\\"@y.example\\\"\" <a@x>", "a@x", "", NULL },
	{ "\"\\\"@y.example\\\"\" <a@x>", "a@x", "", NULL },
	{ "\"A (@y)\" <a@x>", "a@x", "", NULL },
	{ "\"b@y,c@z\" <a@x>", "a@x", "b@y c@z", hides },
	{ "\"b@y@z\" <a@x>", "a@x", "b@y@z", hides },
	{ "a@x (b@y)", "a@x", "b@y", hides },
	{ "a@x (see (b@y))", "a@x", "b@y", hides },
	{ "(b@y) a@x", "a@x", "b@y", hides },
	/* the same address, or no address */
	{ "\"a@x\" <a@x>", "a@x", "", NULL },
	{ "\"'A@X'\" <a@x>", "a@x", "", NULL },
	{ "\"a@x, c@z\" <a@x>, <c@z>", "a@x c@z", "", NULL },
	{ "\"Sales @ Acme\" <a@x>", "a@x", "", NULL },
	{ "\"A (@alice)\" <a@x>", "a@x", "", NULL },
	{ "\"@\" <a@x>", "a@x", "", NULL },
	{ "\"b@\" <a@x>", "a@x", "", NULL },
	{ "\"'@' .@. @@\" <a@x>", "a@x", "", NULL },
	{ "\"a@x@ c@z\" <a@x>, <c@z>", "a@x c@z", "a@x@", hides },
	{ "\"1@1 2@2 3@3 4@4 5@5 6@6 7@7 8@8 9@9\" <a@x>", "", "",
	    "too many addresses in names and comments" },
	{ "a@x (" TEN(TEN("0123456789")) "@y)", "", "",
	    "a name or comment holds an overlong address" },

	/* --- encoded words, RFC 2047 --- */
	{ "=?utf-8?Q?J=C3=B6rg?= <j@x>", "j@x", "", NULL },
	{ "=?UTF-8?B?SsO2cmc=?= <j@x>", "j@x", "", NULL },
	{ "=?iso-8859-1?Q?J=F6rg?= <j@x>", "j@x", "", NULL },
	{ "=?iso-2022-jp?B?GyRCO1NFRBsoQg==?= <j@x>", "j@x", "", NULL },
	{ "=?utf-8?Q?b=40y=2Eexample?= <a@x>", "a@x", "b@y.example", hides },
	{ "=?utf-8?q?b=40y?= <a@x>", "a@x", "b@y", hides },
	{ "=?UTF-8?B?YkB5LmV4YW1wbGU=?= <a@x>", "a@x", "b@y.example", hides },
	{ "=?utf-8*en?Q?b=40y?= <a@x>", "a@x", "b@y", hides },
	{ "=?utf-8?Q?b?= =?utf-8?Q?=40y?= <a@x>", "a@x", "b@y", hides },
	{ "=?utf-8?Q?b?=\r\n =?utf-8?Q?=40y?= <a@x>", "a@x", "b@y", hides },
	{ "=?utf-8?Q?b?= =?iso-8859-1?B?QHk=?= <a@x>", "a@x", "b@y", hides },
	{ "\"=?utf-8?Q?b@y?=\" <a@x>", "a@x", "b@y", hides },
	{ "\"=?utf-8?B?YkB5?=\" <a@x>", "a@x", "b@y", hides },
	{ "a@x (=?utf-8?B?YkB5?=)", "a@x", "b@y", hides },
	{ "x=?utf-8?Q?b=40y?= <a@x>", "a@x", "xb@y", hides },
	{ "=?utf-8?Q?b=EF=BC=A0y?= <a@x>", "a@x", "b@y", hides },
	{ "=?iso-8859-1?Q?b=A0=40=A0y=2Eexample?= <a@x>", "a@x",
	    "b@y.example", hides },
	{ "=?windows-1252?Q?b=40y?= <a@x>", "a@x", "b@y", hides },
	{ "=?x-unknown?Q?b=40y?= <a@x>", "a@x", "b@y", hides },
	{ "=?x-nobody-knows?Q?Alice?= <a@x>", "", "", charset },
	{ "=?cp037?B?gnyo?= <a@x>", "", "", charset },
	{ "\"=?hz-gb-2312?Q?b~{#@~}y?=\" <a@x>", "", "", charset },
	{ "=?iso-2022-cn?Q?b=40y?= <a@x>", "", "", charset },
	{ "=?utf-8x?Q?b=40y?= <a@x>", "", "", charset },
	{ "=?windows-1252?Q?=93b=40y=94?= <a@x>", "a@x", "b@y", hides },
	{ "=?windows-1252?Q?=80=93a=40x=94?= <a@x>", "a@x", "", NULL },
	{ "=?iso-8859-15?Q?=ABb=40y=BB?= <a@x>", "a@x", "b@y", hides },
	{ "=?koi8-r?B?4czJ08E=?= <a@x>", "a@x", "", NULL },
	{ "=?iso-8859-8-i?Q?b=40y?= <a@x>", "a@x", "b@y", hides },
	{ "=?iso-2022-jp?Q?b=40y?= <a@x>", "a@x", "b@y", hides },
	/* two bytes of a kanji that look like '@' between letters */
	{ "=?iso-2022-jp?Q?=1B=24B0=403=401=401=1B=28B?= <a@x>", "a@x", "",
	    NULL },
	{ "=?shift_jis?Q?a=83=40b?= <a@x>", "a@x", "", NULL },
	{ "=?gbk?Q?a=81=40y?= <a@x>", "a@x", "", NULL },
	{ "=?big5?Q?a=A4=40y?= <a@x>", "a@x", "", NULL },
	{ "=?gbk?Q?=81=40=40y?= <a@x>", "a@x", "?@y", hides },
	/* a first byte that is none passes over nothing */
	{ "=?shift_jis?Q?b=B1=40y?= <a@x>", "a@x", "b?@y", hides },
	{ "=?big5?Q?b=80=40y?= <a@x>", "a@x", "b?@y", hides },
	{ "=?gbk?Q?b=FF=40y?= <a@x>", "a@x", "b?@y", hides },
	{ "=?gbk?Q?b=81=20=81=40y?= <a@x>", "a@x", "?@y", hides },
	{ "=?euc-kr?Q?b=B0=40y?= <a@x>", "a@x", "b?@y", hides },
	{ "=?euc-jp?Q?b=B0=40y?= <a@x>", "a@x", "b?@y", hides },
	/* wide forms of '@' */
	{ "=?gb2312?Q?b=A3=C0y?= <a@x>", "a@x", "b@y", hides },
	{ "=?gbk?Q?b=A9=88y?= <a@x>", "a@x", "b@y", hides },
	{ "=?big5?Q?b=A2Iy?= <a@x>", "a@x", "b@y", hides },
	{ "=?big5?Q?b=A2=4Ey?= <a@x>", "a@x", "b@y", hides },
	{ "=?shift_jis?Q?b=81=97y?= <a@x>", "a@x", "b@y", hides },
	{ "=?euc-kr?Q?b=A3=C0y?= <a@x>", "a@x", "b@y", hides },
	{ "=?euc-jp?Q?b=A1=F7y?= <a@x>", "a@x", "b@y", hides },
	{ "=?iso-2022-jp?Q?b=1B=24B!w=1B=28By?= <a@x>", "a@x", "b@y", hides },
	{ "=?iso-2022-kr?Q?=1B=24=29Cb=0E#=40=0Fy?= <a@x>", "a@x", "b@y",
	    hides },
	/* what only makes a set ready does not change to it */
	{ "=?iso-2022-kr?Q?=1B=24=29Cb=40y?= <a@x>", "a@x", "b@y", hides },
	{ "=?iso-2022-jp?Q?=1B=24=28Db=40y=1B=28B?= <a@x>", "a@x", "", NULL },
	{ "=?iso-2022-jp?Q?=1B=24Bb=40?= <a@x>", "", "", cut },
	{ "=?iso-2022-kr?Q?=1B=24=29C=0Eb=40?= <a@x>", "", "", cut },
	{ "=?iso-2022-jp?Q?b=1B?= <a@x>", "", "", cut },
	/* a character cut between two words, joined or not */
	{ "=?utf-8?Q?b=EF=BC?= =?utf-8?Q?=A0y?= <a@x>", "a@x", "b@y", hides },
	{ "=?gbk?Q?b=A3?= =?gbk?Q?=C0y?= <a@x>", "a@x", "b@y", hides },
	{ "=?gbk?Q?b=81?= =?gbk?Q?=40y?= <a@x>", "a@x", "b?@y", hides },
	{ "=?gbk?Q?b=81?= =?gbk?Q?=A3=40y?= <a@x>", "a@x", "b??@y", hides },
	{ "=?gbk?Q?b=81?= =?big5?Q?=40y?= <a@x>", "a@x", "b?@y", hides },
	{ "=?gbk?Q?b=81?= z =?gbk?Q?=40y?= <a@x>", "a@x", "", NULL },
	{ "=?iso-8859-1?Q?b=80=40=39=6f=6F?= <a@x>", "", "", text_control },
	{ "=?utf-8?Q?b=40=39=6f=6F=6g?= <a@x>", "a@x", "b@9oo=6g", hides },
	{ "=?utf-8?Q?=?= <a@x>", "a@x", "", NULL },
	{ "=?utf-8?Q?\?= <a@x>", "a@x", "", NULL },
	{ "=?\?Q?b=40y?= <a@x>", "", "", charset },
	{ "\"=?utf-8?Q?Alice A b@y?=\" <a@x>", "a@x", "b@y", hides },
	/* padding is left out or right */
	{ "=?utf-8?B?YkB5?= <a@x>", "a@x", "b@y", hides },
	{ "=?utf-8?B?YkB5eg?= <a@x>", "a@x", "b@yz", hides },
	{ "=?utf-8?B?YkB5eg=?= <a@x>", "a@x", "b@yz", hides },
	{ "=?utf-8?B?YkB5eg==LmV2aWwu?= <a@x>", "", "", base64 },
	{ "\"=?utf-8?B?Yk B5?=\" <a@x>", "", "", base64 },
	/* a word that reaches over parts of the value */
	{ "=?utf-8?Q?x(b=40y)?= <a@x>", "a@x", "b@y", hides },
	{ "=?utf-8?Q?x(?=\r\n =?utf-8?Q?b=40y)?= <a@x>", "a@x", "b@y", hides },
	{ "=?utf-8?Q?A?= <a@x>, =?utf-8?Q?B?= <b@y>", "a@x b@y", "", NULL },
	/* words within words */
	{ "=?utf-8?Q?=3D=3Futf-8=3FQ=3Fb=3D40y=3F=3D?= <a@x>", "a@x", "b@y",
	    hides },
	{ "=?utf-8?B?PT91dGYtOD9CP1lrQjU/PQ==?= <a@x>", "a@x", "b@y", hides },
	{ "=?utf-8?B?PT91dGYtOD9CP1BUOTFkR1l0T0Q5Q1AxQlVP"
	  "VEZrUjFsMFQwUTVRMUF4YkhKUmFsVXZVRkU5UFQ4OT89?= <a@x>", "", "",
	    deep },
	{ "=?utf-7?Q?b+AEA-y?= <a@x>", "", "", charset },
	{ "=?utf-16?B?AGIAQAB5?= <a@x>", "", "", charset },
	{ "=?utf-8?Q?b=0D=0AFrom=3A?= <a@x>", "", "", text_control },
	{ "=?utf-8?Q?=E2=80=AEx?= <a@x>", "", "", text_control },
	{ "=?utf-8?Q?b=C1=80y?= <a@x>", "a@x", "", NULL },
	{ "=?utf-8?Q?broken <a@x>", "a@x", "", NULL },
	{ "=?utf-8?X?b=40y?= <a@x>", "a@x", "", NULL },
	{ "=?utf-8?Q?a?=@x", "", "", word_local },
	{ "<=?utf-8?Q?a?=@x>", "", "", word_local },
	{ "\"=?utf-8?Q?a?=\"@x", "", "", word_local },
	{ "=?utf-8?Q?a=40x?=", "", "", no_address },
	{ "=?utf-8?Q?a,b?= <a@x>", "", "", no_address },
};

static void
join(char (*list)[ADDRESS_MAX + 1], size_t count, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s",
		    i == 0 ? "" : " ", list[i]);
}

static enum from_result
expected(const char *why)
{
	if (why == NULL)
		return FROM_OK;
	return why == hides ? FROM_HIDDEN :
	    why == empty ? FROM_EMPTY : FROM_BAD;
}

START_TEST(from_case)
{
	static struct mailboxes mailboxes;
	char list[2048], hidden[2048], *exact;
	size_t len = strlen(cases[_i].value);
	enum from_result result;
	const char *why;

	/* exactly as long, so that the sanitizers see one byte too far */
	exact = malloc(len == 0 ? 1 : len);
	memcpy(exact, cases[_i].value, len);
	result = from_parse(exact, len, &mailboxes, &why);
	free(exact);
	join(mailboxes.list, mailboxes.count, list, sizeof(list));
	join(mailboxes.hidden, mailboxes.nhidden, hidden, sizeof(hidden));
	ck_assert_msg(result == expected(cases[_i].why), "%s: %d %s",
	    cases[_i].value, result, why);
	if (cases[_i].why == NULL)
		ck_assert_ptr_null(why);
	else
		ck_assert_str_eq(why, cases[_i].why);
	ck_assert_str_eq(list, cases[_i].mailboxes);
	ck_assert_str_eq(hidden, cases[_i].hidden);
}
END_TEST

START_TEST(from_nul_is_a_control_character)
{
	static const char value[] = "a@x\0,b@y";
	struct mailboxes mailboxes;
	const char *why;

	ck_assert_int_eq(from_parse(value, sizeof(value) - 1, &mailboxes, &why),
	    FROM_BAD);
	ck_assert_str_eq(why, control);
}
END_TEST

START_TEST(from_length_is_bounded)
{
	static char value[FROM_VALUE_MAX + 2];
	struct mailboxes mailboxes;
	const char *why;

	memset(value, ' ', sizeof(value));
	memcpy(value, "a@x", 3);
	ck_assert_int_eq(from_parse(value, FROM_VALUE_MAX, &mailboxes, &why),
	    FROM_OK);
	ck_assert_int_eq(from_parse(value, FROM_VALUE_MAX + 1, &mailboxes,
	    &why), FROM_BAD);
	ck_assert_str_eq(why, "an overlong value");
	memset(value, 'a', sizeof(value));
	memcpy(value + ADDRESS_MAX - 2, "@x", 2);
	ck_assert_int_eq(from_parse(value, ADDRESS_MAX, &mailboxes, &why),
	    FROM_OK);
	memcpy(value + ADDRESS_MAX - 2, "a@x", 3);
	ck_assert_int_eq(from_parse(value, ADDRESS_MAX + 1, &mailboxes, &why),
	    FROM_BAD);
	ck_assert_str_eq(why, "an overlong address");
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("from");
	TCase *tcase = tcase_create("from");

	tcase_add_loop_test(tcase, from_case, 0,
	    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tcase, from_nul_is_a_control_character);
	tcase_add_test(tcase, from_length_is_bounded);
	suite_add_tcase(suite, tcase);
	return suite;
}
