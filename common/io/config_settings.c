/*
 * The schema as a flat list for those who show it: weirctl config show, and
 * the test that weir.conf(5) has every setting.
 */
#include "io/config_load.h"

#include "core/text.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETTINGS_MAX = 160, PATH_TEXT_MAX = 64, RANGE_MAX = 96 };

static struct {
	struct config_setting list[SETTINGS_MAX];
	char paths[SETTINGS_MAX][PATH_TEXT_MAX];
	char ranges[SETTINGS_MAX][RANGE_MAX];
	size_t count;
} flat;

static void
write_words(const struct row *row, char buf[RANGE_MAX])
{
	size_t used = 0;

	for (const struct word *word = row->words; word->name != NULL; word++)
		used += (size_t)snprintf(buf + used, RANGE_MAX - used, "%s%s",
		    word == row->words ? "" : " | ", word->name);
}

/* What a row accepts, in words, made from what the loader checks. */
static const char *
range_of(const struct row *row, char buf[RANGE_MAX])
{
	char low[SPAN_TEXT_MAX], high[SPAN_TEXT_MAX];

	if (row->range != NULL)
		return row->range;
	if (row->words != NULL)
		write_words(row, buf);
	else if (row->type == &type_number)
		(void)snprintf(buf, RANGE_MAX, "%" PRId64 " to %" PRId64 "%s",
		    row->min, row->max, row->unlimited ? ", unlimited" : "");
	else if (row->type == &type_duration)
		(void)snprintf(buf, RANGE_MAX, "%s to %s%s",
		    span_format(span_us(row->min), low),
		    span_format(span_us(row->max), high),
		    row->unlimited ? ", 0 for off" : "");
	return buf[0] == '\0' ? NULL : buf;
}

static void
flatten(const struct row *rows, const char *prefix)
{
	for (const struct row *row = rows; row->name != NULL; row++) {
		size_t at = flat.count;
		bool list = row->type == &type_list;
		char *path;

		if (at == SETTINGS_MAX)
			abort();
		path = flat.paths[at];
		(void)snprintf(path, PATH_TEXT_MAX, "%s%s%s", prefix,
		    row->name, list ? "[]" : "");
		if (row->rows != NULL) {
			char inner[PATH_TEXT_MAX + 1];

			(void)snprintf(inner, sizeof(inner), "%s.", path);
			flatten(row->rows, inner);
			continue;
		}
		flat.count++;
		flat.list[at] = (struct config_setting) { path,
			row->type->name, row->initial, row->edge,
			range_of(row, flat.ranges[at]), row->required };
	}
}

static void
flatten_all(void)
{
	flatten(schema_rows, "");
}

const struct config_setting *
config_settings(size_t *count_r)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, flatten_all);
	*count_r = flat.count;
	return flat.list;
}
