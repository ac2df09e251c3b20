/*
 * The two clocks.
 */
#include "io/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t
read_us(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return ts.tv_sec * SPAN_SECOND + ts.tv_nsec / 1000;
}

struct now
clock_now(void)
{
	return (struct now) { { read_us(CLOCK_BOOTTIME) },
		{ read_us(CLOCK_REALTIME) } };
}

void
clock_boot_id(char id_r[BOOT_ID_MAX])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	id_r[0] = '\0';
	if (file == NULL)
		return;
	if (fgets(id_r, BOOT_ID_MAX, file) != NULL)
		id_r[strcspn(id_r, "\n")] = '\0';
	(void)fclose(file);
}
