/*
 * Every setting in weir.conf(5) has an example, and whatever stands there as an
 * example is taken by the loader.
 */
#include "io/config_file.h"

#include "check_main.h"
#include "manual_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_TEXT_MAX = 128, TEXT_MAX = 8192 };

/*
 * What an example needs around it: lists with what it may name, and in its own
 * list a group with what is required, but for what the example itself says.
 */
struct need {
	const char *list;
	const char *text;
	const char *unless; /* settings that stand for it, blanks around each */
};

static const struct need needs[] = {
	{ "smart_hosts[]", "name = \"x\";", " name " },
	{ "smart_hosts[]", "nexthop = \"[192.0.2.9]\";", " nexthop " },
	{ "connectors[]", "name = \"x\";", " name " },
	{ "connectors[]", "balance = \"affinity\";", " balance " },
	{ "connectors[]", "members = ( { host = \"isp-a\"; } );", " members " },
	{ "connectors[].members[]", "host = \"isp-a\";", " host " },
	{ "routes[]", "name = \"x\";", " name " },
	{ "routes[]", "connector = \"outbound\";", " connector host reject " },
	{ "listeners[]", "name = \"x\";", " name " },
	{ "listeners[]", "ports = 2525;", " ports " },
	{ "identities.users[]", "user = \"x@example.com\";", " user " },
	{ "identities.users[]", "senders = \"x@example.com\";", " senders " },
	{ "identities.clients[]", "network = \"192.0.2.1\";", " network " },
	{ "identities.clients[]", "user = \"x\";", " user " },
	{ "throttles[]", "name = \"x\";", " name " },
	{ "throttles[]", "what = \"recipients\";", " what " },
	{ "throttles[]", "by = \"user\";", " by " },
	{ "throttles[]", "limit = \"10/h\";", " limit " },
	{ "throttles[]", "users = \"app-*\";", " users " },
};

/* Lists, each with its first groups; an example adds one to its own. */
static const struct {
	const char *list, *groups;
} around[] = {
	{ "smart_hosts", "{ name = \"isp-a\"; nexthop = \"[192.0.2.1]\"; }, "
			 "{ name = \"isp-b\"; nexthop = \"[192.0.2.2]\"; }, "
			 "{ name = \"isp-c\"; nexthop = \"[192.0.2.3]\"; }" },
	{ "connectors",
	    "{ name = \"outbound\"; balance = \"affinity\"; "
	    "members = ( { host = \"isp-a\"; }, { host = \"isp-b\"; } ); }, "
	    "{ name = \"bulk\"; members = ( { host = \"isp-c\"; } ); }" },
	{ "listeners", "{ name = \"submission\"; ports = 10587; }" },
	{ "routes", "{ name = \"all\"; connector = \"outbound\"; }" },
	{ "throttles", "{ name = \"per-user\"; what = \"recipients\"; "
		       "by = \"user\"; limit = \"100/h\"; }" },
};

struct text {
	char bytes[TEXT_MAX];
	size_t len;
};

static void
put(struct text *text, const char *bytes, size_t len)
{
	ck_assert_uint_lt(text->len + len, sizeof(text->bytes));
	memcpy(text->bytes + text->len, bytes, len);
	text->len += len;
	text->bytes[text->len] = '\0';
}

static void
puts_to(struct text *text, const char *string)
{
	put(text, string, strlen(string));
}

/* The lists, but one; and in that the groups with one more. */
static void
put_around(struct text *text, const char *own, const char *group)
{
	for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
		bool is_own = strcmp(around[i].list, own) == 0;

		if (is_own && group == NULL)
			continue;
		puts_to(text, around[i].list);
		puts_to(text, " = ( ");
		puts_to(text, around[i].groups);
		puts_to(text, is_own ? ", " : "");
		puts_to(text, is_own ? group : "");
		puts_to(text, " );\n");
	}
}

/* The loader looks at these, and they are not here: the name of one that is. */
static void
put_file(struct text *text, const char *file)
{
	static const char *const files[] = { "/etc/weir/isp-a.login",
		"/etc/weir/isp-c.login", "/etc/ssl/certs/company-ca.pem" };
	static struct text before;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *at = strstr(text->bytes, files[i]);

		if (at == NULL)
			continue;
		before = *text;
		text->len = (size_t)(at - text->bytes);
		puts_to(text, file);
		puts_to(
		    text, before.bytes + (at - text->bytes) + strlen(files[i]));
	}
}

static void
must_load(struct text *text, const char *name)
{
	static struct config_errors errors;
	char file[] = "/tmp/manual_test.XXXXXX";
	struct config *config;
	int fd = mkstemp(file); /* for its owner alone, as auth wants it */

	ck_assert_int_ne(fd, -1);
	(void)close(fd);
	put_file(text, file);
	memset(&errors, 0, sizeof(errors));
	config = config_load_text(text->bytes, text->len, name, &errors);
	(void)unlink(file);
	ck_assert_msg(
	    config != NULL, "%s in:\n%s", errors.list[0], text->bytes);
	config_unref(&config);
}

/* A group of this list: the example, and what it needs. */
static void
make_group(
    struct text *group, const char *list, const char *last, const char *example)
{
	char word[PATH_TEXT_MAX];

	group->len = 0;
	(void)snprintf(word, sizeof(word), " %s ", last);
	puts_to(group, "{ ");
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (strcmp(needs[i].list, list) == 0 &&
		    strstr(needs[i].unless, word) == NULL) {
			puts_to(group, needs[i].text);
			puts_to(group, " ");
		}
	}
	puts_to(group, example);
	puts_to(group, " }");
}

