/*
 * weir.conf(5) has every setting of the schema, with its type, default and
 * range as the loader has them, and no other; its example loads.
 */
#include "io/config_file.h"

#include "check_main.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static char manual[256 * 1024];

static void
read_manual(void)
{
	const char *top = getenv("top_srcdir");
	char path[1024];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/man/weir.conf.5",
	    top == NULL ? "." : top);
	file = fopen(path, "re");
	ck_assert_msg(file != NULL, "%s", path);
	manual[fread(manual, 1, sizeof(manual) - 1, file)] = '\0';
	(void)fclose(file);
}

/* ".It Va path", "Type, default value:", "range." */
static void
expected_entry(const struct config_setting *setting, char *buf, size_t size)
{
	(void)snprintf(buf, size, "\n.It Va %s\n%c%s, %s%s%s%s%s\n",
	    setting->path, toupper(setting->type[0]), setting->type + 1,
	    setting->required ? "required"
	        : setting->initial != NULL ? "default " : "no default",
	    setting->initial != NULL ? setting->initial : "",
	    setting->range != NULL ? ":\n" : "",
	    setting->range != NULL ? setting->range : "", ".");
}

START_TEST(manual_has_every_setting_as_the_schema_has_it)
{
	size_t count;
	const struct config_setting *list = config_settings(&count);

	read_manual();
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
	read_manual();
	for (const char *p = manual; (p = strstr(p, "\n.It Va ")) != NULL; p++)
		entries++;
	/* connectors[].members is a list within a list: an entry of its own */
	ck_assert_uint_eq(entries, count + 1);
}
END_TEST

START_TEST(manual_example_loads)
{
	static struct config_errors errors;
	struct config *config;
	char *start, *end;

	read_manual();
	start = strstr(manual, "\n.Sh EXAMPLES");
	ck_assert_ptr_nonnull(start);
	start = strchr(strstr(start, "\n.Bd ") + 1, '\n');
	end = strstr(start, "\n.Ed");
	ck_assert_ptr_nonnull(end);
	config = config_load_text(start, (size_t)(end - start), "EXAMPLES",
	    &errors);
	config_errors_print(&errors, stdout);
	ck_assert_ptr_nonnull(config);
	ck_assert_uint_eq(config->nhosts, 3);
	config_unref(&config);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("manual");
	TCase *tcase = tcase_create("manual");

	tcase_add_test(tcase, manual_has_every_setting_as_the_schema_has_it);
	tcase_add_test(tcase, manual_has_no_other_setting);
	tcase_add_test(tcase, manual_example_loads);
	suite_add_tcase(suite, tcase);
	return suite;
}
