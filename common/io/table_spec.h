/*
 * identities.tables, one element: which kind of table, and where it is.
 */
#ifndef WEIR_IO_TABLE_SPEC_H
#define WEIR_IO_TABLE_SPEC_H

#include "io/listen.h"

#include <limits.h>

enum { TABLES_MAX = 16, TABLE_MAP_NAME_MAX = 63 };

enum table_kind { TABLE_FILE, TABLE_LMDB, TABLE_SOCKETMAP };

struct table_spec {
	enum table_kind kind;
	char path[PATH_MAX]; /* file, lmdb: of the file that is read */
	struct listen_address address; /* socketmap */
	char map[TABLE_MAP_NAME_MAX + 1]; /* socketmap: its name there */
};

/*
 * "file:/PATH", "lmdb:/PATH" (the file is /PATH.lmdb, as for Postfix),
 * "socketmap:unix:/PATH:NAME" or "socketmap:inet:ADDRESS:PORT:NAME". 0, or -1
 * and *why_r says what would be right.
 */
int table_spec_parse(const char *text, struct table_spec *spec_r,
    const char **why_r);

#endif
