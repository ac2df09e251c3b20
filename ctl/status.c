/*
 * weirctl status, connections.
 */
#include "ctl.h"
#include "field.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
status_state(struct page *page, const json_t *state)
{
	bool memory = field_null(state, "file");

	page_label(page, "State");
	page_line(page, PAINT_PLAIN, "%s%s%s, %" PRId64 " of %" PRId64 " keys",
	    field_text(state, "backend"), memory ? "" : " in ",
	    field_text(state, "file"), field_number(state, "keys"),
	    field_number(state, "max_keys"));
	if (memory)
		page_line(page, PAINT_WARN, "nothing is kept over a restart "
		    "(state.directory is empty)");
	if (field_true(state, "failing"))
		page_line(page, PAINT_WARN, "it cannot be written: what was "
		    "not yet is lost with a restart");
}

static void
status_milters(struct page *page, const json_t *milters)
{
	const json_t *milter;
	size_t i;

	page_label(page, "Milters");
	if (json_array_size(milters) == 0)
		page_line(page, PAINT_WARN, "none is connected: identities "
		    "and limits are not enforced from here");
	json_array_foreach(milters, i, milter)
		page_line(page, PAINT_PLAIN, "%s",
		    field_text(milter, "instance"));
}

static void
status_hosts(struct page *page, const json_t *hosts)
{
	int64_t healthy = field_number(hosts, "healthy");
	int64_t unhealthy = field_number(hosts, "unhealthy");

	page_label(page, "Hosts");
	page_line(page, unhealthy == 0 ? PAINT_PLAIN :
	    healthy == 0 ? PAINT_BAD : PAINT_WARN,
	    "%" PRId64 " healthy, %" PRId64 " unhealthy, %" PRId64
	    " drained, %" PRId64 " down", healthy, unhealthy,
	    field_number(hosts, "drained"), field_number(hosts, "down"));
}

/* Of all throttles together; each is in the JSON. */
static void
status_limits(struct page *page, const json_t *limits)
{
	static const char *const names[] = { "allowed", "refused", "held",
		"observed", "warned" };
	int64_t sums[sizeof(names) / sizeof(names[0])] = { 0 };
	const json_t *row;
	size_t i;

	json_array_foreach(limits, i, row) {
		for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++)
			sums[j] += field_number(row, names[j]);
	}
	page_label(page, "Limits");
	page_line(page, sums[1] == 0 ? PAINT_PLAIN : PAINT_WARN,
	    "%zu throttle%s: %" PRId64 " allowed, %" PRId64 " refused, %"
	    PRId64 " held, %" PRId64 " observed, %" PRId64 " warning%s",
	    json_array_size(limits), plural((int64_t)json_array_size(limits)),
	    sums[0], sums[1], sums[2], sums[3], sums[4], plural(sums[4]));
}

static void
status_policy(struct page *page, const json_t *policy)
{
	int64_t requests = field_number(policy, "requests");
	int64_t lookups = field_number(policy, "lookups");

	page_label(page, "Policy");
	page_line(page, PAINT_PLAIN, "%" PRId64 " request%s answered",
	    requests, plural(requests));
	page_line(page, PAINT_PLAIN, "%" PRId64 " look-up%s of the socketmap",
	    lookups, plural(lookups));
}

static void
status_print(struct ctl *ctl, const json_t *status)
{
	struct page *page = &ctl->page;
	char up[SPAN_WORDS_MAX];

	page_label(page, "Weir");
	page_line(page, PAINT_PLAIN, "%s, up %s, configuration %" PRId64,
	    field_text(status, "version"),
	    span_words(field_number(status, "uptime"), up),
	    field_number(status, "generation"));
	status_state(page, json_object_get(status, "state"));
	status_milters(page, json_object_get(status, "milters"));
	status_hosts(page, json_object_get(status, "hosts"));
	page_skews(page, json_object_get(status, "skew"));
	status_policy(page, json_object_get(status, "policy"));
	status_limits(page, json_object_get(status, "limits"));
	page_label(page, "Connections");
	page_line(page, PAINT_PLAIN, "%" PRId64 " open",
	    field_number(status, "connections"));
}

enum ctl_exit
run_status(struct ctl *ctl, const struct args *args)
{
	const char *const question[] = { "STATUS" };
	json_t *status;
	enum ctl_exit code = ctl_ask(ctl, &status, 1, question);

	(void)args;
	if (code != CTL_DONE)
		return code;
	if (ctl->json)
		ctl_print_json(ctl, status);
	else
		status_print(ctl, status);
	json_decref(status);
	return CTL_DONE;
}

const char *
ctl_limit_by_words(const char *limit_by)
{
	if (strcmp(limit_by, "per_source") == 0)
		return "per source";
	if (strcmp(limit_by, "percent") == 0)
		return "percent of what remains";
	return limit_by;
}

static void
connections_print(struct ctl *ctl, const json_t *connections)
{
	static const char *const heads[] = { "LISTENER", "SOURCE", "OPEN",
		"LIMIT", "BY", "REFUSED" };
	struct grid *grid = grid_new(heads, "llrrlr");
	const json_t *row;
	size_t i;

	json_array_foreach(connections, i, row) {
		bool unlimited = field_null(row, "limit");
		int64_t open = field_number(row, "open");

		grid_put(grid, PAINT_PLAIN, field_text(row, "listener"));
		grid_put(grid, PAINT_PLAIN, field_text(row, "source"));
		grid_put_number(grid, open);
		if (unlimited)
			grid_put(grid, PAINT_PLAIN, "-");
		else
			grid_put_number(grid, field_number(row, "limit"));
		grid_put(grid, PAINT_PLAIN,
		    ctl_limit_by_words(field_text(row, "limit_by")));
		grid_put_number(grid, field_number(row, "refused"));
	}
	grid_print(grid, &ctl->page);
	grid_free(&grid);
}

enum ctl_exit
run_connections(struct ctl *ctl, const struct args *args)
{
	const char *const question[] = { "CONNECTIONS" };
	json_t *object, *connections;
	enum ctl_exit code = ctl_ask(ctl, &object, 1, question);

	(void)args;
	if (code != CTL_DONE)
		return code;
	connections = json_object_get(object, "connections");
	if (ctl->json)
		ctl_print_json(ctl, object);
	else if (json_array_size(connections) == 0)
		page_line(&ctl->page, PAINT_PLAIN, "No connection is open, "
		    "and none was refused.");
	else
		connections_print(ctl, connections);
	if (!ctl->json && field_true(object, "truncated"))
		page_line(&ctl->page, PAINT_WARN, "There are more sources.");
	json_decref(object);
	return CTL_DONE;
}
