/*
 * The manual cannot fall behind: weir.conf(5) has every setting of the schema,
 * with its type, default and range as the loader has them, and no other; the
 * other pages have every event and reason. tests/documented has the rest.
 */
#include "core/event.h"
#include "core/reason.h"
#include "core/restart.h"
#include "core/verdict.h"
#include "io/config_file.h"

#include "check_main.h"
#include "manual_page.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* --- each setting --- */

/* ".It Va path", "Type, default value:", "range." */
static void
expected_entry(const struct config_setting *setting, char *buf, size_t size)
{
	(void)snprintf(buf, size, "\n.It Va %s\n%c%s, %s%s%s%s%s\n",
	    setting->path, toupper(setting->type[0]), setting->type + 1,
	    setting->required          ? "required"
	    : setting->initial != NULL ? "default "
				       : "no default",
	    setting->initial != NULL ? setting->initial : "",
	    setting->range != NULL ? ":\n" : "",
	    setting->range != NULL ? setting->range : "", ".");
}

START_TEST(manual_has_every_setting_as_the_schema_has_it)
{
	size_t count;
	const struct config_setting *list = config_settings(&count);

	manual_read("weir.conf.5");
	for (size_t i = 0; i < count; i++) {
		char entry[512];

		expected_entry(&list[i], entry, sizeof(entry));
		ck_assert_msg(strstr(manual, entry) != NULL,
		    "weir.conf(5) should have:%s", entry);
	}
}
END_TEST

START_TEST(manual_has_no_other_setting)
{
	size_t count, entries = 0;

	(void)config_settings(&count);
	manual_read("weir.conf.5");
	for (const char *p = manual; (p = strstr(p, "\n.It Va ")) != NULL; p++)
		entries++;
	/* connectors[].members is a list within a list: an entry of its own */
	ck_assert_uint_eq(entries, count + 1);
}
END_TEST

static void
find_entry(const char *path, char entry_r[MANUAL_ENTRY_MAX])
{
	char head[256];
	const char *it;

	(void)snprintf(head, sizeof(head), "\n.It Va %s\n", path);
	it = strstr(manual, head);
	ck_assert_msg(it != NULL, "weir.conf(5) has no %s", path);
	manual_copy_entry(it, entry_r);
}

START_TEST(manual_has_the_defaults_of_the_other_profile)
{
	size_t count;
	const struct config_setting *list = config_settings(&count);
	char entry[MANUAL_ENTRY_MAX], text[256];

	manual_read("weir.conf.5");
	for (size_t i = 0; i < count; i++) {
		const char *edge = list[i].edge;

		if (edge == NULL)
			continue;
		/* edge is in quotes, which are \(dq there */
		ck_assert(edge[0] == '"' && edge[strlen(edge) - 1] == '"');
		(void)snprintf(text, sizeof(text),
		    "\nUnder profile edge the "
		    "default is\n.Ql \\(dq%.*s\\(dq .\n",
		    (int)strlen(edge) - 2, edge + 1);
		find_entry(list[i].path, entry);
		ck_assert_msg(strstr(entry, text) != NULL, "%s should have:%s",
		    list[i].path, text);
		find_entry("profile", entry);
		ck_assert_msg(strstr(entry, list[i].path) != NULL,
		    "profile should name %s", list[i].path);
	}
}
END_TEST

START_TEST(manual_says_what_takes_a_restart)
{
	static const char text[] = "profile = \"hub\";\n";
	static struct config_errors errors;
	struct config *one =
	    config_load_text(text, strlen(text), "one", &errors);
	struct config other = { .postfix_group = "other",
		.state = { .socket = "/other",
		    .directory = "/other",
		    .group = "other",
		    .max_keys = 17 },
		.milter = { .listen = "unix:/other",
		    .state_timeout = { 1 } },
		.policy = { .max_clients = 17 },
		.http = { .listen = "inet:127.0.0.1:1" } };
	const char *names[RESTART_MAX];
	char entry[MANUAL_ENTRY_MAX];
	size_t count, entries = 0;

	ck_assert_msg(one != NULL, "%s", errors.list[0]);
	count = restart_needed(one, &other,
	    RESTART_POLICYD | RESTART_MILTER, names);
	manual_read("weir.conf.5");
	for (size_t i = 0; i < count; i++) {
		find_entry(names[i], entry);
		ck_assert_msg(
		    strstr(entry, "\nA change takes a restart of") != NULL,
		    "%s takes a restart", names[i]);
	}
	for (const char *p = manual;
	     (p = strstr(p, "\nA change takes a restart")) != NULL; p++)
		entries++;
	ck_assert_uint_eq(entries, count);
	config_unref(&one);
}
END_TEST

/* --- events and reasons --- */

START_TEST(manual_has_every_event)
{
	manual_read("weir-policyd.8");
	for (int i = 0; i < EVENT_KINDS; i++) {
		char entry[64];

		(void)snprintf(entry, sizeof(entry), "\n.It Li %s\n",
		    event_name((enum event_kind)i));
		ck_assert_msg(strstr(manual, entry) != NULL,
		    "weir-policyd(8) should have:%s", entry);
	}
}
END_TEST

/* "530 5.7.0,": what a client is told, where it is told something. */
static void
expected_code(enum reason reason, char *buf, size_t size)
{
	struct verdict verdict;
	struct reply deferred, rejected;

	buf[0] = '\0';
	if (reason_row(reason)->code == NULL)
		return;
	verdict_accept(&verdict);
	verdict.reason = reason;
	verdict.action = ACTION_DEFER;
	verdict_reply(&verdict, &deferred);
	verdict.action = ACTION_REJECT;
	verdict_reply(&verdict, &rejected);
	if (strcmp(deferred.code, rejected.code) == 0)
		(void)snprintf(
		    buf, size, "%s %s,\n", deferred.code, deferred.enhanced);
	else
		(void)snprintf(buf, size, "451, 550 or 421,\n");
}

static void
expected_reason(enum reason reason, char *buf, size_t size)
{
	const struct reason_row *row = reason_row(reason);
	char code[64];

	expected_code(reason, code, sizeof(code));
	(void)snprintf(
	    buf, size, "\n.It Li %s\n%s.Dq %s .\n", row->tag, code, row->text);
}

START_TEST(manual_has_every_reason)
{
	static const char *const pages[] = { "weirctl.1", "weir-milter.8" };

	for (int clients = 0; clients < 2; clients++) {
		manual_read(pages[clients]);
		for (int i = REASON_OK + 1; i < REASON_COUNT; i++) {
			bool told = reason_row((enum reason)i)->code != NULL;
			char entry[512];

			if (told != (clients == 1))
				continue;
			expected_reason((enum reason)i, entry, sizeof(entry));
			ck_assert_msg(strstr(manual, entry) != NULL,
			    "%s should have:%s", pages[clients], entry);
		}
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("manual");
	TCase *tcase = tcase_create("manual");

	tcase_add_test(tcase, manual_has_every_setting_as_the_schema_has_it);
	tcase_add_test(tcase, manual_has_no_other_setting);
	tcase_add_test(tcase, manual_has_the_defaults_of_the_other_profile);
	tcase_add_test(tcase, manual_says_what_takes_a_restart);
	tcase_add_test(tcase, manual_has_every_event);
	tcase_add_test(tcase, manual_has_every_reason);
	suite_add_tcase(suite, tcase);
	return suite;
}
