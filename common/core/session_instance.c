/*
 * Milter instances: whose connections are up, and whose sessions are to go.
 */
#include "core/session_state.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>

static struct instance *
instance_find(struct sessions *sessions, const char *name)
{
	struct instance *instance = sessions->instances;

	while (instance != NULL && strcmp(instance->name, name) != 0)
		instance = instance->next;
	return instance;
}

struct instance *
session_instance_get(struct sessions *sessions, const char *name)
{
	struct instance *instance = instance_find(sessions, name);

	if (instance != NULL || strlen(name) > INSTANCE_MAX)
		return instance;
	instance = calloc(1, sizeof(*instance));
	if (instance == NULL)
		abort();
	(void)text_copy(instance->name, sizeof(instance->name), name);
	instance->next = sessions->instances;
	sessions->instances = instance;
	return instance;
}

void
session_instance_drop(struct sessions *sessions, struct instance *instance)
{
	struct instance **place = &sessions->instances;

	if (instance->connections > 0 || instance->first != NULL)
		return;
	while (*place != instance)
		place = &(*place)->next;
	*place = instance->next;
	free(instance);
}

void
sessions_instance_up(struct sessions *sessions, const char *name)
{
	struct instance *instance = session_instance_get(sessions, name);

	if (instance == NULL)
		return;
	instance->connections++;
	instance->gone = false;
}

void
sessions_instance_down(struct sessions *sessions, const char *name,
    struct mono now)
{
	struct instance *instance = instance_find(sessions, name);

	if (instance == NULL || instance->connections == 0 ||
	    --instance->connections > 0)
		return;
	instance->gone = true;
	instance->since = now;
}

size_t
sessions_instances(const struct sessions *sessions, const char **names_r,
    size_t max)
{
	const struct instance *instance = sessions->instances;
	size_t n = 0;

	for (; instance != NULL && n < max; instance = instance->next) {
		if (instance->connections > 0)
			names_r[n++] = instance->name;
	}
	return n;
}

/* The last session takes the instance with it. */
static size_t
instance_expire(struct sessions *sessions, struct instance *instance,
    size_t max)
{
	struct held *held = instance->first, *next;
	size_t dropped = 0;

	if (held == NULL)
		session_instance_drop(sessions, instance);
	for (; held != NULL && dropped < max; held = next) {
		next = held->links[BY_INSTANCE].next;
		sessions_remove(sessions, &held->session);
		dropped++;
	}
	return dropped;
}

size_t
sessions_expire(struct sessions *sessions, struct mono now)
{
	struct instance *instance, *next;
	size_t dropped = 0;

	for (instance = sessions->instances; instance != NULL;
	     instance = next) {
		next = instance->next;
		if (instance->gone &&
		    mono_since(now, instance->since).us >= SESSION_GRACE.us)
			dropped += instance_expire(sessions, instance,
			    SESSIONS_EXPIRE_MAX - dropped);
	}
	return dropped;
}
