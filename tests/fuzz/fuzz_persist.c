/*
 * What stands in weir.db, with a sum that is right or wrong, of the type it
 * should be or another, and with a byte of the file itself changed. Whatever it
 * is, weir-policyd starts; what it wrote when it ended, a second start finds to
 * the last byte, and complains of nothing.
 *
 * The first four bytes: which byte of the file to change (0: none), and how.
 * Then rows: kind and how the row is stored, a key and a value behind their
 * lengths.
 */
#include "fuzz.h"

#include "persist.h"

#include "../unit/site.h"
#include "core/crc32.h"
#include "host_record.h"
#include "io/clock.h"
#include "io/log.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

enum { TEXT_MAX = 4096, RULES = 2, HOSTS = 2 };
enum how { AS_IT_IS, OF_A_WRONG_SUM, AS_TEXT, AS_A_NUMBER, HOWS };

struct reader {
	const uint8_t *at, *end;
};

static char folder[64], path[80];
static char tables[65536]; /* a file without rows */
static size_t tables_len;

/* --- in the place of io/clock.c: the same bytes, the same story --- */

struct now
clock_now(void)
{
	return site_now(0);
}

void
clock_boot_id(char id_r[BOOT_ID_MAX])
{
	(void)strcpy(id_r, "this boot");
}

/* --- the file --- */

/* All files of the folder, and how many were set aside. */
static unsigned
sweep(bool remove)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned aside = 0;

	check(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		if (remove)
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
		aside += strstr(entry->d_name, "damaged") != NULL &&
		    strstr(entry->d_name, "-wal") == NULL &&
		    strstr(entry->d_name, "-shm") == NULL;
	}
	(void)closedir(dir);
	return aside;
}

static void
leave(void)
{
	(void)sweep(true);
	(void)rmdir(folder);
}

static void
keep_tables(void)
{
	struct store *store = store_open(folder);
	FILE *file;

	store_close(&store);
	file = fopen(path, "re");
	check(file != NULL);
	tables_len = fread(tables, 1, sizeof(tables), file);
	check(tables_len > 0 && tables_len < sizeof(tables));
	(void)fclose(file);
}

/* In memory where we can. */
static void
begin(void)
{
	if (folder[0] != '\0')
		return;
	(void)strcpy(folder, access("/dev/shm", W_OK) == 0 ?
	    "/dev/shm/weir-fuzz-XXXXXX" : "/tmp/weir-fuzz-XXXXXX");
	check(mkdtemp(folder) != NULL);
	(void)snprintf(path, sizeof(path), "%s/weir.db", folder);
	(void)atexit(leave);
	/* of which there would be one for every other input */
	check(log_use(&(struct log_settings) { .target = LOG_TARGET_FILE,
		.path = "/dev/null", .level = LOG_LEVEL_ERROR }) == 0);
	keep_tables();
}

static unsigned
draw(struct reader *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

/* A text of that length, or what is left. */
static size_t
draw_text(struct reader *in, size_t len, char text_r[TEXT_MAX])
{
	size_t left = (size_t)(in->end - in->at);

	len = len > left ? left : len;
	len = len > TEXT_MAX - 1 ? TEXT_MAX - 1 : len;
	memcpy(text_r, in->at, len);
	text_r[len] = '\0';
	in->at += len;
	return len;
}

static uint32_t
sum_of(const char *kind, const char *key, const char *value, size_t len)
{
	uint32_t sum = crc32_add(0, kind, strlen(kind) + 1);

	sum = crc32_add(sum, key, strlen(key) + 1);
	return crc32_add(sum, value, len);
}

static void
put_row(sqlite3_stmt *row, struct reader *in)
{
	static const char *const kinds[] = { "clock", "host", "limit", "x" };
	unsigned head = draw(in), key_len;
	enum how how = (enum how)((head >> 2) % HOWS);
	const char *kind = kinds[head & 3];
	char key[TEXT_MAX], value[TEXT_MAX];
	size_t len;

	key_len = (unsigned)draw_text(in, draw(in), key);
	len = draw(in);
	len = draw_text(in, len << 8 | draw(in), value);
	(void)sqlite3_reset(row);
	(void)sqlite3_bind_text(row, 1, kind, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(row, 2, key, (int)key_len, SQLITE_STATIC);
	if (how == AS_TEXT)
		(void)sqlite3_bind_text(row, 3, value, (int)len, SQLITE_STATIC);
	else if (how == AS_A_NUMBER)
		(void)sqlite3_bind_int64(row, 3, (int64_t)len);
	else
		(void)sqlite3_bind_blob(row, 3, value, (int)len,
		    SQLITE_STATIC);
	(void)sqlite3_bind_int64(row, 4, sum_of(kind, key, value, len) +
	    (how == OF_A_WRONG_SUM));
	(void)sqlite3_step(row);
}

static void
put_rows(struct reader *in)
{
	FILE *file = fopen(path, "we");
	sqlite3 *db;
	sqlite3_stmt *row;

	check(file != NULL && fwrite(tables, tables_len, 1, file) == 1 &&
	    fclose(file) == 0);
	check(sqlite3_open(path, &db) == SQLITE_OK);
	check(sqlite3_prepare_v2(db, "INSERT OR REPLACE INTO record VALUES "
	    "(?, ?, ?, ?)", -1, &row, NULL) == SQLITE_OK);
	(void)sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE;"
	    "PRAGMA synchronous = OFF; BEGIN", NULL, NULL, NULL);
	while (in->at < in->end)
		put_row(row, in);
	(void)sqlite3_finalize(row);
	(void)sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	check(sqlite3_close(db) == SQLITE_OK);
}

static void
change_byte(off_t place, unsigned how)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	unsigned char byte;

	check(fd != -1);
	if (place != 0 && pread(fd, &byte, 1, place) == 1) {
		byte ^= (unsigned char)how;
		check(pwrite(fd, &byte, 1, place) == 1);
	}
	(void)close(fd);
}

