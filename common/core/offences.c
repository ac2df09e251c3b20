/*
 * One small record an offence, found by what its event says.
 */
#include "core/offences.h"

#include "core/table.h"

#include <stdlib.h>
#include <string.h>

struct offence {
	struct mono told_at;
	int64_t untold; /* since then */
};

struct offences {
	struct table *table; /* keys and values of an event -> struct offence */
};

struct offences *
offences_new(const uint8_t seed[16])
{
	struct offences *offences = calloc(1, sizeof(*offences));
	struct table_settings settings = { .max = OFFENCES_MAX };

	if (offences == NULL)
		abort();
	memcpy(settings.seed, seed, sizeof(settings.seed));
	offences->table = table_new(&settings);
	return offences;
}

void
offences_free(struct offences **offences)
{
	if (*offences == NULL)
		return;
	table_free(&(*offences)->table);
	free(*offences);
	*offences = NULL;
}

static bool
is_of_one_message(const char *key)
{
	return strcmp(key, "queue_id") == 0 || strcmp(key, "ref") == 0;
}

static size_t
put(char *key, size_t used, const char *text)
{
	size_t len = strlen(text) + 1;

	memcpy(key + used, text, len);
	return used + len;
}

/* Keys are short and known (wire.h); values fit into a notice. */
static size_t
key_of(const struct notice *notice,
    char key_r[EVENT_BYTES_MAX + EVENT_FIELDS_MAX * EVENT_KEY_MAX])
{
	size_t used = 0;

	for (unsigned i = 0; i < notice->nfields; i++) {
		const char *key = notice->fields[i].key;

		if (is_of_one_message(key) || strlen(key) >= EVENT_KEY_MAX)
			continue;
		used = put(key_r, used, key);
		used = put(key_r, used, notice_value(notice, i));
	}
	return used;
}

bool
offences_note(struct offences *offences, struct notice *notice, struct mono now)
{
	char key[EVENT_BYTES_MAX + EVENT_FIELDS_MAX * EVENT_KEY_MAX];
	size_t len = key_of(notice, key);
	struct offence *known =
	    len == 0 ? NULL : table_find(offences->table, key, len);

	if (len == 0)
		return true;
	if (known != NULL &&
	    mono_since(now, known->told_at).us < OFFENCES_TELL_EACH.us) {
		known->untold++;
		return false;
	}
	if (known == NULL)
		known = table_add(offences->table, key, len, sizeof(*known));
	if (known->untold > 0)
		notice_add_number(notice, "repeats", known->untold);
	known->told_at = now;
	known->untold = 0;
	return true;
}
