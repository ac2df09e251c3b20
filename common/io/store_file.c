/*
 * One SQLite file of records.
 *
 * SQLite tells when a file is damaged or no database; ours is also marked with
 * an application id and a version, so that another's is not written into. A
 * value that changed is nothing to SQLite, so each record has a sum.
 * Whatever cannot be used is set aside (store_aside.h).
 */
#include "io/store_file.h"

#include "core/crc32.h"
#include "core/text.h"
#include "io/log.h"
#include "io/store_aside.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_MS = 5000 }; /* for an administrator who looks at it */

#define APPLICATION_ID 0x57454952 /* "WEIR" */
#define VERSION        2
#define TEXT_OF(x)     #x
#define TEXT(x)        TEXT_OF(x)

static const char set_up[] =
    "PRAGMA synchronous = FULL;"
    "PRAGMA journal_size_limit = 67108864;"
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS record (kind TEXT NOT NULL,"
    " key TEXT NOT NULL, value BLOB NOT NULL, sum INTEGER NOT NULL,"
    " PRIMARY KEY (kind, key)) WITHOUT ROWID;"
    "PRAGMA application_id = " TEXT(APPLICATION_ID) ";"
    "PRAGMA user_version = " TEXT(VERSION) ";"
    "COMMIT";

struct store_file {
	char path[STORE_PATH_MAX];
	sqlite3 *db; /* NULL: closed */
	sqlite3_stmt *put, *drop, *load;
	struct stat opened; /* which file it was */
	unsigned opens;
	int result; /* of the last failure, an SQLite code */
	char why[STORE_WHY_MAX];
};

/* What SQLite says of a damaged file may quote it. */
static int
fail(struct store_file *file, int result, const char *why)
{
	file->result = result & 0xff;
	(void)text_escape(file->why, sizeof(file->why), why, strlen(why));
	return -1;
}

static int
fail_db(struct store_file *file)
{
	return fail(file, sqlite3_errcode(file->db), sqlite3_errmsg(file->db));
}

static void
close_db(struct store_file *file)
{
	(void)sqlite3_finalize(file->put);
	(void)sqlite3_finalize(file->drop);
	(void)sqlite3_finalize(file->load);
	(void)sqlite3_close(file->db);
	file->put = file->drop = file->load = NULL;
	file->db = NULL;
}

struct store_file *
store_file_new(const char *directory)
{
	struct store_file *file = calloc(1, sizeof(*file));

	if (file == NULL)
		abort();
	if ((size_t)snprintf(file->path, sizeof(file->path), "%s/weir.db",
	    directory) >= sizeof(file->path))
		file->path[0] = '\0'; /* which cannot be opened */
	return file;
}

void
store_file_free(struct store_file **filep)
{
	struct store_file *file = *filep;

	if (file == NULL)
		return;
	close_db(file);
	free(file);
	*filep = NULL;
}

/* --- opening --- */

/* The first column of a statement's first row; "" when there is none. */
static int
query(struct store_file *file, const char *sql, char *text_r, size_t size)
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(file->db, sql, -1, &statement, NULL);

	text_r[0] = '\0';
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	if (result == SQLITE_ROW && sqlite3_column_text(statement, 0) != NULL)
		(void)snprintf(text_r, size, "%s",
		    (const char *)sqlite3_column_text(statement, 0));
	if (result != SQLITE_ROW && result != SQLITE_DONE) {
		(void)sqlite3_finalize(statement);
		return fail_db(file);
	}
	(void)sqlite3_finalize(statement);
	return 0;
}

static int
query_number(struct store_file *file, const char *sql, long *number_r)
{
	char text[32];

	if (query(file, sql, text, sizeof(text)) == -1)
		return -1;
	*number_r = strtol(text, NULL, 10);
	return 0;
}

static int
run(struct store_file *file, const char *sql)
{
	return sqlite3_exec(file->db, sql, NULL, NULL, NULL) == SQLITE_OK ?
	    0 : fail_db(file);
}

/* 0 when it is ours and whole, or empty. */
static int
check_db(struct store_file *file)
{
	char text[STORE_WHY_MAX];
	const char *found;
	long pages, id, version;

	if (query_number(file, "PRAGMA page_count", &pages) == -1 ||
	    query_number(file, "PRAGMA application_id", &id) == -1 ||
	    query_number(file, "PRAGMA user_version", &version) == -1)
		return -1;
	if (pages == 0)
		return 0;
	if (id != APPLICATION_ID)
		return fail(file, SQLITE_NOTADB, "it is not weir's");
	if (version != VERSION)
		return fail(file, SQLITE_NOTADB, "it is of another version");
	if (query(file, "PRAGMA quick_check(1)", text, sizeof(text)) == -1)
		return -1;
	if (strcmp(text, "ok") == 0)
		return 0;
	found = strchr(text, '\n'); /* behind a headline */
	return fail(file, SQLITE_CORRUPT, found == NULL ? text : found + 1);
}

static int
prepare(struct store_file *file, const char *sql, sqlite3_stmt **statement)
{
	return sqlite3_prepare_v3(file->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
	    statement, NULL) == SQLITE_OK ? 0 : fail_db(file);
}

static int
set_up_db(struct store_file *file)
{
	char mode[16];

	if (query(file, "PRAGMA journal_mode = WAL", mode, sizeof(mode)) ==
	    -1 || run(file, set_up) == -1)
		return -1;
	if (prepare(file, "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)",
	    &file->put) == -1)
		return -1;
	if (prepare(file, "DELETE FROM record WHERE kind = ? AND key = ?",
	    &file->drop) == -1)
		return -1;
	return prepare(file,
	    "SELECT key, value, sum FROM record WHERE kind = ? ORDER BY key",
	    &file->load);
}

