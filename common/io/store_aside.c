/*
 * Out of the way, under a name that says when.
 */
#include "io/store_aside.h"

#include "io/clock.h"

#include <stdio.h>
#include <sys/stat.h>

/* A name nobody has: "weir.db.damaged-2026-01-31T12:00:00.123Z". */
static void
name_aside(const char *path, char to[STORE_ASIDE_MAX])
{
	char at[WALL_TEXT_MAX];
	struct stat there;
	int used = snprintf(to, STORE_ASIDE_MAX, "%s.damaged-%s", path,
	    wall_format(clock_now().wall, at));

	for (int i = 2; lstat(to, &there) == 0; i++)
		(void)snprintf(to + used, STORE_ASIDE_MAX - (size_t)used,
		    "-%d", i);
}

static void
move_beside(const char *from, const char *to, const char *tail)
{
	char old[STORE_ASIDE_MAX + 8], new[STORE_ASIDE_MAX + 8];

	(void)snprintf(old, sizeof(old), "%s%s", from, tail);
	(void)snprintf(new, sizeof(new), "%s%s", to, tail);
	(void)rename(old, new); /* where there is one */
}

int
store_aside(const char *path, char to[STORE_ASIDE_MAX])
{
	struct stat there;

	name_aside(path, to);
	if (lstat(path, &there) == -1 || rename(path, to) == -1)
		return -1;
	move_beside(path, to, "-wal");
	move_beside(path, to, "-shm");
	return 0;
}
