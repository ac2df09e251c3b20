/*
 * tests/data/identities.txt on the parser: each case as weir-milter would see
 * it from Postfix. (The same cases through Postfix itself:
 * tests/integration/test_identities.py.)
 */
#include "milter/checks.h"
#include "milter/headers.h"

#include "io/from_check.h"

#include "check_main.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASES_MAX = 400, TEXT_MAX = 2048, BLOCK_MAX = 8192, LEAST_CASES = 120 };

struct identity_case {
	char name[64], verdict[64], subject[ADDRESS_MAX + 1];
	char login[TEXT_MAX], mail[TEXT_MAX], addr[TEXT_MAX];
	char block[BLOCK_MAX]; /* lines, each with its LF */
};

static struct identity_case *cases;
static size_t ncases;

/* --- the file --- */

static void
unescape(char *text)
{
	char *out = text;

	for (const char *p = text; *p != '\0'; out++) {
		unsigned byte;

		if (p[0] == '\\' && p[1] == '\\') {
			*out = '\\';
			p += 2;
		} else if (p[0] == '\\' && sscanf(p, "\\x%2X", &byte) == 1) {
			*out = (char)byte;
			p += 4;
		} else {
			*out = *p++;
		}
	}
	*out = '\0';
}

static void
begin_case(const char *line)
{
	struct identity_case *one = &cases[ncases++];

	if (ncases > CASES_MAX || sscanf(line, "%63s %63s %320[^\n]", one->name,
				      one->verdict, one->subject) < 2)
		abort();
	(void)snprintf(one->login, TEXT_MAX, "alice");
	(void)snprintf(one->mail, TEXT_MAX, "<alice@example.com>");
	(void)snprintf(one->addr, TEXT_MAX, "alice@example.com");
}

static const char *
after(const char *line, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(line, word, len) != 0 ||
	    (line[len] != ' ' && line[len] != '\0'))
		return NULL;
	return line + len + (line[len] == ' ');
}

/* mail without addr: it is that in brackets. */
static void
set_mail(struct identity_case *one, const char *value)
{
	size_t len = strlen(value);

	(void)snprintf(one->mail, TEXT_MAX, "%s", value);
	if (len >= 2)
		(void)snprintf(
		    one->addr, TEXT_MAX, "%.*s", (int)len - 2, value + 1);
}

static void
read_line(char *line)
{
	struct identity_case *one = ncases == 0 ? NULL : &cases[ncases - 1];
	const char *value;

	if (line[0] == '#' || line[0] == '\0')
		return;
	unescape(line);
	if (after(line, "smtp") != NULL)
		return;
	if ((value = after(line, "login")) != NULL)
		(void)snprintf(one->login, TEXT_MAX, "%s", value);
	else if ((value = after(line, "mail")) != NULL)
		set_mail(one, value);
	else if ((value = after(line, "addr")) != NULL)
		(void)snprintf(one->addr, TEXT_MAX, "%s", value);
	else if ((value = after(line, "|")) != NULL)
		(void)snprintf(one->block + strlen(one->block),
		    BLOCK_MAX - strlen(one->block), "%s\n", value);
	else
		begin_case(line);
}

static void
read_cases(void)
{
	const char *top = getenv("top_srcdir");
	char path[4096], line[TEXT_MAX];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/tests/data/identities.txt",
	    top == NULL ? "." : top);
	file = fopen(path, "re");
	cases = calloc(CASES_MAX, sizeof(*cases));
	if (file == NULL || cases == NULL)
		abort();
	while (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		read_line(line);
	}
	(void)fclose(file);
}

/* --- the headers, as Postfix finds them --- */

/* Length of a field name with blanks behind it, or 0 (is_header() there). */
static size_t
field_name(const char *line)
{
	size_t len = 0, blank;

	while (isgraph((unsigned char)line[len]) && line[len] != ':')
		len++;
	blank = strspn(line + len, " \t");
	return len > 0 && line[len + blank] == ':' ? len : 0;
}

