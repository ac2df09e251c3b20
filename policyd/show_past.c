/*
 * weirctl explain --queue-id and --ref: what was decided about a message, as it
 * stood then (core/past.h). The verdict is that of the last refusal among what
 * is remembered; accept when there is none.
 */
#include "show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS_MAX = 40 }; /* of one answer: the newest */

static const char *const numbers[] = { "limit", "period", "recipients", "used",
	"wait" };

static bool
is_number(const char *key)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(numbers[i], key) == 0)
			return true;
	}
	return false;
}

/* "POSITION REASON HOST...", as core/past_note.c writes it. */
static void
put_candidates(json_t *candidates, const char *value)
{
	const char *reason = strchr(value, ' ') + 1, *host, *end;
	size_t reason_len = strcspn(reason, " ");
	long position = strtol(value, NULL, 10);

	for (host = reason + reason_len; *host != '\0'; host = end) {
		json_t *candidate = json_object();
		size_t len = strcspn(++host, " ");

		end = host + len;
		json_object_set_new(candidate, "host",
		    json_stringn(host, len));
		json_object_set_new(candidate, "chosen",
		    json_boolean(position == 1));
		json_object_set_new(candidate, "position",
		    position > 0 ? json_integer(position) : json_null());
		json_object_set_new(candidate, "reason",
		    json_stringn(reason, reason_len));
		json_array_append_new(candidates, candidate);
	}
}

static void
put_pair(json_t *object, json_t *candidates, const char *key,
    const char *value)
{
	if (strcmp(key, "candidates") == 0)
		put_candidates(candidates, value);
	else if (is_number(key))
		json_object_set_new(object, key,
		    json_integer(strtoll(value, NULL, 10)));
	else
		json_object_set_new(object, key, text_json(value));
}

static json_t *
show_record(const struct past_record *record)
{
	json_t *object = json_object(), *candidates = json_array();
	const char *key, *value;
	size_t at = 0;

	json_object_set_new(object, "time", show_time(record->at));
	while (past_pair(record, &at, &key, &value))
		put_pair(object, candidates, key, value);
	if (json_array_size(candidates) > 0)
		json_object_set(object, "candidates", candidates);
	json_decref(candidates);
	return object;
}

static bool
stands_in_the_way(const json_t *row)
{
	static const char *const ways[] = { "defer", "reject", "hold",
		"disconnect" };
	const char *verdict =
	    json_string_value(json_object_get(row, "verdict"));

	for (size_t i = 0; verdict != NULL &&
	     i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(ways[i], verdict) == 0)
			return true;
	}
	return false;
}

static void
put_verdict(json_t *object, const json_t *last_refusal)
{
	json_t *accept = json_string("accept"), *ok = json_string("ok");

	json_object_set(object, "verdict", last_refusal == NULL ? accept :
	    json_object_get(last_refusal, "verdict"));
	json_object_set(object, "reason", last_refusal == NULL ? ok :
	    json_object_get(last_refusal, "reason"));
	json_decref(accept);
	json_decref(ok);
}

json_t *
show_past(struct daemon *daemon, const char *name)
{
	json_t *object = json_object(), *list = json_array();
	const struct past *past = daemon->model.past;
	struct past_record record = { .bytes = NULL };
	const json_t *refusal = NULL;
	struct wall since;

	while (past_next(past, name, &record)) {
		if (json_array_size(list) == RECORDS_MAX)
			json_array_remove(list, 0);
		json_array_append_new(list, show_record(&record));
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *row = json_array_get(list, i);

		if (stands_in_the_way(row))
			refusal = row;
	}
	put_verdict(object, refusal);
	json_object_set_new(object, "past", list);
	json_object_set_new(object, "since", past_since(past, &since) ?
	    show_time(since) : json_null());
	return object;
}
