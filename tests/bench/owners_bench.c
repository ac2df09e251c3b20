/*
 * Tables of owners: time to read 100 000 logins from a file, memory they take,
 * time of one look-up of a login and an address, from the table and from
 * weir.conf.
 *
 * Usage: owners_bench [logins]. Times are the processor's. The bars: under a
 * second, under 100 MB, under 2 us.
 */
#include "io/config_file.h"
#include "io/owner_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOGINS = 100000, LOOKUPS = 1000000 };

static double
now_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double
resident_mb(void)
{
	unsigned long pages = 0;
	FILE *in = fopen("/proc/self/statm", "r");

	if (in == NULL || fscanf(in, "%*u %lu", &pages) != 1)
		pages = 0;
	if (in != NULL)
		(void)fclose(in);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

static void
write_table(const char *path, unsigned logins)
{
	FILE *out = fopen(path, "w");

	if (out == NULL)
		abort();
	for (unsigned i = 0; i < logins; i++)
		(void)fprintf(out, "user%u@example.com  user%u@example.com, "
		    "name.surname%u@example.com, @d%u.example\n", i, i, i, i);
	(void)fclose(out);
}

static struct config *
load_config(const char *text, size_t len)
{
	struct config_errors *errors = calloc(1, sizeof(*errors));
	struct config *config = config_load_text(text, len, "weir.conf",
	    errors);

	if (config == NULL)
		config_errors_print(errors, stderr);
	free(errors);
	return config;
}

/* The same logins in weir.conf. */
static struct config *
load_inline(unsigned logins)
{
	struct config *config;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)fprintf(out, "identities: { users = (");
	for (unsigned i = 0; i < logins; i++)
		(void)fprintf(out, "%s{ user = \"user%u@example.com\"; senders"
		    " = [ \"user%u@example.com\" ]; }", i == 0 ? "" : ",\n", i,
		    i);
	(void)fprintf(out, "); };\n");
	(void)fclose(out);
	config = load_config(text, len);
	free(text);
	return config;
}

/* Each login is asked for his own address, and for another one's. */
static void
look_up(const char *what, const struct identities *ids,
    const struct owner_source *source, unsigned logins)
{
	char (*users)[40] = calloc(logins, sizeof(*users));
	double before;
	unsigned owned = 0;

	for (unsigned i = 0; i < logins; i++)
		(void)snprintf(users[i], sizeof(users[i]),
		    "user%u@example.com", i);
	before = now_s();
	for (uint64_t i = 0; i < LOOKUPS; i++) {
		struct owner owner;
		const char *user = users[i * 7919 % logins];

		identity_owner(ids, user, &owner);
		if (source != NULL)
			(void)owner_add(&owner, source);
		owned += identity_owns(&owner, user);
		owned += identity_owns(&owner, users[i % logins]);
	}
	printf("%s: a look-up and two addresses: %.3f us (%u owned)\n", what,
	    (now_s() - before) * 1e6 / LOOKUPS, owned);
	free(users);
}

int
main(int argc, char **argv)
{
	unsigned logins = argc > 1 ? (unsigned)atoi(argv[1]) : LOGINS;
	static const char text[] = "profile = \"hub\";";
	char path[] = "/tmp/weir-owners-bench-XXXXXX";
	struct config *config = load_config(text, strlen(text));
	struct owner_source source = { .name = "file" };
	struct config_errors *errors = calloc(1, sizeof(*errors));
	struct owner_stamp stamp;
	int fd = mkstemp(path);
	double before, mb;

	if (config == NULL || errors == NULL || fd == -1 || logins == 0)
		return 1;
	(void)close(fd);
	write_table(path, logins);
	mb = resident_mb();
	before = now_s();
	if (owner_file_load(config, path, false, errors, &source.owners,
	    &stamp) != OWNER_LOADED) {
		config_errors_print(errors, stderr);
		return 1;
	}
	printf("%u logins of three senders read: %.3f s, %.1f MB resident\n",
	    logins, now_s() - before, resident_mb() - mb);
	printf("%.1f MB of rows\n",
	    (double)owners_bytes(source.owners) / 1e6);
	look_up("table", &config->identities, &source, logins);
	owners_unref(&source.owners);
	config_unref(&config);
	config = load_inline(logins);
	if (config == NULL)
		return 1;
	look_up("weir.conf", &config->identities, NULL, logins);
	config_unref(&config);
	(void)unlink(path);
	free(errors);
	return 0;
}
