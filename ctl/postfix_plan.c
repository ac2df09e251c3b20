/*
 * A plan is put together from its parts; here is what they put down, and
 * whether it can be done at all.
 */
#include "arena_text.h"
#include "plan_parts.h"

#include "core/text.h"

#include <stdlib.h>
#include <string.h>

/* --- what is put down --- */

const char *
plan_format(struct plan *plan, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = arena_vtext(plan->arena, fmt, ap);
	va_end(ap);
	return text;
}

void
plan_note(struct plan *plan, enum plan_level level, const char *text)
{
	if (plan->nnotes == plan->note_room) {
		plan->note_room =
		    plan->note_room == 0 ? 8 : 2 * plan->note_room;
		plan->notes = realloc(
		    plan->notes, plan->note_room * sizeof(plan->notes[0]));
		if (plan->notes == NULL)
			abort();
	}
	plan->notes[plan->nnotes].level = level;
	plan->notes[plan->nnotes++].text = text;
}

/* Two connectors may ask the same of one transport. */
static bool
plan_has(const struct plan *plan, const struct plan_change *wanted)
{
	for (size_t i = 0; i < plan->nchanges; i++) {
		if (wanted->name != NULL && plan->changes[i].name != NULL &&
		    strcmp(plan->changes[i].where, wanted->where) == 0 &&
		    strcmp(plan->changes[i].name, wanted->name) == 0)
			return true;
	}
	return false;
}

void
plan_add(struct plan *plan, const struct plan_change *wanted)
{
	if (plan_has(plan, wanted))
		return;
	if (plan->nchanges == plan->change_room) {
		plan->change_room =
		    plan->change_room == 0 ? 16 : 2 * plan->change_room;
		plan->changes = realloc(plan->changes,
		    plan->change_room * sizeof(plan->changes[0]));
		if (plan->changes == NULL)
			abort();
	}
	plan->changes[plan->nchanges++] = *wanted;
}

const char *
plan_compact(struct plan *plan, const char *list)
{
	char *compact = list_compact(list);
	const char *copy =
	    compact != NULL ? arena_copy(plan->arena, compact) : NULL;

	free(compact);
	return copy;
}

/*
 * Puts down that a setting becomes "after", unless it is that already. postconf
 * takes no blank in a value of master.cf.
 */
void
plan_want(struct planning *p, const struct postfix_service *service,
    const char *name, const char *after, const char *rest, const char *why)
{
	struct plan_change wanted = {
		.where = service != NULL ? service->id : MAIN_CF,
		.name = name,
		.before = postfix_given(p->postfix, service, name),
		.after = service != NULL ? plan_compact(p->plan, after) : after,
		.rest = rest,
		.why = why,
	};

	if (wanted.before != NULL && strcmp(wanted.before, after) == 0)
		return;
	if (wanted.after == NULL)
		plan_note(p->plan, PLAN_STOP, plan_format(p->plan, "postconf "
		    "cannot set %s of %s, since it has blanks inside braces; "
		    "set it by hand: %s = %s", name, wanted.where, name,
		    after));
	else if (wanted.before == NULL ||
	    strcmp(wanted.before, wanted.after) != 0)
		plan_add(p->plan, &wanted);
}

/* --- lists in which ours comes first --- */

bool
chrooted_somewhere(const struct postfix *postfix, const char *command)
{
	const struct postfix_service *service = NULL;

	while ((service = postfix_next(postfix, service)) != NULL) {
		if (strcmp(service->command, command) == 0 &&
		    service_chrooted(postfix, service))
			return true;
	}
	return false;
}

/* An absolute path, as no chrooted service can open it. */
bool
out_of_reach(const struct postfix *postfix,
    const struct postfix_service *service, const struct endpoint *endpoint,
    const struct list_item *item)
{
	struct list_item name = list_endpoint(item);
	char text[512];
	bool chrooted = service != NULL ? service_chrooted(postfix, service) :
	    chrooted_somewhere(postfix, "smtpd");

	if (!chrooted ||
	    text_copy_n(text, sizeof(text), name.text, name.len) != 0)
		return false;
	for (const char *const *out = endpoint->outside; *out != NULL; out++) {
		if (strcmp(text, *out) == 0)
			return true;
	}
	return false;
}

const char *
plan_without(struct plan *plan, const char *list, list_names ours)
{
	char *without = list_without(list, ours);
	const char *copy = arena_copy(plan->arena, without);

	free(without);
	return copy;
}

static bool
may_stay(const struct planning *p, const struct postfix_service *service,
    const struct plan_first *first, const struct list_place *place)
{
	return place->before == 0 &&
	    !out_of_reach(p->postfix, service, first->endpoint, &place->item) &&
	    (first->good == NULL ||
	    first->good(p->postfix, service, &place->item));
}

