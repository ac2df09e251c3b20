/*
 * Pointers under a lock: a reference must be counted before another thread
 * may give up the last one.
 */
#include "current.h"

void
current_init(struct current *current, struct config *config,
    struct tables *tables)
{
	(void)pthread_mutex_init(&current->lock, NULL);
	current->config = config;
	current->tables = tables;
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

struct config *
current_get_both(struct current *current, struct tables **tables_r)
{
	struct config *config;

	(void)pthread_mutex_lock(&current->lock);
	config = config_ref(current->config);
	*tables_r = tables_ref(current->tables);
	(void)pthread_mutex_unlock(&current->lock);
	return config;
}

void
current_set(struct current *current, struct config *config,
    struct tables *tables)
{
	struct config *config_before;
	struct tables *tables_before;

	(void)pthread_mutex_lock(&current->lock);
	config_before = current->config;
	tables_before = current->tables;
	current->config = config;
	current->tables = tables;
	(void)pthread_mutex_unlock(&current->lock);
	tables_unref(&tables_before);
	config_unref(&config_before);
}
