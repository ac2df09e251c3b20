/*
 * Counters of the throttles, in pages and by key; what became of the requests
 * each was asked about.
 */
#include "show.h"

#include <inttypes.h>
#include <stdio.h>

enum { CURSOR_TEXT_MAX = 24 };

#define MILLION 1e6

struct limits_page {
	json_t *list;
	uint64_t above;
	bool networks; /* each is listed */
};

static json_t *
networks_list(const struct networks *networks)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < networks->n; i++)
		json_array_append_new(list,
		    show_address(&networks->list[i].addr));
	return list;
}

json_t *
show_limit_row(const struct limit_row *row, bool networks)
{
	json_t *object = json_object();

	json_object_set_new(object, "rule", text_json(row->rule));
	json_object_set_new(object, "key", text_json(row->key));
	json_object_set_new(object, "what",
	    json_string(limit_what_name(row->what)));
	json_object_set_new(object, "used",
	    json_integer((json_int_t)row->used));
	json_object_set_new(object, "limit",
	    json_integer((json_int_t)row->rate.limit));
	json_object_set_new(object, "period", show_seconds(row->rate.period));
	json_object_set_new(object, "resets_in", show_seconds(row->resets_in));
	if (networks && row->networks != NULL)
		json_object_set_new(object, "networks",
		    networks_list(row->networks));
	return object;
}

static void
limits_row(void *ctx, const struct limit_row *row)
{
	const struct limits_page *page = ctx;

	if ((double)row->used * MILLION >
	    (double)page->above * (double)row->rate.limit)
		json_array_append_new(page->list,
		    show_limit_row(row, page->networks));
}

json_t *
show_limits(struct daemon *daemon, uint64_t *cursor, size_t budget,
    uint64_t above, struct now now)
{
	struct limits_page page = { json_array(), above, false };
	json_t *object = json_object();
	char text[CURSOR_TEXT_MAX];

	if (budget > SHOW_LIMITS_MAX)
		budget = SHOW_LIMITS_MAX;
	limits_walk(daemon->model.gate.limits, daemon->config, now, cursor,
	    budget, limits_row, &page);
	(void)snprintf(text, sizeof(text), "%" PRIu64, *cursor);
	json_object_set_new(object, "limits", page.list);
	/* as text: a JSON number would lose bits in some readers */
	json_object_set_new(object, "cursor", json_string(text));
	return object;
}

json_t *
show_limit(struct daemon *daemon, const char *key, struct now now)
{
	struct limits_page page = { json_array(), 0, true };
	json_t *object = json_object();
	const struct config *config = daemon->config;
	struct limit_row row;

	for (size_t i = 0; i < config->nthrottles; i++) {
		if (limits_find(daemon->model.gate.limits, config,
		    config->throttles[i].name, key, now, &row))
			limits_row(&page, &row);
	}
	json_object_set_new(object, "limits", page.list);
	return object;
}

static void
tally_row(void *ctx, const struct throttle *throttle,
    const struct limit_tally *tally)
{
	const struct {
		const char *name;
		uint64_t count;
	} counts[] = {
		{ "allowed", tally->allowed }, { "refused", tally->refused },
		{ "held", tally->held }, { "observed", tally->observed },
		{ "excepted", tally->excepted }, { "warned", tally->warned },
	};
	json_t *object = json_object();

	json_object_set_new(object, "rule", text_json(throttle->name));
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_object_set_new(object, counts[i].name,
		    json_integer((json_int_t)counts[i].count));
	json_array_append_new(ctx, object);
}

json_t *
show_tallies(struct daemon *daemon)
{
	json_t *list = json_array();

	limits_tallies(daemon->model.gate.limits, daemon->config, tally_row,
	    list);
	return list;
}
