/*
 * postqueue -j tells the queue ids, postcat -qe of a batch of them the filter
 * each has, postsuper -r puts in again those it is to be.
 *
 * postcat ends at the first message that has left meanwhile; the batch goes on
 * behind that one.
 */
#include "requeue.h"

#include "filter.h"
#include "io/child.h"
#include "io/clock.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 100, ARGUMENTS_MAX = 2 * BATCH + 8 };

typedef char queue_id[QUEUE_NAME_MAX];

struct run {
	const char *directory;
	const char *nexthop;
	struct mono until;
	struct requeue *result;
	queue_id *ids;
	size_t count, room;

	queue_id now; /* the message postcat shows */
	bool active; /* it is in delivery */
	size_t shown; /* messages it showed */
	queue_id named[BATCH];
	size_t nnamed;
};

struct argv {
	const char *list[ARGUMENTS_MAX]; /* ends with NULL */
	size_t count;
};

static void
argv_add(struct argv *argv, const char *argument)
{
	if (argv->count == ARGUMENTS_MAX - 1)
		abort();
	argv->list[argv->count++] = argument;
	argv->list[argv->count] = NULL;
}

static void
argv_begin(struct argv *argv, const struct run *run, const char *program)
{
	argv->count = 0;
	argv_add(argv, program);
	if (run->directory != NULL) {
		argv_add(argv, "-c");
		argv_add(argv, run->directory);
	}
}

/* --- which messages are there --- */

static void
add_id(struct run *run, const char *id)
{
	if (run->count == REQUEUE_LOOK_MAX) {
		run->result->more = true;
		return;
	}
	if (run->count == run->room) {
		run->room = run->room == 0 ? 1024 : 2 * run->room;
		run->ids = realloc(run->ids, run->room * sizeof(run->ids[0]));
		if (run->ids == NULL)
			abort();
	}
	(void)snprintf(run->ids[run->count++], QUEUE_NAME_MAX, "%s", id);
}

static void
queued_cb(void *ctx, const char *line)
{
	json_t *message = json_loads(line, 0, NULL);
	const char *queue = json_string_value(json_object_get(message,
	    "queue_name"));
	const char *id = json_string_value(json_object_get(message,
	    "queue_id"));

	if (queue != NULL && id != NULL && strlen(id) < QUEUE_NAME_MAX &&
	    strcmp(queue, "hold") != 0 && strcmp(queue, "maildrop") != 0)
		add_id(ctx, id);
	json_decref(message);
}

static int
list_queue(struct run *run)
{
	struct argv argv;

	argv_begin(&argv, run, "postqueue");
	argv_add(&argv, "-j");
	return child_run(argv.list, 1, run->until, queued_cb, run);
}

/* --- which of them name the host --- */

static void
shown_cb(void *ctx, const char *line)
{
	struct run *run = ctx;

	if (filter_queue_id(line, run->now)) {
		run->active = strstr(line, " active/") != NULL;
		run->shown++;
	} else if (filter_names(line, run->nexthop) && run->active) {
		run->result->active++;
	} else if (filter_names(line, run->nexthop) && run->nnamed < BATCH) {
		memcpy(run->named[run->nnamed++], run->now, sizeof(run->now));
	}
}

/* How many of the batch it is done with; 0: postcat cannot be run. */
static size_t
look_at_batch(struct run *run, queue_id *ids, size_t count)
{
	struct argv argv;
	int status;

	argv_begin(&argv, run, "postcat");
	argv_add(&argv, "-qe");
	for (size_t i = 0; i < count; i++)
		argv_add(&argv, ids[i]);
	run->shown = 0;
	run->nnamed = 0;
	status = child_run(argv.list, 1, run->until, shown_cb, run);
	if (status == -1)
		return 0;
	return status == 0 || run->shown >= count ? count : run->shown + 1;
}

/* --- once more from the start --- */

static void
requeued_cb(void *ctx, const char *line)
{
	struct run *run = ctx;
	const char *found = strstr(line, "Requeued: ");

	if (found != NULL)
		run->result->requeued += strtoul(found + 10, NULL, 10);
}

/* Those that have left since are passed over without an error. */
static int
requeue_named(struct run *run)
{
	struct argv argv;

	if (run->nnamed == 0)
		return 0;
	run->result->named += run->nnamed;
	argv_begin(&argv, run, "postsuper");
	for (size_t i = 0; i < run->nnamed; i++) {
		argv_add(&argv, "-r");
		argv_add(&argv, run->named[i]);
	}
	argv_add(&argv, "incoming");
	argv_add(&argv, "deferred");
	return child_run(argv.list, 2, run->until, requeued_cb, run);
}

static const char *
requeue_all(struct run *run)
{
	size_t done, batch;

	if (list_queue(run) != 0)
		return "postqueue";
	for (size_t at = 0; at < run->count; at += done) {
		batch = run->count - at < BATCH ? run->count - at : BATCH;
		done = look_at_batch(run, run->ids + at, batch);
		if (requeue_named(run) != 0)
			return "postsuper";
		if (done == 0)
			return "postcat";
		run->result->queued += done;
	}
	return NULL;
}

void
requeue_run(const char *directory, const char *nexthop,
    struct requeue *result_r)
{
	struct run run = {
		.directory = directory,
		.nexthop = nexthop,
		.until = mono_add(clock_now().mono, span_s(REQUEUE_SECONDS)),
		.result = result_r,
	};

	memset(result_r, 0, sizeof(*result_r));
	result_r->failed = requeue_all(&run);
	free(run.ids);
}
