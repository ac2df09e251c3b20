/*
 * One pointer under a lock: a reference must be counted before another thread
 * may give up the last one.
 */
#include "current.h"

void
current_init(struct current *current, struct config *config)
{
	(void)pthread_mutex_init(&current->lock, NULL);
	current->config = config;
}

void
current_clear(struct current *current)
{
	config_unref(&current->config);
	(void)pthread_mutex_destroy(&current->lock);
}

struct config *
current_get(struct current *current)
{
	struct config *config;

	(void)pthread_mutex_lock(&current->lock);
	config = config_ref(current->config);
	(void)pthread_mutex_unlock(&current->lock);
	return config;
}

void
current_set(struct current *current, struct config *config)
{
	struct config *before;

	(void)pthread_mutex_lock(&current->lock);
	before = current->config;
	current->config = config;
	(void)pthread_mutex_unlock(&current->lock);
	config_unref(&before);
}
