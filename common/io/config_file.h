/*
 * weir.conf, whole or not at all.
 */
#ifndef WEIR_IO_CONFIG_FILE_H
#define WEIR_IO_CONFIG_FILE_H

#include "core/config.h"

#include <stdio.h>

enum { CONFIG_ERRORS_MAX = 100, CONFIG_ERROR_TEXT_MAX = 512 };

struct config_errors { /* "file:line: setting: what is wrong, what is right" */
	size_t count; /* may exceed the list */
	char list[CONFIG_ERRORS_MAX][CONFIG_ERROR_TEXT_MAX];
};

/*
 * Reads, checks and builds a configuration with one reference. NULL and every
 * mistake in *errors_r when there is any. The caller sets generation.
 */
struct config *config_load(const char *path, struct config_errors *errors_r);

/*
 * The same for a text; file is what the mistakes call it, and its directory is
 * where @include looks.
 */
struct config *config_load_text(const char *text, size_t len,
    const char *file, struct config_errors *errors_r);

/* One more mistake, of what a file's text alone does not tell. */
void config_errors_add(struct config_errors *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* How many of them stand in the list. */
size_t config_errors_listed(const struct config_errors *);
void config_errors_print(const struct config_errors *, FILE *);

/* One setting of the schema, for config show and the manual's test. */
struct config_setting {
	const char *path; /* "health.heartbeat", "smart_hosts[].weight" */
	const char *type; /* "duration", "string", "list of strings" ... */
	const char *initial; /* default as written in a file, NULL: none */
	const char *edge; /* the same under profile "edge"; NULL: no other */
	const char *range; /* what is accepted, in words; may be NULL */
	bool required;
};
/* In the order of the manual; the list is static. */
const struct config_setting *config_settings(size_t *count_r);

#endif
