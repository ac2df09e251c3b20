/*
 * Throttles: all that apply have room, or none is charged.
 */
#include "core/limit.h"

#include "core/limit_key.h"
#include "core/limit_state.h"

#include <stdio.h>
#include <string.h>

/*
 * A walk through all 2^24 codes in an order the seed decides: each step can be
 * turned back, so that no code comes twice before all came once.
 */
void
limits_ref(struct limits *limits, char ref_r[REF_MAX])
{
	uint64_t secret = 0;
	uint32_t code = (uint32_t)limits->refusals++;

	memcpy(&secret, limits->seed, sizeof(secret));
	code += (uint32_t)secret;
	code = (code * ((uint32_t)(secret >> 24) | 1)) & 0xFFFFFF;
	code ^= code >> 12;
	code = (code * ((uint32_t)(secret >> 40) | 1)) & 0xFFFFFF;
	code ^= code >> 12;
	(void)snprintf(ref_r, REF_MAX, "%06X", (unsigned)code);
}

/* --- the rules that apply --- */

static bool
is_observed(const struct limit_spot *spot)
{
	return spot->throttle->action == ACTION_OBSERVE;
}

static void
spots_take(struct limits *limits, const struct config *config,
    const struct facts *facts, enum limit_what what, struct now now)
{
	limits->nspots = 0;
	for (size_t i = 0; i < config->nthrottles; i++) {
		struct limit_spot *spot = &limits->spots[limits->nspots];

		spot->throttle = &config->throttles[i];
		if (spot->throttle->what != what ||
		    !limit_applies(config, spot->throttle, facts) ||
		    !limit_key(config, spot->throttle, facts, spot->key))
			continue;
		limit_spot_take(limits, spot, now);
		limits->nspots++;
	}
}

static void
spots_done(struct limits *limits)
{
	for (unsigned i = 0; i < limits->nspots; i++)
		limit_spot_done(&limits->spots[i]);
}

/* --- what is said --- */

static void
verdict_fill(struct verdict *verdict, const struct limit_spot *spot,
    const struct rate_answer *answer, unsigned rate)
{
	verdict_accept(verdict);
	memcpy(verdict->rule, spot->throttle->name,
	    strlen(spot->throttle->name) + 1);
	memcpy(verdict->key, spot->key, strlen(spot->key) + 1);
	verdict->what = spot->throttle->what;
	verdict->used = answer->used;
	verdict->limit = spot->counts.specs[rate].limit;
	verdict->period = spot->counts.specs[rate].period;
	verdict->wait = answer->wait;
	if (answer->fits)
		return;
	verdict->action = spot->throttle->action;
	verdict->reason = REASON_LIMIT;
}

static void
tell(struct limits *limits, struct limit_spot *spot, enum event_kind kind,
    const struct verdict *verdict, struct now now)
{
	char period[SPAN_TEXT_MAX];
	struct notice notice;
	unsigned repeats;

	if (!counter_tell(spot->counter, verdict->period, now.mono,
	    &repeats) || limits->events == NULL)
		return;
	notice_init(&notice, kind, now.wall);
	notice_add(&notice, "rule", verdict->rule);
	notice_add(&notice, "key", verdict->key);
	notice_add(&notice, "what", verdict->what == LIMIT_MESSAGES ?
	    "messages" : "recipients");
	notice_add_number(&notice, "used", verdict->used);
	notice_add_number(&notice, "limit", verdict->limit);
	notice_add(&notice, "period", span_format(verdict->period, period));
	notice_add_number(&notice, "wait",
	    (verdict->wait.us + SPAN_SECOND - 1) / SPAN_SECOND);
	if (verdict->ref[0] != '\0')
		notice_add(&notice, "ref", verdict->ref);
	if (repeats > 0)
		notice_add_number(&notice, "repeats", repeats);
	events_add(limits->events, &notice);
}

/* --- asked, then charged --- */

/*
 * The verdict of the first rule that refuses. Its wait is until every rule
 * would have room.
 */
static bool
spots_ask(struct limits *limits, uint32_t cost, struct now now,
    struct verdict *verdict)
{
	struct limit_spot *refused = NULL;
	struct span wait = { 0 };

	for (unsigned i = 0; i < limits->nspots; i++) {
		struct limit_spot *spot = &limits->spots[i];
		struct rate_answer answer;
		unsigned rate;

		if (is_observed(spot))
			continue;
		answer = limit_spot_ask(spot, cost, now, &rate);
		if (answer.wait.us > wait.us)
			wait = answer.wait;
		if (!answer.fits && refused == NULL) {
			refused = spot;
			verdict_fill(verdict, spot, &answer, rate);
		}
	}
	if (refused == NULL)
		return true;
	verdict->wait = wait;
	limits_ref(limits, verdict->ref);
	tell(limits, refused, EVENT_LIMIT_REACHED, verdict, now);
	return false;
}

