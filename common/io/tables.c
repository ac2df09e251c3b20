/*
 * Live tables: a set of contents behind one pointer, and look-ups in it. Who
 * looks for changes is tables_watch.c.
 */
#include "io/tables.h"

#include "core/text.h"
#include "io/clock.h"
#include "io/log.h"
#include "io/owner_map.h"
#include "io/tables_inside.h"

#include <stdlib.h>
#include <string.h>

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
			set->list[i].owners =
			    owners_ref(before->list[i].owners);
	}
	(void)pthread_mutex_lock(&tables->lock);
	old = tables->set;
	tables->set = set;
	(void)pthread_mutex_unlock(&tables->lock);
	tables_set_unref(&old);
	tables_set_unref(&before);
}

/* --- reading --- */

enum owner_loaded
tables_load(struct tables *tables, size_t at, struct config_errors *errors)
{
	struct table_file *file = &tables->files[at];
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

/* --- the whole --- */

void
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
		struct table_file *file = &tables->files[i];
		const char *why;

		if (table_spec_parse(names->list[i], &file->spec, &why) == -1)
			abort(); /* the configuration was checked */
		if (file->spec.kind == TABLE_SOCKETMAP)
			file->map = owner_map_new(config, &file->spec,
			    names->list[i]);
		else if (tables_load(tables, i, errors) == OWNER_CHANGING)
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

	for (size_t i = 0; i < config_errors_listed(errors); i++)
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
