/*
 * weirctl connections: who has how many open, how many he may, and how often
 * he was refused.
 */
#include "show.h"

#include "core/limit_key.h"
#include "core/match.h"
#include "core/text.h"

#include <string.h>

struct source {
	char listener[NAME_MAX_LEN + 1]; /* the walk only lends it */
	struct netaddr addr;
	uint32_t open, refused;
};

struct sources { /* the busiest first, by open and then by refused */
	const struct daemon *daemon;
	struct source list[SHOW_SOURCES_MAX];
	size_t count;
	bool truncated;
};

static bool
is_busier(const struct source *a, const struct source *b)
{
	return a->open != b->open ? a->open > b->open : a->refused > b->refused;
}

/* Keeps the list sorted; most sources are passed over at once. */
static void
sources_add(struct sources *sources, const struct source *source)
{
	struct source *list = sources->list;
	size_t at = sources->count;

	if (at == SHOW_SOURCES_MAX) {
		sources->truncated = true;
		if (!is_busier(source, &list[--at]))
			return;
	} else
		sources->count++;
	for (; at > 0 && is_busier(source, &list[at - 1]); at--)
		list[at] = list[at - 1];
	list[at] = *source;
}

static void
add_open(
    void *ctx, const char *listener, const struct netaddr *addr, uint32_t open)
{
	struct sources *sources = ctx;
	struct source source = { .addr = *addr,
		.open = open,
		.refused = refusals_of(
		    sources->daemon->model.gate.refusals, listener, addr) };

	(void)text_copy(source.listener, sizeof(source.listener), listener);
	sources_add(sources, &source);
}

/* Those that have none open; the others are there already. */
static void
add_refused(void *ctx, const char *listener, const struct netaddr *addr,
    uint32_t refused)
{
	struct sources *sources = ctx;
	struct source source = { .addr = *addr, .refused = refused };

	if (sessions_open_of(
		sources->daemon->model.gate.sessions, listener, addr) > 0)
		return;
	(void)text_copy(source.listener, sizeof(source.listener), listener);
	sources_add(sources, &source);
}

const char *
show_limit_by(const struct connections_answer *answer)
{
	if (answer->limit == answer->by_source &&
	    answer->by_source <= answer->by_percent &&
	    answer->by_source != UNLIMITED)
		return "per_source";
	return answer->limit == answer->by_percent &&
		       answer->by_percent != UNLIMITED
		   ? "percent"
		   : "total";
}

/* As limits and events name it: an IPv6 source is a network. */
static json_t *
source_text(const struct config *config, const struct netaddr *source)
{
	char text[SOURCE_TEXT_MAX];

	return source->family == 0 ? json_null()
				   : json_string(limit_source_text(
					 source, limit_prefix(config), text));
}

static json_t *
show_source(const struct daemon *daemon, const struct source *source)
{
	const struct listener *listener =
	    config_find_listener(daemon->config, source->listener);
	json_t *row = json_object();

	json_object_set_new(row, "listener", text_json(source->listener));
	json_object_set_new(
	    row, "source", source_text(daemon->config, &source->addr));
	json_object_set_new(row, "open", json_integer(source->open));
	if (listener != NULL) {
		struct connections_answer answer = connections_ask(listener,
		    sessions_open(
			daemon->model.gate.sessions, source->listener),
		    source->open,
		    match_networks(&listener->exempt_clients, &source->addr));

		json_object_set_new(row, "limit", show_count(answer.limit));
		json_object_set_new(
		    row, "limit_by", json_string(show_limit_by(&answer)));
	}
	json_object_set_new(row, "refused", json_integer(source->refused));
	return row;
}

json_t *
show_connections(struct daemon *daemon)
{
	json_t *object = json_object(), *list = json_array();
	struct sources sources = { .daemon = daemon };

	sessions_sources(daemon->model.gate.sessions, add_open, &sources);
	refusals_walk(daemon->model.gate.refusals, add_refused, &sources);
	for (size_t i = 0; i < sources.count; i++)
		json_array_append_new(
		    list, show_source(daemon, &sources.list[i]));
	json_object_set_new(object, "connections", list);
	if (sources.truncated)
		json_object_set_new(object, "truncated", json_true());
	return object;
}
