/* Durable state: what is there after a kill, and whatever befell the file. */
#include "io/store.h"

#include "check_main.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64], path[80];
static FILE *log_lines;

static void
set_up(void)
{
	/* in memory where we can: a thousand syncs are not what is tested */
	strcpy(folder, access("/dev/shm", W_OK) == 0 ?
	    "/dev/shm/weir-store-XXXXXX" : "/tmp/weir-store-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/weir.db", folder);
	log_lines = tmpfile();
	(void)fflush(stderr);
	(void)dup2(fileno(log_lines), STDERR_FILENO);
}

static void
tear_down(void)
{
	char command[100];

	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static unsigned
logged(const char *text)
{
	char line[2048];
	unsigned count = 0;

	rewind(log_lines);
	while (fgets(line, sizeof(line), log_lines) != NULL)
		count += strstr(line, text) != NULL;
	return count;
}

/* Files that were set aside, without their logs. */
static unsigned
aside(void)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);
	unsigned count = 0;

	while ((entry = readdir(dir)) != NULL)
		count += strstr(entry->d_name, ".damaged-") != NULL &&
		    strstr(entry->d_name, "-wal") == NULL &&
		    strstr(entry->d_name, "-shm") == NULL;
	(void)closedir(dir);
	return count;
}

static struct store *
must_open(void)
{
	struct store *store = store_open(folder);

	ck_assert_ptr_nonnull(store);
	return store;
}

static void
put(struct store *store, const char *kind, const char *key, const char *text)
{
	ck_assert(store_put(store, kind, key, text, strlen(text)));
}

/* Waits for the next flush that is done. */
static uint64_t
next_done(struct store *store, bool *ok)
{
	struct pollfd pollfd = { store_fd(store), POLLIN, 0 };
	uint64_t number;

	while (!store_done(store, &number, ok))
		ck_assert_int_eq(poll(&pollfd, 1, -1), 1);
	return number;
}

static bool
flush(struct store *store)
{
	uint64_t number = store_flush(store);
	bool ok;

	ck_assert_uint_eq(next_done(store, &ok), number);
	return ok;
}

static void
tell_cb(void *ctx, const char *key, const void *record, size_t len)
{
	char *told = ctx;

	(void)snprintf(told + strlen(told), 1000 - strlen(told), "%s=%.*s ",
	    key, (int)len, (const char *)record);
}

static const char *
load(struct store *store, const char *kind)
{
	static char told[1000];

	told[0] = '\0';
	store_load(store, kind, tell_cb, told);
	return told;
}

/* Opens, reads one kind, closes. */
static const char *
kept(const char *kind)
{
	struct store *store = must_open();
	const char *told = load(store, kind);

	store_close(&store);
	ck_assert_ptr_null(store);
	return told;
}

/* --- what is kept --- */

START_TEST(the_last_record_of_a_name_is_kept)
{
	struct store *store = must_open();

	ck_assert_str_eq(store_path(store), path);
	ck_assert_str_eq(load(store, "host"), "");
	put(store, "host", "b", "1");
	put(store, "host", "a", "2");
	put(store, "limit", "a", "3");
	put(store, "host", "b", "4");
	put(store, "host", "gone", "5");
	ck_assert(flush(store));
	put(store, "host", "c", "");
	put(store, "host", "a", "6");
	ck_assert(store_put(store, "host", "gone", NULL, 0));
	ck_assert(flush(store));
	store_close(&store);
	ck_assert_str_eq(kept("host"), "a=6 b=4 ");
	ck_assert_str_eq(kept("limit"), "a=3 ");
	ck_assert_str_eq(kept("hos"), "");
	ck_assert_uint_eq(logged(""), 0);
}
END_TEST

START_TEST(close_writes_what_is_queued)
{
	struct store *store = must_open();

	put(store, "k", "a", "1");
	store_close(&store);
	store = must_open();
	put(store, "k", "b", "2");
	(void)store_flush(store);
	put(store, "k", "c", "3");
	store_close(&store);
	ck_assert_str_eq(kept("k"), "a=1 b=2 c=3 ");
}
END_TEST

START_TEST(what_was_put_while_loading_waits)
{
	struct store *store = must_open();

	put(store, "k", "a", "1");
	ck_assert_str_eq(load(store, "k"), "");
	store_close(&store);
	ck_assert_str_eq(kept("k"), "a=1 ");
}
END_TEST

