/*
 * Each socket is listened at once: two settings that name the same one would
 * end a daemon at its start.
 */
#include "io/config_load.h"
#include "io/listen.h"

#include <stdlib.h>
#include <string.h>

struct listening {
	const char *setting;
	const char *at; /* "unix:PATH", "inet:HOST:PORT" */
	const config_setting_t *given; /* NULL: by default */
};

struct listenings {
	struct loader *l;
	struct listening *list;
	size_t count;
};

/* An element of a list, or the setting itself. */
static const config_setting_t *
given_at(const config_setting_t *setting, size_t i)
{
	if (setting == NULL || config_setting_is_scalar(setting))
		return setting;
	return config_setting_get_elem((config_setting_t *)setting,
	    (unsigned)i);
}

static void
tell(struct loader *l, const struct listening *here,
    const struct listening *other)
{
	char value[SHOWN_MAX];

	if (other->given == NULL)
		report(l, here->given, "%s is listened at by %s too, by "
		    "default; give each a socket of its own",
		    shown(here->at, value), other->setting);
	else
		report(l, here->given, "%s is listened at by %s too, in line "
		    "%u; give each a socket of its own",
		    shown(here->at, value), other->setting,
		    config_setting_source_line(other->given));
}

/* "unix:" does not tell sockets apart: state.socket has none. */
static const char *
place(const char *at)
{
	return strncmp(at, "unix:", 5) == 0 ? at + 5 : at;
}

struct endpoint {
	struct netaddr address;
	uint16_t port;
};

static bool
parse_endpoint(const char *at, struct endpoint *endpoint_r)
{
	struct listen_address address;
	const char *why;

	if (listen_parse(at, &address, &why) == -1 || address.is_unix)
		return false;
	endpoint_r->port = address.port;
	return netaddr_parse(address.host, &endpoint_r->address) == 0;
}

/* An address can be written in several ways: ::1, [::1], 0::1. */
static bool
same_place(const char *a, const char *b)
{
	struct endpoint one, other;

	if (strcmp(place(a), place(b)) == 0)
		return true;
	return parse_endpoint(a, &one) && parse_endpoint(b, &other) &&
	    one.port == other.port &&
	    netaddr_equal(&one.address, &other.address);
}

static void
add(struct listenings *all, const char *setting, const char *at,
    const config_setting_t *given)
{
	const struct listening here = { setting, at, given };

	if (at == NULL || at[0] == '\0')
		return;
	for (size_t i = 0; i < all->count; i++) {
		const struct listening *other = &all->list[i];

		if (!same_place(other->at, at))
			continue;
		if (given != NULL)
			tell(all->l, &here, other);
		else
			tell(all->l, other, &here);
		return;
	}
	all->list[all->count++] = here;
}

static void
add_one(struct listenings *all, const char *setting, const char *at)
{
	add(all, setting, at, config_lookup(&all->l->given, setting));
}

static void
add_each(struct listenings *all, const char *setting, const struct strings *at)
{
	const config_setting_t *given = config_lookup(&all->l->given, setting);

	for (size_t i = 0; i < at->count; i++)
		add(all, setting, at->list[i], given_at(given, i));
}

void
check_sockets(struct loader *l)
{
	const struct config *config = l->config;
	const struct policy_settings *policy = &config->policy;
	size_t most = policy->listen.count + policy->socketmap.count + 3;
	struct listenings all = { l, calloc(most, sizeof(*all.list)), 0 };

	if (all.list == NULL)
		abort();
	add_one(&all, "state.socket", config->state.socket);
	add_one(&all, "milter.listen", config->milter.listen);
	add_each(&all, "policy.listen", &policy->listen);
	add_each(&all, "policy.socketmap", &policy->socketmap);
	add_one(&all, "http.listen", config->http.listen);
	free(all.list);
}
