/*
 * The event loop's base.
 */
#include "io/loop.h"

#include <stdlib.h>

struct event_base *
loop_new(void)
{
	static const struct timeval longest = { .tv_usec = 1000 };
	struct event_config *config = event_config_new();
	struct event_base *base;

	/* 0: for events of every priority */
	if (config == NULL || event_config_set_max_dispatch_interval(
				  config, &longest, 64, 0) == -1)
		abort();
	base = event_base_new_with_config(config);
	event_config_free(config);
	if (base == NULL ||
	    event_base_priority_init(base, LOOP_PRIORITIES) == -1)
		abort();
	return base;
}
