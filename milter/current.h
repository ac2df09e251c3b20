/*
 * The configuration in use. A reload puts a whole new one in its place; whoever
 * took the old one keeps it until he gives it back.
 */
#ifndef WEIR_MILTER_CURRENT_H
#define WEIR_MILTER_CURRENT_H

#include "core/config.h"

#include <pthread.h>

struct current {
	pthread_mutex_t lock;
	struct config *config;
};

void current_init(struct current *, struct config *); /* takes it over */
void current_clear(struct current *);

struct config *current_get(struct current *); /* to be config_unref'd */
void current_set(struct current *, struct config *); /* takes it over */

#endif
