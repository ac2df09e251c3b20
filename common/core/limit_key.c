/*
 * Keys and conditions of throttles.
 */
#include "core/limit_key.h"

#include "core/identity.h"
#include "core/match.h"
#include "core/siphash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	HASH_TEXT = 17, /* '~' and 16 digits */
	PART_TEXT_MAX = ADDRESS_MAX + 1, /* longer than any network */
	/* every part at its longest, each byte escaped */
	WHOLE_MAX = 4 * BY_MAX * (ADDRESS_MAX + 1) + BY_MAX,
};

struct netaddr
limit_source(const struct netaddr *client)
{
	return client->family == 6 ?
	    netaddr_mask(client, LIMIT_IPV6_PREFIX) : *client;
}

static const char *
client_text(const struct netaddr *client, char buf[PART_TEXT_MAX])
{
	struct netaddr source = limit_source(client);
	char addr[NETADDR_TEXT_MAX];

	if (client->family == 0)
		return NULL;
	(void)snprintf(buf, PART_TEXT_MAX, client->family == 6 ? "%s/64" : "%s",
	    netaddr_format(&source, addr));
	return buf;
}

static const char *
sender_text(const struct config *config, const char *sender,
    char buf[ADDRESS_MAX + 1])
{
	if (sender == NULL)
		return NULL;
	if (sender[0] == '\0')
		return "<>";
	return identity_without_tag(&config->identities, sender, buf) ? buf :
	                                                                sender;
}

static const char *
part(const struct config *config, enum limit_by by, const struct facts *facts,
    char buf[PART_TEXT_MAX])
{
	switch (by) {
	case LIMIT_BY_USER:
		return facts->user;
	case LIMIT_BY_CLIENT:
		return client_text(&facts->client, buf);
	case LIMIT_BY_SENDER:
		return sender_text(config, facts->sender, buf);
	case LIMIT_BY_LISTENER:
		return facts->listener;
	}
	return NULL;
}

/* Never more than WHOLE_MAX: facts.h bounds every part. */
static size_t
put_part(char *to, size_t room, const char *text, bool alone)
{
	size_t used = 0;

	for (; *text != '\0' && used + 4 < room; text++) {
		if (!alone && (*text == '|' || *text == '\\'))
			used += (size_t)snprintf(to + used, room - used,
			    "\\x%02X", (unsigned)*text);
		else
			to[used++] = *text;
	}
	to[used] = '\0';
	return used;
}

/*
 * The hash has no secret: keys are kept in the store and must be the same
 * after a restart. Who finds two long keys of one hash makes his own two
 * share a limit.
 */
static void
cut(const char *whole, size_t len, char key_r[LIMIT_KEY_MAX])
{
	static const uint8_t no_secret[16];
	size_t keep = LIMIT_KEY_MAX - 1 - HASH_TEXT;

	if (len < LIMIT_KEY_MAX) {
		memcpy(key_r, whole, len + 1);
		return;
	}
	memcpy(key_r, whole, keep);
	(void)snprintf(key_r + keep, LIMIT_KEY_MAX - keep, "~%016" PRIX64,
	    siphash(no_secret, whole, len));
}

bool
limit_key(const struct config *config, const struct throttle *throttle,
    const struct facts *facts, char key_r[LIMIT_KEY_MAX])
{
	char whole[WHOLE_MAX], buf[PART_TEXT_MAX];
	size_t used = 0;

	for (unsigned i = 0; i < throttle->nby; i++) {
		const char *text = part(config, throttle->by[i], facts, buf);

		if (text == NULL)
			return false;
		if (i > 0)
			whole[used++] = '|';
		used += put_part(whole + used, sizeof(whole) - used, text,
		    throttle->nby == 1);
	}
	if (used == 0)
		return false;
	cut(whole, used, key_r);
	return true;
}

/* --- conditions --- */

/* For rules that count by client alone, and only those. */
static bool
exempt(const struct config *config, const struct throttle *throttle,
    const struct facts *facts)
{
	if (throttle->nby != 1 || throttle->by[0] != LIMIT_BY_CLIENT)
		return false;
	for (size_t i = 0; i < config->nlisteners; i++) {
		const struct listener *listener = &config->listeners[i];

		if (strcmp(listener->name, facts->listener) == 0)
			return match_networks(&listener->exempt_clients,
			    &facts->client);
	}
	return false;
}

static bool
includes_user(const struct throttle *throttle, const char *user)
{
	if (user == NULL)
		return throttle->users.count == 0;
	return (throttle->users.count == 0 ||
	    match_any(&throttle->users, user)) &&
	    !match_any(&throttle->except_users, user);
}

static bool
includes_client(const struct throttle *throttle, const struct netaddr *client)
{
	if (client->family == 0)
		return throttle->clients.count == 0;
	return (throttle->clients.count == 0 ||
	    match_networks(&throttle->clients, client)) &&
	    !match_networks(&throttle->except_clients, client);
}

bool
limit_applies(const struct config *config, const struct throttle *throttle,
    const struct facts *facts)
{
	return (throttle->listeners.count == 0 ||
	    match_any(&throttle->listeners, facts->listener)) &&
	    includes_user(throttle, facts->user) &&
	    includes_client(throttle, &facts->client) &&
	    !exempt(config, throttle, facts);
}
