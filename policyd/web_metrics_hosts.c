/*
 * Metrics of the smart hosts: a table of families, each with a function that
 * says what a host has of it.
 */
#include "web_parts.h"

#include "core/openmetrics.h"

#include <string.h>

struct view {
	const struct hosts *hosts;
	const struct host *host;
	uint64_t all_selected;
	struct now now;
};

static void
number(struct metrics *m, const struct view *view, uint64_t value)
{
	metrics_row(m, "");
	metrics_label(m, "host", view->host->name);
	metrics_number(m, value);
}

static void
healthy(struct metrics *m, const struct view *view)
{
	number(m, view, host_healthy(view->host));
}

/* One row for each value of a label, 1 for the one that is. */
static void
one_of(struct metrics *m, const struct view *view, const char *key,
    const char *value, bool is)
{
	metrics_row(m, "");
	metrics_label(m, "host", view->host->name);
	metrics_label(m, key, value);
	metrics_number(m, is);
}

static void
state(struct metrics *m, const struct view *view)
{
	static const char *const states[] = { "healthy", "unhealthy",
		"drained", "down" };
	const char *is = host_state_name(view->host, view->now.wall);

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		one_of(m, view, "state", states[i],
		    strcmp(is, states[i]) == 0);
}

static void
stage(struct metrics *m, const struct view *view)
{
	const struct health *health = host_failure(view->host);

	for (int i = 0; i < STAGE_COUNT; i++)
		one_of(m, view, "stage", stage_name((enum stage)i),
		    health != NULL && health->last.stage == (enum stage)i);
}

static void
rung(struct metrics *m, const struct view *view)
{
	const struct health *health = host_failure(view->host);

	number(m, view, health != NULL ? health->rung : 0);
}

static void
failures(struct metrics *m, const struct view *view)
{
	const struct health *health = host_failure(view->host);

	number(m, view, health != NULL ? health->failures : 0);
}

static void
addresses(struct metrics *m, const struct view *view)
{
	number(m, view, view->host->naddresses);
}

static void
healthy_addresses(struct metrics *m, const struct view *view)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < view->host->naddresses; i++)
		count += view->host->addresses[i].health.healthy;
	number(m, view, count);
}

static void
selected(struct metrics *m, const struct view *view)
{
	number(m, view, view->host->selected);
}

static void
delivered(struct metrics *m, const struct view *view)
{
	number(m, view, view->host->delivered);
}

static void
failed(struct metrics *m, const struct view *view)
{
	number(m, view, view->host->failed);
}

static void
weight(struct metrics *m, const struct view *view)
{
	number(m, view, view->host->config->weight);
}

static void
ratio(struct metrics *m, const struct view *view, double value)
{
	metrics_row(m, "");
	metrics_label(m, "host", view->host->name);
	metrics_real(m, value);
}

static void
weight_ratio(struct metrics *m, const struct view *view)
{
	ratio(m, view, (double)host_weight_share(view->host, view->now.mono) /
	    SHARE_FULL);
}

static void
share_ratio(struct metrics *m, const struct view *view)
{
	ratio(m, view, view->all_selected == 0 ? 0 :
	    (double)view->host->selected / (double)view->all_selected);
}

static void
certificate(struct metrics *m, const struct view *view)
{
	struct wall expires = host_tls_expires(view->host);

	if (expires.us == 0)
		return;
	metrics_row(m, "");
	metrics_label(m, "host", view->host->name);
	metrics_seconds(m, expires.us);
}

static const struct {
	enum metrics_type type;
	const char *name, *unit, *help;
	void (*row)(struct metrics *, const struct view *);
} families[] = {
	{ METRICS_GAUGE, "weir_host_healthy", "",
	    "1: an address of the smart host is healthy.", healthy },
	{ METRICS_GAUGE, "weir_host_state", "",
	    "1 for the state the smart host is in.", state },
	{ METRICS_GAUGE, "weir_host_failing_stage", "",
	    "1 for the stage a sick smart host fails at.", stage },
	{ METRICS_GAUGE, "weir_host_rung", "",
	    "Step of the retry ladder waited for; 0: healthy.", rung },
	{ METRICS_GAUGE, "weir_host_failures_in_a_row", "",
	    "Failures since the smart host fell sick; 0: healthy.", failures },
	{ METRICS_GAUGE, "weir_host_addresses", "",
	    "Addresses of the smart host.", addresses },
	{ METRICS_GAUGE, "weir_host_healthy_addresses", "",
	    "Addresses of the smart host that are healthy.",
	    healthy_addresses },
	{ METRICS_COUNTER, "weir_host_selected", "",
	    "Decisions that named the smart host first.", selected },
	{ METRICS_COUNTER, "weir_host_delivered", "",
	    "Recipients the smart host took, by the mail log.", delivered },
	{ METRICS_COUNTER, "weir_host_failed", "",
	    "Failures of the smart host, by probes and by the mail log.",
	    failed },
	{ METRICS_GAUGE, "weir_host_weight", "",
	    "Weight as configured.", weight },
	{ METRICS_GAUGE, "weir_host_weight_ratio", "ratio",
	    "Part of its weight the smart host counts with now.",
	    weight_ratio },
	{ METRICS_GAUGE, "weir_host_share_ratio", "ratio",
	    "Part of all decisions that named it first.", share_ratio },
	{ METRICS_GAUGE, "weir_host_certificate_expiry_timestamp_seconds",
	    "seconds", "When the certificate seen last ends, the first of "
	    "several; without a row: none seen.", certificate },
};

const unsigned web_metrics_hosts_count =
    sizeof(families) / sizeof(families[0]);

void
web_metrics_hosts(struct metrics *m, const struct daemon *daemon,
    unsigned family, struct now now)
{
	const struct hosts *hosts = &daemon->model.hosts;
	struct view view = { .hosts = hosts, .now = now };

	for (size_t i = 0; i < hosts->count; i++)
		view.all_selected += hosts->list[i].selected;
	metrics_family(m, families[family].type, families[family].name,
	    families[family].unit, families[family].help);
	for (size_t i = 0; i < hosts->count; i++) {
		view.host = &hosts->list[i];
		families[family].row(m, &view);
	}
}
