/*
 * How checks are run and findings are put down.
 */
#include "arena_text.h"
#include "doctor.h"

#include <stdlib.h>
#include <string.h>

const struct check *const checks[] = { checks_milter, checks_policy,
	checks_way, checks_site, checks_log, NULL };

struct report *
report_new(void)
{
	struct report *report = calloc(1, sizeof(*report));

	if (report == NULL)
		abort();
	report->arena = arena_new();
	return report;
}

void
report_free(struct report **report)
{
	if (*report == NULL)
		return;
	arena_free(&(*report)->arena);
	free((*report)->list);
	free(*report);
	*report = NULL;
}

const char *
look_text(const struct look *look, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = arena_vtext(look->report->arena, fmt, ap);
	va_end(ap);
	return text;
}

const char *
look_set(const struct look *look, const struct postfix_service *service,
    const char *name, const char *value)
{
	if (service != NULL &&
	    postfix_given(look->postfix, service, name) != NULL)
		return look_text(look, "-P -e %s/%s=%s", service->id, name,
		    value);
	return look_text(look, "-e %s=%s", name, value);
}

/* --- sentences --- */

struct blank {
	const char *mark, *text;
};

static const char *
filled(const struct look *look, const char *sentence,
    const struct blank *blanks)
{
	const char *done = "";

	while (*sentence != '\0') {
		const char *brace = strchrnul(sentence, '{');
		const struct blank *b = blanks;

		done = look_text(look, "%s%.*s", done, (int)(brace - sentence),
		    sentence);
		if (*brace == '\0')
			break;
		while (b->mark != NULL &&
		    strncmp(brace, b->mark, strlen(b->mark)) != 0)
			b++;
		done = look_text(look, "%s%s", done,
		    b->mark != NULL ? b->text : "{");
		sentence = brace + (b->mark != NULL ? strlen(b->mark) : 1);
	}
	return done;
}

static bool
report_has(const struct report *report, const struct finding *finding)
{
	for (size_t i = 0; i < report->count; i++) {
		if (report->list[i].check == finding->check &&
		    strcmp(report->list[i].what, finding->what) == 0)
			return true;
	}
	return false;
}

static void
report_add(struct report *report, const struct finding *finding)
{
	if (report_has(report, finding))
		return;
	if (report->count == report->room) {
		report->room = report->room == 0 ? 16 : 2 * report->room;
		report->list = realloc(
		    report->list, report->room * sizeof(report->list[0]));
		if (report->list == NULL)
			abort();
	}
	report->list[report->count++] = *finding;
	report->errors += finding->check->level == FINDING_ERROR;
}

void
found(const struct look *look, const char *first, const char *second)
{
	const char *directory = look->facts->directory;
	bool other = directory != NULL;
	struct blank blanks[] = {
		{ "{1}", first },
		{ "{2}", second != NULL ? second : "" },
		{ "{postconf}", other ?
		    look_text(look, "postconf -c %s", directory) :
		    "postconf" },
		{ "{apply}", other ?
		    look_text(look, "weirctl postfix -C %s --apply",
		    directory) : "weirctl postfix --apply" },
		{ NULL, NULL },
	};
	struct finding finding = {
		.check = look->check,
		.what = filled(look, look->check->what, blanks),
		.mend = filled(look, look->check->mend, blanks),
	};

	report_add(look->report, &finding);
}

/* --- what many checks go through --- */

const char *
look_item(const struct look *look, const struct list_item *item)
{
	return look_text(look, "%.*s", (int)item->len, item->text);
}

bool
look_policy(const struct look *look, const struct postfix_service *service,
    const char *list, struct list_place *place_r)
{
	return list_find(postfix_value(look->postfix, service, list),
	    look->endpoints->policy.names, place_r);
}

const struct listener *
look_listener(const struct look *look, const struct postfix_service *service)
{
	return config_listener(look->config,
	    postfix_value(look->postfix, service, "milter_macro_daemon_name"),
	    service_port(service));
}

bool
look_default(const struct look *look, const struct listener *listener)
{
	return listener ==
	       &look->config->listeners[look->config->nlisteners - 1];
}

static void
look_clients(const struct look *look)
{
	const struct postfix_service *service = NULL;

	while ((service = postfix_next(look->postfix, service)) != NULL) {
		if (service_role(look->postfix, service) >= SERVICE_CLIENTS)
			look->check->client(look, service);
	}
}

size_t
doctor_look(const struct postfix *postfix, const struct config *config,
    const struct facts *facts, struct report *report)
{
	struct endpoints endpoints;
	struct look look = { postfix, config, &endpoints, facts, NULL, report };
	size_t count = 0;

	endpoints_make(&endpoints, report->arena, config,
	    postfix_value(postfix, NULL, "queue_directory"));
	for (const struct check *const *table = checks; *table != NULL;
	     table++) {
		for (const struct check *c = *table; c->id != NULL; c++) {
			look.check = c;
			if (c->look != NULL)
				c->look(&look);
			else
				look_clients(&look);
			count++;
		}
	}
	return count;
}
