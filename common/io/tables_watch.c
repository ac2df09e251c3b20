/*
 * Looking whether the files behind tables have changed.
 *
 * A file is read when its version is another than the one tried last and it
 * has come to rest: looked at twice without a change, or last changed more than
 * a second ago. So a copy in progress is not read half, and a file that has a
 * mistake is read (and told) once. One that cannot be had is tried each time,
 * and told once: it may be a table of descriptors that is full.
 */
#include "io/tables_inside.h"

#include "io/clock.h"
#include "io/log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_EACH_S = 1 };

static const char *
what_stays(const struct tables *tables, size_t at)
{
	return tables->set->list[at].owners != NULL ?
	    "what was read before stays" :
	    "mail of logins waits until it can be read";
}

static void
tell_load(const struct tables *tables, size_t at, enum owner_loaded loaded,
    const struct config_errors *errors)
{
	const char *name = tables->config->identities.tables.list[at];

	if (loaded == OWNER_LOADED) {
		log_info("%s: read anew, %zu rows", name,
		    owners_count(tables->set->list[at].owners));
		return;
	}
	for (size_t i = 0; i < config_errors_listed(errors); i++)
		log_error("%s", errors->list[i]);
	log_error("%s: mistakes: %zu; %s", name, errors->count,
	    what_stays(tables, at));
}

/* Under the lock: whoever let go of the tables is told no more. */
static void
tell_change(struct tables *tables)
{
	(void)pthread_mutex_lock(&tables->lock);
	if (!tables->stop && tables->changed != NULL)
		tables->changed(tables->ctx);
	(void)pthread_mutex_unlock(&tables->lock);
}

static void
read_anew(struct tables *tables, size_t at)
{
	struct config_errors *errors = calloc(1, sizeof(*errors));
	bool told = tables->files[at].away;
	enum owner_loaded loaded;

	if (errors == NULL)
		abort();
	loaded = tables_load(tables, at, errors);
	if (loaded != OWNER_CHANGING && !(loaded == OWNER_UNREAD && told))
		tell_load(tables, at, loaded, errors);
	if (loaded == OWNER_LOADED)
		tell_change(tables);
	free(errors);
}

static bool
at_rest(const struct owner_stamp *stamp, const struct owner_stamp *before)
{
	return owner_stamp_same(stamp, before) ||
	    clock_now().wall.us / SPAN_SECOND - stamp->changed.tv_sec >
	    LOOK_EACH_S;
}

static void
look(struct tables *tables, size_t at)
{
	struct table_file *file = &tables->files[at];
	struct owner_stamp stamp, before = file->seen;

	if (file->spec.kind == TABLE_SOCKETMAP)
		return;
	if (owner_stamp_get(file->spec.path, &stamp) == -1) {
		if (!file->away)
			log_error("%s: %s; %s", file->spec.path,
			    strerror(errno), what_stays(tables, at));
		file->away = true;
		return;
	}
	file->seen = stamp;
	if (owner_stamp_same(&stamp, &file->tried))
		file->away = false;
	else if (at_rest(&stamp, &before))
		read_anew(tables, at);
}

/* False: it is time to end. */
static bool
wait_a_while(struct tables *tables)
{
	struct timespec until;
	bool stop;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += LOOK_EACH_S;
	(void)pthread_mutex_lock(&tables->lock);
	while (!tables->stop && pthread_cond_timedwait(&tables->wake,
	    &tables->lock, &until) == 0)
		;
	stop = tables->stop;
	(void)pthread_mutex_unlock(&tables->lock);
	return !stop;
}

static void *
watch(void *ctx)
{
	struct tables *tables = ctx;

	while (wait_a_while(tables)) {
		for (size_t i = 0; i < tables->count; i++)
			look(tables, i);
	}
	tables_free(tables);
	return NULL;
}

/* Nobody waits for it: it may be reading a large file when it is to end. */
static bool
start_thread(struct tables *tables)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;
	int error;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &before);
	error = pthread_create(&thread, &attr, watch, tables);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return error == 0;
}

void
tables_watch(struct tables *tables, void (*changed)(void *ctx), void *ctx)
{
	bool files = false;

	for (size_t i = 0; i < tables->count; i++)
		files = files || tables->files[i].spec.kind != TABLE_SOCKETMAP;
	if (!files || tables->running)
		return;
	tables->changed = changed;
	tables->ctx = ctx;
	tables->running = start_thread(tables);
	if (!tables->running)
		log_error("no thread can be made: tables are read at reload "
		    "only");
}
