/*
 * The socketmap's part of the plan: tables the queue manager asks at every
 * delivery attempt, and a resolver for smtpd that does not ask them.
 */
#include "plan_parts.h"

#include <string.h>

static const char sender_maps[] = "sender_dependent_default_transport_maps";
static const char recipient_maps[] = "transport_maps";

bool
resolver_is_ours(const struct postfix *postfix,
    const struct endpoints *endpoints, const struct postfix_service *service)
{
	struct list_place place;

	return service != NULL &&
	    (list_find(postfix_value(postfix, service, sender_maps),
	    endpoints->sender.names, &place) ||
	    list_find(postfix_value(postfix, service, recipient_maps),
	    endpoints->recipient.names, &place));
}

const struct postfix_service *
resolver_of(const struct postfix *postfix,
    const struct postfix_service *service)
{
	const char *name =
	    postfix_value(postfix, service, "rewrite_service_name");
	const struct postfix_service *resolver = NULL;

	while ((resolver = postfix_next(postfix, resolver)) != NULL) {
		if (strcmp(resolver->name, name) == 0 &&
		    strcmp(resolver->type, "unix") == 0)
			return resolver;
	}
	return NULL;
}

static void
want_map(struct planning *p, const char *name, const struct endpoint *endpoint,
    const char *why)
{
	const struct postfix_service *rewrite =
	    postfix_service(p->postfix, "rewrite/unix");
	struct plan_first first = { .name = name,
		.endpoint = endpoint,
		.element = endpoint->name,
		.why = why };

	plan_want_first(p, NULL, &first);
	if (rewrite != NULL && postfix_given(p->postfix, rewrite, name) != NULL)
		plan_want_first(p, rewrite, &first);
}

/* "-o transport_maps=hash:/etc/x", braces around a value with blanks. */
static const char *
option(struct plan *plan, const char *name, const char *value)
{
	const char *compact = plan_compact(plan, value);

	return compact != NULL ? plan_format(plan, " -o %s=%s", name, compact) :
	    plan_format(plan, " -o {%s=%s}", name, value);
}

/* A list as the administrator has it, without ours. */
static const char *
maps_of_his_own(struct planning *p, const char *name,
    const struct endpoint *endpoint)
{
	return plan_without(p->plan, postfix_raw(p->postfix, NULL, name),
	    endpoint->names);
}

/*
 * smtpd's own resolver, with the administrator's tables but without ours: mail
 * is accepted while weir-policyd is away, and only waits in the queue.
 */
static void
plan_resolver(struct planning *p, bool recipients)
{
	static const char why[] =
	    "smtpd's own resolver: mail is taken while a map is away";
	const struct endpoints *e = &p->plan->endpoints;
	const struct postfix_service *rewrite =
	    postfix_service(p->postfix, "rewrite/unix");
	const struct postfix_service *second =
	    postfix_service(p->postfix, SECOND_RESOLVER "/unix");
	const char *senders = maps_of_his_own(p, sender_maps, &e->sender);
	const char *others = maps_of_his_own(p, recipient_maps, &e->recipient);
	struct plan_change added = { .where = SECOND_RESOLVER "/unix",
		.why = why };

	if (second == NULL) {
		added.after = plan_format(p->plan,
		    SECOND_RESOLVER " unix - - %c - - trivial-rewrite%s%s",
		    rewrite != NULL ? rewrite->chroot : '-',
		    option(p->plan, sender_maps, senders),
		    recipients ? option(p->plan, recipient_maps, others) : "");
		plan_add(p->plan, &added);
		return;
	}
	plan_want(p, second, sender_maps, senders, senders, why);
	if (recipients)
		plan_want(p, second, recipient_maps, others, others, why);
}

/* One with a resolver of its own that does not ask us keeps it. */
static void
plan_resolver_names(struct planning *p)
{
	const struct postfix_service *service = NULL;

	while ((service = postfix_next(p->postfix, service)) != NULL) {
		const struct postfix_service *resolver =
		    resolver_of(p->postfix, service);

		if (service_role(p->postfix, service) == SERVICE_OTHER ||
		    (resolver != NULL &&
		    strcmp(resolver->name, "rewrite") != 0 &&
		    !resolver_is_ours(p->postfix, &p->plan->endpoints,
		    resolver)))
			continue;
		plan_want(p, service, "rewrite_service_name", SECOND_RESOLVER,
		    NULL, "by that resolver");
	}
}

void
plan_socketmap(struct planning *p)
{
	const struct endpoints *e = &p->plan->endpoints;
	bool recipients = config_routes_recipients(p->config);

	if (e->sender.socket == NULL) {
		plan_note(p->plan, PLAN_STOP, "the socketmap part needs a "
		    "socket: policy.socketmap in weir.conf is empty");
		return;
	}
	want_map(p, sender_maps, &e->sender,
	    "which smart host, asked at every delivery attempt");
	if (recipients)
		want_map(p, recipient_maps, &e->recipient,
		    "routes by recipient, asked at every delivery attempt");
	plan_resolver(p, recipients);
	plan_resolver_names(p);
}
