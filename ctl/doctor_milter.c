/*
 * What smtpd(8) is told of weir-milter, and what of it weir-milter needs.
 */
#include "doctor.h"

#include <stdlib.h>
#include <string.h>

static const char milters[] = "smtpd_milters";

static bool
find_milter(const struct look *look, const struct postfix_service *service,
    struct list_place *place)
{
	return list_find(postfix_value(look->postfix, service, milters),
	    look->endpoints->milter.names, place);
}

/* --- the milter --- */

static void
milter_missing_of(const struct look *look,
    const struct postfix_service *service)
{
	const struct listener *listener = look_listener(look, service);
	struct list_place place;

	if (!look_default(look, listener) &&
	    !find_milter(look, service, &place))
		found(look, service->id, listener->name);
}

/* The listener whose daemons have the service's own name; or NULL. */
static const struct listener *
listener_by_name(const struct look *look,
    const struct postfix_service *service)
{
	const struct listener *listener =
	    config_listener(look->config, service->name, 0);

	return look_default(look, listener) ? NULL : listener;
}

/* It bears a listener's name in master.cf, but comes under another. */
static void
daemon_name_of(const struct look *look, const struct postfix_service *service)
{
	if (look_default(look, look_listener(look, service)) &&
	    listener_by_name(look, service) != NULL)
		found(look, service->id, postfix_value(look->postfix, service,
		    "milter_macro_daemon_name"));
}

static void
milter_unasked_of(const struct look *look,
    const struct postfix_service *service)
{
	struct list_place place;

	if (look_default(look, look_listener(look, service)) &&
	    !find_milter(look, service, &place))
		found(look, service->id, NULL);
}

/* A listener means a service that was told to ask no milter. */
static void
look_milter_excluded(const struct look *look)
{
	const struct postfix_service *service = NULL;

	while ((service = postfix_next(look->postfix, service)) != NULL) {
		const struct listener *listener = look_listener(look, service);

		if (service_role(look->postfix, service) == SERVICE_BACK &&
		    !look_default(look, listener))
			found(look, service->id, listener->name);
	}
}

static void
milter_second_of(const struct look *look,
    const struct postfix_service *service)
{
	struct list_place place;

	if (find_milter(look, service, &place) && place.before != 0)
		found(look, service->id, NULL);
}

static void
milter_accept_of(const struct look *look,
    const struct postfix_service *service)
{
	struct list_place place;

	if (find_milter(look, service, &place) &&
	    !milter_may_stay(look->postfix, service, &place.item))
		found(look, service->id, NULL);
}

static void
path_of(const struct look *look, const struct postfix_service *service,
    const struct endpoint *endpoint, const struct list_place *place)
{
	struct list_item name = list_endpoint(&place->item);

	if (out_of_reach(look->postfix, service, endpoint, &place->item))
		found(look, service->id, look_item(look, &name));
}

static void
chroot_path_of(const struct look *look, const struct postfix_service *service)
{
	struct list_place place;

	if (find_milter(look, service, &place))
		path_of(look, service, &look->endpoints->milter, &place);
	if (look_policy(look, service, DATA_RESTRICTIONS, &place))
		path_of(look, service, &look->endpoints->policy, &place);
}

static void
outside(const struct look *look, const char *setting, const char *name,
    const struct endpoint *endpoint)
{
	if (endpoint->socket != NULL && !endpoint->chroot)
		found(look, look_text(look, "%s = \"%s\"", setting,
		    endpoint->socket), look_text(look, "\"unix:%s/weir/%s\"",
		    postfix_value(look->postfix, NULL, "queue_directory"),
		    name));
}

static void
look_chroot_outside(const struct look *look)
{
	if (!chrooted_somewhere(look->postfix, "smtpd"))
		return;
	outside(look, "milter.listen", "milter.sock",
	    &look->endpoints->milter);
	outside(look, "policy.listen", "policy.sock",
	    &look->endpoints->policy);
}

static void
look_milter_protocol(const struct look *look)
{
	const char *version = postfix_value(look->postfix, NULL,
	    "milter_protocol");

	if (strtol(version, NULL, 10) < 6)
		found(look, version, NULL);
}

static void
macros_of(const struct look *look, const struct postfix_service *service)
{
	for (const struct macros *m = milter_macros; m->parameter != NULL;
	    m++) {
		const char *have = postfix_value(look->postfix, service,
		    m->parameter);
		const char *needed = m->needed;
		struct list_item item;

		while (list_next(&needed, &item)) {
			const char *word = look_item(look, &item);

			if (!list_has(have, word))
				found(look, m->parameter, word);
		}
	}
}

