/*
 * weirctl doctor: gathers, looks, and tells what to mend.
 */
#include "ctl.h"
#include "doctor.h"
#include "field.h"

#include "io/config_file.h"
#include "io/text_json.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct visit {
	struct ctl *ctl;
	struct report *report;
	struct config *config;
	struct postfix *postfix;
	struct facts facts;
	char directory[PATH_MAX];
	size_t checks; /* that were made */
};

/* What keeps from looking any further is a finding too. */
static const struct check no_config = { "config", FINDING_ERROR, NULL, NULL,
	"{1}",
	"mend it in weir.conf; weirctl config check reads it as the daemons "
	"do" };
static const struct check no_postfix = { "postfix", FINDING_ERROR, NULL, NULL,
	"{1}", "name the folder of main.cf: weirctl doctor -C DIR" };

static void
fail(struct visit *visit, const struct check *check, const char *what)
{
	struct look look = {
		.facts = &visit->facts, .check = check, .report = visit->report
	};

	found(&look, what, NULL);
}

static bool
read_config(struct visit *visit)
{
	struct config_errors *errors = calloc(1, sizeof(*errors));

	if (errors == NULL)
		abort();
	visit->config = config_load(visit->ctl->config, errors);
	for (size_t i = 0; i < config_errors_listed(errors); i++)
		fail(visit, &no_config, errors->list[i]);
	free(errors);
	return visit->config != NULL;
}

static bool
read_postfix(struct visit *visit)
{
	char why[POSTCONF_WHY_MAX];

	visit->postfix = postfix_read(visit->facts.directory, why);
	if (visit->postfix == NULL)
		fail(visit, &no_postfix, why);
	return visit->postfix != NULL;
}

static void
examine(struct visit *visit)
{
	struct endpoints endpoints;

	if (!read_config(visit) || !read_postfix(visit))
		return;
	endpoints_make(&endpoints, visit->report->arena, visit->config,
	    postfix_value(visit->postfix, NULL, "queue_directory"));
	facts_gather(&visit->facts, visit->report->arena, visit->ctl,
	    visit->postfix, visit->config, &endpoints);
	visit->checks = doctor_look(
	    visit->postfix, visit->config, &visit->facts, visit->report);
}

static const char *
level_name(const struct finding *finding)
{
	return finding->check->level == FINDING_ERROR ? "error" : "warning";
}

static void
print_json(const struct visit *visit)
{
	const struct report *report = visit->report;
	json_t *object = json_object(), *list = json_array();

	for (size_t i = 0; i < report->count; i++) {
		const struct finding *f = &report->list[i];
		json_t *finding = json_object();

		json_object_set_new(
		    finding, "level", json_string(level_name(f)));
		json_object_set_new(finding, "id", json_string(f->check->id));
		json_object_set_new(finding, "what", text_json(f->what));
		json_object_set_new(finding, "mend", text_json(f->mend));
		json_array_append_new(list, finding);
	}
	json_object_set_new(object, "ok", json_boolean(report->errors == 0));
	json_object_set_new(object, "findings", list);
	ctl_print_json(visit->ctl, object);
	json_decref(object);
}

static void
print_level(const struct visit *visit, enum finding_level level)
{
	struct page *page = &visit->ctl->page;

	for (size_t i = 0; i < visit->report->count; i++) {
		const struct finding *f = &visit->report->list[i];

		if (f->check->level != level)
			continue;
		page_label(page, level_name(f));
		page_line(page, level == FINDING_ERROR ? PAINT_BAD : PAINT_WARN,
		    "%s", f->what);
		page_line(page, PAINT_PLAIN, "mend: %s", f->mend);
		page_label(page, NULL);
	}
}

static void
print(const struct visit *visit)
{
	const struct report *report = visit->report;
	size_t warnings = report->count - report->errors;

	print_level(visit, FINDING_ERROR);
	print_level(visit, FINDING_WARNING);
	page_line(&visit->ctl->page,
	    report->errors == 0 ? PAINT_GOOD : PAINT_BAD,
	    "%s: %zu checks, %zu error%s, %zu warning%s",
	    report->errors == 0 ? "ok" : "not ok", visit->checks,
	    report->errors, plural((int64_t)report->errors), warnings,
	    plural((int64_t)warnings));
}

enum ctl_exit
run_doctor(struct ctl *ctl, const struct args *args)
{
	struct visit visit = { .ctl = ctl, .report = report_new() };
	const char *given = args_value(args, "postfix-config", NULL);
	enum ctl_exit code;

	if (given != NULL && realpath(given, visit.directory) != NULL)
		visit.facts.directory = visit.directory;
	else
		visit.facts.directory = given;
	examine(&visit);
	if (ctl->json)
		print_json(&visit);
	else
		print(&visit);
	code = visit.report->errors == 0 ? CTL_DONE : CTL_NO;
	postfix_free(&visit.postfix);
	config_unref(&visit.config);
	report_free(&visit.report);
	return code;
}
