/*
 * Metrics as text: OpenMetrics 1.0
 * (https://prometheus.io/docs/specs/om/open_metrics_spec/), or the older
 * exposition format 0.0.4 of Prometheus for a reader that asks for that. They
 * differ in the name a counter is described by, in # UNIT, which only one has,
 * and in # EOF.
 *
 *	metrics_family(m, METRICS_COUNTER, "weir_policy_requests", "", "...");
 *	metrics_row(m, "");
 *	metrics_label(m, "kind", "data");
 *	metrics_number(m, 17);
 */
#ifndef WEIR_CORE_OPENMETRICS_H
#define WEIR_CORE_OPENMETRICS_H

#include "core/span.h"
#include "core/textbuf.h"

#include <stdbool.h>
#include <stdint.h>

#define METRICS_TYPE_OPEN                                                     \
	"application/openmetrics-text; version=1.0.0; charset=utf-8"
#define METRICS_TYPE_PLAIN "text/plain; version=0.0.4; charset=utf-8"

enum metrics_type {
	METRICS_GAUGE,
	METRICS_COUNTER, /* rows have _total behind the name */
	METRICS_HISTOGRAM, /* rows have "_bucket", "_count", "_sum" */
	METRICS_INFO, /* rows have _info behind the name, and the value 1 */
};

struct metrics {
	struct textbuf *out;
	bool plain; /* 0.0.4 */
	enum metrics_type type; /* of the family in progress */
	const char *name;
	unsigned labels; /* of the row in progress */
};

/*
 * Begins a family; the rows that follow are of it. name is borrowed until the
 * next; with a unit ("seconds", "bytes"; "" for none) it ends in that. help is
 * one line.
 */
void metrics_family(struct metrics *, enum metrics_type, const char *name,
    const char *unit, const char *help);

/* A row: suffix ("" but in histograms), labels if any, then one value. */
void metrics_row(struct metrics *, const char *suffix);
void metrics_label(struct metrics *, const char *key, const char *value);
void metrics_number(struct metrics *, uint64_t value);
void metrics_real(struct metrics *, double value);
void metrics_seconds(struct metrics *, int64_t us);

/* "# EOF", where it belongs. */
void metrics_end(struct metrics *);

#endif