static const char *
next_line(const char *line)
{
	return strchr(line, '\n') + 1;
}

static void
add_header(
    struct headers *headers, const char *line, size_t name_len, const char *end)
{
	char name[TEXT_MAX], value[BLOCK_MAX];
	const char *from = strchr(line, ':') + 1;

	from += strspn(from, " \t");
	if (from > end - 1)
		from = end - 1;
	(void)snprintf(name, sizeof(name), "%.*s", (int)name_len, line);
	(void)snprintf(
	    value, sizeof(value), "%.*s", (int)(end - 1 - from), from);
	headers_add(headers, name, value);
}

/* Up to the first line that is no header. */
static void
add_headers(struct headers *headers, const char *line)
{
	while (*line != '\0') {
		size_t name = field_name(line);
		const char *end = next_line(line);

		if (name == 0)
			return;
		while (*end == ' ' || *end == '\t')
			end = next_line(end);
		add_header(headers, line, name, end);
		line = end;
	}
}

/* --- the verdict --- */

static const char *alice[] = { "alice@example.com", "@sales.example.com",
	"@.eu.example.com", "alice@xn--bcher-kva.example" };
static const char *bob[] = { "bob@example.com" };
static struct identity_user users[] = {
	{ .user = "alice@example.com", .senders = { alice, 4 } },
	{ .user = "bob@example.com", .senders = { bob, 1 } },
	{ .user = "mute@example.com" },
};
static struct listener listener = { .name = "submission",
	.require_user = true };

static enum reason
judge(struct config *config, const struct identity_case *one,
    char subject_r[ADDRESS_MAX + 1])
{
	const struct mail_macros macros = { .auth_type = "XCLIENT",
		.auth_authen = one->login,
		.mail_addr = one->addr,
		.argument = one->mail };
	const struct netaddr client = { 0 };
	struct author_header list[AUTHOR_HEADERS_MAX];
	struct headers headers = { 0 };
	struct from_finding finding;
	char user[LOGIN_MAX + 1];
	enum reason form = check_address(one->addr, one->mail, subject_r);
	enum reason reason =
	    check_user(config, &listener, &client, &macros, user);
	struct owner owner;

	if (reason != REASON_OK)
		return reason;
	identity_owner(&config->identities, user, &owner);
	reason =
	    form != REASON_OK ? form : identity_envelope(&owner, subject_r);
	if (reason != REASON_OK)
		return reason;
	add_headers(&headers, one->block);
	reason =
	    from_check(&owner, list, headers_authors(&headers, list), &finding);
	headers_clear(&headers);
	memcpy(subject_r, finding.subject, sizeof(finding.subject));
	return reason;
}

START_TEST(identities_case)
{
	const struct identity_case *one = &cases[_i];
	struct config *config = config_new();
	char subject[ADDRESS_MAX + 1];
	enum reason reason;

	config->identities = (struct identities){ .realm = "example.com",
		.unlisted = UNLISTED_OWN_ADDRESS,
		.recipient_delimiter = "+",
		.null_sender = ACTION_ACCEPT,
		.users = users,
		.nusers = 3 };
	identity_settle(&config->identities);
	reason = judge(config, one, subject);
	ck_assert_msg(strcmp(reason_tag(reason), one->verdict) == 0,
	    "%s: %s %s", one->name, reason_tag(reason), subject);
	ck_assert_msg(
	    strcmp(subject, one->subject) == 0, "%s: %s", one->name, subject);
	config_unref(&config);
}
END_TEST

START_TEST(identities_are_enough)
{
	ck_assert_uint_ge(ncases, LEAST_CASES);
	for (size_t i = 1; i < ncases; i++) {
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(cases[i].name, cases[j].name);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("identities");
	TCase *tcase = tcase_create("identities");

	read_cases();
	tcase_add_loop_test(tcase, identities_case, 0, (int)ncases);
	tcase_add_test(tcase, identities_are_enough);
	suite_add_tcase(suite, tcase);
	return suite;
}
