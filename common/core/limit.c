/*
 * Throttles: all that refuse have room, or none is charged.
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

static struct limit_tally *
tally(struct limits *limits, const struct limit_spot *spot)
{
	return &limits->rules[spot->rule].tally;
}

/* The kinds that are asked about, as bits. */
static unsigned
whats_of(const struct limit_request *request)
{
	unsigned whats = 0;

	for (unsigned what = 0; what < LIMIT_WHATS; what++) {
		if (request->cost[what] > 0)
			whats |= 1U << what;
	}
	if (request->foreseen > 0)
		whats |= 1U << LIMIT_BYTES;
	return whats;
}

static void
spot_begin(const struct config *config, const struct facts *facts,
    const struct limit_request *request, const struct limit_scoped *scoped,
    struct limit_spot *spot)
{
	enum limit_what what = scoped->throttle->what;

	spot->throttle = scoped->throttle;
	spot->scope = scoped->scope;
	spot->full = false;
	spot->foreseen = request->cost[what] == 0;
	spot->claim.cost = spot->foreseen ? request->foreseen :
	                                    request->cost[what];
	spot->claim.network = limit_source(&facts->client,
	    limit_prefix(config));
	limit_key(config, scoped->throttle, facts, spot->key);
}

static void
spots_take(struct limits *limits, const struct config *config,
    const struct facts *facts, const struct limit_request *request,
    struct now now)
{
	struct limit_scoped list[LIMIT_SCOPE_MAX];
	unsigned n = limit_scope(config, facts, whats_of(request), list);

