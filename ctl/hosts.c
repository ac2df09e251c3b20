/*
 * weirctl hosts, host, drain, down, enable.
 */
#include "ctl.h"
#include "field.h"
#include "requeue.h"

#include "core/span.h"
#include "io/clock.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
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

static int64_t
now_seconds(void)
{
	return clock_now().wall.us / SPAN_SECOND;
}

/* "tcp: connection refused; 3 failures, next try in 42 s (12:04:10Z)" */
static void
failure_words(const json_t *sick, char buf[NOTE_MAX])
{
	char when[INSTANT_WORDS_MAX];
	int64_t failures = field_number(sick, "failures");

	(void)snprintf(buf, NOTE_MAX, "%s: %.200s; %" PRId64 " failure%s, next "
	    "try %s", field_text(sick, "stage"),
	    field_text(sick, "last_error"), failures, failures == 1 ? "" : "s",
	    instant_words(field_text(sick, "next_retry"), now_seconds(), when));
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
		    PRId64 " day%s", days, days == 1 ? "" : "s");
	return true;
}

/* What the operator should know beyond the columns. */
static void
host_notes(struct grid *grid, const json_t *host)
{
	char note[NOTE_MAX], when[INSTANT_WORDS_MAX];

	if (!field_null(host, "until")) {
		(void)snprintf(note, sizeof(note), "enabled again %s",
		    instant_words(field_text(host, "until"), now_seconds(),
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
		enum ctl_exit code = ctl_ask(ctl, &object, 2, question);

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

enum ctl_exit
run_hosts(struct ctl *ctl, const struct args *args)
{
	json_t *object, *hosts;
	enum ctl_exit code = hosts_ask(ctl, &object);

	(void)args;
	if (code != CTL_DONE)
		return code;
	hosts = json_object_get(object, "hosts");
	if (ctl->json)
		ctl_print_json(ctl, object);
	else if (json_array_size(hosts) == 0)
		page_line(&ctl->page, PAINT_PLAIN,
		    "No smart host is configured.");
	else
		hosts_print(ctl, hosts);
	json_decref(object);
	return CTL_DONE;
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

	page_label(page, "Host");
	page_line(page, PAINT_BOLD, "%s", field_text(host, "name"));
	page_label(page, "State");
	page_line(page, state_paint(state), "%s", state);
	if (!field_null(host, "until"))
		page_line(page, PAINT_WARN, "enabled again %s",
		    instant_words(field_text(host, "until"), now_seconds(),
		    when));
	page_label(page, "Next hop");
	page_line(page, PAINT_PLAIN, "%s, probed by %s",
	    field_text(host, "nexthop"), field_text(host, "probe"));
	page_label(page, "Mail");
	page_line(page, PAINT_PLAIN, "weight %" PRId64 ", named first in %"
	    PRId64 " decisions, %.1f%% of all", field_number(host, "weight"),
	    field_number(host, "selected"), field_real(host, "share"));
	page_line(page, PAINT_PLAIN, "%" PRId64 " recipients delivered, %"
	    PRId64 " failures seen", field_number(host, "delivered"),
	    field_number(host, "failed"));
	addresses_print(ctl, json_object_get(host, "addresses"));
	history_print(ctl, json_object_get(host, "history"));
}

static enum ctl_exit
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

/*
 * An order, then the host as it stands now. The order is on disk when the
 * first answer comes; not being able to look afterwards does not undo it.
 */
static enum ctl_exit
host_order(struct ctl *ctl, const char *verb, const char *name,
    const char *seconds, json_t **host_r)
{
	const char *const question[] = { verb, name, seconds };
	enum ctl_exit code =
	    ctl_ask(ctl, NULL, seconds != NULL ? 3 : 2, question);

	return code != CTL_DONE ? code : host_ask(ctl, name, host_r);
}

static void
host_order_print(struct ctl *ctl, const json_t *host, const char *meaning)
{
	char when[INSTANT_WORDS_MAX];
	bool until = !field_null(host, "until");

	if (ctl->json)
		ctl_print_json(ctl, host);
	else
		page_line(&ctl->page, PAINT_PLAIN, "%s is %s%s%s: %s",
		    field_text(host, "name"), field_text(host, "state"),
		    until ? ", enabled again " : "", !until ? "" :
		    instant_words(field_text(host, "until"), now_seconds(),
		        when), meaning);
}

static void
requeue_print(struct ctl *ctl, const struct requeue *done)
{
	struct page *page = &ctl->page;

	page_line(page, PAINT_PLAIN, "%zu of %zu queued messages named it; "
	    "%zu requeued. They follow the ordinary transport tables of "
	    "Postfix now; the policy service is not asked again.", done->named,
	    done->queued, done->requeued);
	if (done->active != 0)
		page_line(page, PAINT_WARN, "%zu more are in delivery at this "
		    "moment and were let alone: requeue again for those that "
		    "come back.", done->active);
	if (done->more)
		page_line(page, PAINT_WARN, "Only the first %d messages were "
		    "looked at: requeue again.", REQUEUE_LOOK_MAX);
}

static void
requeue_add(json_t *host, const struct requeue *done)
{
	json_object_set_new(host, "requeue", json_pack("{sI, sI, sI, sI, sb}",
	    "queued", (json_int_t)done->queued, "named",
	    (json_int_t)done->named, "requeued", (json_int_t)done->requeued,
	    "active", (json_int_t)done->active, "more", done->more));
}

/* The drain stands, whatever comes of this. */
static enum ctl_exit
drain_requeue(struct ctl *ctl, json_t *host, const char *directory,
    const char *meaning)
{
	struct requeue done;

	requeue_run(directory, field_text(host, "nexthop"), &done);
	requeue_add(host, &done);
	host_order_print(ctl, host, meaning);
	if (!ctl->json)
		requeue_print(ctl, &done);
	if (done.failed == NULL)
		return CTL_DONE;
	return ctl_say(ctl, CTL_NO, "%s failed after %zu messages were "
	    "requeued; the drain stands, requeue again when Postfix is well",
	    done.failed, done.requeued);
}

/* postsuper takes root, and wants the whole path. */
static enum ctl_exit
requeue_check(struct ctl *ctl, const struct args *args,
    char directory_r[PATH_MAX], const char **directory_rp)
{
	const char *given = args_value(args, "postfix-config", NULL);
	bool requeue = args_given(args, "requeue");

	*directory_rp = NULL;
	if (given != NULL && !requeue)
		return ctl_say(ctl, CTL_USAGE, "--postfix-config says whose "
		    "queue --requeue is about, and is nothing without it");
	if (requeue && geteuid() != 0)
		return ctl_say(ctl, CTL_NO, "--requeue needs root, since "
		    "postsuper(1) does; nothing was changed");
	if (given == NULL)
		return CTL_DONE;
	if (realpath(given, directory_r) == NULL)
		return ctl_say(ctl, CTL_USAGE, "-C %s: there is no such "
		    "directory", given);
	*directory_rp = directory_r;
	return CTL_DONE;
}

static enum ctl_exit
for_seconds(struct ctl *ctl, const char *text, char seconds_r[24])
{
	struct span span;

	if (span_parse(text, &span) == -1 || span.us <= 0)
		return ctl_say(ctl, CTL_USAGE, "--for %s: no length of time; "
		    "30m, 2h or 1d would be", text);
	(void)snprintf(seconds_r, 24, "%" PRId64,
	    (span.us + SPAN_SECOND - 1) / SPAN_SECOND);
	return CTL_DONE;
}

enum ctl_exit
run_drain(struct ctl *ctl, const struct args *args)
{
	static const char meaning[] = "no new decision names it";
	const char *text = args_value(args, "for", NULL), *directory;
	char seconds[24], path[PATH_MAX];
	enum ctl_exit code = CTL_DONE;
	json_t *host;

	if (text != NULL)
		code = for_seconds(ctl, text, seconds);
	if (code == CTL_DONE)
		code = requeue_check(ctl, args, path, &directory);
	if (code == CTL_DONE)
		code = host_order(ctl, "DRAIN", args->operands[0],
		    text != NULL ? seconds : NULL, &host);
	if (code != CTL_DONE)
		return code;
	if (args_given(args, "requeue"))
		code = drain_requeue(ctl, host, directory, meaning);
	else
		host_order_print(ctl, host, meaning);
	json_decref(host);
	return code;
}

static enum ctl_exit
plain_order(struct ctl *ctl, const char *verb, const struct args *args,
    const char *meaning)
{
	json_t *host;
	enum ctl_exit code =
	    host_order(ctl, verb, args->operands[0], NULL, &host);

	if (code != CTL_DONE)
		return code;
	host_order_print(ctl, host, meaning);
	json_decref(host);
	return CTL_DONE;
}

enum ctl_exit
run_down(struct ctl *ctl, const struct args *args)
{
	return plain_order(ctl, "DOWN", args,
	    "it is treated as dead until weirctl enable");
}

enum ctl_exit
run_enable(struct ctl *ctl, const struct args *args)
{
	return plain_order(ctl, "ENABLE", args,
	    "no order stands against it");
}
