/* Fields of JSON objects, and times in words. */
#include "field.h"

#include "core/reason.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

const char *
field_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

int64_t
field_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

double
field_real(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

bool
field_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

bool
field_null(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return value == NULL || json_is_null(value);
}

const char *
plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

const char *
span_words(int64_t seconds, char buf[SPAN_WORDS_MAX])
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" },
		{ 1, "s" } };
	size_t i = 0;
	int64_t rest;

	if (seconds < 0)
		seconds = 0;
	while (i < 3 && seconds < units[i].seconds)
		i++;
	rest = i < 3 ? seconds % units[i].seconds / units[i + 1].seconds : 0;
	if (rest > 0)
		(void)snprintf(buf, SPAN_WORDS_MAX,
		    "%" PRId64 " %s %" PRId64 " %s",
		    seconds / units[i].seconds, units[i].unit, rest,
		    units[i + 1].unit);
	else
		(void)snprintf(buf, SPAN_WORDS_MAX, "%" PRId64 " %s",
		    seconds / units[i].seconds, units[i].unit);
	return buf;
}

const char *
instant_words(const char *rfc3339, int64_t now, char buf[INSTANT_WORDS_MAX])
{
	char span[SPAN_WORDS_MAX];
	struct tm tm = { 0 };
	int64_t away;

	if (strptime(rfc3339, "%Y-%m-%dT%H:%M:%S", &tm) == NULL) {
		(void)snprintf(buf, INSTANT_WORDS_MAX, "%.40s", rfc3339);
		return buf;
	}
	away = (int64_t)timegm(&tm) - now;
	(void)snprintf(buf, INSTANT_WORDS_MAX, "%s%s%s (%02d:%02d:%02dZ)",
	    away > 0 ? "in " : "",
	    away == 0 ? "now" : span_words(away > 0 ? away : -away, span),
	    away >= 0 ? "" : " ago", tm.tm_hour, tm.tm_min, tm.tm_sec);
	return buf;
}

const char *
exchanger_words(const json_t *address, char buf[EXCHANGER_WORDS_MAX])
{
	buf[0] = '\0';
	if (!field_null(address, "exchanger"))
		(void)snprintf(buf, EXCHANGER_WORDS_MAX,
		    "MX %" PRId64 " %.255s",
		    field_number(address, "preference"),
		    field_text(address, "exchanger"));
	return buf;
}

const char *
reason_words(const char *tag)
{
	enum reason reason = reason_by_tag(tag);

	return reason != REASON_COUNT ? reason_row(reason)->text : tag;
}