	limits->nspots = 0;
	for (unsigned i = 0; i < n; i++) {
		struct limit_spot *spot = &limits->spots[limits->nspots];

		if (list[i].scope == LIMIT_REPLACED)
			continue;
		spot_begin(config, facts, request, &list[i], spot);
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
warn(struct limits *limits, struct limit_spot *spot, struct now now)
{
	for (unsigned i = 0; i < spot->counts.n; i++) {
		struct rate_answer answer = { .fits = true };
		struct verdict verdict;

		if (!counts_warn(&spot->counts, i, now.mono))
			continue;
		tally(limits, spot)->warned++;
		answer.used = counts_used(&spot->counts, i, now.mono);
		verdict_fill(&verdict, spot, &answer, i);
		limit_tell_warning(limits, &verdict, now);
	}
}

/* --- asked, then charged --- */

/* Has every rule that could refuse room? Else the first that refuses. */
static struct limit_spot *
spots_ask(struct limits *limits, struct now now, struct span *wait_r)
{
	struct limit_spot *refused = NULL;

	*wait_r = span_us(0);
	for (unsigned i = 0; i < limits->nspots; i++) {
		struct limit_spot *spot = &limits->spots[i];
		struct rate_answer answer;
		unsigned rate;

		if (spot->scope != LIMIT_APPLIES)
			continue;
		answer = limit_spot_ask(spot, now, &rate);
		spot->full = !answer.fits;
		if (is_observed(spot) ||
		    spot->throttle->action == ACTION_HOLD)
			continue;
		if (answer.wait.us > wait_r->us)
			*wait_r = answer.wait;
		if (spot->full && refused == NULL)
			refused = spot;
	}
	return refused;
}

/* wait: until every rule would have room. */
static void
refuse(struct limits *limits, struct limit_spot *spot, struct span wait,
    struct now now, struct verdict *verdict)
{
	unsigned rate;
	struct rate_answer answer = limit_spot_ask(spot, now, &rate);

	verdict_fill(verdict, spot, &answer, rate);
	verdict->wait = wait;
	limits_ref(limits, verdict->ref);
	tally(limits, spot)->refused++;
	limit_tell(limits, spot, EVENT_LIMIT_REACHED, rate, verdict, now);
	limit_spot_save(limits, spot, false);
}

static void
spot_charge(struct limit_spot *spot, struct now now,
    struct receipts *receipts)
{
	struct receipt list[RATES_MAX];
	unsigned n = counts_take(&spot->counts, &spot->claim, now.mono, list);

	if (receipts == NULL)
		return;
	receipts->network = spot->claim.network;
	for (unsigned i = 0; i < n; i++) {
		list[i].counter = spot->name;
		receipts_add(receipts, &list[i], now.mono);
	}
}

/* No room, and it passes all the same: the first that holds is named. */
static void
pass_full(struct limits *limits, struct limit_spot *spot, struct now now,
    struct verdict *verdict)
{
	struct rate_answer answer;
	struct verdict own;
	unsigned rate;

	answer = limit_spot_ask(spot, now, &rate);
	verdict_fill(&own, spot, &answer, rate);
	if (is_observed(spot)) {
		tally(limits, spot)->observed++;
		limit_tell(limits, spot, EVENT_LIMIT_OBSERVED, rate, &own, now);
		return;
	}
	tally(limits, spot)->held++;
	limits_ref(limits, own.ref);
	limit_tell(limits, spot, EVENT_LIMIT_REACHED, rate, &own, now);
	if (verdict->action == ACTION_ACCEPT)
		*verdict = own;
}

static void
spot_pass(struct limits *limits, struct limit_spot *spot, struct now now,
    struct receipts *receipts, struct verdict *verdict)
{
	bool counted = !spot->full || is_observed(spot);

	if (spot->foreseen)
		return;
	if (spot->full)
		pass_full(limits, spot, now, verdict);
	else if (spot->scope == LIMIT_EXCEPTED)
		tally(limits, spot)->excepted++;
	else
		tally(limits, spot)->allowed++;
	if (counted)
		spot_charge(spot, now, receipts);
	if (!spot->full && spot->scope == LIMIT_APPLIES)
		warn(limits, spot, now);
	limit_spot_save(limits, spot, counted);
}

bool
limits_ask(struct limits *limits, const struct config *config,
    const struct facts *facts, const struct limit_request *request,
    struct now now, struct receipts *receipts, struct verdict *verdict)
{
	struct limit_spot *refused;
	struct span wait;

	verdict_accept(verdict);
	limits->facts = facts;
	spots_take(limits, config, facts, request, now);
	refused = spots_ask(limits, now, &wait);
	if (refused != NULL)
		refuse(limits, refused, wait, now, verdict);
	for (unsigned i = 0; refused == NULL && i < limits->nspots; i++)
		spot_pass(limits, &limits->spots[i], now, receipts, verdict);
	spots_done(limits);
	return refused == NULL;
}

bool
limits_charge(struct limits *limits, const struct config *config,
    const struct facts *facts, enum limit_what what, uint64_t cost,
    struct now now, struct receipts *receipts, struct verdict *verdict)
{
	struct limit_request request = { .cost = { 0 } };

	request.cost[what] = cost;
	return limits_ask(limits, config, facts, &request, now, receipts,
	    verdict);
}

/* --- asked only --- */

static void
view_fill(struct limits *limits, const struct config *config,
    const struct facts *facts, const struct limit_scoped *scoped,
    struct now now, struct limit_view *view_r)
{
	static const struct limit_request one = { .cost = { 1, 1, 1, 1, 1 } };
	struct limit_spot *spot = &limits->spots[0];
	struct rate_answer answer;
	unsigned rate;

	spot_begin(config, facts, &one, scoped, spot);
	limit_spot_look(limits, spot, now);
	answer = limit_spot_ask(spot, now, &rate);
	if (scoped->scope != LIMIT_APPLIES)
		answer.fits = true;
	verdict_fill(&view_r->verdict, spot, &answer, rate);
	view_r->scope = scoped->scope;
	view_r->replaced_by = scoped->by != NULL ? scoped->by->name : NULL;
	view_r->resets_in = counts_resets_in(&spot->counts, rate, now.mono);
}

size_t
limits_explain(struct limits *limits, const struct config *config,
    const struct facts *facts, unsigned whats, struct now now,
    struct limit_view *list_r, size_t max)
{
	struct limit_scoped list[LIMIT_SCOPE_MAX];
	unsigned n = limit_scope(config, facts, whats, list);
	size_t count = n < max ? n : max;

	for (size_t i = 0; i < count; i++)
		view_fill(limits, config, facts, &list[i], now, &list_r[i]);
	return count;
}

/* --- afterwards --- */

/*
 * A counter that left since counts nothing any more of what the receipt says:
 * only idle ones leave.
 */
static void
give_back(struct limits *limits, const struct receipt *receipt,
    const struct netaddr *network, struct now now)
{
	struct limit_spot *spot = &limits->spots[0];

	spot->shared = receipt->counter < limits->nrules;
	spot->rule = spot->shared ? (unsigned)receipt->counter : 0;
	spot->counter = spot->shared ? limits->rules[spot->rule].shared :
	    table_by_name(limits->table, receipt->counter);
	if (spot->counter == NULL)
		return;
	counter_read(spot->counter, &spot->counts);
	counts_give_back(&spot->counts, receipt, network, now.mono);
	limit_spot_save(limits, spot, true);
}

void
limits_give_back(struct limits *limits, struct receipts *receipts,
    struct now now)
{
	for (unsigned i = 0; i < receipts->count; i++)
		give_back(limits, &receipts->list[i], &receipts->network,
		    now);
	receipts_clear(receipts);
}

void
limits_add(struct limits *limits, const struct config *config,
    const char *rule, const char *key, const struct claim *claim,
    struct span age, struct now now)
{
	const struct throttle *throttle = config_throttle(config, rule);
	struct limit_spot *spot = &limits->spots[0];
	struct mono at = { now.mono.us - (age.us > 0 ? age.us : 0) };
	size_t len = strlen(key);

	if (throttle == NULL || len == 0 || len >= sizeof(spot->key) ||
	    (throttle->what == LIMIT_CLIENTS && claim->network.family == 0))
		return;
	spot->throttle = throttle;
	memcpy(spot->key, key, len + 1);
	limit_spot_take(limits, spot, now);
	counts_add(&spot->counts, claim, at, now.mono);
	limit_spot_save(limits, spot, true);
	limit_spot_done(spot);
}
