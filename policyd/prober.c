/*
 * The probes under way: how many, how long, and whom to tell.
 *
 * A probe is a small machine: in each phase it waits for one thing, and ends
 * with evidence. After the evidence is given it stays for the answer to its
 * QUIT, since servers log those who just leave.
 */
#include "probe.h"

#include "io/clock.h"
#include "io/loop.h"

#include <stdlib.h>
#include <string.h>

struct prober {
	struct event_base *base;
	const char *helo_name;
	struct probe_kit *kit;
	probe_fn done;
	void *ctx;
	unsigned active;
	LIST_HEAD(, probe) probes;
};

struct event_base *
probe_base(const struct probe *probe)
{
	return probe->prober->base;
}

const char *
probe_helo_name(const struct probe *probe)
{
	return probe->prober->helo_name;
}

void
probe_tell(struct probe *probe)
{
	probe->report.evidence.age = mono_since(clock_now().mono,
	    probe->began);
	probe->prober->done(probe->prober->ctx, &probe->target,
	    &probe->report);
}

void
probe_free(struct probe *probe)
{
	LIST_REMOVE(probe, entry);
	probe->prober->active--;
	probe_close(probe);
	event_free(probe->deadline);
	probe_kit_unref(&probe->kit);
	free(probe);
}

static void
deadline_cb(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	probe_on_deadline(ctx);
}

bool
prober_room(const struct prober *prober)
{
	return prober->active < PROBES_MAX;
}

bool
prober_start(struct prober *prober, const struct probe_target *target)
{
	struct timeval timeout = {
		.tv_sec = target->timeout.us / SPAN_SECOND,
		.tv_usec = target->timeout.us % SPAN_SECOND,
	};
	struct probe *probe;

	if (!prober_room(prober))
		return false;
	probe = calloc(1, sizeof(*probe));
	if (probe == NULL)
		abort();
	probe->prober = prober;
	probe->kit = probe_kit_ref(prober->kit);
	probe->target = *target;
	probe->fd = -1;
	probe->began = probe->stage_began = clock_now().mono;
	probe->deadline = loop_event_new(prober->base, LOOP_PRIORITY_REST, -1,
	    0, deadline_cb, probe);
	(void)event_add(probe->deadline, &timeout);
	LIST_INSERT_HEAD(&prober->probes, probe, entry);
	prober->active++;
	probe_begin(probe);
	return true;
}

void
prober_set_kit(struct prober *prober, struct probe_kit *kit)
{
	struct probe_kit *old = prober->kit;

	prober->kit = probe_kit_ref(kit);
	probe_kit_unref(&old);
}

struct prober *
prober_new(struct event_base *base, const char *helo_name,
    struct probe_kit *kit, probe_fn done, void *ctx)
{
	struct prober *prober = calloc(1, sizeof(*prober));

	if (prober == NULL)
		abort();
	prober->base = base;
	prober->helo_name = helo_name;
	prober->kit = probe_kit_ref(kit);
	prober->done = done;
	prober->ctx = ctx;
	LIST_INIT(&prober->probes);
	return prober;
}

void
prober_free(struct prober **prober)
{
	if (*prober == NULL)
		return;
	/* probe_free takes it out of the list, which the analyzer forgets */
	while (!LIST_EMPTY(&(*prober)->probes)) /* NOLINTNEXTLINE(*.Malloc) */
		probe_free(LIST_FIRST(&(*prober)->probes));
	probe_kit_unref(&(*prober)->kit);
	free(*prober);
	*prober = NULL;
}