static void
receipts_add(struct receipts *receipts, struct receipt receipt)
{
	for (unsigned i = 0; i < receipts->count; i++) {
		struct receipt *same = &receipts->list[i];

		if (same->counter == receipt.counter &&
		    same->period.us == receipt.period.us &&
		    same->part == receipt.part) {
			same->cost += receipt.cost;
			return;
		}
	}
	if (receipts->count < RECEIPTS_MAX)
		receipts->list[receipts->count++] = receipt;
}

static void
spot_charge(struct limits *limits, struct limit_spot *spot, uint32_t cost,
    struct now now, struct receipts *receipts)
{
	struct counts *counts = &spot->counts;

	for (unsigned i = 0; i < counts->n; i++) {
		int64_t part = rate_take(&counts->rates[i], counts->specs[i],
		    cost, now.mono);

		receipts_add(receipts, (struct receipt) { spot->name,
		    counts->specs[i].period, part, cost });
	}
	limit_spot_save(limits, spot);
}

static void
observe(struct limits *limits, struct limit_spot *spot, uint32_t cost,
    struct now now)
{
	struct rate_answer answer;
	struct verdict verdict;
	unsigned rate;

	answer = limit_spot_ask(spot, cost, now, &rate);
	if (answer.fits)
		return;
	verdict_fill(&verdict, spot, &answer, rate);
	tell(limits, spot, EVENT_LIMIT_OBSERVED, &verdict, now);
}

bool
limits_charge(struct limits *limits, const struct config *config,
    const struct facts *facts, enum limit_what what, uint32_t cost,
    struct now now, struct receipts *receipts, struct verdict *verdict)
{
	bool passes;

	verdict_accept(verdict);
	spots_take(limits, config, facts, what, now);
	passes = spots_ask(limits, cost, now, verdict);
	for (unsigned i = 0; passes && i < limits->nspots; i++) {
		if (is_observed(&limits->spots[i]))
			observe(limits, &limits->spots[i], cost, now);
		spot_charge(limits, &limits->spots[i], cost, now, receipts);
	}
	spots_done(limits);
	return passes;
}

size_t
limits_explain(struct limits *limits, const struct config *config,
    const struct facts *facts, enum limit_what what, struct now now,
    struct verdict *list_r, size_t max)
{
	struct limit_spot *spot = &limits->spots[0];
	size_t n = 0;

	for (size_t i = 0; i < config->nthrottles && n < max; i++) {
		struct rate_answer answer;
		unsigned rate;

		spot->throttle = &config->throttles[i];
		if (spot->throttle->what != what ||
		    !limit_applies(config, spot->throttle, facts) ||
		    !limit_key(config, spot->throttle, facts, spot->key))
			continue;
		limit_spot_look(limits, spot, now);
		answer = limit_spot_ask(spot, 1, now, &rate);
		verdict_fill(&list_r[n++], spot, &answer, rate);
	}
	return n;
}

/* --- afterwards --- */

/*
 * A counter that left since counts nothing any more of what the receipt says:
 * only idle ones leave.
 */
static void
give_back(struct limits *limits, const struct receipt *receipt,
    struct now now)
{
	struct limit_spot *spot = &limits->spots[0];

	spot->shared = receipt->counter < limits->nrules;
	spot->rule = spot->shared ? (unsigned)receipt->counter : 0;
	spot->counter = spot->shared ? limits->rules[spot->rule].shared :
	    table_by_name(limits->table, receipt->counter);
	if (spot->counter == NULL)
		return;
	counter_read(spot->counter, &spot->counts);
	for (unsigned i = 0; i < spot->counts.n; i++) {
		if (spot->counts.specs[i].period.us == receipt->period.us)
			rate_give_back(&spot->counts.rates[i],
			    spot->counts.specs[i], receipt->part,
			    receipt->cost, now.mono);
	}
	limit_spot_save(limits, spot);
}

void
limits_give_back(struct limits *limits, struct receipts *receipts,
    struct now now)
{
	for (unsigned i = 0; i < receipts->count; i++)
		give_back(limits, &receipts->list[i], now);
	receipts->count = 0;
}

void
limits_add(struct limits *limits, const struct config *config,
    const char *rule, const char *key, uint32_t used, struct span age,
    struct now now)
{
	const struct throttle *throttle = limit_throttle(config, rule);
	struct limit_spot *spot = &limits->spots[0];
	struct mono at = { now.mono.us - (age.us > 0 ? age.us : 0) };
	size_t len = strlen(key);

	if (throttle == NULL || len == 0 || len >= sizeof(spot->key))
		return;
	spot->throttle = throttle;
	memcpy(spot->key, key, len + 1);
	limit_spot_take(limits, spot, now);
	for (unsigned i = 0; i < spot->counts.n; i++)
		rate_add(&spot->counts.rates[i], spot->counts.specs[i], at,
		    used, now.mono);
	limit_spot_save(limits, spot);
	limit_spot_done(spot);
}