static int
try_open(struct store_file *file)
{
	int flags =
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

	if (sqlite3_open_v2(file->path, &file->db, flags, NULL) != SQLITE_OK)
		(void)fail_db(file);
	else if (sqlite3_db_readonly(file->db, "main") == 1)
		(void)fail(file, SQLITE_READONLY, "it cannot be written");
	else if (sqlite3_busy_timeout(file->db, BUSY_MS) == SQLITE_OK &&
	    check_db(file) == 0 && set_up_db(file) == 0 &&
	    stat(file->path, &file->opened) == 0) {
		file->opens++;
		return 0;
	}
	/*
	 * Nothing is wrong with what we ask of a file that was just opened: so
	 * something is with the file, in its header or its tables.
	 */
	if (file->result == SQLITE_ERROR)
		file->result = SQLITE_CORRUPT;
	close_db(file);
	return -1;
}

static int
set_aside(struct store_file *file)
{
	char to[STORE_ASIDE_MAX];

	if (store_aside(file->path, to) == -1)
		return -1;
	log_error("%s cannot be used: %s; set aside as %s, starting fresh",
	    file->path, file->why, to);
	return 0;
}

/*
 * What is wrong with the file itself, as opposed to the disk it is on or
 * another process that holds it. A directory in its place, or one that may not
 * be read, cannot be opened although it is there.
 */
static bool
is_the_file(const struct store_file *file)
{
	struct stat there;

	switch (file->result) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
		return true;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_READONLY:
		return lstat(file->path, &there) == 0;
	default:
		return false;
	}
}

int
store_file_open(struct store_file *file)
{
	if (try_open(file) == 0)
		return 0;
	if (!is_the_file(file) || set_aside(file) == -1)
		return -1;
	return try_open(file);
}

/* --- writing --- */

/* Nothing tells SQLite that its file was removed: it writes on into nowhere. */
static bool
is_still_there(const struct store_file *file)
{
	struct stat now;

	return stat(file->path, &now) == 0 &&
	    now.st_ino == file->opened.st_ino &&
	    now.st_dev == file->opened.st_dev;
}

int
store_file_begin(struct store_file *file)
{
	if (file->db != NULL && !is_still_there(file))
		close_db(file);
	if (file->db == NULL && store_file_open(file) == -1)
		return -1;
	return run(file, "BEGIN IMMEDIATE");
}

static uint32_t
sum_of(const char *kind, const char *key, const void *record, size_t len)
{
	uint32_t sum = crc32_add(0, kind, strlen(kind) + 1);

	sum = crc32_add(sum, key, strlen(key) + 1);
	return crc32_add(sum, record, len);
}

int
store_file_put(struct store_file *file, const char *kind, const char *key,
    const void *record, size_t len)
{
	sqlite3_stmt *statement = len == 0 ? file->drop : file->put;
	int result;

	(void)sqlite3_bind_text(statement, 1, kind, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(statement, 2, key, -1, SQLITE_STATIC);
	if (len > 0) {
		(void)sqlite3_bind_blob(statement, 3, record, (int)len,
		    SQLITE_STATIC);
		(void)sqlite3_bind_int64(statement, 4,
		    sum_of(kind, key, record, len));
	}
	result = sqlite3_step(statement) == SQLITE_DONE ? 0 : fail_db(file);
	(void)sqlite3_reset(statement);
	return result;
}

int
store_file_commit(struct store_file *file)
{
	return run(file, "COMMIT");
}

void
store_file_rollback(struct store_file *file)
{
	if (file->db != NULL && !sqlite3_get_autocommit(file->db))
		(void)sqlite3_exec(file->db, "ROLLBACK", NULL, NULL, NULL);
}

bool
store_file_renew(struct store_file *file)
{
	if (file->result != SQLITE_CORRUPT && file->result != SQLITE_NOTADB)
		return false;
	close_db(file);
	return set_aside(file) == 0 && try_open(file) == 0;
}

/* The row that was stepped to; false when it is not what was written. */
static bool
load_row(sqlite3_stmt *row, const char *kind, store_fn fn, void *ctx)
{
	const char *key = (const char *)sqlite3_column_text(row, 0);
	const void *record = sqlite3_column_blob(row, 1);
	size_t len = (size_t)sqlite3_column_bytes(row, 1);

	if (key == NULL || record == NULL ||
	    strlen(key) != (size_t)sqlite3_column_bytes(row, 0) ||
	    sum_of(kind, key, record, len) != sqlite3_column_int64(row, 2))
		return false;
	fn(ctx, key, record, len);
	return true;
}

int
store_file_load(struct store_file *file, const char *kind, store_fn fn,
    void *ctx)
{
	bool whole = true;
	int result;

	if (file->db == NULL)
		return -1;
	(void)sqlite3_bind_text(file->load, 1, kind, -1, SQLITE_STATIC);
	while (whole && (result = sqlite3_step(file->load)) == SQLITE_ROW)
		whole = load_row(file->load, kind, fn, ctx);
	if (!whole)
		(void)fail(file, SQLITE_CORRUPT, "a record has changed");
	else if (result != SQLITE_DONE)
		(void)fail_db(file);
	(void)sqlite3_reset(file->load);
	return whole && result == SQLITE_DONE ? 0 : -1;
}

unsigned
store_file_opens(const struct store_file *file)
{
	return file->opens;
}

const char *
store_file_path(const struct store_file *file)
{
	return file->path;
}

const char *
store_file_why(const struct store_file *file)
{
	return file->why;
}
