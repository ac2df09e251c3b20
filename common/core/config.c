/*
 * A loaded configuration: counting its users, and what everyone asks of it.
 * How it comes to be is io/config_file.c.
 */
#include "core/config.h"

#include "core/match.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool
strings_equal(const struct strings *a, const struct strings *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->list[i], b->list[i]) != 0)
			return false;
	}
	return true;
}

struct config *
config_new(void)
{
	struct config *config = calloc(1, sizeof(*config));

	if (config == NULL)
		abort();
	atomic_init(&config->refs, 1);
	config->arena = arena_new();
	return config;
}

struct config *
config_ref(struct config *config)
{
	atomic_fetch_add_explicit(&config->refs, 1, memory_order_relaxed);
	return config;
}

void
config_unref(struct config **config)
{
	struct config *gone = *config;

	*config = NULL;
	if (gone == NULL ||
	    atomic_fetch_sub_explicit(&gone->refs, 1,
	    memory_order_acq_rel) != 1)
		return;
	arena_free(&gone->arena);
	free(gone);
}

static bool
listener_has(const struct listener *listener, const char *daemon_name,
    uint16_t port)
{
	if (daemon_name != NULL && match_name(&listener->daemons, daemon_name))
		return true;
	for (size_t i = 0; port != 0 && i < listener->ports.count; i++) {
		if (listener->ports.list[i] == port)
			return true;
	}
	return false;
}

const struct listener *
config_listener(const struct config *config, const char *daemon_name,
    uint16_t port)
{
	size_t i = 0;

	assert(config->nlisteners > 0);
	while (i < config->nlisteners - 1 &&
	    !listener_has(&config->listeners[i], daemon_name, port))
		i++;
	return &config->listeners[i];
}

const struct listener *
config_find_listener(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->nlisteners; i++) {
		if (strcmp(config->listeners[i].name, name) == 0)
			return &config->listeners[i];
	}
	return NULL;
}

const struct throttle *
config_throttle(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->nthrottles; i++) {
		if (strcmp(config->throttles[i].name, name) == 0)
			return &config->throttles[i];
	}
	return NULL;
}

bool
config_counts(const struct config *config, enum limit_what what)
{
	for (size_t i = 0; i < config->nthrottles; i++) {
		if (config->throttles[i].what == what)
			return true;
	}
	return false;
}

static bool
has_member(const struct connector *connector, size_t host)
{
	for (size_t i = 0; i < connector->nmembers; i++) {
		if (connector->members[i].host == host)
			return true;
	}
	return false;
}

bool
config_transport_reaches(const struct config *config, const char *transport,
    size_t host)
{
	bool used = false;

	for (size_t i = 0; i < config->nconnectors; i++) {
		const struct connector *connector = &config->connectors[i];

		if (strcmp(connector->transport, transport) != 0)
			continue;
		if (has_member(connector, host))
			return true;
		used = true;
	}
	return !used;
}

bool
config_has_homes(const struct config *config)
{
	for (size_t i = 0; i < config->nconnectors; i++) {
		if (config->connectors[i].balance == BALANCE_AFFINITY)
			return true;
	}
	return false;
}

bool
config_is_home(const struct config *config, const char *host)
{
	for (size_t i = 0; i < config->nconnectors; i++) {
		const struct connector *connector = &config->connectors[i];

		for (size_t j = 0; j < connector->nmembers &&
		    connector->balance == BALANCE_AFFINITY; j++) {
			size_t at = connector->members[j].host;

			if (at < config->nhosts &&
			    config->hosts[at].name != NULL &&
			    strcmp(config->hosts[at].name, host) == 0)
				return true;
		}
	}
	return false;
}
