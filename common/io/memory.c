/*
 * A threshold that was set stays where it is: mallopt(3).
 */
#include "io/memory.h"

#include <malloc.h>

enum { LARGE = 256 * 1024 };

void
memory_map_large(void)
{
#ifdef M_MMAP_THRESHOLD
	(void)mallopt(M_MMAP_THRESHOLD, LARGE);
#endif
}