START_TEST(each_flush_is_told_once_and_in_order)
{
	struct store *store = must_open();
	uint64_t number;
	bool ok;

	ck_assert(!store_done(store, &number, &ok));
	for (int i = 0; i < 100; i++) {
		put(store, "k", "a", "1");
		ck_assert_uint_eq(store_flush(store), (uint64_t)i + 1);
	}
	for (int i = 0; i < 100; i++) {
		ck_assert_uint_eq(next_done(store, &ok), (uint64_t)i + 1);
		ck_assert(ok);
	}
	ck_assert(!store_done(store, &number, &ok));
	ck_assert_int_eq(poll(&(struct pollfd) { store_fd(store), POLLIN, 0 },
	    1, 0), 0);
	store_close(&store);
}
END_TEST

START_TEST(large_records_are_refused)
{
	static char large[STORE_RECORD_MAX + 1];
	struct store *store = must_open();

	ck_assert(!store_put(store, "k", "a", large, STORE_RECORD_MAX + 1));
	ck_assert(store_put(store, "k", "a", large, STORE_RECORD_MAX));
	ck_assert(flush(store));
	store_close(&store);
}
END_TEST

static void
count_cb(void *ctx, const char *key, const void *record, size_t len)
{
	(void)key;
	(void)record;
	(void)len;
	++*(unsigned *)ctx;
}

/* No flush has begun, so nobody writes the first half meanwhile. */
START_TEST(a_full_queue_refuses_new_names_only)
{
	struct store *store = must_open();
	unsigned count = 0;
	char key[16];

	for (int i = 0; i < STORE_QUEUE_MAX; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		put(store, "k", key, "1");
	}
	ck_assert_uint_eq(store_room(store), 0);
	ck_assert(!store_put(store, "k", "new", "1", 1));
	ck_assert(store_put(store, "k", "7", "2", 1));
	ck_assert(flush(store));
	ck_assert_uint_eq(store_room(store), STORE_QUEUE_MAX);
	ck_assert(store_put(store, "k", "new", "1", 1));
	store_close(&store);
	store = must_open();
	store_load(store, "k", count_cb, &count);
	ck_assert_uint_eq(count, STORE_QUEUE_MAX + 1);
	store_close(&store);
}
END_TEST

