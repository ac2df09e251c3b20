/*
 * A list, as long as the configuration has hosts.
 */
#include "names.h"

#include "core/text.h"

#include <stdlib.h>
#include <string.h>

struct name *
names_find(const struct names *names, const char *text, bool mx)
{
	for (size_t i = 0; i < names->count; i++) {
		if (names->list[i].mx == mx &&
		    text_equal_nocase(names->list[i].text, text))
			return &names->list[i];
	}
	return NULL;
}

void
names_clear(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i].text);
	free(names->list);
	memset(names, 0, sizeof(*names));
}

static void
add(struct names *names, const char *text, bool mx, const struct name *old)
{
	struct name *name = &names->list[names->count++];

	if (old != NULL)
		*name = *old;
	name->mx = mx;
	name->text = strdup(text);
	if (name->text == NULL)
		abort();
}

void
names_reload(struct names *names, const struct config *config)
{
	struct names old = *names;
	struct netaddr literal;

	names->list = calloc(config->nhosts + 1, sizeof(names->list[0]));
	if (names->list == NULL)
		abort();
	names->count = 0;
	for (size_t i = 0; i < config->nhosts; i++) {
		const char *text = config->hosts[i].host;
		bool mx = config->hosts[i].mx;

		if (netaddr_parse(text, &literal) != 0 &&
		    names_find(names, text, mx) == NULL)
			add(names, text, mx, names_find(&old, text, mx));
	}
	names_clear(&old);
}

void
names_ask(struct names *names, struct exchangers *exchangers, struct mono now)
{
	for (size_t i = 0; i < names->count; i++) {
		struct name *name = &names->list[i];

		if (mono_before(now, name->next))
			continue;
		/* until the answer says when */
		name->next = mono_add(now, RESOLVER_TTL_MIN);
		exchangers_ask(exchangers, name->text, name->mx);
	}
}

struct mono
names_next(const struct names *names)
{
	struct mono next = MONO_NEVER;

	for (size_t i = 0; i < names->count; i++) {
		if (mono_before(names->list[i].next, next))
			next = names->list[i].next;
	}
	return next;
}

bool
name_take(struct name *name, const struct resolution *resolution,
    struct mono now)
{
	bool gone = resolution->result == RESOLVED_GONE, changed;

	name->next = mono_add(now, resolution->ttl);
	if (resolved_unknown(resolution->result))
		return false;
	changed = name->gone != gone;
	name->gone = gone;
	return changed;
}
