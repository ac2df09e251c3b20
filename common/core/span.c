/*
 * Lengths of time and rates, to and from text.
 */
#include "core/span.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BYTES_MAX (INT64_C(1) << 50)
#define SPAN_MAX_US (INT64_C(3653) * 86400 * SPAN_SECOND)
#define NUMBER_MAX BYTES_MAX /* of any kind: none that is taken is larger */

static const struct {
	const char *name;
	int64_t us;
} units[] = {
	{ "d", 86400 * SPAN_SECOND },
	{ "h", 3600 * SPAN_SECOND },
	{ "m", 60 * SPAN_SECOND },
	{ "s", SPAN_SECOND },
	{ "ms", 1000 },
};
enum { UNITS = sizeof(units) / sizeof(units[0]) };

/* Digits at *text, which moves behind them; -1 when there are none. */
static int
take_number(const char **text, int64_t *number_r)
{
	const char *p = *text;
	int64_t n = 0;

	for (; *p >= '0' && *p <= '9'; p++) {
		n = n * 10 + (*p - '0');
		if (n > NUMBER_MAX)
			return -1;
	}
	if (p == *text)
		return -1;
	*text = p;
	*number_r = n;
	return 0;
}

static int64_t
unit_us(const char *name)
{
	for (size_t i = 0; i < UNITS; i++) {
		if (strcmp(units[i].name, name) == 0)
			return units[i].us;
	}
	return -1;
}

int
span_parse(const char *text, struct span *span_r)
{
	int64_t number, unit;

	if (take_number(&text, &number) == -1)
		return -1;
	unit = *text == '\0' ? SPAN_SECOND : unit_us(text);
	if (unit == -1 || number > SPAN_MAX_US / unit)
		return -1;
	span_r->us = number * unit;
	return 0;
}

const char *
span_format(struct span span, char buf[SPAN_TEXT_MAX])
{
	for (size_t i = 0; i < UNITS; i++) {
		if (span.us != 0 && span.us % units[i].us == 0) {
			(void)snprintf(buf, SPAN_TEXT_MAX, "%" PRId64 "%s",
			    span.us / units[i].us, units[i].name);
			return buf;
		}
	}
	(void)snprintf(buf, SPAN_TEXT_MAX, "%" PRId64 "%s",
	    span.us / 1000, span.us == 0 ? "s" : "ms");
	return buf;
}

/* "/m", "/2h": the period, from the slash on. */
static int
take_period(const char *text, struct span *period_r)
{
	int64_t count = 1, unit;

	if (*text++ != '/')
		return -1;
	if (*text >= '0' && *text <= '9' && take_number(&text, &count) == -1)
		return -1;
	unit = unit_us(text);
	if (unit < SPAN_SECOND || count == 0 ||
	    count > (int64_t)31 * 86400 * SPAN_SECOND / unit)
		return -1;
	*period_r = span_us(count * unit);
	return 0;
}

static int
take_limit(int64_t limit, int64_t max, struct rate_spec *spec_r)
{
	if (limit <= 0 || limit > max)
		return -1;
	spec_r->limit = (uint64_t)limit;
	return 0;
}

int
rate_spec_parse(const char *text, struct rate_spec *spec_r)
{
	int64_t limit;

	if (take_number(&text, &limit) == -1 ||
	    take_period(text, &spec_r->period) == -1)
		return -1;
	return take_limit(limit, INT32_MAX, spec_r);
}

int
rate_spec_parse_bytes(const char *text, struct rate_spec *spec_r)
{
	static const char units_upper[] = "KMGT", units_lower[] = "kmgt";
	int64_t limit, factor = 1;

	if (take_number(&text, &limit) == -1)
		return -1;
	for (size_t i = 0; *text != '/' && units_upper[i] != '\0'; i++) {
		factor *= 1024;
		if (*text != units_upper[i] && *text != units_lower[i])
			continue;
		text++;
		break;
	}
	if (take_period(text, &spec_r->period) == -1 ||
	    limit > BYTES_MAX / factor)
		return -1;
	return take_limit(limit * factor, BYTES_MAX, spec_r);
}
