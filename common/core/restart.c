/*
 * One table of the settings, in the order of the manual.
 */
#include "core/restart.h"

#include <string.h>

enum {
	POSTFIX_GROUP,
	STATE_SOCKET,
	STATE_DIRECTORY,
	STATE_GROUP,
	STATE_MAX_KEYS,
	MILTER_LISTEN,
	MILTER_STATE_TIMEOUT,
	POLICY_LISTEN,
	POLICY_SOCKETMAP,
	POLICY_MAX_CLIENTS,
	HTTP_LISTEN,
	SETTINGS
};

static const struct {
	const char *name;
	unsigned programs;
} settings[SETTINGS] = {
	[POSTFIX_GROUP] = { "postfix_group", RESTART_POLICYD | RESTART_MILTER },
	[STATE_SOCKET] = { "state.socket", RESTART_POLICYD | RESTART_MILTER },
	[STATE_DIRECTORY] = { "state.directory", RESTART_POLICYD },
	[STATE_GROUP] = { "state.group", RESTART_POLICYD },
	[STATE_MAX_KEYS] = { "state.max_keys", RESTART_POLICYD },
	[MILTER_LISTEN] = { "milter.listen", RESTART_MILTER },
	[MILTER_STATE_TIMEOUT] = { "milter.state_timeout", RESTART_MILTER },
	[POLICY_LISTEN] = { "policy.listen", RESTART_POLICYD },
	[POLICY_SOCKETMAP] = { "policy.socketmap", RESTART_POLICYD },
	[POLICY_MAX_CLIENTS] = { "policy.max_clients", RESTART_POLICYD },
	[HTTP_LISTEN] = { "http.listen", RESTART_POLICYD },
};
_Static_assert((int)SETTINGS <= (int)RESTART_MAX, "all of them fit");

static bool
same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

size_t
restart_needed(const struct config *before, const struct config *after,
    unsigned programs, const char *list_r[RESTART_MAX])
{
	const struct state_settings *s = &before->state, *t = &after->state;
	const struct milter_settings *m = &before->milter, *n = &after->milter;
	const struct policy_settings *p = &before->policy, *q = &after->policy;
	const bool stays[SETTINGS] = {
		[POSTFIX_GROUP] =
		    same(before->postfix_group, after->postfix_group),
		[STATE_SOCKET] = same(s->socket, t->socket),
		[STATE_DIRECTORY] = same(s->directory, t->directory),
		[STATE_GROUP] = same(s->group, t->group),
		[STATE_MAX_KEYS] = s->max_keys == t->max_keys,
		[MILTER_LISTEN] = same(m->listen, n->listen),
		[MILTER_STATE_TIMEOUT] =
		    m->state_timeout.us == n->state_timeout.us,
		[POLICY_LISTEN] = strings_equal(&p->listen, &q->listen),
		[POLICY_SOCKETMAP] =
		    strings_equal(&p->socketmap, &q->socketmap),
		[POLICY_MAX_CLIENTS] = p->max_clients == q->max_clients,
		[HTTP_LISTEN] = same(before->http.listen, after->http.listen),
	};
	size_t count = 0;

	for (size_t i = 0; i < SETTINGS; i++) {
		if (!stays[i] && (settings[i].programs & programs) != 0)
			list_r[count++] = settings[i].name;
	}
	return count;
}

const char *
restart_of(const char *name)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		if (strcmp(settings[i].name, name) == 0 &&
		    settings[i].programs != RESTART_POLICYD)
			return settings[i].programs == RESTART_MILTER
			    ? "weir-milter" : "both daemons";
	}
	return "weir-policyd";
}
