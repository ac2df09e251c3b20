/*
 * The cache in front of a socketmap, and the rows it answers with.
 */
#include "io/owner_map.h"

#include "core/table.h"
#include "core/text.h"
#include "io/clock.h"
#include "io/log.h"
#include "io/owner_rows.h"
#include "io/socketmap_client.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define COMPLAIN_EACH span_s(60)

struct kept { /* of one user, in the table */
	struct mono until;
	struct owners *owners; /* NULL: there is no such login */
};

struct owner_map {
	const struct config *config;
	const char *shown;
	struct socketmap_client *client;

	pthread_mutex_t lock; /* of all below */
	struct table *kept; /* user -> struct kept */
	struct mono complained_at; /* of a value that was wrong */
};

/* Whoever leaves the table gives up what he holds. */
static void
drop(struct kept *kept)
{
	owners_unref(&kept->owners);
}

static bool
may_leave(void *ctx, const void *value)
{
	(void)ctx;
	drop((struct kept *)(uintptr_t)value);
	return true;
}

struct owner_map *
owner_map_new(const struct config *config, const struct table_spec *spec,
    const char *shown)
{
	struct owner_map *map = calloc(1, sizeof(*map));
	struct table_settings settings = { .max = OWNER_MAP_MAX,
		.may_leave = may_leave };

	if (map == NULL || getrandom(settings.seed, sizeof(settings.seed),
	    0) != (ssize_t)sizeof(settings.seed))
		abort();
	map->config = config;
	map->shown = shown;
	map->client = socketmap_client_new(&spec->address, spec->map, shown);
	(void)pthread_mutex_init(&map->lock, NULL);
	map->kept = table_new(&settings);
	return map;
}

static void
drop_cb(void *ctx, const void *key, size_t len, void *value)
{
	(void)ctx;
	(void)key;
	(void)len;
	drop(value);
}

void
owner_map_free(struct owner_map **map_p)
{
	struct owner_map *map = *map_p;
	uint64_t cursor = 0;

	if (map == NULL)
		return;
	do
		table_walk(map->kept, &cursor, OWNER_MAP_MAX, drop_cb, NULL);
	while (cursor != 0);
	table_free(&map->kept);
	socketmap_client_free(&map->client);
	(void)pthread_mutex_destroy(&map->lock);
	free(map);
	*map_p = NULL;
}

/* --- the cache --- */

static bool
look_up(struct owner_map *map, const char *user, struct owners **owners_r)
{
	struct kept *kept;
	bool fresh;

	(void)pthread_mutex_lock(&map->lock);
	kept = table_find(map->kept, user, strlen(user));
	fresh = kept != NULL && mono_before(clock_now().mono, kept->until);
	*owners_r = fresh && kept->owners != NULL ? owners_ref(kept->owners) :
	                                            NULL;
	(void)pthread_mutex_unlock(&map->lock);
	return fresh;
}

static void
keep(struct owner_map *map, const char *user, struct owners *owners)
{
	struct span time = map->config->identities.table_cache;
	struct kept *kept;

	if (time.us == 0)
		return;
	(void)pthread_mutex_lock(&map->lock);
	kept = table_find(map->kept, user, strlen(user));
	if (kept == NULL)
		kept = table_add(map->kept, user, strlen(user), sizeof(*kept));
	if (kept != NULL) {
		drop(kept);
		kept->owners = owners == NULL ? NULL : owners_ref(owners);
		kept->until = mono_add(clock_now().mono, time);
	}
	(void)pthread_mutex_unlock(&map->lock);
}

/* --- answers --- */

static void
complain(struct owner_map *map, const struct config_errors *errors)
{
	struct mono now = clock_now().mono;
	bool say;

	(void)pthread_mutex_lock(&map->lock);
	say = map->complained_at.us == 0 ||
	    mono_since(now, map->complained_at).us > COMPLAIN_EACH.us;
	if (say)
		map->complained_at = now;
	(void)pthread_mutex_unlock(&map->lock);
	if (say)
		log_error("%s; his mail waits", errors->list[0]);
}

/* A value that is wrong is no answer: he is neither listed nor unlisted. */
static enum owner_map_answer
read_value(struct owner_map *map, const char *user, const char *value,
    size_t len, struct owners **owners_r)
{
	struct config_errors *errors = calloc(1, sizeof(*errors));
	struct owner_rows *rows;

	if (errors == NULL)
		abort();
	rows = owner_rows_new(map->config, map->shown, errors);
	owner_rows_value(rows, user, strlen(user), value, len, false);
	*owners_r = owner_rows_end(&rows);
	if (*owners_r == NULL)
		complain(map, errors);
	free(errors);
	return *owners_r == NULL ? OWNER_MAP_AWAY : OWNER_MAP_FOUND;
}

/* "alice" of "alice@example.com" where that is the realm. */
static bool
without_realm(const struct identities *ids, const char *user,
    char bare_r[LOGIN_MAX + 1])
{
	const char *at = strrchr(user, '@');

	return at != NULL && ids->realm != NULL && ids->realm[0] != '\0' &&
	    strcmp(at + 1, ids->realm) == 0 && at != user &&
	    text_copy_n(bare_r, LOGIN_MAX + 1, user, (size_t)(at - user)) == 0;
}

static enum owner_map_answer
ask(struct owner_map *map, const char *user, struct mono deadline,
    struct owners **owners_r)
{
	char bare[LOGIN_MAX + 1], why[SOCKETMAP_WHY_MAX], *value = NULL;
	enum owner_map_answer answer;
	enum socketmap_result result;
	size_t len = 0;

	result = socketmap_client_ask(map->client, user, deadline, &value,
	    &len, why);
	if (result == SOCKETMAP_NONE &&
	    without_realm(&map->config->identities, user, bare))
		result = socketmap_client_ask(map->client, bare, deadline,
		    &value, &len, why);
	if (result != SOCKETMAP_FOUND)
		return result == SOCKETMAP_NONE ? OWNER_MAP_NONE :
		                                  OWNER_MAP_AWAY;
	answer = read_value(map, user, value, len, owners_r);
	free(value);
	return answer;
}

enum owner_map_answer
owner_map_ask(struct owner_map *map, const char *user, struct mono deadline,
    struct owners **owners_r)
{
	enum owner_map_answer answer;

	if (look_up(map, user, owners_r))
		return *owners_r == NULL ? OWNER_MAP_NONE : OWNER_MAP_FOUND;
	answer = ask(map, user, deadline, owners_r);
	if (answer != OWNER_MAP_AWAY)
		keep(map, user, *owners_r);
	return answer;
}
