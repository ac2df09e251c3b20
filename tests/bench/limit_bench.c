/*
 * Throttles with many keys: time of a charge, longest pause, bytes a key.
 *
 * Usage: limit_bench [keys [limit]]. One rule of one period; the keys are
 * charged in turn while they are made, then a million times at random. Time is
 * that of the processor, so that other processes do not count as pauses.
 */
#include "core/limit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct limits *limits;
static struct throttle throttle = {
	.name = "per-user-hour",
	.what = LIMIT_RECIPIENTS,
	.by = { LIMIT_BY_USER },
	.nby = 1,
	.rates = { { 200, { 3600 * SPAN_SECOND } } },
	.nrates = 1,
	.action = ACTION_DEFER,
};
static struct config config = { .throttles = &throttle, .nthrottles = 1 };

static int64_t
clock_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static double
resident_mb(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (file == NULL || fscanf(file, "%*s %ld", &pages) != 1)
		pages = 0;
	if (file != NULL)
		(void)fclose(file);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

static int64_t
charge(uint64_t user, int64_t us)
{
	char name[64];
	struct facts facts = { .listener = "submission", .user = name };
	struct now now = { { us }, { us } };
	struct verdict verdict;
	int64_t begin;

	(void)snprintf(name, sizeof(name), "user%06" PRIu64 "@example.com",
	    user);
	begin = clock_ns();
	(void)limits_charge(limits, &config, &facts, LIMIT_RECIPIENTS, 1, now,
	    NULL, &verdict);
	return clock_ns() - begin;
}

static void
run(const char *what, uint64_t keys, uint64_t times, bool in_turn)
{
	int64_t sum = 0, longest = 0;
	uint64_t state = 88172645463325252u, slow = 0;

	for (uint64_t i = 0; i < times; i++) {
		int64_t ns;

		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		ns = charge(in_turn ? i : state % keys, (int64_t)i * 100);
		sum += ns;
		slow += ns > 1000000;
		if (ns > longest)
			longest = ns;
	}
	printf("%-8s %9" PRIu64 " charges: %5" PRId64 " ns each, longest "
	    "%.3f ms, %" PRIu64 " over 1 ms, resident %.1f MB\n", what, times,
	    sum / (int64_t)times, (double)longest / 1e6, slow, resident_mb());
}

static void
forget(void *ctx, const char *rule, const char *key, const void *record,
    size_t len)
{
	(void)rule;
	(void)key;
	(void)record;
	*(size_t *)ctx += len;
}

static void
run_dump(void)
{
	int64_t begin, longest = 0, all = clock_ns();
	size_t bytes = 0;
	bool more = true;

	while (more) {
		begin = clock_ns();
		more = limits_dump(limits, 1000, forget, &bytes);
		if (clock_ns() - begin > longest)
			longest = clock_ns() - begin;
	}
	printf("dump     %zu bytes in %.0f ms, longest call of 1000 %.3f ms\n",
	    bytes, (double)(clock_ns() - all) / 1e6, (double)longest / 1e6);
}

int
main(int argc, char **argv)
{
	static const uint8_t seed[16] = "limit_bench";
	uint64_t keys = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	double before;

	if (argc > 2)
		throttle.rates[0].limit = (uint32_t)strtoul(argv[2], NULL, 10);
	before = resident_mb();
	limits = limits_new((uint32_t)keys, seed, NULL);
	run("new", keys, keys, true);
	printf("         %zu keys, %.0f bytes each\n", limits_count(limits),
	    (resident_mb() - before) * 1e6 / (double)limits_count(limits));
	run("random", keys, 1000000, false);
	run_dump();
	run("flood", 100 * keys, 1000000, false);
	limits_free(&limits);
	return EXIT_SUCCESS;
}