/* --- both daemons --- */

static void
queue_id_of(const struct look *look, const struct postfix_service *service)
{
	static const char name[] = "smtpd_delay_open_until_valid_rcpt";

	if (postfix_yes(look->postfix, service, name))
		found(look, look_set(look, service, name, "no"), NULL);
}

static void
look_nul(const struct look *look)
{
	static const char name[] = "message_reject_characters";

	if (!nul_is_refused(postfix_raw(look->postfix, NULL, name)))
		found(look, "", NULL);
}

/* A listener that no service is. */
static void
look_listener_nowhere(const struct look *look)
{
	for (size_t i = 0; i + 1 < look->config->nlisteners; i++) {
		const struct listener *listener = &look->config->listeners[i];
		const struct postfix_service *service = NULL;
		bool somewhere = false;

		while ((service = postfix_next(look->postfix, service)) !=
		    NULL)
			somewhere |= strcmp(service->command, "smtpd") == 0 &&
			    (look_listener(look, service) == listener ||
			    listener_by_name(look, service) == listener);
		if (!somewhere) /* NOLINTNEXTLINE(*.NullDereference): counted */
			found(look, listener->name, NULL);
	}
}

const struct check checks_milter[] = {
	{ "milter_missing", FINDING_ERROR, NULL, milter_missing_of,
	    "{1}, which is listener \"{2}\" of weir.conf, does not ask "
	    "weir-milter: who sends there is not checked",
	    "{apply}" },
	{ "daemon_name", FINDING_ERROR, NULL, daemon_name_of,
	    "{1} comes to weir-milter as {2}: it is no listener of weir.conf "
	    "but the default one",
	    "{apply}" },
	{ "milter_unasked", FINDING_WARNING, NULL, milter_unasked_of,
	    "{1} does not ask weir-milter: nothing that comes in there is "
	    "limited or checked",
	    "{apply}" },
	{ "milter_excluded", FINDING_ERROR, look_milter_excluded, NULL,
	    "{1} is told to ask no milter, yet listener \"{2}\" of weir.conf "
	    "means it",
	    "take no_milters or the empty smtpd_milters of {1} out of "
	    "master.cf, then {apply}" },
	{ "milter_second", FINDING_WARNING, NULL, milter_second_of,
	    "another milter of {1} comes before weir-milter: what it changes "
	    "or lets pass is not what the client sent",
	    "{apply}" },
	{ "milter_accept", FINDING_ERROR, NULL, milter_accept_of,
	    "{1} takes mail unchecked while weir-milter is away "
	    "(default_action=accept)",
	    "{apply}" },
	{ "chroot_path", FINDING_ERROR, NULL, chroot_path_of,
	    "{1} is chrooted and cannot open {2}: the path must be relative "
	    "to the queue directory",
	    "{apply}" },
	{ "chroot_outside", FINDING_ERROR, look_chroot_outside, NULL,
	    "{1} is outside the queue directory: chrooted services of Postfix "
	    "cannot reach it",
	    "make it {2} in weir.conf, then {apply}" },
	{ "milter_protocol", FINDING_ERROR, look_milter_protocol, NULL,
	    "milter_protocol = {1}: weir-milter needs 6",
	    "{postconf} -X milter_protocol" },
	{ "macros", FINDING_ERROR, NULL, macros_of,
	    "{1} lacks {2}, which weir-milter needs",
	    "{apply}" },
	{ "queue_id", FINDING_ERROR, NULL, queue_id_of,
	    "smtpd_delay_open_until_valid_rcpt = yes: a message has no queue "
	    "id when weir-milter sees its first recipient",
	    "{postconf} {1}" },
	{ "nul", FINDING_WARNING, look_nul, NULL,
	    "message_reject_characters lacks \\0: a NUL cuts short what "
	    "weir-milter sees of a header",
	    "{apply}" },
	{ "listener_nowhere", FINDING_WARNING, look_listener_nowhere, NULL,
	    "no smtpd service of master.cf is listener \"{1}\" of weir.conf",
	    "daemons of weir.conf are the milter_macro_daemon_name of a "
	    "service, ports what it listens on: mend either" },
	{ NULL, FINDING_ERROR, NULL, NULL, NULL, NULL },
};
