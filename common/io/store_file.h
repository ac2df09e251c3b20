/*
 * The database file under io/store.h: opened, checked, set aside, written.
 * One thread at a time.
 */
#ifndef WEIR_IO_STORE_FILE_H
#define WEIR_IO_STORE_FILE_H

#include "io/store.h"

#include <stdbool.h>
#include <stddef.h>

enum { STORE_PATH_MAX = 4096, STORE_WHY_MAX = 256 };

struct store_file;

/* Never NULL; closed where it cannot be opened, and opened by a later write. */
struct store_file *store_file_new(const char *directory);
void store_file_free(struct store_file **);

/*
 * Opens it, setting aside what is no file of ours. 0, or -1 and store_file_why
 * tells.
 */
int store_file_open(struct store_file *);

/* One transaction: begin, any number of puts, end. 0 or -1, as above. */
int store_file_begin(struct store_file *);
int store_file_put(struct store_file *, const char *kind, const char *key,
    const void *record, size_t len);
int store_file_commit(struct store_file *);
void store_file_rollback(struct store_file *);

/* After a failure: was it the file? Then it is set aside and a new one open. */
bool store_file_renew(struct store_file *);

/* As store_load. 0, or -1 when there is more that cannot be read. */
int store_file_load(struct store_file *, const char *kind, store_fn,
    void *ctx);

/* How often it was opened: more than once and it may be another file. */
unsigned store_file_opens(const struct store_file *);
const char *store_file_path(const struct store_file *);
const char *store_file_why(const struct store_file *);

#endif
