/*
 * The memory of answers given: direct-mapped, no lists, no allocation.
 */
#include "core/slots.h"

#include "core/route.h"
#include "core/siphash.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>

/* A decision without its candidates: a few hosts, and how to say them. */
struct slot {
	bool used;
	struct mono since;
	uint64_t changes; /* of the hosts, when it was made */
	enum decision_kind kind;
	enum reason reason;
	const struct route *route;
	const struct connector *connector;
	enum built_in built_in;
	uint16_t nlist;
	uint16_t list[MEMBERS_MAX];
	enum slots_map map;
	char address[ADDRESS_MAX + 1];
};

void
slots_init(struct slots *slots, const struct config *config,
    const uint8_t key[16])
{
	memcpy(slots->key, key, sizeof(slots->key));
	slots->list = calloc(SLOTS_MAX, sizeof(slots->list[0]));
	if (slots->list == NULL)
		abort();
	chooser_init(&slots->chooser, config);
	slots->chooser.unrated = true;
	memcpy(&slots->chooser.seed, key + 8, sizeof(slots->chooser.seed));
}

void
slots_clear(struct slots *slots)
{
	chooser_clear(&slots->chooser);
	free(slots->list);
	memset(slots, 0, sizeof(*slots));
}

void
slots_reload(struct slots *slots, const struct config *config)
{
	uint64_t seed = slots->chooser.seed;

	chooser_clear(&slots->chooser);
	chooser_init(&slots->chooser, config);
	slots->chooser.unrated = true;
	slots->chooser.seed = seed;
	for (size_t i = 0; i < SLOTS_MAX; i++)
		slots->list[i].used = false;
}

static bool
slot_holds(const struct slot *slot, const struct hosts *hosts,
    enum slots_map map, const char *address, struct mono now)
{
	return slot->used && slot->changes == hosts->changes &&
	    mono_since(now, slot->since).us < SLOTS_HOLD.us &&
	    slot->map == map && strcmp(slot->address, address) == 0;
}

static void
slot_give(const struct slot *slot, struct decision *decision)
{
	decision->kind = slot->kind;
	decision->reason = slot->reason;
	decision->route = slot->route;
	decision->connector = slot->connector;
	decision->built_in = slot->built_in;
	decision->ncandidates = 0;
	decision->nlist = slot->nlist;
	memcpy(decision->list, slot->list,
	    slot->nlist * sizeof(slot->list[0]));
}

static void
slot_keep(struct slot *slot, const struct hosts *hosts, enum slots_map map,
    const char *address, struct mono now, const struct decision *decision)
{
	slot->used =
	    text_copy(slot->address, sizeof(slot->address), address) == 0;
	slot->map = map;
	slot->since = now;
	slot->changes = hosts->changes;
	slot->kind = decision->kind;
	slot->reason = decision->reason;
	slot->route = decision->route;
	slot->connector = decision->connector;
	slot->built_in = decision->built_in;
	slot->nlist = (uint16_t)decision->nlist;
	memcpy(slot->list, decision->list,
	    decision->nlist * sizeof(slot->list[0]));
}

static bool
has_mail_trial(const struct decision *decision)
{
	for (size_t i = 0; i < decision->ncandidates; i++) {
		if (decision->candidates[i].reason == REASON_MAIL_TRIAL)
			return true;
	}
	return false;
}

static void
decide(struct slots *slots, const struct config *config, struct hosts *hosts,
    const struct facts *facts, struct now now, bool dry,
    struct decision *decision)
{
	const struct route *route = route_find(config, facts);

	if (facts->recipient != NULL && route != NULL &&
	    route->recipient.count == 0)
		route = NULL;
	choose(&slots->chooser, config, hosts, route, facts, now, dry,
	    decision);
}

void
slots_ask(struct slots *slots, const struct config *config,
    struct hosts *hosts, enum slots_map map, const char *address,
    struct now now, bool dry, struct decision *decision)
{
	uint64_t hash = siphash(slots->key, address, strlen(address));
	struct slot *slot = &slots->list[(hash + map) % SLOTS_MAX];
	struct facts facts = { .listener = "" };

	if (slot_holds(slot, hosts, map, address, now.mono)) {
		slot_give(slot, decision);
		return;
	}
	if (map == SLOTS_SENDER)
		facts.sender = address;
	else
		facts.recipient = address;
	decide(slots, config, hosts, &facts, now, dry, decision);
	if (!dry && !has_mail_trial(decision))
		slot_keep(slot, hosts, map, address, now.mono, decision);
}
