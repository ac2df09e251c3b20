/*
 * What the file says, setting by setting, kept with the configuration so that
 * a reload can tell what it changed.
 *
 * A list of groups gives its order (of routes, rules and listeners it decides)
 * and the settings of each of its groups. A long list, of users say, is too
 * much to keep twice: it gives its length and a fingerprint. So does what is
 * cut: no change is missed because it stands far behind.
 */
#include "io/config_load.h"

#include "core/siphash.h"
#include "core/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_LIST = 200, VALUE_TEXT_MAX = 200,
	CUT_TEXT = 14 /* "... (01234567)" */ };

struct collector {
	struct arena *arena;
	struct given *list;
	size_t count, room;
};

static void collect(struct collector *, config_setting_t *);

/* Not a secret: it tells an old text from a new one. */
static uint32_t
fingerprint(const char *text, size_t len)
{
	static const uint8_t no_secret[16];

	return (uint32_t)siphash(no_secret, text, len);
}

static void
add(struct collector *c, config_setting_t *setting, const char *value)
{
	char path[SETTING_PATH_MAX];

	if (c->count == c->room) {
		c->room = c->room == 0 ? 64 : 2 * c->room;
		c->list = realloc(c->list, c->room * sizeof(c->list[0]));
		if (c->list == NULL)
			abort();
	}
	setting_path(setting, path);
	c->list[c->count++] = (struct given) {
		.path = arena_copy(c->arena, path),
		.value = arena_copy(c->arena, value),
	};
}

/* Takes the text over; what is too long ends in a fingerprint of it all. */
static void
add_cut(struct collector *c, config_setting_t *setting, char *text, size_t len)
{
	if (len > VALUE_TEXT_MAX)
		(void)snprintf(text + VALUE_TEXT_MAX - CUT_TEXT, CUT_TEXT + 1,
		    "... (%08" PRIX32 ")", fingerprint(text, len));
	add(c, setting, text);
	free(text);
}

/* --- values --- */

static void
write_string(FILE *out, const char *string)
{
	size_t len = strlen(string), size = 4 * len + 1; /* each byte as \xHH */
	char *text = malloc(size);

	if (text == NULL)
		abort();
	(void)fprintf(out, "\"%s\"", text_escape(text, size, string, len));
	free(text);
}

/* As it may stand in a file; whole lists too, for their fingerprint. */
static void
write_value(FILE *out, config_setting_t *setting)
{
	int count = config_setting_length(setting);

	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_STRING:
		write_string(out, config_setting_get_string(setting));
		return;
	case CONFIG_TYPE_BOOL:
		(void)fputs(config_setting_get_bool(setting) ? "true" :
		                                               "false", out);
		return;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		(void)fprintf(out, "%lld",
		    config_setting_get_int64(setting));
		return;
	case CONFIG_TYPE_FLOAT:
		(void)fprintf(out, "%g", config_setting_get_float(setting));
		return;
	default:
		break;
	}
	(void)fputs("[ ", out);
	for (int i = 0; i < count; i++) {
		config_setting_t *one =
		    config_setting_get_elem(setting, (unsigned)i);

		if (i > 0)
			(void)fputs(", ", out);
		if (config_setting_name(one) != NULL)
			(void)fprintf(out, "%s = ", config_setting_name(one));
		write_value(out, one);
	}
	(void)fputs(" ]", out);
}

static char *
value_of(config_setting_t *setting, size_t *len_r)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len_r);

	if (out == NULL)
		abort();
	write_value(out, setting);
	if (fclose(out) != 0)
		abort();
	return text;
}

static void
add_value(struct collector *c, config_setting_t *setting)
{
	size_t len;
	char *text = value_of(setting, &len);

	add_cut(c, setting, text, len);
}

/* --- lists of groups --- */

static void
add_fingerprint(struct collector *c, config_setting_t *setting)
{
	char text[64];
	size_t len;
	char *whole = value_of(setting, &len);

	(void)snprintf(text, sizeof(text), "%d entries (%08" PRIX32 ")",
	    config_setting_length(setting),
	    fingerprint(whole, len));
	add(c, setting, text);
	free(whole);
}

static void
add_order(struct collector *c, config_setting_t *setting)
{
	int count = config_setting_length(setting);
	char *order = NULL, path[SETTING_PATH_MAX];
	size_t len;
	FILE *out = open_memstream(&order, &len);

	if (out == NULL)
		abort();
	for (int i = 0; i < count; i++) {
		setting_path(config_setting_get_elem(setting, (unsigned)i),
		    path);
		(void)fprintf(out, "%s%s", i == 0 ? "" : " ",
		    strrchr(path, '['));
	}
	if (fclose(out) != 0)
		abort();
	add_cut(c, setting, order, len);
}

static void
collect_list(struct collector *c, config_setting_t *setting)
{
	if (config_setting_length(setting) > LONG_LIST) {
		add_fingerprint(c, setting);
		return;
	}
	add_order(c, setting);
	for (int i = 0; i < config_setting_length(setting); i++)
		collect(c, config_setting_get_elem(setting, (unsigned)i));
}

static bool
holds_groups(config_setting_t *setting)
{
	return config_setting_is_list(setting) &&
	    config_setting_length(setting) > 0 &&
	    config_setting_is_group(config_setting_get_elem(setting, 0));
}

static void
collect(struct collector *c, config_setting_t *setting)
{
	if (holds_groups(setting)) {
		collect_list(c, setting);
	} else if (config_setting_is_group(setting)) {
		for (int i = 0; i < config_setting_length(setting); i++)
			collect(c,
			    config_setting_get_elem(setting, (unsigned)i));
	} else {
		add_value(c, setting);
	}
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct given *)a)->path,
	    ((const struct given *)b)->path);
}

void
given_collect(struct loader *l)
{
	struct collector c = { .arena = l->config->arena };
	struct config *config = l->config;

	collect(&c, config_root_setting(&l->given));
	config->given = arena_array(config->arena, c.count,
	    sizeof(c.list[0]));
	config->ngiven = c.count;
	if (c.count == 0) /* then the list is NULL, which neither takes */
		return;
	qsort(c.list, c.count, sizeof(c.list[0]), compare);
	memcpy(config->given, c.list, c.count * sizeof(c.list[0]));
	free(c.list);
}
