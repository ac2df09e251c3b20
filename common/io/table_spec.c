/*
 * Names of tables, in Postfix's form TYPE:NAME.
 */
#include "io/table_spec.h"

#include "core/text.h"

#include <stdio.h>
#include <string.h>

static const char suffix[] = ".lmdb";

static int
parse_path(const char *path, struct table_spec *spec, const char **why_r)
{
	size_t len = strlen(path);
	bool bare = len < strlen(suffix) ||
	    strcmp(path + len - strlen(suffix), suffix) != 0;
	bool append = spec->kind == TABLE_LMDB && bare;

	*why_r = "should name an absolute path, such as "
	         "\"file:/etc/weir/senders\" or \"lmdb:/etc/postfix/senders\"";
	if (path[0] != '/' || len + strlen(suffix) >= sizeof(spec->path))
		return -1;
	(void)snprintf(spec->path, sizeof(spec->path), "%s%s", path,
	    append ? suffix : "");
	return 0;
}

/* The map's name is what stands behind the last colon. */
static int
parse_map(const char *text, struct table_spec *spec, const char **why_r)
{
	char address[LISTEN_PATH_MAX + 16];
	const char *colon = strrchr(text, ':');

	*why_r = "should be \"socketmap:unix:PATH:NAME\" or "
	         "\"socketmap:inet:ADDRESS:PORT:NAME\"";
	if (colon == NULL || colon[1] == '\0' ||
	    strpbrk(colon + 1, " \t/") != NULL ||
	    text_copy(spec->map, sizeof(spec->map), colon + 1) == -1 ||
	    text_copy_n(address, sizeof(address), text,
	    (size_t)(colon - text)) == -1)
		return -1;
	return listen_parse(address, &spec->address, why_r);
}

int
table_spec_parse(const char *text, struct table_spec *spec,
    const char **why_r)
{
	memset(spec, 0, sizeof(*spec));
	if (strncmp(text, "file:", 5) == 0) {
		spec->kind = TABLE_FILE;
		return parse_path(text + 5, spec, why_r);
	}
	if (strncmp(text, "lmdb:", 5) == 0) {
		spec->kind = TABLE_LMDB;
		return parse_path(text + 5, spec, why_r);
	}
	if (strncmp(text, "socketmap:", 10) == 0) {
		spec->kind = TABLE_SOCKETMAP;
		return parse_map(text + 10, spec, why_r);
	}
	*why_r = "should begin with \"file:\", \"lmdb:\" or \"socketmap:\"";
	return -1;
}
