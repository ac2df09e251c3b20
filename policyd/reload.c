/*
 * The thread has its own data: it is joined before the loop looks at them.
 */
#include "reload.h"

#include "io/clock.h"
#include "io/config_file.h"
#include "io/log.h"
#include "io/loop.h"
#include "io/ready.h"
#include "io/tables.h"
#include "probe_kit.h"
#include "reload_order.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct reload {
	struct daemon *daemon;
	reloaded_fn reloaded;
	pthread_t thread;
	uint64_t run; /* how many were begun */
	bool running;
	bool again;
	int finished; /* an eventfd */
	struct event *event;

	/* the thread's, while it runs */
	struct config *config; /* NULL: refused */
	struct tables *tables; /* of that configuration */
	struct probe_kit *kit;
	struct postfix_settings postfix;
	struct config_errors errors;
};

/* What the configuration names; one mistake, and it is refused. */
static void
load_rest(struct reload *reload)
{
	reload->kit = probe_kit_new(reload->config, &reload->errors);
	reload->tables = tables_new(reload->config, &reload->errors);
	if (reload->errors.count == 0)
		return;
	probe_kit_unref(&reload->kit);
	tables_unref(&reload->tables);
	config_unref(&reload->config);
}

static void *
load(void *ctx)
{
	struct reload *reload = ctx;

	reload->config = config_load(reload->daemon->config_path,
	    &reload->errors);
	if (reload->config != NULL &&
	    log_try(&reload->config->log, &reload->errors) == -1)
		config_unref(&reload->config);
	if (reload->config != NULL)
		load_rest(reload);
	if (reload->config != NULL)
		postfix_ask(reload->config->policy.default_transport,
		    &reload->postfix);
	(void)eventfd_write(reload->finished, 1);
	return NULL;
}

static void
refused(struct reload *reload)
{
	const struct config_errors *errors = &reload->errors;
	struct notice notice;

	for (size_t i = 0; i < config_errors_listed(errors); i++)
		log_error("%s", errors->list[i]);
	notice_init(&notice, EVENT_RELOAD_REFUSED, clock_now().wall);
	notice_add(&notice, "program", "weir-policyd");
	notice_add_number(&notice, "mistakes", (int64_t)errors->count);
	if (errors->count != 0)
		notice_add(&notice, "text", errors->list[0]);
	events_add(reload->daemon->model.events, &notice);
	reload_orders_refused(reload->daemon->reload_orders, reload->run,
	    errors);
}

static void
join(struct reload *reload)
{
	eventfd_t count;

	(void)pthread_join(reload->thread, NULL);
	(void)eventfd_read(reload->finished, &count);
	reload->running = false;
}

static void
finished_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct reload *reload = ctx;

	(void)fd;
	(void)what;
	join(reload);
	if (reload->config == NULL)
		refused(reload);
	else
		reload->reloaded(reload->daemon, reload->config,
		    reload->tables, reload->kit, &reload->postfix,
		    reload->run);
	ready_tell();
	if (reload->again) {
		reload->again = false;
		(void)reload_start(reload);
	}
}

uint64_t
reload_start(struct reload *reload)
{
	if (reload->running) {
		reload->again = true;
		return reload->run + 1;
	}
	reload->run++;
	ready_reloading();
	memset(&reload->errors, 0, sizeof(reload->errors));
	reload->running = pthread_create(&reload->thread, NULL, load,
	    reload) == 0;
	if (!reload->running) {
		config_errors_add(&reload->errors, "no thread can be made "
		    "that reads it");
		refused(reload);
		ready_tell();
	}
	return reload->run;
}

struct reload *
reload_new(struct daemon *daemon, reloaded_fn reloaded)
{
	struct reload *reload = calloc(1, sizeof(*reload));

	if (reload == NULL)
		abort();
	reload->daemon = daemon;
	reload->reloaded = reloaded;
	reload->finished = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	reload->event = event_new(daemon->base, reload->finished,
	    EV_READ | EV_PERSIST, finished_cb, reload);
	if (reload->finished == -1 || reload->event == NULL)
		abort();
	loop_set_priority(reload->event, LOOP_PRIORITY_REST);
	(void)event_add(reload->event, NULL);
	return reload;
}

void
reload_free(struct reload **reload)
{
	if (*reload == NULL)
		return;
	if ((*reload)->running) {
		join(*reload);
		if ((*reload)->config != NULL) {
			config_unref(&(*reload)->config);
			probe_kit_unref(&(*reload)->kit);
			tables_unref(&(*reload)->tables);
		}
	}
	event_free((*reload)->event);
	(void)close((*reload)->finished);
	free(*reload);
	*reload = NULL;
}