void
plan_want_first(struct planning *p, const struct postfix_service *service,
    const struct plan_first *first)
{
	const char *raw = postfix_raw(p->postfix, service, first->name);
	list_names ours = first->endpoint->names;
	const char *rest = plan_without(p->plan, raw, ours);
	struct list_place place;

	if (list_find(postfix_value(p->postfix, service, first->name), ours,
	    &place)) {
		if (may_stay(p, service, first, &place))
			return;
		if (!list_find(raw, ours, &place)) {
			plan_note(p->plan, PLAN_STOP, plan_format(p->plan,
			    "%s of %s has Weir by way of another setting (%s): "
			    "put it first by hand, as %s", first->name,
			    service != NULL ? service->id : MAIN_CF, raw,
			    first->element));
			return;
		}
	}
	plan_want(p, service, first->name, rest[0] == '\0' ? first->element :
	    plan_format(p->plan, "%s, %s", first->element, rest), rest,
	    first->why);
}

const char *
postfix_filter(const struct postfix *postfix)
{
	static const char *const everywhere[] = { "always_bcc",
		"sender_bcc_maps", "recipient_bcc_maps" };
	static const char *const of_clients[] = { "content_filter",
		"smtpd_proxy_filter" };
	const struct postfix_service *service = NULL;

	for (size_t i = 0; i < 3; i++) {
		if (postfix_value(postfix, NULL, everywhere[i])[0] != '\0')
			return everywhere[i];
	}
	while ((service = postfix_next(postfix, service)) != NULL) {
		for (size_t i = 0; i < 2; i++) {
			if (service_role(postfix, service) >= SERVICE_CLIENTS &&
			    postfix_value(postfix, service,
			    of_clients[i])[0] != '\0')
				return of_clients[i];
		}
	}
	return NULL;
}

/* --- whether it can be at all --- */

static void
stop_outside(struct planning *p, const struct endpoint *endpoint,
    const char *setting, const char *name)
{
	const char *queue = postfix_value(p->postfix, NULL, "queue_directory");

	if (endpoint->socket == NULL || endpoint->chroot)
		return;
	plan_note(p->plan, PLAN_STOP, plan_format(p->plan, "%s is %s, which "
	    "services chrooted in %s cannot reach: make it "
	    "unix:%s/weir/%s.sock", setting, endpoint->socket, queue, queue,
	    name));
}

static void
plan_reach(struct planning *p)
{
	if (p->plan->endpoints.policy.socket == NULL)
		plan_note(p->plan, PLAN_STOP, "policy.listen in weir.conf is "
		    "empty: Postfix has nobody to ask");
	if (chrooted_somewhere(p->postfix, "smtpd")) {
		stop_outside(p, &p->plan->endpoints.milter, "milter.listen",
		    "milter");
		stop_outside(p, &p->plan->endpoints.policy, "policy.listen",
		    "policy");
	}
	if (p->plan->socketmap &&
	    chrooted_somewhere(p->postfix, "trivial-rewrite"))
		stop_outside(p, &p->plan->endpoints.sender, "policy.socketmap",
		    "map");
}

static void
plan_pin(struct planning *p)
{
	const char *filter = postfix_filter(p->postfix);
	bool never = p->config->policy.pin == PIN_NEVER;

	p->plan->socketmap = p->wish->socketmap || never || filter != NULL;
	if (filter != NULL && !never)
		plan_note(p->plan, PLAN_WARN, plan_format(p->plan, "%s is set, "
		    "which a pinned message would pass by or take along: "
		    "policy.pin = \"never\" is right here, in weir.conf; the "
		    "socketmap part below serves instead", filter));
}

struct plan *
plan_new(void)
{
	struct plan *plan = calloc(1, sizeof(*plan));

	if (plan == NULL)
		abort();
	plan->arena = arena_new();
	return plan;
}

struct plan *
plan_make(const struct postfix *postfix, const struct config *config,
    const struct plan_wish *wish)
{
	struct plan *plan = plan_new();
	struct planning p = { plan, postfix, config, wish };

	endpoints_make(&plan->endpoints, plan->arena, config,
	    postfix_value(postfix, NULL, "queue_directory"));
	plan_pin(&p);
	plan_reach(&p);
	plan_main_macros(&p);
	plan_policy(&p);
	plan_way_out(&p);
	if (plan->socketmap)
		plan_socketmap(&p);
	plan_services(&p);
	plan_transports(&p);
	return plan;
}

void
plan_free(struct plan **plan)
{
	if (*plan == NULL)
		return;
	free((*plan)->changes);
	free((*plan)->notes);
	arena_free(&(*plan)->arena);
	free(*plan);
	*plan = NULL;
}

bool
plan_stopped(const struct plan *plan)
{
	for (size_t i = 0; i < plan->nnotes; i++) {
		if (plan->notes[i].level == PLAN_STOP)
			return true;
	}
	return false;
}
