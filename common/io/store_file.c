/*
 * One SQLite file of records.
 *
 * SQLite tells when a file is damaged or no database; ours is also marked with
 * an application id and a version, so that another's is not written into. A
 * value that changed is nothing to SQLite, so each record has a sum.
 * What is damaged or another's is set aside (store_aside.h). What merely cannot
 * be opened (no descriptor or memory is left, it is another user's, the disk is
 * read-only) stays where it is: nothing is wrong with it.
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
	bool blank; /* it is empty because we did not get farther */
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

/* SQLite's words, and the system's where it was that which refused. */
static int
fail_db(struct store_file *file)
{
	int result = sqlite3_errcode(file->db) & 0xff;
	int error = sqlite3_system_errno(file->db);
	char why[STORE_WHY_MAX];

	if ((result != SQLITE_CANTOPEN && result != SQLITE_IOERR) || error == 0)
		return fail(file, result, sqlite3_errmsg(file->db));
	(void)snprintf(why, sizeof(why), "%s: %s", sqlite3_errmsg(file->db),
	    strerror(error));
	return fail(file, result, why);
}

static int
fail_system(struct store_file *file, int error)
{
	return fail(file, SQLITE_IOERR, strerror(error));
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

/*
 * 0 when it is ours and whole, or holds nothing: in the moment between
 * SQLite's first page and our table it has neither name nor table.
 */
static int
check_db(struct store_file *file)
{
	char text[STORE_WHY_MAX];
	const char *found;
	long id, version, all, ours;

	if (query_number(file, "PRAGMA application_id", &id) == -1 ||
	    query_number(file, "PRAGMA user_version", &version) == -1 ||
	    query_number(file, "SELECT count(*) FROM sqlite_master", &all) ==
	    -1 || query_number(file, "SELECT count(*) FROM sqlite_master "
	    "WHERE name = 'record'", &ours) == -1)
		return -1;
	if (id == 0 && version == 0 && all == 0)
		return 0;
	if (id != APPLICATION_ID)
		return fail(file, SQLITE_NOTADB, "it is not weir's");
	if (version != VERSION)
		return fail(file, SQLITE_NOTADB, "it is of another version");
	if (ours == 0)
		return fail(file, SQLITE_CORRUPT, "its table is gone");
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

/*
 * An empty file is a good one to SQLite; that it was once ours and full is
 * nothing to it. Ours alone is what we left so: the disk was full, say.
 */
static void
say_empty(struct store_file *file, const struct stat *before)
{
	if (before->st_nlink != 0 && before->st_size == 0 && !file->blank)
		log_warning("%s is empty: starting fresh", file->path);
}

static int
open_db(struct store_file *file)
{
	int flags =
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

	if (sqlite3_open_v2(file->path, &file->db, flags, NULL) != SQLITE_OK)
		return fail_db(file);
	/* what it may not write it opens to read */
	if (sqlite3_db_readonly(file->db, "main") == 1)
		return fail_system(file, access(file->path, W_OK) == -1 ?
		    errno : EACCES);
	(void)sqlite3_busy_timeout(file->db, BUSY_MS);
	if (check_db(file) == -1 || set_up_db(file) == -1)
		return -1;
	return stat(file->path, &file->opened) == 0 ?
	    0 : fail_system(file, errno);
}

/* Its header asks for a later SQLite to write it; the system would let us. */
static bool
is_read_only_by_itself(const struct store_file *file)
{
	return file->result == SQLITE_READONLY &&
	    sqlite3_extended_errcode(file->db) == SQLITE_READONLY &&
	    access(file->path, W_OK) == 0;
}

static int
try_open(struct store_file *file)
{
	struct stat before = { .st_nlink = 0 }; /* it is not there */

	(void)stat(file->path, &before);
	if (open_db(file) == 0) {
		say_empty(file, &before);
		file->blank = false;
		file->opens++;
		return 0;
	}
	file->blank = file->blank || before.st_nlink == 0;
	/*
	 * Nothing is wrong with what we ask of a file that was just opened: so
	 * something is with the file, in its header or its tables.
	 */
	if (file->result == SQLITE_ERROR || is_read_only_by_itself(file))
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
 * What is wrong with the file itself, as opposed to the disk it is on, to our
 * rights and to another process that holds it. A folder or the like in its
 * place is none, and never will be.
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
		return stat(file->path, &there) == 0 &&
		    !S_ISREG(there.st_mode);
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
	file->result = SQLITE_OK; /* an old one tells nothing of now */
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
