/*
 * weir.conf as it is written. The file may be beyond who asks, and the daemon
 * still be his to ask.
 */
#include "tree.h"

#include "io/config_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What keeps libconfig from a file is the last that is told of it. */
static void
say_why(const struct config_errors *errors, char why[TREE_WHY_MAX])
{
	size_t count = config_errors_listed(errors);

	(void)snprintf(why, TREE_WHY_MAX, "%s",
	    count > 0 ? errors->list[count - 1] : "");
}

int
tree_read(config_t *tree, const char *file, bool must,
    char why_r[TREE_WHY_MAX])
{
	struct config_errors *errors;
	int result;

	if (!must && access(file, R_OK) == -1) {
		config_init(tree);
		return 0;
	}
	errors = calloc(1, sizeof(*errors));
	if (errors == NULL)
		abort();
	result = config_tree_read(tree, file, errors);
	say_why(errors, why_r);
	free(errors);
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
