/*
 * Metrics every program of Prometheus' world has, by /proc (proc(5)). To count
 * descriptors is to read a folder of tens of thousands of names at worst, so
 * that is done in slices before the rest.
 */
#include "web_parts.h"

#include "core/openmetrics.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NAMES_A_SLICE = 200 };

static void
close_folder(struct http_answer *answer)
{
	if (answer->scratch != NULL)
		(void)closedir(answer->scratch);
	answer->scratch = NULL;
}

/* Counts into answer->seen. False while there are more. */
static bool
count_descriptors(struct http_answer *answer)
{
	const struct dirent *entry = NULL;

	if (answer->drop == NULL) {
		answer->scratch = opendir("/proc/self/fd");
		answer->drop = close_folder;
		answer->seen = 0;
	}
	for (int i = 0; i < NAMES_A_SLICE && answer->scratch != NULL; i++) {
		entry = readdir(answer->scratch);
		if (entry == NULL)
			break;
		answer->seen += entry->d_name[0] != '.';
	}
	return entry == NULL;
}

static void
number(struct metrics *m, uint64_t value)
{
	metrics_row(m, "");
	metrics_number(m, value);
}

static uint64_t
resident_bytes(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (file == NULL)
		return 0;
	/* NOLINTNEXTLINE(cert-err34-c): the kernel writes no wrong number */
	if (fscanf(file, "%*u %lu", &pages) != 1)
		pages = 0;
	(void)fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int64_t
cpu_us(void)
{
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used) == -1)
		return 0;
	return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * SPAN_SECOND +
	    used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

bool
web_metrics_process(struct metrics *m, struct http_answer *answer)
{
	struct rlimit limit = { 0 };

	if (!count_descriptors(answer))
		return false;
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	metrics_family(m, METRICS_COUNTER, "process_cpu_seconds", "seconds",
	    "Processor time of weir-policyd, user and system.");
	metrics_row(m, "");
	metrics_seconds(m, cpu_us());
	metrics_family(m, METRICS_GAUGE, "process_resident_memory_bytes",
	    "bytes", "Memory weir-policyd has resident.");
	number(m, resident_bytes());
	metrics_family(m, METRICS_GAUGE, "process_open_fds", "",
	    "Descriptors weir-policyd has open.");
	number(m, answer->seen == 0 ? 0 :
	    answer->seen - 1); /* the folder's own */
	metrics_family(m, METRICS_GAUGE, "process_max_fds", "",
	    "Descriptors weir-policyd may have open.");
	number(m, limit.rlim_cur);
	return true;
}
