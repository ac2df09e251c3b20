/*
 * weirctl config show: every setting with the value in effect, in the order of
 * the schema. A value is written in the file or the schema's default; both go
 * through JSON, whose notation libconfig would read as well.
 */
#include "ctl.h"
#include "tree.h"

#include "io/config_file.h"
#include "io/text_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INITIAL_TEXT_MAX = 512 };

struct show {
	bool edge; /* profile = "edge" */
	json_t *list;
};

static json_t *
value_json(const config_setting_t *setting)
{
	json_t *array;

	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return json_integer(config_setting_get_int64(setting));
	case CONFIG_TYPE_FLOAT:
		return json_real(config_setting_get_float(setting));
	case CONFIG_TYPE_BOOL:
		return json_boolean(config_setting_get_bool(setting));
	case CONFIG_TYPE_STRING:
		return text_json(config_setting_get_string(setting));
	default:
		break;
	}
	array = json_array();
	for (int i = 0; i < config_setting_length(setting); i++)
		json_array_append_new(array, value_json(
		    config_setting_get_elem(setting, (unsigned)i)));
	return array;
}

/* A default as the schema writes it: "\"30s\"", "[ ]", "10". */
static json_t *
initial_json(const struct show *show, const struct config_setting *setting)
{
	const char *initial = show->edge && setting->edge != NULL ?
	    setting->edge : setting->initial;
	char text[INITIAL_TEXT_MAX];
	json_t *value = json_null();
	config_t tree;

	if (initial == NULL)
		return value;
	(void)snprintf(text, sizeof(text), "v = %s;", initial);
	config_init(&tree);
	if (config_read_string(&tree, text) == CONFIG_TRUE)
		value = value_json(config_lookup(&tree, "v"));
	config_destroy(&tree);
	return value;
}

/* What is neither written nor has a default is not in effect: left out. */
static void
show_add(struct show *show, const struct config_setting *setting,
    const char *path, const config_setting_t *written)
{
	json_t *object, *value = written != NULL ? value_json(written) :
	    initial_json(show, setting);

	if (json_is_null(value))
		return;
	object = json_object();
	json_object_set_new(object, "path", text_json(path));
	json_object_set_new(object, "value", value);
	json_object_set_new(object, "default", json_boolean(written == NULL));
	json_array_append_new(show->list, object);
}

/* "smart_hosts[isp-a].": an element by what names it, else by its number. */
static char *
element_prefix(const char *prefix, const char *list,
    const config_setting_t *element, int i)
{
	static const char *const keys[] = { "name", "host", "user",
		"network" };
	char number[16], *path;
	const char *name = number;

	(void)snprintf(number, sizeof(number), "%d", i + 1);
	for (size_t j = 0; j < sizeof(keys) / sizeof(keys[0]); j++) {
		if (config_setting_lookup_string(element, keys[j], &name))
			break;
	}
	if (asprintf(&path, "%s%s[%s].", prefix, list, name) == -1)
		abort();
	return path;
}

static void show_rows(struct show *, const struct config_setting *,
    size_t count, size_t skip, config_setting_t *base, const char *prefix);

/*
 * Rows that begin with one list ("smart_hosts[]."): all of them for each of
 * its elements. How many rows those are.
 */
static size_t
show_list(struct show *show, const struct config_setting *rows, size_t count,
    size_t skip, config_setting_t *base, const char *prefix)
{
	const char *name = rows[0].path + skip;
	size_t len = (size_t)(strstr(name, "[].") - name), same = 1;
	char *list = strndup(name, len);
	config_setting_t *setting;

	if (list == NULL)
		abort();
	len += strlen("[].");
	while (same < count &&
	    strncmp(rows[same].path, rows[0].path, skip + len) == 0)
		same++;
	setting = config_setting_lookup(base, list);
	for (int i = 0; setting != NULL && i < config_setting_length(setting);
	    i++) {
		config_setting_t *element =
		    config_setting_get_elem(setting, (unsigned)i);
		char *inner = element_prefix(prefix, list, element, i);

		show_rows(show, rows, same, skip + len, element, inner);
		free(inner);
	}
	free(list);
	return same;
}

/* skip: how much of each row's path stands in base already. */
static void
show_rows(struct show *show, const struct config_setting *rows, size_t count,
    size_t skip, config_setting_t *base, const char *prefix)
{
	size_t i = 0;

	while (i < count) {
		const char *name = rows[i].path + skip;
		char *path;

		if (strstr(name, "[].") != NULL) {
			i += show_list(show, &rows[i], count - i, skip, base,
			    prefix);
			continue;
		}
		if (asprintf(&path, "%s%s", prefix, name) == -1)
			abort();
		show_add(show, &rows[i], path,
		    config_setting_lookup(base, name));
		free(path);
		i++;
	}
}

static void
show_print(struct ctl *ctl, const json_t *list)
{
	struct grid *grid = grid_new(NULL, "ll");
	const json_t *row;
	size_t i;

	json_array_foreach(list, i, row) {
		bool initial = json_is_true(json_object_get(row, "default"));
		char *value = json_dumps(json_object_get(row, "value"),
		    JSON_ENCODE_ANY);
		const char *path =
		    json_string_value(json_object_get(row, "path"));
		char *line;

		if (value == NULL || asprintf(&line, "%s = %s", path,
		    value) == -1)
			abort();
		grid_put(grid, initial ? PAINT_DIM : PAINT_PLAIN, line);
		free(line);
		grid_put(grid, PAINT_DIM, initial ? "# default" : "");
		free(value);
	}
	grid_print(grid, &ctl->page);
	grid_free(&grid);
}

static void
show_tree(struct ctl *ctl, const config_t *tree)
{
	struct show show = { .list = json_array() };
	const struct config_setting *settings;
	const char *profile = NULL;
	size_t count;

	settings = config_settings(&count);
	(void)config_lookup_string(tree, "profile", &profile);
	show.edge = profile != NULL && strcmp(profile, "edge") == 0;
	show_rows(&show, settings, count, 0, config_root_setting(tree), "");
	if (ctl->json) {
		json_t *object = json_object();

		json_object_set(object, "settings", show.list);
		ctl_print_json(ctl, object);
		json_decref(object);
	} else
		show_print(ctl, show.list);
	json_decref(show.list);
}

/* What would not hold is not shown as if it did. */
static enum ctl_exit
show_file(struct ctl *ctl, struct config_errors *errors)
{
	struct config *config = config_load(ctl->config, errors);
	char why[TREE_WHY_MAX];
	config_t tree;
	int result;

	if (config == NULL) {
		ctl_say_mistakes(ctl, ctl->config, errors);
		return CTL_NO;
	}
	config_unref(&config);
	result = tree_read(&tree, ctl->config, true, why);
	if (result == 0)
		show_tree(ctl, &tree);
	config_destroy(&tree);
	return result == 0 ? CTL_DONE : ctl_say(ctl, CTL_NO, "%s", why);
}

enum ctl_exit
run_config_show(struct ctl *ctl, const struct args *args)
{
	struct config_errors *errors;
	enum ctl_exit code;

	(void)args;
	if (access(ctl->config, R_OK) == -1)
		return ctl_say(ctl, CTL_USAGE, "%s: cannot be opened: %s",
		    ctl->config, strerror(errno));
	errors = calloc(1, sizeof(*errors));
	if (errors == NULL)
		abort();
	code = show_file(ctl, errors);
	free(errors);
	return code;
}
