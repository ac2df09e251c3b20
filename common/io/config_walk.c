/*
 * From libconfig's tree to struct config, along the rows of the schema.
 *
 * Defaults go the same way as what is given: they are a tree of their own,
 * made from the rows, and wherever the file says nothing the setting of that
 * tree is put instead. In it a list of groups is one group: the defaults of
 * each of its elements.
 */
#include "io/config_load.h"

#include "core/nearest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 32 };

static void walk_group(struct loader *, const struct row *rows,
    config_setting_t *given, config_setting_t *defaults, void *base);

/* --- defaults --- */

static void
write_rows(FILE *out, const struct row *rows, enum profile profile)
{
	for (const struct row *row = rows; row->name != NULL; row++) {
		const char *initial = profile == PROFILE_EDGE && row->edge
		    ? row->edge : row->initial;

		if (row->rows != NULL) {
			(void)fprintf(out, "%s: {\n", row->name);
			write_rows(out, row->rows, profile);
			(void)fprintf(out, "};\n");
		} else if (initial != NULL) {
			(void)fprintf(out, "%s = %s;\n", row->name, initial);
		}
	}
}

char *
walk_defaults(enum profile profile)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		abort();
	write_rows(out, schema_rows, profile);
	if (fclose(out) != 0)
		abort();
	return text;
}

/* --- unknown settings --- */

static void
report_unknown(struct loader *l, const struct row *rows,
    const config_setting_t *setting)
{
	const char *names[ROWS_MAX], *near;
	size_t n = 0;

	for (; n < ROWS_MAX && rows[n].name != NULL; n++)
		names[n] = rows[n].name;
	near = nearest_word(config_setting_name(setting), names, n);
	if (near != NULL)
		report(l, setting, "is no setting; did you mean \"%s\"?", near);
	else
		report(l, setting, "is no setting that stands here");
}

static void
find_unknown(struct loader *l, const struct row *rows,
    const config_setting_t *given)
{
	int count = config_setting_length(given);

	for (int i = 0; i < count; i++) {
		const config_setting_t *setting =
		    config_setting_get_elem(given, (unsigned)i);
		const struct row *row = rows;

		while (row->name != NULL &&
		    strcmp(row->name, config_setting_name(setting)) != 0)
			row++;
		if (row->name == NULL)
			report_unknown(l, rows, setting);
	}
}

/* --- groups and lists of groups --- */

static void
walk_list(struct loader *l, const struct row *row, config_setting_t *given,
    config_setting_t *defaults, void *base)
{
	int type = config_setting_type(given);
	size_t count = (size_t)config_setting_length(given);
	char *elements;

	if (type != CONFIG_TYPE_LIST &&
	    !(type == CONFIG_TYPE_ARRAY && count == 0)) {
		report(l, given, "should be a list of groups, "
		    "( { ... }, { ... } ), and is %s", shown_type(given));
		return;
	}
	if (row->max != 0 && count > (size_t)row->max) {
		report(l, given, "has %zu entries; at most %d are possible",
		    count, (int)row->max);
		return;
	}
	if (count < (size_t)row->min)
		report(l, given, "should have at least one entry");
	elements = arena_array(l->config->arena, count, row->size);
	memcpy((char *)base + row->offset, &elements, sizeof(elements));
	memcpy((char *)base + row->count_offset, &count, sizeof(count));
	for (size_t i = 0; i < count; i++, elements += row->size) {
		config_setting_t *one =
		    config_setting_get_elem(given, (unsigned)i);

		if (config_setting_is_group(one))
			walk_group(l, row->rows, one, defaults, elements);
		else
			report(l, one, "an entry should be a group { ... }, "
			    "and is %s", shown_type(one));
	}
}

static void
walk_row(struct loader *l, const struct row *row, config_setting_t *given,
    config_setting_t *fallback, void *base)
{
	if (row->type == &type_list) {
		if (given != NULL)
			walk_list(l, row, given, fallback, base);
	} else if (row->type == &type_group) {
		if (given != NULL && !config_setting_is_group(given))
			report(l, given, "should be a group { ... }, and is %s",
			    shown_type(given));
		else
			walk_group(l, row->rows, given, fallback,
			    (char *)base + row->offset);
	} else if (given != NULL || fallback != NULL) {
		row->type->put(l, row, given != NULL ? given : fallback, base);
	}
}

/* given may be NULL: the group is not in the file. */
static void
walk_group(struct loader *l, const struct row *rows, config_setting_t *given,
    config_setting_t *defaults, void *base)
{
	if (given != NULL)
		find_unknown(l, rows, given);
	for (const struct row *row = rows; row->name != NULL; row++) {
		config_setting_t *setting = given == NULL ? NULL
		    : config_setting_get_member(given, row->name);

		if (setting == NULL && row->required && given != NULL)
			report_in(l, given, row->name, "is missing");
		walk_row(l, row, setting,
		    config_setting_get_member(defaults, row->name), base);
	}
}

void
walk_config(struct loader *l)
{
	walk_group(l, schema_rows, config_root_setting(&l->given),
	    config_root_setting(&l->defaults), l->config);
}

void
walk_listener_defaults(struct loader *l, struct listener *listener)
{
	const struct row *row = schema_rows;

	while (strcmp(row->name, "listeners") != 0)
		row++;
	walk_group(l, row->rows, NULL,
	    config_lookup(&l->defaults, row->name), listener);
}

const struct type type_group = { "group", NULL };
const struct type type_list = { "list of groups", NULL };
