/* Live tables: read, read anew while somebody looks up, kept when wrong. */
#include "io/tables.h"

#include "check_main.h"
#include "io/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char dir[40];
static char first[64], second[64], again[64], log_path[64];
static struct config *config;
static struct config_errors errors;

static void
put(const char *path, const char *text)
{
	char beside[80];
	FILE *out;

	(void)snprintf(beside, sizeof(beside), "%s.new", path);
	out = fopen(beside, "w");
	ck_assert_int_ge(fputs(text, out), 0);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_int_eq(rename(beside, path), 0);
}

static void
setup(void)
{
	char text[512];

	(void)snprintf(dir, sizeof(dir), "/tmp/weir-tables-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(first, sizeof(first), "%s/first", dir);
	(void)snprintf(second, sizeof(second), "%s/second", dir);
	(void)snprintf(again, sizeof(again), "%s/again", dir);
	(void)snprintf(log_path, sizeof(log_path), "%s/log", dir);
	put(first, "alice a@example.com\n");
	put(second, "alice b@example.com\nbob b@example.com\n");
	(void)snprintf(text, sizeof(text), "identities: { realm = "
	    "\"example.com\"; tables = [ \"file:%s\", \"file:%s\" ]; users = ("
	    "{ user = \"inline\"; senders = \"i@example.com\"; } ); };", first,
	    second);
	config = config_load_text(text, strlen(text), "weir.conf", &errors);
	config_errors_print(&errors, stdout);
	ck_assert_ptr_nonnull(config);
}

static void
teardown(void)
{
	(void)unlink(first);
	(void)unlink(second);
	(void)unlink(log_path);
	(void)rmdir(dir);
	config_unref(&config);
}

static struct tables *
open_tables(void)
{
	errors.count = 0;
	return tables_new(config, &errors);
}

static bool
owns(struct tables *tables, const char *user, const char *address)
{
	struct tables_answer answer;
	const char *why;
	bool owned = tables_find(tables, user, &answer, &why) == REASON_OK &&
	    identity_owns(&answer.owner, address);

	tables_let_go(&answer);
	return owned;
}

/* Until it is so; the thread looks each second. */
static void
await(struct tables *tables, const char *user, const char *address, bool owned)
{
	static const struct timespec nap = { 0, 20 * 1000 * 1000 };

	for (int i = 0; i < 3000; i++) {
		if (owns(tables, user, address) == owned)
			return;
		(void)nanosleep(&nap, NULL);
	}
	ck_abort_msg("%s and %s: never %d", user, address, owned);
}

START_TEST(tables_are_asked_in_their_order)
{
	struct tables *tables = open_tables();
	struct tables_answer answer;
	const char *why;

	ck_assert_uint_eq(errors.count, 0);
	ck_assert(owns(tables, "inline@example.com", "i@example.com"));
	ck_assert(owns(tables, "alice@example.com", "a@example.com"));
	ck_assert(!owns(tables, "alice@example.com", "b@example.com"));
	ck_assert(owns(tables, "bob@example.com", "b@example.com"));
	ck_assert(owns(tables, "new@example.com", "new@example.com"));
	ck_assert_int_eq(tables_find(tables, "bob@example.com", &answer,
	    &why), REASON_OK);
	ck_assert_str_eq(answer.owner.sources[OWNER_OWN] + 5, second);
	ck_assert_uint_eq(answer.owner.rows[OWNER_OWN]->line, 2);
	/* an answer outlives what it came from */
	tables_unref(&tables);
	ck_assert_str_eq(answer.owner.user, "bob@example.com");
	ck_assert(identity_owns(&answer.owner, "b@example.com"));
	tables_let_go(&answer);
	tables_let_go(&answer);
}
END_TEST

START_TEST(tables_missing_at_start_answer_nobody)
{
	struct tables *tables;
	struct tables_answer answer;
	const char *why;

	(void)unlink(second);
	tables = open_tables();
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_ptr_nonnull(strstr(errors.list[0], "cannot be read"));
	ck_assert_int_eq(tables_find(tables, "bob@example.com", &answer,
	    &why), REASON_IDENTITY_AWAY);
	ck_assert_str_eq(why + 5, second);
	tables_let_go(&answer);
	tables_watch(tables, NULL, NULL);
	put(second, "bob b@example.com\n");
	await(tables, "bob@example.com", "b@example.com", true);
	tables_unref(&tables);
}
END_TEST

/* From the thread: the new set is in use already. */
static void
changed_cb(void *ctx)
{
	(void)eventfd_write(*(int *)ctx, 1);
}

START_TEST(tables_are_read_anew)
{
	struct tables *tables = open_tables();
	int changed = eventfd(0, 0);
	eventfd_t changes;

	tables_watch(tables, changed_cb, &changed);
	put(first, "alice a@example.com, new@example.com\n");
	ck_assert_int_eq(eventfd_read(changed, &changes), 0);
	ck_assert(owns(tables, "alice@example.com", "new@example.com"));
	put(second, "carol c@example.com\n");
	await(tables, "bob@example.com", "b@example.com", false);
	ck_assert(owns(tables, "carol@example.com", "c@example.com"));
	ck_assert(owns(tables, "alice@example.com", "new@example.com"));
	tables_unref(&tables);
	(void)close(changed);
}
END_TEST

/* What was read before stays, line by line and file by file. */
START_TEST(tables_with_a_mistake_stay_as_they_were)
{
	struct tables *tables = open_tables();

	tables_watch(tables, NULL, NULL);
	put(first, "alice new@example.com\nnonsense\n");
	/* the second one is read after the first was refused */
	put(second, "bob done@example.com\n");
	await(tables, "bob@example.com", "done@example.com", true);
	ck_assert(owns(tables, "alice@example.com", "a@example.com"));
	ck_assert(!owns(tables, "alice@example.com", "new@example.com"));
	ck_assert_int_eq(unlink(first), 0);
	put(second, "bob again@example.com\n");
	await(tables, "bob@example.com", "again@example.com", true);
	ck_assert(owns(tables, "alice@example.com", "a@example.com"));
	put(first, "alice mended@example.com\n");
	await(tables, "alice@example.com", "mended@example.com", true);
	tables_unref(&tables);
}
END_TEST

/* How often the log has the text. */
static int
count_log(const char *text)
{
	FILE *in = fopen(log_path, "r");
	char line[1024];
	int count = 0;

	ck_assert_ptr_nonnull(in);
	while (fgets(line, sizeof(line), in) != NULL)
		count += strstr(line, text) != NULL;
	(void)fclose(in);
	return count;
}

/* The thread looked at the first again before it read the second anew. */
static void
await_looks(struct tables *tables)
{
	put(second, "bob one@example.com\n");
	await(tables, "bob@example.com", "one@example.com", true);
	put(second, "bob two@example.com\n");
	await(tables, "bob@example.com", "two@example.com", true);
}

/* A folder in its place cannot be read however often one looks. */
START_TEST(tables_that_cannot_be_had_are_told_once)
{
	const struct log_settings file = { .target = LOG_TARGET_FILE,
		.path = log_path, .level = LOG_LEVEL_INFO };
	const struct log_settings usual = { .level = LOG_LEVEL_INFO };
	struct tables *tables = open_tables();

	ck_assert_int_eq(log_use(&file), 0);
	tables_watch(tables, NULL, NULL);
	ck_assert_int_eq(unlink(first), 0);
	ck_assert_int_eq(mkdir(first, 0700), 0);
	await_looks(tables);
	await_looks(tables);
	ck_assert_int_eq(count_log("what was read before stays"), 1);
	ck_assert(owns(tables, "alice@example.com", "a@example.com"));
	ck_assert_int_eq(rmdir(first), 0);
	put(first, "alice mended@example.com\n");
	await(tables, "alice@example.com", "mended@example.com", true);
	ck_assert_int_eq(mkdir(again, 0700), 0);
	ck_assert_int_eq(unlink(first), 0);
	ck_assert_int_eq(rename(again, first), 0);
	await_looks(tables);
	ck_assert_int_eq(count_log("what was read before stays"), 2);
	ck_assert_int_eq(log_use(&usual), 0);
	ck_assert_int_eq(rmdir(first), 0);
	tables_unref(&tables);
}
END_TEST

/* --- many at once --- */

static atomic_bool over;

/* In each version a login owns exactly the address that names the version. */
static void *
look_up(void *ctx)
{
	struct tables *tables = ctx;
	size_t versions = 0;

	while (!over) {
		struct tables_answer answer;
		const struct identity_user *a, *z;
		const char *why;

		ck_assert_int_eq(tables_find(tables, "a@example.com", &answer,
		    &why), REASON_OK);
		a = answer.owner.rows[OWNER_OWN];
		z = owners_find(tables_set_sources(
		    answer.set)->list[0].owners, "z@example.com");
		ck_assert_str_eq(a->senders.list[0], z->senders.list[0]);
		tables_let_go(&answer);
		versions++;
	}
	ck_assert(versions > 0);
	return NULL;
}

START_TEST(tables_change_as_a_whole)
{
	struct tables *tables;
	pthread_t threads[4];
	char text[128], address[32];

	put(first, "a v0@example.com\nz v0@example.com\n");
	tables = open_tables();
	tables_watch(tables, NULL, NULL);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, look_up,
		    tables), 0);
	for (int i = 1; i <= 3; i++) {
		(void)snprintf(address, sizeof(address), "v%d@example.com", i);
		(void)snprintf(text, sizeof(text), "a %s\nz %s\n", address,
		    address);
		put(first, text);
		await(tables, "z@example.com", address, true);
	}
	over = true;
	for (int i = 0; i < 4; i++)
		(void)pthread_join(threads[i], NULL);
	tables_unref(&tables);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("tables");
	TCase *tcase = tcase_create("tables");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, tables_are_asked_in_their_order);
	tcase_add_test(tcase, tables_missing_at_start_answer_nobody);
	tcase_add_test(tcase, tables_are_read_anew);
	tcase_add_test(tcase, tables_with_a_mistake_stay_as_they_were);
	tcase_add_test(tcase, tables_that_cannot_be_had_are_told_once);
	tcase_add_test(tcase, tables_change_as_a_whole);
	suite_add_tcase(suite, tcase);
	return suite;
}
