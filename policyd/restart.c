/*
 * Sockets and the store stay as they were opened.
 */
#include "restart.h"

#include <string.h>

static bool
same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

size_t
restart_needed(const struct config *before, const struct config *after,
    const char *list_r[RESTART_MAX])
{
	const struct state_settings *s = &before->state, *t = &after->state;
	const struct policy_settings *p = &before->policy, *q = &after->policy;
	const struct {
		const char *name;
		bool same;
	} settings[] = {
		{ "postfix_group",
		    same(before->postfix_group, after->postfix_group) },
		{ "state.socket", same(s->socket, t->socket) },
		{ "state.directory", same(s->directory, t->directory) },
		{ "state.group", same(s->group, t->group) },
		{ "state.max_keys", s->max_keys == t->max_keys },
		{ "policy.listen", strings_equal(&p->listen, &q->listen) },
		{ "policy.socketmap",
		    strings_equal(&p->socketmap, &q->socketmap) },
		{ "policy.max_clients", p->max_clients == q->max_clients },
		{ "http.listen",
		    same(before->http.listen, after->http.listen) },
	};
	size_t count = 0;

	_Static_assert(sizeof(settings) / sizeof(settings[0]) <= RESTART_MAX,
	    "all of them fit");
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (!settings[i].same)
			list_r[count++] = settings[i].name;
	}
	return count;
}
