/*
 * weirctl hosts and host: what the state knows of them, now or live.
 */
#include "ctl.h"
#include "field.h"

#include "core/span.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NOTE_MAX = 480, TLS_DAYS_ENOUGH = 30 };

static enum paint
state_paint(const char *state)
{
	static const struct {
		const char *state;
		enum paint paint;
	} paints[] = { { "healthy", PAINT_GOOD }, { "unhealthy", PAINT_BAD },
		{ "drained", PAINT_WARN }, { "down", PAINT_WARN } };

	for (size_t i = 0; i < sizeof(paints) / sizeof(paints[0]); i++) {
		if (strcmp(state, paints[i].state) == 0)
			return paints[i].paint;
	}
	return PAINT_PLAIN;
}

/*
 * "tcp: connection refused; 3 failures, the last 18 s ago (12:03:10Z), next try
 * in 42 s (12:04:10Z)"
 */
static void
failure_words(const json_t *sick, char buf[NOTE_MAX])
{
	char when[INSTANT_WORDS_MAX], last[INSTANT_WORDS_MAX];
	int64_t failures = field_number(sick, "failures");

	(void)snprintf(buf, NOTE_MAX, "%s: %.200s; %" PRId64 " failure%s, the "
	    "last %s, next try %s", field_text(sick, "stage"),
	    field_text(sick, "last_error"), failures, plural(failures),
	    instant_words(field_text(sick, "last_failure"), ctl_now(),
	        last),
	    instant_words(field_text(sick, "next_retry"), ctl_now(), when));
}

/* False while there is time, or nothing known. */
static bool
certificate_words(const json_t *probed, char buf[NOTE_MAX])
{
	int64_t days = field_number(probed, "tls_days_left");

	if (field_null(probed, "tls_days_left") || days >= TLS_DAYS_ENOUGH)
		return false;
	if (days < 0)
		(void)snprintf(buf, NOTE_MAX, "its certificate has expired");
	else
		(void)snprintf(buf, NOTE_MAX, "its certificate expires in %"
		    PRId64 " day%s", days, plural(days));
	return true;
}

/* What the operator should know beyond the columns. */
static void
host_notes(struct grid *grid, const json_t *host)
{
	char note[NOTE_MAX], when[INSTANT_WORDS_MAX];

	if (!field_null(host, "until")) {
		(void)snprintf(note, sizeof(note), "enabled again %s",
		    instant_words(field_text(host, "until"), ctl_now(),
		    when));
		grid_note(grid, PAINT_WARN, note);
	}
	if (!field_null(host, "stage")) {
		failure_words(host, note);
		grid_note(grid, PAINT_BAD, note);
	}
	if (certificate_words(host, note))
		grid_note(grid, PAINT_WARN, note);
}

static void
hosts_print(struct ctl *ctl, const json_t *hosts)
{
	static const char *const heads[] = { "HOST", "STATE", "NEXT HOP",
		"WEIGHT", "SHARE", "SELECTED", "DELIVERED", "FAILED" };
	struct grid *grid = grid_new(heads, "lllrrrrr");
	const json_t *host;
	char share[16];
	size_t i;

	json_array_foreach(hosts, i, host) {
		const char *state = field_text(host, "state");

		(void)snprintf(share, sizeof(share), "%.1f%%",
		    field_real(host, "share"));
		grid_put(grid, PAINT_PLAIN, field_text(host, "name"));
		grid_put(grid, state_paint(state), state);
		grid_put(grid, PAINT_PLAIN, field_text(host, "nexthop"));
		grid_put_number(grid, field_number(host, "weight"));
		grid_put(grid, PAINT_PLAIN, share);
		grid_put_number(grid, field_number(host, "selected"));
		grid_put_number(grid, field_number(host, "delivered"));
		grid_put_number(grid, field_number(host, "failed"));
		host_notes(grid, host);
	}
	grid_print(grid, &ctl->page);
	grid_free(&grid);
}

/* All pages of HOSTS as one. */
static enum ctl_exit
hosts_ask(struct ctl *ctl, json_t **object_r)
{
	char from[24] = "0";
	const char *const question[] = { "HOSTS", from };
	json_t *all = json_array(), *object;
	bool more;

	do {
		enum ctl_exit code =
		    ctl_ask_quietly(ctl, &object, 2, question);

		if (code != CTL_DONE) {
			json_decref(all);
			return code;
		}
		json_array_extend(all, json_object_get(object, "hosts"));
		more = !field_null(object, "next");
		(void)snprintf(from, sizeof(from), "%" PRId64,
		    field_number(object, "next"));
		json_decref(object);
	} while (more);
	*object_r = json_object();
	json_object_set_new(*object_r, "hosts", all);
	return CTL_DONE;
}

static void
hosts_show(struct ctl *ctl, const json_t *object)
{
	const json_t *hosts = json_object_get(object, "hosts");

	if (ctl->json)
		ctl_print_json(ctl, object);
	else if (json_array_size(hosts) == 0)
		page_line(&ctl->page, PAINT_PLAIN,
		    "No smart host is configured.");
	else
		hosts_print(ctl, hosts);
}

