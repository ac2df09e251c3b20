/*
 * weir.conf, from a path to a configuration or a list of mistakes.
 */
#include "io/config_file.h"

#include "core/text.h"
#include "io/config_load.h"
#include "io/config_tree.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The directory of a file, for @include: libconfig's own idea is the cwd. */
static void
set_dir(struct loader *l, const char *file)
{
	const char *slash = strrchr(file, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - file);

	if (slash == NULL)
		(void)text_copy(l->dir, sizeof(l->dir), ".");
	else if (text_copy_n(l->dir, sizeof(l->dir), len == 0 ? "/" : file,
	    len == 0 ? 1 : len) == -1)
		report_at(l, file, 0, "has too long a path");
}

/* libconfig stops at the first one and says little; the place is what helps. */
static void
report_syntax(struct loader *l, const config_t *tree)
{
	char path[PATH_MAX];
	const char *file = shown_file(l, config_error_file(tree), path);
	const char *text = config_error_text(tree);
	unsigned line = (unsigned)config_error_line(tree);

	if (strcmp(text, "syntax error") == 0)
		report_at(l, file, line, "syntax error here or shortly before: "
		    "a quote, bracket or ';' too many or missing");
	else if (strcmp(text, "duplicate setting name") == 0)
		report_at(l, file, line, "a setting here or shortly before is "
		    "given twice in its group");
	else if (strcmp(text, "mismatched element type in array") == 0)
		report_at(l, file, line, "an array [ ] should have values of "
		    "one kind; a list ( ) may mix them");
	else
		report_at(l, file, line, "syntax error: %s", text);
}

static bool
parse(struct loader *l, config_t *tree, const char *text, size_t len)
{
	if (!source_check(l, l->file, text, len))
		return false;
	config_set_include_dir(tree, l->dir);
	if (config_read_string(tree, text))
		return true;
	l->errors->count = 0; /* a syntax error comes alone */
	report_syntax(l, tree);
	return false;
}

/* Most likely a write that failed, and not a wish to lift all limits. */
static bool
is_empty(struct loader *l)
{
	if (config_setting_length(config_root_setting(&l->given)) != 0)
		return false;
	report_at(l, l->file, 0, "is empty; for the defaults alone write: "
	    "profile = \"hub\";");
	return true;
}

/* The profile decides which defaults there are, so it is looked up first. */
static void
read_defaults(struct loader *l)
{
	const char *profile = NULL;
	char *text;
	bool edge;

	(void)config_lookup_string(&l->given, "profile", &profile);
	edge = profile != NULL && strcmp(profile, "edge") == 0;
	text = walk_defaults(edge ? PROFILE_EDGE : PROFILE_HUB);
	if (!config_read_string(&l->defaults, text))
		assert(!"a default of the schema is no value");
	free(text);
}

static void
load(struct loader *l, const char *text, size_t len)
{
	if (!parse(l, &l->given, text, len) || is_empty(l))
		return;
	read_defaults(l);
	walk_config(l);
	check_config(l);
	if (l->errors->count == 0)
		given_collect(l);
}

static struct loader *
loader_new(const char *file, struct config_errors *errors)
{
	struct loader *l = calloc(1, sizeof(*l));

	if (l == NULL)
		abort();
	errors->count = 0;
	l->errors = errors;
	l->file = file;
	l->config = config_new();
	config_init(&l->given);
	config_init(&l->defaults);
	set_dir(l, file);
	return l;
}

static void
loader_free(struct loader *l)
{
	config_destroy(&l->given);
	config_destroy(&l->defaults);
	config_unref(&l->config);
	free(l);
}

/* What was built, or NULL when anything was wrong. */
static struct config *
loader_end(struct loader *l)
{
	struct config *config = NULL;

	if (l->errors->count == 0) {
		config = l->config;
		l->config = NULL;
	}
	loader_free(l);
	return config;
}

struct config *
config_load_text(const char *text, size_t len, const char *file,
    struct config_errors *errors)
{
	struct loader *l = loader_new(file, errors);
	char *copy = malloc(len + 1); /* libconfig wants a NUL behind it */

	if (copy == NULL)
		abort();
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (errors->count == 0)
		load(l, copy, len);
	free(copy);
	return loader_end(l);
}

static char *
read_file(struct loader *l, const char *path, size_t *len_r)
{
	char why[SOURCE_WHY_MAX], *text;

	if (l->errors->count != 0)
		return NULL;
	text = source_read(l, path, len_r, why);
	if (text == NULL)
		report_at(l, path, 0, "%s", why);
	return text;
}

struct config *
config_load(const char *path, struct config_errors *errors)
{
	struct loader *l = loader_new(path, errors);
	size_t len;
	char *text = read_file(l, path, &len);

	if (text != NULL)
		load(l, text, len);
	free(text);
	return loader_end(l);
}

int
config_tree_read(config_t *tree, const char *path, struct config_errors *errors)
{
	struct loader *l = loader_new(path, errors);
	size_t len;
	char *text = read_file(l, path, &len);
	bool parsed;

	config_init(tree);
	parsed = text != NULL && parse(l, tree, text, len);
	free(text);
	loader_free(l);
	return parsed ? 0 : -1;
}

void
config_errors_add(struct config_errors *errors, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (errors->count < CONFIG_ERRORS_MAX)
		(void)vsnprintf(errors->list[errors->count],
		    CONFIG_ERROR_TEXT_MAX, fmt, args);
	va_end(args);
	errors->count++;
}

size_t
config_errors_listed(const struct config_errors *errors)
{
	return errors->count < CONFIG_ERRORS_MAX ? errors->count :
	                                           CONFIG_ERRORS_MAX;
}

void
config_errors_print(const struct config_errors *errors, FILE *out)
{
	size_t count = config_errors_listed(errors);

	for (size_t i = 0; i < count; i++)
		(void)fprintf(out, "%s\n", errors->list[i]);
	if (errors->count > count)
		(void)fprintf(out, "... and %zu more\n", errors->count - count);
}
