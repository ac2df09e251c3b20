/*
 * Bytes of a socketmap server that was asked for a login: what is taken lies
 * within them, an answer is the same when its bytes come one by one, and its
 * value becomes a sound row or none.
 */
#include "fuzz.h"

#include "core/socketmap.h"
#include "io/owner_rows.h"

#include <string.h>

static void
check_beginnings(const char *bytes, size_t used)
{
	struct socketmap_answer answer;
	const char *why = NULL;
	size_t part;

	for (size_t len = 0; len < used; len++)
		check(socketmap_answer_parse(bytes, len, &answer, &part,
		    &why) == SOCKETMAP_PARSE_MORE);
}

static void
check_value(const struct socketmap_answer *answer)
{
	static struct config *config;
	static struct config_errors errors;
	const struct identity_user *row;
	struct owner_rows *rows;
	struct owners *owners;

	if (config == NULL)
		config = config_new();
	errors.count = 0;
	rows = owner_rows_new(config, "map", &errors);
	owner_rows_value(rows, "alice@example.com", 17, answer->value,
	    answer->len, false);
	owners = owner_rows_end(&rows);
	check((owners == NULL) == (errors.count > 0));
	if (owners == NULL)
		return;
	row = owners_find(owners, "alice@example.com");
	check(row != NULL && owners_count(owners) == 1);
	for (size_t i = 0; i < row->senders.count; i++)
		check(strchr(row->senders.list[i], '@') != NULL);
	owners_unref(&owners);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct socketmap_answer answer;
	const char *why = NULL;
	size_t used = 0;

	switch (socketmap_answer_parse(bytes, size, &answer, &used, &why)) {
	case SOCKETMAP_PARSE_DONE:
		check(used > 0 && used <= size && why == NULL);
		check(answer.value >= bytes &&
		    answer.value + answer.len <= bytes + used);
		if (used < 2000)
			check_beginnings(bytes, used);
		if (answer.status == SOCKETMAP_OK)
			check_value(&answer);
		break;
	case SOCKETMAP_PARSE_MORE:
		check(size < SOCKETMAP_ANSWER_WIRE_MAX);
		break;
	case SOCKETMAP_PARSE_BAD:
		check(why != NULL);
		break;
	}
	return 0;
}