/* "health.fall", "routes[].name", "connectors[].members[].cost" ... */
static void
load_example(const char *path, const char *example)
{
	const char *last = strrchr(path, '.');
	char list[PATH_TEXT_MAX], top[PATH_TEXT_MAX];
	static struct text text, group, inner;

	text.len = 0;
	last = last == NULL ? path : last + 1;
	(void)snprintf(list, sizeof(list), "%.*s",
	    last == path ? 0 : (int)(last - 1 - path), path);
	(void)snprintf(
	    top, sizeof(top), "%.*s", (int)strcspn(list, ".["), list);
	make_group(&group, list, last, example);
	if (strcmp(list, "connectors[].members[]") == 0) {
		puts_to(&text, "members = ( ");
		puts_to(&text, group.bytes);
		puts_to(&text, " );");
		make_group(&inner, "connectors[]", "members", text.bytes);
		text.len = 0;
		put_around(&text, top, inner.bytes);
	} else if (strncmp(list, "identities.", 11) == 0) {
		put_around(&text, "", NULL);
		puts_to(&text, "identities: { ");
		put(&text, list + 11, strlen(list) - 13);
		puts_to(&text, " = ( ");
		puts_to(&text, group.bytes);
		puts_to(&text, " ); };");
	} else if (strstr(list, "[]") != NULL) {
		put_around(&text, top, group.bytes);
	} else {
		put_around(&text, "", NULL);
		puts_to(&text, top);
		puts_to(&text, top[0] == '\0' ? "" : ": ");
		puts_to(&text, top[0] == '\0' ? example : group.bytes);
		puts_to(&text, top[0] == '\0' ? "" : ";");
	}
	must_load(&text, path);
}

/* The line of a .Dl without its escapes: \(dq, \e and \&. */
static void
plain_text(const char *line, size_t len, char *buf, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < size; i++) {
		if (line[i] != '\\') {
			buf[n++] = line[i];
		} else if (strncmp(line + i, "\\(dq", 4) == 0) {
			buf[n++] = '"';
			i += 3;
		} else {
			ck_assert(line[i + 1] == 'e' || line[i + 1] == '&');
			if (line[++i] == 'e')
				buf[n++] = '\\';
		}
	}
	buf[n] = '\0';
}

/* Each setting ends with one line: its name, and what it may be. */
START_TEST(manual_has_an_example_that_loads_for_each_setting)
{
	char path[PATH_TEXT_MAX], entry[MANUAL_ENTRY_MAX], example[1024];

	manual_read("weir.conf.5");
	for (const char *it = manual; (it = strstr(it, "\n.It Va ")) != NULL;
	     it++) {
		const char *dl, *last;

		(void)sscanf(it + 8, "%127s", path);
		manual_copy_entry(it, entry);
		dl = strstr(entry, "\n.Dl ");
		ck_assert_msg(dl != NULL && strchr(dl + 1, '\n') == NULL,
		    "%s should end with one example, a .Dl", path);
		plain_text(dl + 5, strlen(dl + 5), example, sizeof(example));
		last = strrchr(path, '.');
		last = last == NULL ? path : last + 1;
		ck_assert_msg(
		    strncmp(example, last, strlen(last)) == 0 &&
			strncmp(example + strlen(last), " = ", 3) == 0,
		    "example of %s: %s", path, example);
		load_example(path, example);
	}
}
END_TEST

/* A whole list or group at the head of its section. */
START_TEST(manual_examples_of_lists_load)
{
	static struct text text;
	unsigned count = 0;

	manual_read("weir.conf.5");
	for (const char *bd = manual;
	     (bd = strstr(bd, "\n.Bd -literal")) != NULL; bd++) {
		const char *start = strchr(bd + 1, '\n') + 1;
		const char *end = strstr(start, "\n.Ed");
		char name[PATH_TEXT_MAX] = "";

		ck_assert_ptr_nonnull(end);
		if (bd > strstr(manual, "\n.Sh FILES"))
			break; /* the table, and the whole in EXAMPLES */
		(void)sscanf(start, "%127[a-z_]", name);
		text.len = 0;
		put(&text, start, (size_t)(end - start));
		puts_to(&text, "\n");
		put_around(&text, name, NULL);
		must_load(&text, name);
		count++;
	}
	ck_assert_uint_eq(count, 6);
}
END_TEST

START_TEST(manual_example_loads)
{
	static struct config_errors errors;
	struct config *config;
	char *start, *end;

	manual_read("weir.conf.5");
	start = strstr(manual, "\n.Sh EXAMPLES");
	ck_assert_ptr_nonnull(start);
	start = strchr(strstr(start, "\n.Bd ") + 1, '\n');
	end = strstr(start, "\n.Ed");
	ck_assert_ptr_nonnull(end);
	config =
	    config_load_text(start, (size_t)(end - start), "EXAMPLES", &errors);
	config_errors_print(&errors, stdout);
	ck_assert_ptr_nonnull(config);
	ck_assert_uint_eq(config->nhosts, 3);
	config_unref(&config);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("manual_examples");
	TCase *tcase = tcase_create("manual_examples");

	tcase_add_test(
	    tcase, manual_has_an_example_that_loads_for_each_setting);
	tcase_add_test(tcase, manual_examples_of_lists_load);
	tcase_add_test(tcase, manual_example_loads);
	suite_add_tcase(suite, tcase);
	return suite;
}
