/*
 * Live tables: a set of contents behind one pointer, and the thread that looks
 * whether the files behind it have changed.
 *
 * A file is read when its version is another than the one tried last and it
 * has come to rest: looked at twice without a change, or last changed more than
 * a second ago. So a copy in progress is not read half, and a file that has a
 * mistake is read (and told) once. One that cannot be had is tried each time,
 * and told once: it may be a table of descriptors that is full.
 */
#include "io/tables.h"

#include "core/text.h"
#include "io/clock.h"
#include "io/log.h"
#include "io/owner_file.h"
#include "io/owner_map.h"
#include "io/table_spec.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_EACH_S = 1 };

struct tables_set {
	atomic_uint refs;
	struct config *config; /* owner of the names */
	struct owner_sources sources;
	struct owner_source list[];
};

struct file { /* of one table; the thread's once it runs */
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
	struct file *files; /* in the order of identities.tables */

	pthread_mutex_t lock; /* of what follows */
	struct tables_set *set;

	pthread_cond_t wake;
	bool stop;
	bool running; /* the caller's: the thread frees it all at its end */
	void (*changed)(void *ctx);
	void *ctx;
};

static void *
must(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

/* --- sets --- */

static struct tables_set *
set_new(struct config *config, size_t count)
{
	struct tables_set *set = must(calloc(1, sizeof(*set) +
	    count * sizeof(set->list[0])));

	atomic_init(&set->refs, 1);
	set->config = config_ref(config);
	set->sources = (struct owner_sources) { set->list, count };
	for (size_t i = 0; i < count; i++)
		set->list[i].name = config->identities.tables.list[i];
	return set;
}

void
tables_set_unref(struct tables_set **set_p)
{
	struct tables_set *set = *set_p;

	*set_p = NULL;
	if (set == NULL || atomic_fetch_sub_explicit(&set->refs, 1,
	    memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < set->sources.count; i++)
		owners_unref(&set->list[i].owners);
	config_unref(&set->config);
	free(set);
}

const struct owner_sources *
tables_set_sources(const struct tables_set *set)
{
	return &set->sources;
}

struct tables_set *
tables_set_get(struct tables *tables)
{
	struct tables_set *set;

	(void)pthread_mutex_lock(&tables->lock);
	set = tables->set;
	atomic_fetch_add_explicit(&set->refs, 1, memory_order_relaxed);
	(void)pthread_mutex_unlock(&tables->lock);
	return set;
}

/* A new set that differs in one table; takes the reference to it over. */
static void
put_owners(struct tables *tables, size_t at, struct owners *owners)
{
	struct tables_set *before = tables_set_get(tables), *old;
	struct tables_set *set = set_new(tables->config, tables->count);

	for (size_t i = 0; i < tables->count; i++) {
		if (i == at)
			set->list[i].owners = owners;
		else if (before->list[i].owners != NULL)
			set->list[i].owners = owners_ref(before->list[i].owners);
	}
	(void)pthread_mutex_lock(&tables->lock);
	old = tables->set;
	tables->set = set;
	(void)pthread_mutex_unlock(&tables->lock);
	tables_set_unref(&old);
	tables_set_unref(&before);
}

/* --- reading --- */

static enum owner_loaded
load(struct tables *tables, size_t at, struct config_errors *errors)
{
	struct file *file = &tables->files[at];
	struct owner_stamp stamp;
	struct owners *owners;
	enum owner_loaded loaded = owner_file_load(tables->config,
	    file->spec.path, file->spec.kind == TABLE_LMDB, errors, &owners,
	    &stamp);

	if (loaded == OWNER_LOADED || loaded == OWNER_MISTAKEN)
		file->tried = stamp;
	file->away = loaded == OWNER_UNREAD;
	if (loaded == OWNER_LOADED)
		put_owners(tables, at, owners);
	return loaded;
}

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
	size_t shown = errors->count < CONFIG_ERRORS_MAX ? errors->count :
	                                                   CONFIG_ERRORS_MAX;

	if (loaded == OWNER_LOADED) {
		log_info("%s: read anew, %zu rows", name,
		    owners_count(tables->set->list[at].owners));
		return;
	}
	for (size_t i = 0; i < shown; i++)
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
	struct config_errors *errors = must(calloc(1, sizeof(*errors)));
	bool told = tables->files[at].away;
	enum owner_loaded loaded = load(tables, at, errors);

	if (loaded != OWNER_CHANGING && !(loaded == OWNER_UNREAD && told))
		tell_load(tables, at, loaded, errors);
	if (loaded == OWNER_LOADED)
		tell_change(tables);
	free(errors);
}

/* --- the thread --- */

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
	struct file *file = &tables->files[at];
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

static void
tables_free(struct tables *tables)
{
	tables_set_unref(&tables->set);
	(void)pthread_cond_destroy(&tables->wake);
	(void)pthread_mutex_destroy(&tables->lock);
	for (size_t i = 0; i < tables->count; i++)
		owner_map_free(&tables->files[i].map);
	free(tables->files);
	config_unref(&tables->config);
	free(tables);
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

/* --- the whole --- */

struct tables *
tables_new(struct config *config, struct config_errors *errors)
{
	const struct strings *names = &config->identities.tables;
	struct tables *tables = must(calloc(1, sizeof(*tables)));
	pthread_condattr_t attr;

	atomic_init(&tables->refs, 1);
	tables->config = config_ref(config);
	tables->count = names->count;
	tables->files = must(calloc(names->count + 1,
	    sizeof(*tables->files)));
	tables->set = set_new(config, names->count);
	(void)pthread_mutex_init(&tables->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&tables->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	for (size_t i = 0; i < names->count; i++) {
		struct file *file = &tables->files[i];
		const char *why;

		if (table_spec_parse(names->list[i], &file->spec, &why) == -1)
			abort(); /* the configuration was checked */
		if (file->spec.kind == TABLE_SOCKETMAP)
			file->map = owner_map_new(config, &file->spec,
			    names->list[i]);
		else if (load(tables, i, errors) == OWNER_CHANGING)
			config_errors_add(errors, "%s: is being written; make "
			    "it beside and rename it, or try again",
			    names->list[i]);
	}
	return tables;
}

struct tables *
tables_new_anyway(struct config *config)
{
	struct config_errors *errors = must(calloc(1, sizeof(*errors)));
	struct tables *tables = tables_new(config, errors);

	for (size_t i = 0; i < errors->count && i < CONFIG_ERRORS_MAX; i++)
		log_error("%s", errors->list[i]);
	if (errors->count != 0)
		log_error("identities.tables: mail of logins waits until each "
		    "table can be read");
	free(errors);
	return tables;
}

struct tables *
tables_ref(struct tables *tables)
{
	atomic_fetch_add_explicit(&tables->refs, 1, memory_order_relaxed);
	return tables;
}

void
tables_unref(struct tables **tables_p)
{
	struct tables *tables = *tables_p;
	bool running;

	*tables_p = NULL;
	if (tables == NULL || atomic_fetch_sub_explicit(&tables->refs, 1,
	    memory_order_acq_rel) != 1)
		return;
	(void)pthread_mutex_lock(&tables->lock);
	running = tables->running;
	tables->stop = true;
	(void)pthread_cond_signal(&tables->wake);
	(void)pthread_mutex_unlock(&tables->lock);
	if (!running)
		tables_free(tables);
}

/* --- look-ups --- */

/* Of a socketmap, which is asked for nobody's row but his own. */
static bool
ask_map(struct owner_map *map, struct tables_answer *answer, const char *name,
    struct mono deadline)
{
	const struct owner_source *source;

	if (answer->owner.rows[OWNER_OWN] != NULL ||
	    identity_is_pattern(answer->user))
		return true;
	owners_unref(&answer->asked);
	if (owner_map_ask(map, answer->user, deadline, &answer->asked) ==
	    OWNER_MAP_AWAY)
		return false;
	source = &(struct owner_source) { name, answer->asked };
	return answer->asked == NULL || owner_add(&answer->owner, source);
}

enum reason
tables_find(struct tables *tables, const char *user,
    struct tables_answer *answer, const char **why_r)
{
	const struct identities *ids = &tables->config->identities;
	struct mono deadline = mono_add(clock_now().mono, ids->table_timeout);
	const struct owner_sources *sources;

	memset(answer, 0, sizeof(*answer));
	answer->set = tables_set_get(tables);
	sources = &answer->set->sources;
	(void)text_copy(answer->user, sizeof(answer->user), user);
	identity_owner(ids, answer->user, &answer->owner);
	for (size_t i = 0; i < sources->count; i++) {
		struct owner_map *map = tables->files[i].map;

		*why_r = sources->list[i].name;
		if (map != NULL ? !ask_map(map, answer, *why_r, deadline) :
		    !owner_add(&answer->owner, &sources->list[i]))
			return REASON_IDENTITY_AWAY;
	}
	*why_r = NULL;
	return REASON_OK;
}

void
tables_let_go(struct tables_answer *answer)
{
	tables_set_unref(&answer->set);
	owners_unref(&answer->asked);
}

bool
tables_may_wait(const struct tables *tables)
{
	for (size_t i = 0; i < tables->count; i++) {
		if (tables->files[i].map != NULL)
			return true;
	}
	return false;
}
