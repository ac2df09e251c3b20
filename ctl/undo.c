/*
 * The record of weirctl postfix --apply: what is taken down, then what is put
 * back.
 */
#include "undo.h"

#include "bytes.h"
#include "plan_parts.h"

#include <stdlib.h>
#include <string.h>

enum { VERSION_OF_IT = 1, OURS_MAX = 4 * ENDPOINT_NAMES_MAX };

json_t *
undo_new(void)
{
	json_t *record = json_object();

	json_object_set_new(record, "about", json_string("what weirctl "
	    "postfix --apply changed here; weirctl postfix --undo reads it"));
	json_object_set_new(record, "version", json_integer(VERSION_OF_IT));
	json_object_set_new(record, "ours", json_array());
	json_object_set_new(record, "changes", json_array());
	json_object_set_new(record, "files", json_object());
	return record;
}

bool
undo_valid(const json_t *record)
{
	return json_integer_value(json_object_get(record, "version")) ==
	    VERSION_OF_IT &&
	    json_is_array(json_object_get(record, "ours")) &&
	    json_is_array(json_object_get(record, "changes")) &&
	    json_is_object(json_object_get(record, "files"));
}

/* --- taking down --- */

static void
take_names(json_t *ours, const struct endpoint *endpoint)
{
	for (const char *const *name = endpoint->names; *name != NULL; name++) {
		json_t *have, *wanted = bytes_or_null(*name);
		bool there = false;
		size_t i;

		json_array_foreach(ours, i, have)
			there = there || json_equal(have, wanted);
		if (!there)
			json_array_append(ours, wanted);
		json_decref(wanted);
	}
}

static bool
text_is(const json_t *object, const char *key, const char *text)
{
	json_t *value = json_object_get(object, key);
	struct content content = { (char *)text,
		text != NULL ? strlen(text) : 0 };

	return text == NULL ? !json_is_string(value) :
	    bytes_same(value, &content);
}

static json_t *
find_change(const json_t *record, const struct plan_change *change)
{
	json_t *have;
	size_t i;

	json_array_foreach(json_object_get(record, "changes"), i, have) {
		if (text_is(have, "where", change->where) &&
		    text_is(have, "name", change->name))
			return have;
	}
	return NULL;
}

/*
 * What it was before: recorded earlier, if it is still as we left it then; else
 * what somebody set meanwhile, without what is ours.
 */
static void
take_change(json_t *record, const struct plan_change *change)
{
	json_t *have = find_change(record, change);

	if (have == NULL) {
		have = json_object();
		json_object_set_new(have, "where",
		    bytes_or_null(change->where));
		json_object_set_new(have, "name", bytes_or_null(change->name));
		json_object_set_new(have, "before",
		    bytes_or_null(change->before));
		json_array_append_new(json_object_get(record, "changes"), have);
	} else if (!text_is(have, "after", change->before)) {
		json_object_set_new(have, "before", bytes_or_null(
		    change->before != NULL && change->rest != NULL ?
		    change->rest : change->before));
	}
	json_object_set_new(have, "after", bytes_or_null(change->after));
	json_object_set_new(have, "list", json_boolean(change->rest != NULL));
}

void
undo_take(json_t *record, const struct plan *plan)
{
	json_t *ours = json_object_get(record, "ours");

	take_names(ours, &plan->endpoints.milter);
	take_names(ours, &plan->endpoints.policy);
	take_names(ours, &plan->endpoints.sender);
	take_names(ours, &plan->endpoints.recipient);
	for (size_t i = 0; i < plan->nchanges; i++)
		take_change(record, &plan->changes[i]);
}

void
undo_file_before(json_t *record, const char *file, const struct content *now)
{
	json_t *files = json_object_get(record, "files");
	json_t *have = json_object_get(files, file);

	if (have != NULL && bytes_same(json_object_get(have, "after"), now))
		return;
	if (have == NULL) {
		have = json_object();
		json_object_set_new(have, "before",
		    bytes_json(now->text, now->len));
		json_object_set_new(files, file, have);
	} else /* edited meanwhile: no longer to be put back whole */
		json_object_set_new(have, "before", json_null());
	json_object_set_new(have, "after", json_null());
}

void
undo_file_after(json_t *record, const char *file, const struct content *now)
{
	json_t *have = json_object_get(json_object_get(record, "files"), file);

	json_object_set_new(have, "after", bytes_json(now->text, now->len));
}

/* --- putting back --- */

struct content
undo_file(const json_t *record, const char *file, const struct content *now)
{
	const json_t *have =
	    json_object_get(json_object_get(record, "files"), file);

	if (!bytes_same(json_object_get(have, "after"), now))
		return (struct content) { NULL, 0 };
	return bytes_of(json_object_get(have, "before"));
}

