/*
 * Names of a configuration: one that is given twice, and one that nothing
 * bears.
 */
#include "io/config_load.h"

#include "core/nearest.h"

#include <stdlib.h>
#include <string.h>

const char *
string_in(const config_setting_t *group, const char *name)
{
	const char *text = NULL;

	if (group != NULL && config_setting_is_group(group))
		(void)config_setting_lookup_string((config_setting_t *)group,
		    name, &text);
	return text;
}

/* --- names given twice --- */

struct named {
	const char *name;
	size_t index;
	const config_setting_t *at;
};

static int
named_compare(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : x->index < y->index ? -1 : 1;
}

/*
 * Every element of an array that has a name, sorted by it; the name is the
 * first field of each element. For free().
 */
static struct named *
sort_names(config_setting_t *list, const void *elements, size_t count,
    size_t size, size_t *count_r)
{
	struct named *names = calloc(count + 1, sizeof(*names));
	size_t n = 0;

	if (names == NULL)
		abort();
	for (size_t i = 0; i < count; i++) {
		memcpy(&names[n].name, (const char *)elements + i * size,
		    sizeof(char *));
		names[n].index = i;
		names[n].at = config_setting_get_elem(list, (unsigned)i);
		n += names[n].name != NULL;
	}
	qsort(names, n, sizeof(*names), named_compare);
	*count_r = n;
	return names;
}

void
check_unique(struct loader *l, const char *path, const char *key,
    const void *elements, size_t count, size_t size)
{
	config_setting_t *list = config_lookup(&l->given, path);
	struct named *names;
	size_t n;

	if (list == NULL || count == 0)
		return;
	names = sort_names(list, elements, count, size, &n);
	for (size_t i = 1; i < n; i++) {
		char value[SHOWN_MAX];

		if (strcmp(names[i].name, names[i - 1].name) == 0)
			report_in(l, names[i].at, key,
			    "%s is given twice; the other is in line %u",
			    shown(names[i].name, value),
			    config_setting_source_line(names[i - 1].at));
	}
	free(names);
}

/* --- names that nothing bears --- */

size_t
find_name(struct loader *l, const config_setting_t *group, const char *key,
    const char *name, const char *what, const void *elements, size_t count,
    size_t size)
{
	const char **names = calloc(count + 1, sizeof(*names));
	char value[SHOWN_MAX], hint[NEAREST_HINT_MAX];
	size_t i, n = 0;

	if (names == NULL)
		abort();
	for (i = 0; i < count; i++) {
		memcpy(&names[n], (const char *)elements + i * size,
		    sizeof(char *));
		if (names[n] != NULL && strcmp(names[n], name) == 0)
			break;
		n += names[n] != NULL;
	}
	if (i == count)
		report_in(l, group, key, "there is no %s %s%s", what,
		    shown(name, value), nearest_hint(name, names, n, hint));
	free(names);
	return i;
}

void
check_listener_names(struct loader *l, const config_setting_t *group,
    const char *key, const struct strings *names)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->list[i], "default") != 0)
			(void)find_name(l, group, key, names->list[i],
			    "listener", l->config->listeners,
			    l->config->nlisteners, sizeof(struct listener));
	}
}