/*
 * A terminal shows them as they are, in place; elsewhere they are written
 * again when something has changed.
 */
static enum ctl_exit
hosts_watch(struct ctl *ctl, void *ctx)
{
	json_t **shown = ctx, *object;
	enum ctl_exit code = hosts_ask(ctl, &object);
	bool same, terminal = !ctl->json && isatty(fileno(ctl->page.out));

	if (code != CTL_DONE)
		return code;
	same = *shown != NULL && json_equal(*shown, object);
	if (terminal)
		(void)fputs("\033[H\033[J", ctl->page.out);
	else if (!same && *shown != NULL && !ctl->json)
		page_gap(&ctl->page);
	if (terminal || !same)
		hosts_show(ctl, object);
	json_decref(*shown);
	*shown = object;
	return CTL_DONE;
}

enum ctl_exit
run_hosts(struct ctl *ctl, const struct args *args)
{
	json_t *object = NULL;
	enum ctl_exit code;

	if (args_given(args, "watch")) {
		code = ctl_follow(ctl, hosts_watch, &object);
		json_decref(object);
		return code;
	}
	code = hosts_ask(ctl, &object);
	if (code == CTL_AWAY)
		return ctl_say_away(ctl);
	if (code == CTL_DONE)
		hosts_show(ctl, object);
	json_decref(object);
	return code;
}

static void
addresses_print(struct ctl *ctl, const json_t *addresses)
{
	struct grid *grid = grid_new(NULL, "lll");
	const json_t *address;
	char note[NOTE_MAX], exchanger[EXCHANGER_WORDS_MAX];
	size_t i;

	page_label(&ctl->page, "Addresses");
	json_array_foreach(addresses, i, address) {
		const char *state = field_text(address, "state");
		bool none = field_null(address, "ip");

		grid_put(grid, PAINT_PLAIN,
		    none ? "not known yet" : field_text(address, "ip"));
		grid_put(grid, state_paint(state), state);
		grid_put(grid, PAINT_DIM,
		    exchanger_words(address, exchanger));
		if (!field_null(address, "stage")) {
			failure_words(address, note);
			grid_note(grid, PAINT_BAD, note);
		}
		if (certificate_words(address, note))
			grid_note(grid, PAINT_WARN, note);
	}
	grid_print(grid, &ctl->page);
	grid_free(&grid);
}

static void
history_print(struct ctl *ctl, const json_t *history)
{
	const json_t *event;
	size_t i;

	page_label(&ctl->page, "History");
	json_array_foreach(history, i, event)
		event_print(ctl, event);
}

static void
host_print(struct ctl *ctl, const json_t *host)
{
	struct page *page = &ctl->page;
	const char *state = field_text(host, "state");
	char when[INSTANT_WORDS_MAX];
	int64_t selected = field_number(host, "selected");
	int64_t delivered = field_number(host, "delivered");
	int64_t failed = field_number(host, "failed");

	page_label(page, "Host");
	page_line(page, PAINT_BOLD, "%s", field_text(host, "name"));
	page_label(page, "State");
	page_line(page, state_paint(state), "%s", state);
	if (!field_null(host, "until"))
		page_line(page, PAINT_WARN, "enabled again %s",
		    instant_words(field_text(host, "until"), ctl_now(),
		    when));
	page_label(page, "Next hop");
	page_line(page, PAINT_PLAIN, "%s, probed by %s",
	    field_text(host, "nexthop"), field_text(host, "probe"));
	page_label(page, "Mail");
	page_line(page, PAINT_PLAIN, "weight %" PRId64 ", named first in %"
	    PRId64 " decision%s, %.1f%% of all", field_number(host, "weight"),
	    selected, plural(selected), field_real(host, "share"));
	page_line(page, PAINT_PLAIN, "%" PRId64 " recipient%s delivered, %"
	    PRId64 " failure%s seen", delivered, plural(delivered), failed,
	    plural(failed));
	addresses_print(ctl, json_object_get(host, "addresses"));
	history_print(ctl, json_object_get(host, "history"));
}

enum ctl_exit
host_ask(struct ctl *ctl, const char *name, json_t **host_r)
{
	const char *const question[] = { "HOST", name };

	return ctl_ask(ctl, host_r, 2, question);
}

enum ctl_exit
run_host(struct ctl *ctl, const struct args *args)
{
	json_t *host;
	enum ctl_exit code = host_ask(ctl, args->operands[0], &host);

	if (code != CTL_DONE)
		return code;
	if (args_given(args, "check") &&
	    strcmp(field_text(host, "state"), "healthy") != 0)
		code = CTL_NO;
	if (ctl->json)
		ctl_print_json(ctl, host);
	else
		host_print(ctl, host);
	json_decref(host);
	return code;
}
