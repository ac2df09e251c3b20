/*
 * The milter's part of the plan: each service by which clients come in asks it,
 * under a name weir.conf knows, and tells it what it needs.
 */
#include "plan_parts.h"

#include "core/text.h"

#include <string.h>

const struct macros milter_macros[] = {
	{ "milter_connect_macros", "{daemon_name} {daemon_port}",
	    "j {daemon_name} {daemon_addr} {daemon_port} {client_addr} "
	    "{client_name} {client_port} {client_ptr} {client_connections} "
	    "v _" },
	{ "milter_mail_macros", "{auth_authen} {mail_addr}",
	    "i {auth_type} {auth_authen} {auth_author} {mail_addr} "
	    "{mail_host} {mail_mailer}" },
	{ "milter_rcpt_macros", "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
	    "i {rcpt_addr} {rcpt_host} {rcpt_mailer}" },
	{ "milter_end_of_data_macros", "i", "i" },
	{ NULL, NULL, NULL },
};

bool
milter_may_stay(const struct postfix *postfix,
    const struct postfix_service *service, const struct list_item *item)
{
	struct list_item action = list_attribute(item, "default_action");
	const char *otherwise =
	    postfix_value(postfix, service, "milter_default_action");

	if (service_role(postfix, service) == SERVICE_PORT_25)
		return true;
	if (action.len == 0)
		return strcmp(otherwise, "accept") != 0;
	return action.len != 6 || strncmp(action.text, "accept", 6) != 0;
}

static void
plan_milter(struct planning *p, const struct postfix_service *service)
{
	bool port_25 = service_role(p->postfix, service) == SERVICE_PORT_25;
	struct plan_first first = {
		.name = "smtpd_milters",
		.endpoint = &p->plan->endpoints.milter,
		.element = plan_format(p->plan, "{ %s, default_action=%s, "
		    "command_timeout=10s }", p->plan->endpoints.milter.name,
		    port_25 ? "accept" : "tempfail"),
		.good = milter_may_stay,
		.why = port_25 ?
		    "who may send; while weir-milter is away mail is taken" :
		    "who may send; while weir-milter is away mail must wait",
	};

	plan_want_first(p, service, &first);
}

static bool
listener_named(const struct config *config, const char *daemon_name)
{
	for (size_t i = 0; i < config->nlisteners; i++) {
		const struct strings *names = &config->listeners[i].daemons;

		for (size_t j = 0; j < names->count; j++) {
			if (text_equal_nocase(names->list[j], daemon_name))
				return true;
		}
	}
	return false;
}

/*
 * The name by which a listener of weir.conf knows the service. One that a
 * listener knows already, by its name or port, keeps what it has: other milters
 * may go by the name.
 */
static void
plan_daemon_name(struct planning *p, const struct postfix_service *service)
{
	static const char name[] = "milter_macro_daemon_name";
	const char *now = postfix_value(p->postfix, service, name);
	const struct listener *listener =
	    config_listener(p->config, now, service_port(service));
	bool known =
	    listener != &p->config->listeners[p->config->nlisteners - 1];

	if (known || strchr(service->name, ':') != NULL)
		return;
	if (!listener_named(p->config, service->name) &&
	    (postfix_given(p->postfix, service, name) != NULL ||
	    service_role(p->postfix, service) == SERVICE_PORT_25))
		return;
	plan_want(p, service, name, service->name, NULL,
	    "the name of this service in weir.conf");
}

static bool
macros_missing(const struct planning *p, const struct postfix_service *service,
    const struct macros *macros)
{
	const char *have =
	    postfix_value(p->postfix, service, macros->parameter);
	const char *rest = macros->wanted;
	struct list_item item;

	while (list_next(&rest, &item)) {
		char word[64];

		(void)text_copy_n(word, sizeof(word), item.text, item.len);
		if (!list_has(have, word))
			return true;
	}
	return false;
}

/* Ours in our order, then what was there beyond it. */
static const char *
macros_merged(struct plan *plan, const char *ours, const char *have)
{
	const char *merged = ours;
	struct list_item item;

	while (list_next(&have, &item)) {
		char word[64];

		if (text_copy_n(word, sizeof(word), item.text, item.len) == 0 &&
		    !list_has(merged, word))
			merged = plan_format(plan, "%s %s", merged, word);
	}
	return merged;
}

static void
plan_macros(struct planning *p, const struct postfix_service *service)
{
	for (const struct macros *m = milter_macros; m->parameter != NULL;
	     m++) {
		if (service != NULL && postfix_given(p->postfix, service,
		    m->parameter) == NULL)
			continue;
		if (!macros_missing(p, service, m))
			continue;
		plan_want(p, service, m->parameter,
		    macros_merged(p->plan, m->wanted,
		    postfix_raw(p->postfix, service, m->parameter)),
		    NULL, "what weir-milter is told of a client and a message");
	}
}

static void
plan_queue_id(struct planning *p, const struct postfix_service *service)
{
	static const char name[] = "smtpd_delay_open_until_valid_rcpt";

	if (service != NULL && postfix_given(p->postfix, service, name) == NULL)
		return;
	if (postfix_yes(p->postfix, service, name))
		plan_want(p, service, name, "no", NULL, "a queue id from the "
		    "first recipient on: it names the message to both daemons");
}

bool
nul_is_refused(const char *characters)
{
	const char *at = characters;

	while ((at = strstr(at, "\\0")) != NULL) {
		at += strspn(at + 1, "0") + 1;
		if (*at < '1' || *at > '7') /* no other octal number */
			return true;
	}
	return false;
}

void
plan_main_macros(struct planning *p)
{
	static const char name[] = "message_reject_characters";
	const char *have = postfix_raw(p->postfix, NULL, name);

	plan_macros(p, NULL);
	plan_queue_id(p, NULL);
	if (!nul_is_refused(have))
		plan_want(p, NULL, name, plan_format(p->plan, "%s\\0", have),
		    NULL, "a NUL would cut short what weir-milter sees of a "
		    "header");
}

/* All of an smtpd service by which clients come in. */
static void
plan_service(struct planning *p, const struct postfix_service *service)
{
	plan_milter(p, service);
	plan_daemon_name(p, service);
	plan_macros(p, service);
	plan_queue_id(p, service);
}

void
plan_services(struct planning *p)
{
	const struct postfix_service *service = NULL;
	size_t count = 0;

	while ((service = postfix_next(p->postfix, service)) != NULL) {
		if (service_role(p->postfix, service) < SERVICE_CLIENTS)
			continue;
		plan_service(p, service);
		count++;
	}
	if (count == 0)
		plan_note(p->plan, PLAN_STOP, "master.cf has no smtpd service "
		    "by which clients come in: uncomment submission there");
}
