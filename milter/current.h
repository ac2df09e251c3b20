/*
 * The configuration in use, and its tables. A reload puts whole new ones in
 * their place; whoever took the old ones keeps them until he gives them back.
 */
#ifndef WEIR_MILTER_CURRENT_H
#define WEIR_MILTER_CURRENT_H

#include "core/config.h"
#include "io/tables.h"

#include <pthread.h>

struct current {
	pthread_mutex_t lock;
	struct config *config;
	struct tables *tables; /* made for that configuration */
};

/* Both take over what they are given. */
void current_init(struct current *, struct config *, struct tables *);
void current_set(struct current *, struct config *, struct tables *);

struct config *current_get(struct current *); /* to be config_unref'd */

/* Both, which belong together; to be unref'd. */
struct config *current_get_both(struct current *, struct tables **tables_r);

#endif
