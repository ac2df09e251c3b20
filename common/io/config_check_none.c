/*
 * connectors[].when_none_healthy: a word, or the connector that takes over. The
 * built-in connectors are words here: no other may have their names.
 * From one to the next there must be an end.
 */
#include "io/config_load.h"

#include "core/nearest.h"

#include <string.h>

enum { WORDS = 5 };

static const struct word words[WORDS] = {
	{ "try", NONE_HEALTHY_TRY }, { "queue", NONE_HEALTHY_QUEUE },
	{ "refuse", NONE_HEALTHY_REFUSE }, { "direct", NONE_HEALTHY_DIRECT },
	{ "postfix", NONE_HEALTHY_POSTFIX },
};

static const struct word *
find_word(const char *text)
{
	for (size_t i = 0; i < WORDS; i++) {
		if (strcmp(words[i].name, text) == 0)
			return &words[i];
	}
	return NULL;
}

/* That no connector may have their names, is told with the connectors. */
static bool
is_built_in(const struct word *word)
{
	return word->value == NONE_HEALTHY_DIRECT ||
	    word->value == NONE_HEALTHY_POSTFIX;
}

static void
report_missing(struct loader *l, const config_setting_t *group,
    const char *text)
{
	const struct config *config = l->config;
	const char *names[WORDS + CONNECTORS_MAX];
	char value[SHOWN_MAX], hint[NEAREST_HINT_MAX];
	size_t n = 0;

	for (; n < WORDS; n++)
		names[n] = words[n].name;
	for (size_t i = 0; i < config->nconnectors; i++) {
		if (config->connectors[i].name != NULL)
			names[n++] = config->connectors[i].name;
	}
	report_in(l, group, "when_none_healthy", "%s should be try, queue, "
	    "refuse, direct, postfix or a connector%s", shown(text, value),
	    nearest_hint(text, names, n, hint));
}

static void
tie(struct loader *l, struct connector *connector,
    const config_setting_t *group, const char *text)
{
	const struct config *config = l->config;
	const struct word *word = find_word(text);

	if (word != NULL) {
		connector->none_healthy = (enum none_healthy)word->value;
		return;
	}
	for (size_t i = 0; i < config->nconnectors; i++) {
		const char *name = config->connectors[i].name;

		if (name == NULL || strcmp(name, text) != 0)
			continue;
		connector->none_healthy = NONE_HEALTHY_OTHER;
		connector->other = (uint16_t)i;
		return;
	}
	report_missing(l, group, text);
}

/* Told at the first connector of a circle; it ends when one is met again. */
static bool
leads_back(const struct config *config, size_t start)
{
	size_t at = start;

	for (size_t step = 0; step < config->nconnectors &&
	    config->connectors[at].none_healthy == NONE_HEALTHY_OTHER;
	     step++) {
		at = config->connectors[at].other;
		if (at <= start)
			return at == start;
	}
	return false;
}

void
check_none_healthy(struct loader *l)
{
	struct config *config = l->config;
	config_setting_t *list = config_lookup(&l->given, "connectors");

	for (size_t i = 0; i < config->nconnectors; i++) {
		struct connector *connector = &config->connectors[i];
		const config_setting_t *one =
		    config_setting_get_elem(list, (unsigned)i);
		const struct word *word = connector->name == NULL ? NULL :
		    find_word(connector->name);
		const char *text = NULL;

		if (!config_setting_is_group(one))
			continue;
		if (word != NULL && !is_built_in(word))
			report_in(l, one, "name", "\"%s\" is a word of "
			    "when_none_healthy; choose another name",
			    connector->name);
		if (config_setting_lookup_string(one, "when_none_healthy",
		    &text) == CONFIG_TRUE)
			tie(l, connector, one, text);
	}
	for (size_t i = 0; i < config->nconnectors; i++) {
		if (leads_back(config, i))
			report_in(l, config_setting_get_elem(list, (unsigned)i),
			    "when_none_healthy", "leads back to this "
			    "connector; the last one should try, queue, "
			    "refuse, direct or postfix");
	}
}
