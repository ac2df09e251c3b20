/*
 * Tables on the loop. Their thread only writes to an eventfd.
 */
#include "rights.h"

#include "io/loop.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct rights {
	struct tables *tables;
	struct tables_set *set; /* in use */
	int changed; /* an eventfd */
	struct event *event;
};

static void
take_set(struct rights *rights)
{
	tables_set_unref(&rights->set);
	rights->set = tables_set_get(rights->tables);
}

/* From the thread. */
static void
changed_fn(void *ctx)
{
	struct rights *rights = ctx;

	(void)eventfd_write(rights->changed, 1);
}

static void
changed_cb(evutil_socket_t fd, short what, void *ctx)
{
	eventfd_t count;

	(void)what;
	(void)eventfd_read(fd, &count);
	take_set(ctx);
}

struct rights *
rights_new(struct event_base *base, struct tables *tables)
{
	struct rights *rights = calloc(1, sizeof(*rights));

	if (rights == NULL)
		abort();
	rights->changed = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	rights->event = loop_event_new(base, LOOP_PRIORITY_REST,
	    rights->changed, EV_READ | EV_PERSIST, changed_cb, rights);
	if (rights->changed == -1)
		abort();
	(void)event_add(rights->event, NULL);
	rights_use(rights, tables);
	return rights;
}

void
rights_use(struct rights *rights, struct tables *tables)
{
	tables_unref(&rights->tables);
	rights->tables = tables;
	tables_watch(tables, changed_fn, rights);
	take_set(rights);
}

/* Once the tables are let go nobody writes to the eventfd. */
void
rights_free(struct rights **rights_p)
{
	struct rights *rights = *rights_p;

	if (rights == NULL)
		return;
	tables_set_unref(&rights->set);
	tables_unref(&rights->tables);
	event_free(rights->event);
	(void)close(rights->changed);
	free(rights);
	*rights_p = NULL;
}

struct tables *
rights_tables(struct rights *rights)
{
	return rights->tables;
}

const struct identity_user *
rights_home(const struct rights *rights, const struct identities *ids,
    const char *user, const char **source_r)
{
	return owner_home(ids, tables_set_sources(rights->set), user,
	    source_r);
}

static const char *
find_home(void *ctx, const struct identities *ids, const char *user)
{
	const struct identity_user *row = rights_home(ctx, ids, user, NULL);

	return row == NULL ? NULL : row->home;
}

struct home_source
rights_homes(struct rights *rights)
{
	return (struct home_source) { find_home, rights };
}
