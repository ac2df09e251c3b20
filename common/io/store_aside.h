/*
 * A database that cannot be used is renamed, never deleted: somebody may want
 * to look.
 */
#ifndef WEIR_IO_STORE_ASIDE_H
#define WEIR_IO_STORE_ASIDE_H

#include "io/store_file.h"

enum { STORE_ASIDE_MAX = STORE_PATH_MAX + 64 };

/*
 * Renames it, with the log SQLite keeps beside it, which may hold what somebody
 * looks for. 0 and its new name, or -1 when it is not there or cannot be.
 */
int store_aside(const char *path, char to_r[STORE_ASIDE_MAX]);

#endif
