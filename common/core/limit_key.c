/*
 * Keys of throttles.
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

uint8_t
limit_prefix(const struct config *config)
{
	return config->ipv6_prefix != 0 ? (uint8_t)config->ipv6_prefix :
	                                  LIMIT_IPV6_PREFIX;
}

struct netaddr
limit_source(const struct netaddr *client, uint8_t prefix)
{
	return client->family == 6 ? netaddr_mask(client, prefix) : *client;
}

const char *
limit_source_text(const struct netaddr *client, uint8_t prefix,
    char buf[SOURCE_TEXT_MAX])
{
	struct netaddr source = limit_source(client, prefix);
	char addr[NETADDR_TEXT_MAX];

	(void)netaddr_format(&source, addr);
	if (client->family == 6 && prefix < 128)
		(void)snprintf(buf, SOURCE_TEXT_MAX, "%s/%u", addr,
		    (unsigned)prefix);
	else
		(void)snprintf(buf, SOURCE_TEXT_MAX, "%s", addr);
	return buf;
}

static const char *
sender_text(const struct config *config, const char *sender,
    char buf[PART_TEXT_MAX])
{
	if (sender[0] == '\0')
		return "<>";
	return identity_without_tag(&config->identities, sender, buf) ? buf :
	                                                                sender;
}

static const char *
domain_text(const char *address)
{
	const char *domain = match_domain(address);

	if (address[0] == '\0')
		return "<>";
	return domain != NULL && domain[0] != '\0' ? domain : "(none)";
}

static const char *
part(const struct config *config, enum limit_by by, const struct facts *facts,
    char buf[PART_TEXT_MAX])
{
	switch (by) {
	case LIMIT_BY_USER:
		return facts->user;
	case LIMIT_BY_CLIENT:
		return limit_source_text(&facts->client, limit_prefix(config),
		    buf);
	case LIMIT_BY_SENDER:
		return sender_text(config, facts->sender, buf);
	case LIMIT_BY_SENDER_DOMAIN:
		return domain_text(facts->sender);
	case LIMIT_BY_RECIPIENT_DOMAIN:
		return domain_text(facts->recipient);
	case LIMIT_BY_LISTENER:
		return facts->listener;
	}
	return "";
}

static bool
has_part(enum limit_by by, const struct facts *facts)
{
	switch (by) {
	case LIMIT_BY_USER:
		return facts->user != NULL && facts->user[0] != '\0';
	case LIMIT_BY_CLIENT:
		return facts->client.family != 0;
	case LIMIT_BY_SENDER:
	case LIMIT_BY_SENDER_DOMAIN:
		return facts->sender != NULL;
	case LIMIT_BY_RECIPIENT_DOMAIN:
		return facts->recipient != NULL;
	case LIMIT_BY_LISTENER:
		return facts->listener[0] != '\0';
	}
	return false;
}

bool
limit_has_key(const struct throttle *throttle, const struct facts *facts)
{
	for (unsigned i = 0; i < throttle->nby; i++) {
		if (!has_part(throttle->by[i], facts))
			return false;
	}
	/* one network of a client without an address cannot be told */
	return throttle->nby > 0 && (throttle->what != LIMIT_CLIENTS ||
	    facts->client.family != 0);
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

void
limit_key(const struct config *config, const struct throttle *throttle,
    const struct facts *facts, char key_r[LIMIT_KEY_MAX])
{
	char whole[WHOLE_MAX], buf[PART_TEXT_MAX];
	size_t used = 0;

	for (unsigned i = 0; i < throttle->nby; i++) {
		const char *text = part(config, throttle->by[i], facts, buf);

		if (i > 0)
			whole[used++] = '|';
		used += put_part(whole + used, sizeof(whole) - used, text,
		    throttle->nby == 1);
	}
	cut(whole, used, key_r);
}
