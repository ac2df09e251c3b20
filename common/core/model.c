/*
 * The whole state, put together and put to a new configuration.
 */
#include "core/model.h"

#include <stdlib.h>
#include <string.h>

void
model_init(struct model *model, struct config *config,
    const struct transport *default_transport, const uint8_t seed[16],
    event_sink sink, void *sink_ctx, struct now now)
{
	memset(model, 0, sizeof(*model));
	model->config = config_ref(config);
	model->default_transport = *default_transport;
	model->events = events_new(EVENTS_MAX, sink, sink_ctx);
	model->answers = calloc(ANSWERS_MAX, sizeof(model->answers[0]));
	if (model->answers == NULL)
		abort();
	model->past = past_new(PAST_BYTES);
	model->senders = senders_new(seed);
	model->offences = offences_new(seed);
	gate_init(&model->gate, config, seed, model->events);
	hosts_init(&model->hosts, config, model->events, now.mono);
	chooser_init(&model->chooser, config);
	memcpy(&model->chooser.seed, seed, sizeof(model->chooser.seed));
	slots_init(&model->slots, config, seed);
	spreads_init(&model->spreads, config);
}

void
model_clear(struct model *model)
{
	slots_clear(&model->slots);
	spreads_clear(&model->spreads);
	chooser_clear(&model->chooser);
	hosts_clear(&model->hosts);
	gate_clear(&model->gate);
	free(model->answers);
	model->answers = NULL;
	past_free(&model->past);
	senders_free(&model->senders);
	offences_free(&model->offences);
	events_free(&model->events);
	config_unref(&model->config);
}

void
model_reload(struct model *model, struct config *config,
    const struct transport *default_transport, struct now now)
{
	struct config *old = model->config;
	struct home_source homes = model->chooser.homes;
	uint64_t seed = model->chooser.seed;

	hosts_reload(&model->hosts, config, now.mono);
	chooser_clear(&model->chooser);
	chooser_init(&model->chooser, config);
	model->chooser.seed = seed;
	model->chooser.homes = homes;
	model->default_transport = *default_transport;
	/* what was answered may name hosts that are gone */
	memset(model->answers, 0, ANSWERS_MAX * sizeof(model->answers[0]));
	slots_reload(&model->slots, config);
	spreads_clear(&model->spreads);
	spreads_init(&model->spreads, config);
	gate_use(&model->gate, config);
	model->config = config_ref(config);
	config_unref(&old);
}

const char *
model_entry(struct model *model, enum slots_map map, const char *address,
    struct now now, bool dry)
{
	struct decision decision;

	if (!dry)
		model->lookups++;
	if (map == SLOTS_RECIPIENT &&
	    model_recipient_local(model->config, address))
		return NULL;
	slots_ask(&model->slots, model->config, &model->hosts, map, address,
	    now, dry, &decision);
	return decision_entry(&decision, model->config, model->entry);
}
