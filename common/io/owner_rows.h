/*
 * From the words of a table to rows in memory: logins and senders come to
 * their canonical form, homes are held against the configuration, and every
 * mistake is told with its place. One mistake, and there is no table.
 */
#ifndef WEIR_IO_OWNER_ROWS_H
#define WEIR_IO_OWNER_ROWS_H

#include "core/owners.h"
#include "io/config_file.h"

struct owner_rows;

/*
 * name is what mistakes call the table: a path. config, name and errors are
 * borrowed; the caller has errors emptied or goes on with those there are.
 */
struct owner_rows *owner_rows_new(const struct config *, const char *name,
    struct config_errors *errors);

/* The source of a table, as postmap(1) reads it (core/owner_text.h). */
void owner_rows_file(struct owner_rows *, const char *bytes, size_t len);

/*
 * One row of another table: its key and its value. A key that has a row is a
 * mistake, unless it may be there: then it is left as it is.
 */
void owner_rows_value(struct owner_rows *, const char *key, size_t key_len,
    const char *value, size_t len, bool may_be_there);

/* A mistake of the table as a whole, or of a line of it; line 0: none. */
void owner_rows_mistake(struct owner_rows *, unsigned line, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/* Frees it; the table with one reference, or NULL after a mistake. */
struct owners *owner_rows_end(struct owner_rows **);

#endif
