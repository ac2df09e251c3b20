/* Tables from files: whole, of one version, or not at all. */
#include "io/owner_file.h"

#include "check_main.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[40];
static char path[64];
static struct config *config;
static struct config_errors errors;

static void
load_config(const char *text)
{
	config_unref(&config);
	config = config_load_text(text, strlen(text), "weir.conf", &errors);
	ck_assert_ptr_nonnull(config);
}

static void
setup(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/weir-owner-file-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/senders", dir);
	load_config("profile = \"hub\"; identities: { realm = "
	    "\"example.com\"; };"
	    "smart_hosts = ( { name = \"isp-a\"; nexthop = \"[192.0.2.1]\"; } "
	    "); connectors = ( { name = \"o\"; transport = \"relay\"; "
	    "balance = \"affinity\"; members = ( { host = \"isp-a\"; } ); } "
	    ");");
}

static void
teardown(void)
{
	(void)unlink(path);
	(void)rmdir(dir);
	config_unref(&config);
}

static void
write_file(const void *bytes, size_t len)
{
	FILE *out = fopen(path, "w");

	ck_assert_uint_eq(fwrite(bytes, 1, len, out), len);
	ck_assert_int_eq(fclose(out), 0);
}

static enum owner_loaded
load(const char *from, bool lmdb, struct owners **owners)
{
	struct owner_stamp stamp;

	errors.count = 0;
	return owner_file_load(config, from, lmdb, &errors, owners, &stamp);
}

START_TEST(owner_file_of_text)
{
	static const char text[] = "alice a@example.com\n";
	struct owners *owners;

	write_file(text, strlen(text));
	ck_assert_int_eq(load(path, false, &owners), OWNER_LOADED);
	ck_assert_ptr_nonnull(owners_find(owners, "alice@example.com"));
	owners_unref(&owners);
	write_file("alice", 5);
	ck_assert_int_eq(load(path, false, &owners), OWNER_MISTAKEN);
	ck_assert_ptr_null(owners);
	ck_assert(errors.count > 0);
}
END_TEST

/* Each is told, none is waited for. */
START_TEST(owner_file_must_be_a_file)
{
	struct owners *owners;

	ck_assert_int_eq(load(path, false, &owners), OWNER_UNREAD);
	ck_assert_ptr_nonnull(strstr(errors.list[0],
	    "senders: cannot be read: No such file"));
	ck_assert_int_eq(load(dir, false, &owners), OWNER_UNREAD);
	ck_assert_ptr_nonnull(strstr(errors.list[0], "no regular file"));
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(load(path, true, &owners), OWNER_UNREAD);
	ck_assert_ptr_nonnull(strstr(errors.list[0], "no regular file"));
}
END_TEST

START_TEST(owner_file_versions_differ)
{
	struct owner_stamp a, b;

	write_file("1", 1);
	ck_assert_int_eq(owner_stamp_get(path, &a), 0);
	ck_assert_int_eq(owner_stamp_get(path, &b), 0);
	ck_assert(owner_stamp_same(&a, &b));
	write_file("12", 2);
	ck_assert_int_eq(owner_stamp_get(path, &b), 0);
	ck_assert(!owner_stamp_same(&a, &b));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(owner_stamp_get(path, &b), -1);
}
END_TEST

/* --- what postmap made --- */

static uint8_t *
postmap(size_t *size_r)
{
	const char *top = getenv("top_srcdir");
	char from[4096];
	uint8_t *bytes = malloc(1 << 20);
	FILE *in;

	(void)snprintf(from, sizeof(from), "%s/tests/data/postmap.lmdb",
	    top == NULL ? "." : top);
	in = fopen(from, "rb");
	ck_assert_ptr_nonnull(in);
	*size_r = fread(bytes, 1, 1 << 20, in);
	(void)fclose(in);
	return bytes;
}

START_TEST(owner_file_of_postmap)
{
	size_t size;
	uint8_t *bytes = postmap(&size);
	const struct identity_user *row;
	struct owners *owners;

	write_file(bytes, size);
	ck_assert_int_eq(load(path, true, &owners), OWNER_LOADED);
	/* "bob" and "bob@example.com" are one login: the longer key counts */
	ck_assert_uint_eq(owners_count(owners), 204);
	row = owners_find(owners, "bob@example.com");
	ck_assert_str_eq(row->senders.list[0], "bob.r@example.com");
	ck_assert_str_eq(owners_find(owners, "alice@example.com")->home,
	    "isp-a");
	ck_assert_ptr_nonnull(owners_find(owners, "*"));
	ck_assert_uint_eq(owners_find(owners,
	    "big@example.com")->senders.count, 300);
	owners_unref(&owners);
	/* without a realm they are two */
	load_config("profile = \"hub\"; smart_hosts = ( { name = \"isp-a\"; "
	    "nexthop = \"[192.0.2.1]\"; } ); connectors = ( { name = \"o\"; "
	    "transport = \"relay\"; balance = \"affinity\"; members = ( { host "
	    "= \"isp-a\"; } ); } );");
	ck_assert_int_eq(load(path, true, &owners), OWNER_LOADED);
	ck_assert_str_eq(owners_find(owners, "bob")->senders.list[0],
	    "bob@example.com");
	owners_unref(&owners);
	free(bytes);
}
END_TEST

/* Two hundred ways: as a whole, cut, or with bytes changed. */
START_TEST(owner_file_refuses_damage)
{
	size_t size;
	uint8_t *bytes = postmap(&size);
	struct owners *owners;
	unsigned refused = 0;

	srand(42);
	for (int i = 0; i < 200; i++) {
		uint8_t *copy = malloc(size);
		size_t len = size;

		memcpy(copy, bytes, size);
		if (i % 4 == 0)
			len = (size_t)rand() % size;
		for (int j = 0; i % 4 != 0 && j < 8 * (i % 4); j++)
			copy[(size_t)rand() % size] ^= (uint8_t)(1 + rand());
		write_file(copy, len);
		switch (load(path, true, &owners)) {
		case OWNER_LOADED:
			ck_assert_uint_ge(owners_count(owners), 203);
			break;
		default:
			ck_assert_ptr_null(owners);
			ck_assert(errors.count > 0);
			refused++;
		}
		owners_unref(&owners);
		free(copy);
	}
	printf("%u of 200 damaged tables were refused\n", refused);
	ck_assert(refused >= 100);
	free(bytes);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("owner_file");
	TCase *tcase = tcase_create("owner_file");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, owner_file_of_text);
	tcase_add_test(tcase, owner_file_must_be_a_file);
	tcase_add_test(tcase, owner_file_versions_differ);
	tcase_add_test(tcase, owner_file_of_postmap);
	tcase_add_test(tcase, owner_file_refuses_damage);
	suite_add_tcase(suite, tcase);
	return suite;
}