START_TEST(a_flushed_record_survives_a_kill)
{
	int ready[2], status;
	char byte;
	pid_t child;

	ck_assert_int_eq(pipe(ready), 0);
	child = fork();
	ck_assert_int_ne(child, -1);
	if (child == 0) {
		struct store *store = must_open();

		put(store, "order", "isp-a", "drain");
		ck_assert(flush(store));
		put(store, "order", "isp-b", "never flushed");
		ck_assert_int_eq(write(ready[1], "", 1), 1);
		for (;;)
			(void)pause();
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	(void)kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_str_eq(kept("order"), "isp-a=drain ");
	ck_assert_uint_eq(logged(""), 0);
}
END_TEST

/* Killed again and again while it writes: whole, and never older than told. */
START_TEST(kills_while_writing_damage_nothing)
{
	for (int round = 0; round < 10; round++) {
		int told[2], status, last = -1, value = -1;
		pid_t child;

		ck_assert_int_eq(pipe(told), 0);
		child = fork();
		if (child == 0) {
			struct store *store = must_open();

			for (int i = 0;; i++) {
				char text[16];

				(void)snprintf(text, sizeof(text), "%d", i);
				for (char key[] = "a"; key[0] <= 'z'; key[0]++)
					put(store, "k", key, text);
				ck_assert(flush(store));
				if (write(told[1], &i, sizeof(i)) == -1)
					_exit(1);
			}
		}
		(void)close(told[1]);
		for (int i = 0; i < 5 + round; i++)
			ck_assert_int_eq(read(told[0], &last, sizeof(last)),
			    sizeof(last));
		(void)kill(child, SIGKILL);
		while (read(told[0], &last, sizeof(last)) == sizeof(last))
			;
		(void)close(told[0]);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(sscanf(kept("k"), "a=%d ", &value), 1);
		ck_assert_int_ge(value, last);
		ck_assert_int_le(value, last + 1);
	}
	ck_assert_uint_eq(logged(""), 0);
}
END_TEST

/* --- files that are not as we left them --- */

static void
write_file(const char *bytes, size_t len)
{
	FILE *file = fopen(path, "we");

	ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

static void
run_sql(const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static void
leave_good(void)
{
	struct store *store = must_open();

	put(store, "k", "a", "1");
	store_close(&store);
}

static void
make_empty(void)
{
	write_file("", 0);
}

static void
make_text(void)
{
	write_file("this is no database, but a rather long line of text\n", 52);
}

static void
make_headless(void)
{
	leave_good();
	write_file("SQLite format 3", 16);
}

static void
make_cut(void)
{
	leave_good();
	ck_assert_int_eq(truncate(path, 5000), 0);
}

static void
make_foreign(void)
{
	run_sql("CREATE TABLE mail (id); INSERT INTO mail VALUES (1)");
}

static void
make_newer(void)
{
	leave_good();
	run_sql("PRAGMA user_version = 99");
}

static void
make_bare(void)
{
	leave_good();
	run_sql("DROP TABLE record; CREATE TABLE record (x)");
}

/* A byte of SQLite's header: "The Database Header" in its file format. */
static void
patch_header(long at, uint8_t byte)
{
	FILE *file;

	leave_good();
	file = fopen(path, "r+e");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fseek(file, at, SEEK_SET), 0);
	ck_assert_int_eq(fputc(byte, file), byte);
	ck_assert_int_eq(fclose(file), 0);
}

static void
make_of_later_format(void)
{
	patch_header(18, 3);
}

static void
make_other_schema_format(void)
{
	patch_header(47, 9);
}

static void
make_other_encoding(void)
{
	patch_header(59, 2); /* UTF-16 */
}

static void
make_folder(void)
{
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

/* Killed before it had its table. */
static void
make_begun(void)
{
	run_sql("PRAGMA journal_mode = WAL");
}

static void
make_tableless(void)
{
	leave_good();
	run_sql("DROP TABLE record");
}

static const struct {
	void (*make)(void);
	unsigned aside;
	const char *why;
	const char *kept;
} misfits[] = {
	{ leave_good, 0, "", "a=1 b=2 " },
	{ make_begun, 0, "", "b=2 " },
	{ make_tableless, 1, "its table is gone", "b=2 " },
	{ make_text, 1, "file is not a database", "b=2 " },
	{ make_headless, 1, "file is not a database", "b=2 " },
	{ make_cut, 1, "", "b=2 " },
	{ make_foreign, 1, "it is not weir's", "b=2 " },
	{ make_newer, 1, "it is of another version", "b=2 " },
	{ make_bare, 1, "", "b=2 " },
	{ make_of_later_format, 1, "readonly database", "b=2 " },
	{ make_other_schema_format, 1, "unsupported file format", "b=2 " },
	{ make_other_encoding, 1, "", "b=2 " },
	{ make_folder, 1, "unable to open database file", "b=2 " },
};

START_TEST(a_misfit_is_set_aside)
{
	struct store *store;

	misfits[_i].make();
	store = must_open();
	put(store, "k", "b", "2");
	ck_assert(flush(store));
	store_close(&store);
	ck_assert_uint_eq(aside(), misfits[_i].aside);
	ck_assert_uint_eq(logged(""), misfits[_i].aside);
	ck_assert_uint_eq(logged(misfits[_i].why), misfits[_i].aside);
	ck_assert_str_eq(kept("k"), misfits[_i].kept);
	ck_assert_uint_eq(logged(""), misfits[_i].aside);
}
END_TEST

/* No page is wrong, only what stands in it. */
START_TEST(a_changed_record_is_set_aside)
{
	static const char *const changes[] = {
		"UPDATE record SET value = '2'",
		"UPDATE record SET value = ''",
		"UPDATE record SET key = 'b'",
		"UPDATE record SET sum = sum + 1",
		"UPDATE record SET key = key || char(0) || 'b'",
	};

	leave_good();
	run_sql(changes[_i]);
	ck_assert_str_eq(kept("k"), "");
	ck_assert_uint_eq(aside(), 1);
	ck_assert_uint_eq(logged("a record has changed"), 1);
	leave_good();
	ck_assert_str_eq(kept("k"), "a=1 ");
}
END_TEST

START_TEST(an_empty_file_is_said)
{
	make_empty();
	leave_good();
	ck_assert_uint_eq(logged("is empty: starting fresh"), 1);
	ck_assert_str_eq(kept("k"), "a=1 ");
	ck_assert_uint_eq(logged(""), 1);
	ck_assert_uint_eq(aside(), 0);
}
END_TEST

/* Root may do all there is; then we are somebody else for a while. */
static void
as_other(bool other)
{
	if (getuid() != 0)
		return;
	if (other)
		ck_assert_int_eq(chmod(folder, 0777), 0);
	ck_assert_int_eq(seteuid(other ? 65534 : 0), 0);
}

static void
seal(void)
{
	ck_assert_int_eq(chmod(path, 0), 0);
	as_other(true);
}

static void
unseal(void)
{
	as_other(false);
	ck_assert_int_eq(chmod(path, 0600), 0);
}

static void
seal_writing(void)
{
	ck_assert_int_eq(chmod(path, 0444), 0);
	as_other(true);
}

/* All but one, which the store needs itself. */
static void
limit_descriptors(void)
{
	struct rlimit limit;
	int next = dup(STDERR_FILENO);

	ck_assert_int_ne(next, -1);
	(void)close(next);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = (rlim_t)next + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void
unlimit_descriptors(void)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static const struct {
	void (*begin)(void);
	void (*end)(void);
	int error;
} hindrances[] = {
	{ seal, unseal, EACCES },
	{ seal_writing, unseal, EACCES },
	{ limit_descriptors, unlimit_descriptors, EMFILE },
};

START_TEST(a_good_file_that_cannot_be_opened_stays)
{
	struct store *store;

	leave_good();
	hindrances[_i].begin();
	store = must_open();
	ck_assert_str_eq(load(store, "k"), "");
	hindrances[_i].end();
	ck_assert_uint_eq(aside(), 0);
	ck_assert_uint_eq(logged(strerror(hindrances[_i].error)), 1);
	ck_assert_uint_eq(logged("kept in memory, tried again each flush"), 1);
	ck_assert_uint_eq(logged(""), 1);
	store_close(&store);
	ck_assert_str_eq(kept("k"), "a=1 ");
}
END_TEST

/* And what was put meanwhile is written over it, record by record. */
START_TEST(what_cannot_be_opened_at_first_is_read_later)
{
	char told[1000] = "", others[1000] = "";
	struct store *store = must_open();

	put(store, "k", "a", "1");
	put(store, "k", "b", "1");
	put(store, "l", "c", "1");
	store_close(&store);
	hindrances[_i].begin();
	store = must_open();
	store_load(store, "l", tell_cb, others);
	store_load(store, "k", tell_cb, told);
	put(store, "k", "b", "2");
	ck_assert(!flush(store));
	ck_assert(!store_late(store, 10));
	hindrances[_i].end();
	ck_assert(!flush(store)); /* what was found comes first */
	ck_assert(!flush(store));
	ck_assert(store_late(store, 2));
	ck_assert_str_eq(others, "c=1 ");
	ck_assert_str_eq(told, "a=1 ");
	ck_assert(!flush(store));
	ck_assert(!store_late(store, 2));
	ck_assert_str_eq(told, "a=1 b=1 ");
	ck_assert(flush(store));
	ck_assert(store_renewed(store));
	ck_assert_uint_eq(logged("written again"), 1);
	ck_assert_uint_eq(logged(""), 2);
	ck_assert_uint_eq(aside(), 0);
	store_close(&store);
	ck_assert_str_eq(kept("k"), "a=1 b=2 ");
	ck_assert_str_eq(kept("l"), "c=1 ");
}
END_TEST

START_TEST(damage_that_is_found_late_is_set_aside)
{
	char told[1000] = "";
	struct store *store = must_open();

	put(store, "k", "a", "1");
	put(store, "k", "b", "1");
	store_close(&store);
	run_sql("UPDATE record SET value = '2' WHERE key = 'b'");
	seal();
	store = must_open();
	store_load(store, "k", tell_cb, told);
	unseal();
	(void)flush(store);
	ck_assert(!store_late(store, 10));
	ck_assert_str_eq(told, "a=1 ");
	ck_assert(flush(store));
	ck_assert_uint_eq(aside(), 1);
	ck_assert_uint_eq(logged("a record has changed"), 1);
	store_close(&store);
}
END_TEST

START_TEST(a_folder_that_is_not_there_yet)
{
	struct store *store;

	ck_assert_int_eq(rmdir(folder), 0);
	store = must_open();
	ck_assert_str_eq(load(store, "k"), "");
	ck_assert_uint_eq(logged("No such file or directory"), 1);
	put(store, "k", "a", "1");
	ck_assert(!flush(store));
	ck_assert(store_failing(store));
	ck_assert_int_eq(mkdir(folder, 0700), 0);
	ck_assert(flush(store));
	ck_assert(!store_failing(store));
	ck_assert_uint_eq(logged("written again"), 1);
	ck_assert_uint_eq(logged(""), 2);
	store_close(&store);
	ck_assert_str_eq(kept("k"), "a=1 ");
}
END_TEST

/* A file large enough to have pages of every sort, with its log left over. */
static size_t
make_large(char *bytes, size_t size)
{
	struct store *store = must_open();
	char key[300], record[200];
	size_t len;
	FILE *file;

	for (int i = 0; i < 300; i++) {
		memset(key, 'a' + i % 26, sizeof(key));
		(void)snprintf(key, sizeof(key), "%d", i);
		key[strlen(key)] = i % 3 == 0 ? 'x' : '\0';
		key[sizeof(key) - 1] = '\0';
		memset(record, i, sizeof(record));
		ck_assert(store_put(store, "k", key, record, sizeof(record)));
	}
	store_close(&store);
	file = fopen(path, "re");
	len = fread(bytes, 1, size, file);
	(void)fclose(file);
	ck_assert_uint_gt(len, 60000);
	ck_assert_uint_lt(len, size);
	return len;
}

static void
damage(char *bytes, size_t *len)
{
	if (rand() % 4 == 0) {
		*len = (size_t)rand() % *len;
		return;
	}
	for (int i = 1 << rand() % 9; i > 0; i--) {
		size_t at = (size_t)rand() % (rand() % 2 == 0 ? 4096 : *len);

		bytes[at % *len] ^= (char)(1 << rand() % 8);
	}
}

START_TEST(no_damage_keeps_it_from_opening)
{
	static char good[1 << 20], bad[1 << 20];
	size_t good_len = make_large(good, sizeof(good));
	unsigned read, renewed = 0;

	srand((unsigned)_i);
	for (int i = 0; i < 50; i++) {
		size_t len = good_len;
		struct store *store;

		memcpy(bad, good, good_len);
		damage(bad, &len);
		write_file(bad, len);
		store = must_open();
		read = 0;
		store_load(store, "k", count_cb, &read);
		ck_assert_uint_le(read, 301);
		put(store, "k", "b", "2");
		ck_assert(flush(store));
		renewed += store_renewed(store);
		store_close(&store);
	}
	/* most damage shows; each time in one line */
	ck_assert_uint_gt(aside(), 10);
	ck_assert_uint_eq(logged(""), aside());
	ck_assert_uint_le(renewed, aside());
}
END_TEST

START_TEST(damage_at_run_time_is_set_aside)
{
	struct store *store = must_open();
	char key[16];
	static char record[4000], noise[1 << 16];
	int fd, i;

	for (i = 0; i < 2000; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		ck_assert(store_put(store, "k", key, record, sizeof(record)));
	}
	ck_assert(flush(store));
	ck_assert(!store_renewed(store));
	memset(noise, 0xA5, sizeof(noise));
	for (int tail = 0; tail < 2; tail++) { /* the file and its log */
		char name[100];

		(void)snprintf(name, sizeof(name), "%s%s", path,
		    tail == 0 ? "" : "-wal");
		fd = open(name, O_WRONLY | O_CLOEXEC);
		ck_assert_int_ne(fd, -1);
		for (off_t at = 0; at < 10 << 20; at += sizeof(noise))
			ck_assert_int_eq(pwrite(fd, noise, sizeof(noise), at),
			    sizeof(noise));
		(void)close(fd);
	}
	for (i = 0; !store_renewed(store) && i < 2000; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		put(store, "k", key, "x");
		ck_assert(flush(store));
	}
	ck_assert_int_lt(i, 2000);
	ck_assert_uint_eq(aside(), 1);
	ck_assert_uint_eq(logged(""), 1);
	put(store, "fresh", "b", "2");
	ck_assert(flush(store));
	store_close(&store);
	ck_assert_str_eq(kept("fresh"), "b=2 ");
}
END_TEST

/* --- disks that are full, gone or busy --- */

static void
limit_files(rlim_t size)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size == 0 ? limit.rlim_max : size;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(a_full_disk_loses_nothing)
{
	static char record[50000];
	struct store *store = must_open();

	(void)signal(SIGXFSZ, SIG_IGN);
	put(store, "k", "a", "1");
	ck_assert(flush(store));
	limit_files(70000);
	ck_assert(store_put(store, "large", "l", record, sizeof(record)));
	put(store, "k", "a", "2");
	ck_assert(!flush(store));
	put(store, "k", "b", "3");
	ck_assert(!flush(store));
	limit_files(0); /* the log file is a file too */
	put(store, "k", "a", "4");
	ck_assert(flush(store));
	ck_assert(flush(store));
	ck_assert_uint_eq(logged("cannot be written"), 1);
	ck_assert_uint_eq(logged("written again"), 1);
	ck_assert_uint_eq(logged(""), 2);
	store_close(&store);
	ck_assert_str_eq(kept("k"), "a=4 b=3 ");
	ck_assert_uint_eq(aside(), 0);
}
END_TEST

START_TEST(a_folder_that_went_and_came_back)
{
	struct store *store = must_open();
	char away[80];

	(void)snprintf(away, sizeof(away), "%s.away", folder);
	put(store, "k", "a", "1");
	ck_assert(flush(store));
	ck_assert_int_eq(rename(folder, away), 0);
	put(store, "k", "b", "2");
	ck_assert(!flush(store));
	ck_assert(!flush(store));
	ck_assert(!store_renewed(store));
	ck_assert_int_eq(mkdir(folder, 0700), 0);
	ck_assert(flush(store));
	ck_assert(store_renewed(store));
	ck_assert(!store_renewed(store));
	ck_assert_uint_eq(logged("cannot be written"), 1);
	ck_assert_uint_eq(logged("written again"), 1);
	store_close(&store);
	ck_assert_str_eq(kept("k"), "b=2 ");
	(void)snprintf(away, sizeof(away), "rm -rf %s.away", folder);
	ck_assert_int_eq(system(away), 0);
}
END_TEST

START_TEST(what_cannot_be_written_at_the_end_is_said)
{
	struct store *store = must_open();
	char command[100];

	put(store, "k", "a", "1");
	ck_assert(flush(store));
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
	put(store, "k", "b", "2");
	store_close(&store);
	ck_assert_uint_eq(logged("1 records could not be written"), 1);
}
END_TEST

/* Somebody holds the database: the writer waits, its callers do not. */
START_TEST(callers_do_not_wait_for_the_writer)
{
	struct store *store = must_open();
	uint64_t number;
	sqlite3 *db;
	bool ok;

	put(store, "k", "a", "1");
	ck_assert(flush(store));
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL),
	    SQLITE_OK);
	put(store, "k", "a", "2");
	(void)store_flush(store);
	for (int i = 0; i < 1000; i++) {
		put(store, "k", "b", "3");
		(void)store_flush(store);
		ck_assert(!store_done(store, &number, &ok));
	}
	ck_assert_int_eq(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL),
	    SQLITE_OK);
	(void)sqlite3_close(db);
	do {
		number = next_done(store, &ok);
		ck_assert(ok);
	} while (number < 1002);
	store_close(&store);
	ck_assert_str_eq(kept("k"), "a=2 b=3 ");
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("store");
	TCase *tcase = tcase_create("store");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, the_last_record_of_a_name_is_kept);
	tcase_add_test(tcase, close_writes_what_is_queued);
	tcase_add_test(tcase, what_was_put_while_loading_waits);
	tcase_add_test(tcase, each_flush_is_told_once_and_in_order);
	tcase_add_test(tcase, large_records_are_refused);
	tcase_add_test(tcase, a_full_queue_refuses_new_names_only);
	tcase_add_test(tcase, a_flushed_record_survives_a_kill);
	tcase_add_test(tcase, kills_while_writing_damage_nothing);
	tcase_add_loop_test(tcase, a_misfit_is_set_aside, 0,
	    sizeof(misfits) / sizeof(misfits[0]));
	tcase_add_loop_test(tcase, a_changed_record_is_set_aside, 0, 5);
	tcase_add_test(tcase, an_empty_file_is_said);
	tcase_add_loop_test(tcase, a_good_file_that_cannot_be_opened_stays, 0,
	    sizeof(hindrances) / sizeof(hindrances[0]));
	tcase_add_loop_test(tcase, what_cannot_be_opened_at_first_is_read_later,
	    0, sizeof(hindrances) / sizeof(hindrances[0]));
	tcase_add_test(tcase, damage_that_is_found_late_is_set_aside);
	tcase_add_test(tcase, a_folder_that_is_not_there_yet);
	tcase_add_loop_test(tcase, no_damage_keeps_it_from_opening, 0, 4);
	tcase_add_test(tcase, damage_at_run_time_is_set_aside);
	tcase_add_test(tcase, a_full_disk_loses_nothing);
	tcase_add_test(tcase, a_folder_that_went_and_came_back);
	tcase_add_test(tcase, what_cannot_be_written_at_the_end_is_said);
	tcase_add_test(tcase, callers_do_not_wait_for_the_writer);
	suite_add_tcase(suite, tcase);
	return suite;
}
