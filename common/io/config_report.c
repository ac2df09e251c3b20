/*
 * Mistakes in a configuration, in the words of the administrator who made
 * them: "weir.conf:12: connectors[outbound].failovers: must be ...". They are
 * collected, sorted by line, and shown together.
 */
#include "io/config_load.h"

#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 16 };

const char *
shown(const char *text, char buf[SHOWN_MAX])
{
	return text_quote(buf, SHOWN_MAX, text, strlen(text));
}

const char *
shown_type(const config_setting_t *setting)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_GROUP:
		return "a group { }";
	case CONFIG_TYPE_INT:
		return "a number";
	case CONFIG_TYPE_INT64:
		return "a number with an L behind it";
	case CONFIG_TYPE_FLOAT:
		return "a number with a point";
	case CONFIG_TYPE_STRING:
		return "a string";
	case CONFIG_TYPE_BOOL:
		return "true or false";
	case CONFIG_TYPE_ARRAY:
		return "an array [ ]";
	default:
		return "a list ( )";
	}
}

/* What an element of a list is called: by its name, else by its place. */
static void
element_name(config_setting_t *setting, char *buf, size_t size)
{
	static const char *const keys[] = { "name", "host", "user", "network" };
	const char *name = NULL;

	for (size_t i = 0; name == NULL && config_setting_is_group(setting) &&
	    i < sizeof(keys) / sizeof(keys[0]); i++)
		(void)config_setting_lookup_string(setting, keys[i], &name);
	if (name != NULL)
		text_escape(buf, size, name, strlen(name));
	else
		(void)snprintf(buf, size, "#%d",
		    config_setting_index(setting) + 1);
}

void
setting_path(const config_setting_t *setting, char path[SETTING_PATH_MAX])
{
	const config_setting_t *way[DEPTH_MAX];
	size_t depth = 0, used = 0;
	char name[NAME_MAX_LEN + 8];

	path[0] = '\0';
	for (; setting != NULL && !config_setting_is_root(setting) &&
	    depth < DEPTH_MAX; setting = config_setting_parent(setting))
		way[depth++] = setting;
	while (depth > 0 && used < SETTING_PATH_MAX) {
		config_setting_t *at = (config_setting_t *)way[--depth];
		size_t room = SETTING_PATH_MAX - used;
		int n;

		if (config_setting_name(at) != NULL) {
			n = snprintf(path + used, room, "%s%s",
			    used == 0 ? "" : ".", config_setting_name(at));
		} else if (depth == 0 && config_setting_is_scalar(at)) {
			break; /* the message shows the value itself */
		} else {
			element_name(at, name, sizeof(name));
			n = snprintf(path + used, room, "[%s]", name);
		}
		used += (size_t)n;
	}
}

/* Keeps the list sorted by line; what comes first in the file is read first. */
static void
add(struct loader *l, unsigned line, const char *text)
{
	struct config_errors *errors = l->errors;
	size_t at = errors->count++;

	if (at >= CONFIG_ERRORS_MAX)
		return;
	for (; at > 0 && l->lines[at - 1] > line; at--) {
		l->lines[at] = l->lines[at - 1];
		memcpy(errors->list[at], errors->list[at - 1],
		    CONFIG_ERROR_TEXT_MAX);
	}
	l->lines[at] = line;
	(void)text_copy(errors->list[at], CONFIG_ERROR_TEXT_MAX, text);
}

/* By its last part: all that is known of the place of a value in a text. */
static bool
is_told(const struct loader *l, const char *file, unsigned line,
    const char *path)
{
	const char *dot = strrchr(path, '.');
	const char *setting = dot == NULL ? path : dot + 1;

	for (size_t i = 0; i < l->ntold; i++) {
		const struct told *told = &l->told[i];

		if (told->from <= line && line <= told->line &&
		    strcmp(told->file, file) == 0 &&
		    (told->setting[0] == '\0' ||
		    strcmp(told->setting, setting) == 0))
			return true;
	}
	return false;
}

static void add_args(struct loader *, const char *file, unsigned line,
    const char *path, const char *fmt, va_list)
    __attribute__((format(printf, 5, 0)));

static void
add_args(struct loader *l, const char *file, unsigned line, const char *path,
    const char *fmt, va_list args)
{
	char text[CONFIG_ERROR_TEXT_MAX], number[16] = "", name[192];
	int used;

	if (l->ntold > 0 && path[0] != '\0' && is_told(l, file, line, path))
		return;
	if (line != 0)
		(void)snprintf(number, sizeof(number), ":%u", line);
	text_escape(name, sizeof(name), file, strlen(file));
	used = snprintf(text, sizeof(text), "%s%s: %s%s", name, number, path,
	    path[0] == '\0' ? "" : ": ");
	if (used >= 0 && (size_t)used < sizeof(text))
		(void)vsnprintf(text + used, sizeof(text) - (size_t)used, fmt,
		    args);
	add(l, line, text);
}

/* As written, that is relative to the directory. */
const char *
shown_file(const struct loader *l, const char *file, char buf[PATH_MAX])
{
	if (file == NULL)
		return l->file;
	(void)snprintf(buf, PATH_MAX, "%.*s/%.*s", PATH_MAX / 2, l->dir,
	    PATH_MAX / 2 - 2, file);
	return buf;
}

void
report(struct loader *l, const config_setting_t *at, const char *fmt, ...)
{
	char path[SETTING_PATH_MAX], file[PATH_MAX];
	va_list args;

	setting_path(at, path);
	va_start(args, fmt);
	add_args(l, shown_file(l, config_setting_source_file(at), file),
	    config_setting_source_line(at), path, fmt, args);
	va_end(args);
}

const char *
refuse(struct loader *l, const config_setting_t *at, const char *text,
    const char *right)
{
	char value[SHOWN_MAX];

	report(l, at, "%s %s", shown(text, value), right);
	return NULL;
}

void
report_in(struct loader *l, const config_setting_t *group, const char *name,
    const char *fmt, ...)
{
	const config_setting_t *at =
	    config_setting_get_member((config_setting_t *)group, name);
	char path[SETTING_PATH_MAX], file[PATH_MAX];
	size_t used;
	va_list args;

	if (at == NULL)
		at = group;
	setting_path(group, path);
	used = strlen(path);
	(void)snprintf(path + used, sizeof(path) - used, "%s%s",
	    used == 0 ? "" : ".", name);
	va_start(args, fmt);
	add_args(l, shown_file(l, config_setting_source_file(at), file),
	    config_setting_source_line(at), path, fmt, args);
	va_end(args);
}

void
report_at(struct loader *l, const char *file, unsigned line, const char *fmt,
    ...)
{
	va_list args;

	va_start(args, fmt);
	add_args(l, file, line, "", fmt, args);
	va_end(args);
}

void
report_value(struct loader *l, const char *file, unsigned from, unsigned line,
    const char *setting, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_args(l, file, line, setting, fmt, args);
	va_end(args);
	if (l->ntold == CONFIG_ERRORS_MAX)
		return;
	l->told[l->ntold++] = (struct told) {
		arena_copy(l->config->arena, file),
		arena_copy(l->config->arena, setting), from, line };
}
