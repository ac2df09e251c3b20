/*
 * weirctl drain, down, enable: what the operator orders of a smart host.
 */
#include "ctl.h"
#include "field.h"
#include "requeue.h"

#include "core/span.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FAILURE_WORDS_MAX = 160 };

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
		    instant_words(field_text(host, "until"), ctl_now(),
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

/* The drain stands, whatever comes of this; with --json in one object. */
static enum ctl_exit
drain_requeue(struct ctl *ctl, json_t *host, const char *directory,
    const char *meaning)
{
	char why[FAILURE_WORDS_MAX];
	struct requeue done;

	requeue_run(directory, field_text(host, "nexthop"), &done);
	(void)snprintf(why, sizeof(why), "%s failed after %zu messages were "
	    "requeued; the drain stands, requeue again when Postfix is well",
	    done.failed != NULL ? done.failed : "", done.requeued);
	requeue_add(host, &done);
	if (done.failed != NULL)
		json_object_set_new(host, "error", json_string(why));
	host_order_print(ctl, host, meaning);
	if (!ctl->json && (done.failed == NULL || done.queued > 0))
		requeue_print(ctl, &done);
	if (done.failed == NULL)
		return CTL_DONE;
	return ctl->json ? CTL_NO : ctl_say(ctl, CTL_NO, "%s", why);
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
