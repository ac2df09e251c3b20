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
	struct loaded loaded; /* config NULL: refused */
	struct config_errors errors;
};

void
reload_find_users(const struct config *config, struct state_roles *roles,
    struct users *log_users)
{
	static const struct strings nobody;
	bool is_journal = strcmp(config->maillog, MAILLOG_JOURNAL) == 0;

	state_roles_init(roles, config);
	users_find(log_users, is_journal ? &config->maillog_users : &nobody,
	    "maillog.users");
}

static void
loaded_clear(struct loaded *loaded)
{
	probe_kit_unref(&loaded->kit);
	tables_unref(&loaded->tables);
	config_unref(&loaded->config);
	state_roles_clear(&loaded->roles);
	users_clear(&loaded->log_users);
}

/* One mistake, and it is refused; all there are are told. */
static void
load_config(struct loaded *loaded, const char *path,
    struct config_errors *errors)
{
	loaded->config = config_load(path, errors);
	if (loaded->config == NULL)
		return;
	(void)log_try(&loaded->config->log, errors);
	loaded->kit = probe_kit_new(loaded->config, errors);
	loaded->tables = tables_new(loaded->config, errors);
	if (errors->count != 0)
		loaded_clear(loaded);
}

static void *
load(void *ctx)
{
	struct reload *reload = ctx;
	struct loaded *loaded = &reload->loaded;

	load_config(loaded, reload->daemon->config_path, &reload->errors);
	if (loaded->config != NULL) {
		reload_find_users(loaded->config, &loaded->roles,
		    &loaded->log_users);
		postfix_ask(loaded->config->policy.default_transport,
		    &loaded->postfix);
	}
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
	if (reload->loaded.config == NULL)
		refused(reload);
	else
		reload->reloaded(reload->daemon, &reload->loaded,
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
	memset(&reload->loaded, 0, sizeof(reload->loaded));
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
	reload->event = loop_event_new(daemon->base, LOOP_PRIORITY_REST,
	    reload->finished, EV_READ | EV_PERSIST, finished_cb, reload);
	if (reload->finished == -1)
		abort();
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
		loaded_clear(&(*reload)->loaded);
	}
	event_free((*reload)->event);
	(void)close((*reload)->finished);
	free(*reload);
	*reload = NULL;
}
