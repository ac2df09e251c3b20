/*
 * The counters nearest their limit. There may be a million, so they are looked
 * through in slices between other work, once in a while, and only as long as
 * somebody looks at the page; what was found last is shown meanwhile.
 */
#include "web_parts.h"

#include "show.h"

#include "core/text.h"
#include "io/clock.h"
#include "io/loop.h"

#include <stdlib.h>
#include <string.h>

enum { COUNTERS_A_SLICE = 200, IDLE_FOR_BUSY = 19 };

#define NEAR_EACH span_s(1)

struct near_row {
	struct limit_row row; /* rule and key are those below */
	char rule[RULE_MAX_LEN + 1];
	char key[LIMIT_KEY_MAX];
};

struct near_list { /* the nearest first */
	struct near_row rows[NEAR_MAX];
	size_t count;
	struct wall at;
};

struct near {
	struct daemon *daemon;
	struct event *slice;
	struct near_list found; /* by the last look */
	struct near_list looking; /* by the one in progress */
	bool busy;
	uint64_t cursor;
	struct span spent; /* in the one in progress */
	struct mono again; /* not before */
};

static bool
is_nearer(const struct limit_row *a, const struct limit_row *b)
{
	return (double)a->used * (double)b->rate.limit >
	    (double)b->used * (double)a->rate.limit;
}

static void
copy_row(struct near_row *to, const struct limit_row *from)
{
	to->row = *from;
	to->row.networks = NULL; /* lent */
	(void)text_copy(to->rule, sizeof(to->rule), from->rule);
	(void)text_copy(to->key, sizeof(to->key), from->key);
}

static void
take_row(void *ctx, const struct limit_row *row)
{
	struct near_list *list = ctx;
	size_t at = list->count;

	if (row->used == 0)
		return;
	if (at == NEAR_MAX && !is_nearer(row, &list->rows[--at].row))
		return;
	if (list->count < NEAR_MAX)
		list->count++;
	for (; at > 0 && is_nearer(row, &list->rows[at - 1].row); at--)
		list->rows[at] = list->rows[at - 1];
	copy_row(&list->rows[at], row);
}

/* At most a twentieth of the time goes into it. */
static void
finish(struct near *near, struct now now)
{
	struct span rest = { near->spent.us * IDLE_FOR_BUSY };

	near->looking.at = now.wall;
	near->found = near->looking;
	near->busy = false;
	near->again = mono_add(now.mono,
	    rest.us > NEAR_EACH.us ? rest : NEAR_EACH);
}

static void
look_on(struct near *near)
{
	struct daemon *daemon = near->daemon;
	struct now now = clock_now();

	limits_walk(daemon->model.gate.limits, daemon->config, now,
	    &near->cursor, COUNTERS_A_SLICE, take_row, &near->looking);
	near->spent.us += mono_since(clock_now().mono, now.mono).us;
	if (near->cursor == 0)
		finish(near, now);
	else
		event_active(near->slice, EV_TIMEOUT, 0);
}

static void
slice_cb(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	look_on(ctx);
}

json_t *
near_show(struct near *near, struct wall *at_r)
{
	json_t *list = json_array();

	if (!near->busy && !mono_before(clock_now().mono, near->again)) {
		near->busy = true;
		near->cursor = 0;
		near->spent = span_s(0);
		near->looking.count = 0;
		look_on(near);
	}
	for (size_t i = 0; i < near->found.count; i++) {
		struct near_row *row = &near->found.rows[i];

		row->row.rule = row->rule;
		row->row.key = row->key;
		json_array_append_new(list,
		    show_limit_row(&row->row, false));
	}
	*at_r = near->found.at;
	return list;
}

struct near *
near_new(struct daemon *daemon)
{
	struct near *near = calloc(1, sizeof(*near));

	if (near == NULL)
		abort();
	near->daemon = daemon;
	near->slice = loop_event_new(daemon->base, LOOP_PRIORITY_REST, -1, 0,
	    slice_cb, near);
	return near;
}

void
near_free(struct near **near)
{
	if (*near == NULL)
		return;
	event_free((*near)->slice);
	free(*near);
	*near = NULL;
}
