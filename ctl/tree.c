/* weir.conf by libconfig alone. */
#include "tree.h"

#include "io/config_file.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
tree_read(config_t *tree, const char *file, bool must,
    char why_r[TREE_WHY_MAX])
{
	FILE *in = fopen(file, "re");
	char *path;
	int result;

	config_init(tree);
	if (in == NULL) {
		(void)snprintf(why_r, TREE_WHY_MAX, "%s: %s", file,
		    strerror(errno));
		return must ? -1 : 0;
	}
	path = strdup(file);
	if (path == NULL)
		abort();
	config_set_include_dir(tree, dirname(path));
	result = config_read(tree, in) == CONFIG_TRUE ? 0 : -1;
	if (result == -1)
		(void)snprintf(why_r, TREE_WHY_MAX, "%s:%d: %s",
		    config_error_file(tree) != NULL ?
		        config_error_file(tree) : file,
		    config_error_line(tree), config_error_text(tree));
	free(path);
	(void)fclose(in);
	return result;
}

static const char *
socket_default(void)
{
	size_t count;
	const struct config_setting *settings = config_settings(&count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(settings[i].path, "state.socket") == 0)
			return settings[i].initial;
	}
	return "";
}

/* Defaults stand in the schema as a file would have them: in quotes. */
static char *
unquoted(const char *text)
{
	size_t len = strlen(text);
	bool quoted = len > 1 && text[0] == '"' && text[len - 1] == '"';

	return quoted ? strndup(text + 1, len - 2) : strdup(text);
}

char *
tree_socket(const char *file, bool must, char why_r[TREE_WHY_MAX])
{
	const char *text = NULL;
	char *found = NULL;
	config_t tree;

	if (tree_read(&tree, file, must, why_r) == 0) {
		(void)config_lookup_string(&tree, "state.socket", &text);
		found = text != NULL ? strdup(text) :
		    unquoted(socket_default());
		if (found == NULL)
			abort();
	}
	config_destroy(&tree);
	return found;
}
