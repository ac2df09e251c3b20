/*
 * Metrics, written row by row.
 */
#include "core/openmetrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *open, *plain; /* as # TYPE has it */
	const char *suffix; /* of every row */
} types[] = {
	[METRICS_GAUGE] = { "gauge", "gauge", "" },
	[METRICS_COUNTER] = { "counter", "counter", "_total" },
	[METRICS_HISTOGRAM] = { "histogram", "histogram", "" },
	[METRICS_INFO] = { "info", "gauge", "_info" },
};

static void
describe(struct metrics *m, const char *what, const char *text)
{
	textbuf_puts(m->out, "# ");
	textbuf_puts(m->out, what);
	textbuf_puts(m->out, " ");
	textbuf_puts(m->out, m->name);
	if (m->plain)
		textbuf_puts(m->out, types[m->type].suffix);
	textbuf_puts(m->out, " ");
	textbuf_puts(m->out, text);
	textbuf_puts(m->out, "\n");
}

void
metrics_family(struct metrics *m, enum metrics_type type, const char *name,
    const char *unit, const char *help)
{
	m->type = type;
	m->name = name;
	describe(m, "TYPE", m->plain ? types[type].plain : types[type].open);
	if (!m->plain && unit[0] != '\0')
		describe(m, "UNIT", unit);
	describe(m, "HELP", help);
}

void
metrics_row(struct metrics *m, const char *suffix)
{
	textbuf_puts(m->out, m->name);
	textbuf_puts(m->out, suffix[0] != '\0' ? suffix
	                                       : types[m->type].suffix);
	m->labels = 0;
}

/* Quotes, backslash and line feed are escaped; any other byte is itself. */
void
metrics_label(struct metrics *m, const char *key, const char *value)
{
	textbuf_puts(m->out, m->labels++ == 0 ? "{" : ",");
	textbuf_puts(m->out, key);
	textbuf_puts(m->out, "=\"");
	for (;;) {
		size_t plain = strcspn(value, "\"\\\n");

		textbuf_add(m->out, value, plain);
		value += plain;
		if (*value == '\0')
			break;
		textbuf_puts(m->out, *value == '\n' ? "\\n" :
		    *value == '"' ? "\\\"" : "\\\\");
		value++;
	}
	textbuf_puts(m->out, "\"");
}

static void
end_row(struct metrics *m, const char *value)
{
	textbuf_puts(m->out, m->labels > 0 ? "} " : " ");
	textbuf_puts(m->out, value);
	textbuf_puts(m->out, "\n");
}

void
metrics_number(struct metrics *m, uint64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, value);
	end_row(m, text);
}

void
metrics_real(struct metrics *m, double value)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%.9g", value);
	end_row(m, text);
}

/* Without a detour over floating point: "1.5", "-0.000001", "3". */
void
metrics_seconds(struct metrics *m, int64_t us)
{
	uint64_t abs = us < 0 ? (uint64_t)0 - (uint64_t)us : (uint64_t)us;
	char text[32];
	size_t len;

	(void)snprintf(text, sizeof(text), "%s%" PRIu64 ".%06" PRIu64,
	    us < 0 ? "-" : "", abs / SPAN_SECOND, abs % SPAN_SECOND);
	for (len = strlen(text); text[len - 1] == '0'; len--)
		;
	if (text[len - 1] == '.')
		len--;
	text[len] = '\0';
	end_row(m, text);
}

void
metrics_end(struct metrics *m)
{
	if (!m->plain)
		textbuf_puts(m->out, "# EOF\n");
}