/* --- a life of weir-policyd, as far as the file sees it --- */

struct life {
	struct site site;
	struct throttle throttles[RULES];
	struct daemon daemon;
	struct host_record hosts[HOSTS]; /* as it ended */
	size_t lengths[HOSTS];
	uint32_t counters; /* the sum of all of them */
	size_t count;
};

static void
add_counter(void *ctx, const struct limit_row *row)
{
	struct life *life = ctx;
	char text[RULE_MAX_LEN + LIMIT_KEY_MAX + 64];
	int len = snprintf(text, sizeof(text), "%s\t%s\t%llu", row->rule,
	    row->key, (unsigned long long)row->used);

	life->counters += crc32_add(0, text, (size_t)len);
	life->count++;
}

static void
look(struct life *life)
{
	struct model *model = &life->daemon.model;
	uint64_t cursor = 0;

	for (size_t i = 0; i < HOSTS; i++)
		life->lengths[i] = host_record_make(&model->hosts.list[i],
		    &life->hosts[i]);
	do
		limits_walk(model->gate.limits, &life->site.config,
		    clock_now(), &cursor, 1000, add_counter, life);
	while (cursor != 0);
}

static void
configure(struct life *life)
{
	memset(life, 0, sizeof(*life));
	site_init(&life->site, HOSTS);
	life->site.hosts[1].host = "b.example.com"; /* by name */
	life->throttles[0] = (struct throttle) { .name = "rule",
		.what = LIMIT_MESSAGES, .nrates = 2, .rates = {
		{ 10, span_s(60) }, { 5000, span_s(86400) } } };
	life->throttles[1] = (struct throttle) { .name = "networks",
		.what = LIMIT_CLIENTS, .nrates = 1,
		.rates = { { 3, span_s(3600) } } };
	life->site.config.throttles = life->throttles;
	life->site.config.nthrottles = RULES;
	life->site.config.state.flush_interval = span_s(10);
}

static void
live(struct life *life)
{
	static const uint8_t seed[16] = "seed";
	struct daemon *daemon = &life->daemon;

	configure(life);
	daemon->config = &life->site.config;
	daemon->base = event_base_new();
	daemon->store = store_open(folder);
	check(daemon->base != NULL && daemon->store != NULL);
	hosts_init(&daemon->model.hosts, daemon->config, NULL,
	    clock_now().mono);
	daemon->model.gate.limits = limits_new(1000, seed, NULL);
	daemon->persist = persist_new(daemon);
	look(life);
	persist_free(&daemon->persist);
	store_close(&daemon->store);
	limits_free(&daemon->model.gate.limits);
	hosts_clear(&daemon->model.hosts);
	event_base_free(daemon->base);
}

static void
check_same(const struct life *a, const struct life *b)
{
	for (size_t i = 0; i < HOSTS; i++) {
		check(a->lengths[i] == b->lengths[i]);
		check(memcmp(&a->hosts[i], &b->hosts[i], a->lengths[i]) == 0);
	}
	check(a->counters == b->counters && a->count == b->count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader in = { data, data + size };
	static struct life first, second;
	off_t place = (off_t)draw(&in) << 16;
	unsigned how, aside;

	begin();
	(void)sweep(true);
	place |= (off_t)draw(&in) << 8;
	place |= (off_t)draw(&in);
	how = draw(&in);
	put_rows(&in);
	change_byte(place, how);
	live(&first);
	aside = sweep(false);
	live(&second);
	check(aside <= 1 && sweep(false) == aside);
	check_same(&first, &second);
	return 0;
}