const char *
undo_default_transport(const json_t *record)
{
	const struct plan_change wanted = { .where = MAIN_CF,
		.name = "default_transport" };

	return json_string_value(
	    json_object_get(find_change(record, &wanted), "after"));
}

struct undoing {
	struct plan *plan;
	const struct postfix *postfix;
	const char *ours[OURS_MAX + 1];
};

/* NULL for what is no string. */
static const char *
text_of(struct undoing *undo, const json_t *string)
{
	struct content content = bytes_of(string);
	const char *text = content.text == NULL ? NULL :
	    arena_copy(undo->plan->arena, content.text);

	free(content.text);
	return text;
}

/* Are two entries of master.cf the same but for their blanks? */
static bool
same_words(const char *a, const char *b)
{
	static const char blanks[] = " \t";

	for (;;) {
		size_t len;

		a += strspn(a, blanks);
		b += strspn(b, blanks);
		len = strcspn(a, blanks);
		if (strcspn(b, blanks) != len || strncmp(a, b, len) != 0)
			return false;
		if (len == 0)
			return true;
		a += len;
		b += len;
	}
}

static void
keep(struct undoing *undo, const struct plan_change *change, const char *now)
{
	plan_note(undo->plan, PLAN_WARN, change->name == NULL ?
	    plan_format(undo->plan, "service %s was changed since --apply and "
	    "is left", change->where) :
	    plan_format(undo->plan, "%s of %s is left: it was changed since "
	    "--apply, to %s", change->name, change->where, now));
}

static void
undo_service(struct undoing *undo, const struct plan_change *change,
    const struct postfix_service *service)
{
	struct plan_change removed = *change;

	removed.before = change->after;
	removed.after = NULL;
	if (same_words(service->line, change->after))
		plan_add(undo->plan, &removed);
	else
		keep(undo, change, NULL);
}

/* What the setting is to be; NULL: not there. false: leave it. */
static bool
value_undone(struct undoing *undo, const struct plan_change *change,
    const char *now, const char **value_r)
{
	struct list_place place;

	*value_r = change->before;
	if (now != NULL && strcmp(now, change->after) == 0)
		return true;
	if (now == NULL)
		return false; /* he took it out himself */
	if (change->rest == NULL || !list_find(now, undo->ours, &place)) {
		if (change->rest == NULL)
			keep(undo, change, now);
		return false;
	}
	*value_r = plan_without(undo->plan, now, undo->ours);
	if ((*value_r)[0] == '\0' && change->before == NULL)
		*value_r = NULL;
	return true;
}

static void
undo_setting(struct undoing *undo, const struct plan_change *change,
    const struct postfix_service *service)
{
	struct plan_change back = *change;

	back.before = postfix_given(undo->postfix, service, change->name);
	if (!value_undone(undo, change, back.before, &back.after))
		return;
	if (service != NULL && back.after != NULL) {
		back.after = plan_compact(undo->plan, back.after);
		if (back.after == NULL) {
			keep(undo, change, back.before);
			return;
		}
	}
	plan_add(undo->plan, &back);
}

static void
undo_change(struct undoing *undo, const json_t *recorded, bool main_cf,
    bool master_cf)
{
	struct plan_change change = {
		.where = text_of(undo, json_object_get(recorded, "where")),
		.name = text_of(undo, json_object_get(recorded, "name")),
		.before = text_of(undo, json_object_get(recorded, "before")),
		.after = text_of(undo, json_object_get(recorded, "after")),
		.rest = json_is_true(json_object_get(recorded, "list")) ?
		    "" : NULL,
		.why = "as it was",
	};
	const struct postfix_service *service;
	bool main = change.where != NULL && strcmp(change.where, MAIN_CF) == 0;

	if (change.where == NULL || change.after == NULL ||
	    (main && change.name == NULL) || !(main ? main_cf : master_cf))
		return;
	service = main ? NULL : postfix_service(undo->postfix, change.where);
	if (!main && service == NULL)
		return; /* it is gone */
	if (change.name == NULL)
		undo_service(undo, &change, service);
	else
		undo_setting(undo, &change, service);
}

struct plan *
undo_plan(const json_t *record, const struct postfix *postfix, bool main_cf,
    bool master_cf)
{
	struct undoing undo = { .plan = plan_new(), .postfix = postfix };
	const json_t *element;
	size_t i, count = 0;

	json_array_foreach(json_object_get(record, "ours"), i, element) {
		if (count < OURS_MAX && json_is_string(element))
			undo.ours[count++] = text_of(&undo, element);
	}
	json_array_foreach(json_object_get(record, "changes"), i, element)
		undo_change(&undo, element, main_cf, master_cf);
	return undo.plan;
}
