/*
 * Between tables.c (contents and look-ups) and tables_watch.c (the thread that
 * looks for changes); for nobody else.
 */
#ifndef WEIR_IO_TABLES_INSIDE_H
#define WEIR_IO_TABLES_INSIDE_H

#include "io/owner_file.h"
#include "io/table_spec.h"
#include "io/tables.h"

#include <pthread.h>
#include <stdatomic.h>

struct tables_set {
	atomic_uint refs;
	struct config *config; /* owner of the names */
	struct owner_sources sources;
	struct owner_source list[];
};

struct table_file { /* of one table; the thread's once it runs */
	struct table_spec spec;
	struct owner_map *map; /* of a socketmap, which is no file at all */
	struct owner_stamp tried; /* zero: none */
	struct owner_stamp seen;
	bool away; /* it was told that it cannot be had */
};

struct tables {
	atomic_uint refs;
	struct config *config;
	size_t count;
	struct table_file *files; /* in the order of identities.tables */

	pthread_mutex_t lock; /* of what follows */
	struct tables_set *set;

	pthread_cond_t wake;
	bool stop;
	bool running; /* the caller's: the thread frees it all at its end */
	void (*changed)(void *ctx);
	void *ctx;
};

/* Reads one and puts what it holds into a new set. Mistakes go to errors. */
enum owner_loaded tables_load(struct tables *, size_t at,
    struct config_errors *errors);

/* By whoever is the last: the thread at its end, or the last reference. */
void tables_free(struct tables *);

#endif
