/*
 * Puts the parts together, runs the loop, takes them apart again.
 */
#include "daemon.h"

#include "autoconfig.h"
#include "core/changes.h"
#include "core/restart.h"
#include "core/text.h"
#include "delivery.h"
#include "io/clock.h"
#include "io/listen.h"
#include "io/log.h"
#include "io/loop.h"
#include "io/program.h"
#include "io/ready.h"
#include "maillog_file.h"
#include "maillog_journal.h"
#include "persist.h"
#include "policy_server.h"
#include "postconf.h"
#include "probe_kit.h"
#include "probe_order.h"
#include "reload.h"
#include "reload_order.h"
#include "rights.h"
#include "show.h"
#include "socketmap_server.h"
#include "trials.h"
#include "web.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

enum { CHANGES_LOGGED = 100 };

static const struct timeval expire_often = { .tv_sec = 1 };

/* --- what the parts call --- */

static void
instance_up_cb(void *ctx, const char *instance)
{
	struct daemon *daemon = ctx;

	sessions_instance_up(daemon->model.gate.sessions, instance);
}

static void
instance_down_cb(void *ctx, const char *instance)
{
	struct daemon *daemon = ctx;

	sessions_instance_down(daemon->model.gate.sessions, instance,
	    clock_now().mono);
}

static void
expire_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct daemon *daemon = ctx;

	(void)fd;
	(void)what;
	(void)sessions_expire(daemon->model.gate.sessions, clock_now().mono);
	hosts_expire_orders(&daemon->model.hosts, clock_now());
	persist_sweep(daemon->persist);
}

void
daemon_health_changed(struct daemon *daemon)
{
	if (daemon->trials != NULL)
		trials_look(daemon->trials);
}

/* --- a new configuration --- */

static void
say_postfix(const struct postfix_settings *postfix)
{
	if (postfix->warning)
		log_warning("%s", postfix->said);
	else
		log_info("%s", postfix->said);
}

static void
set_names(struct daemon *daemon, const struct postfix_settings *postfix)
{
	const char *given = daemon->config->health.helo_name;

	(void)snprintf(daemon->own_name, sizeof(daemon->own_name), "%s",
	    postfix->myhostname);
	(void)snprintf(daemon->helo_name, sizeof(daemon->helo_name), "%s",
	    given[0] != '\0' ? given : postfix->myhostname);
	if (daemon->helo_name[0] == '\0' && gethostname(daemon->helo_name,
	    sizeof(daemon->helo_name) - 1) == -1)
		(void)snprintf(daemon->helo_name, sizeof(daemon->helo_name),
		    "localhost");
}

static void
follow_maillog(struct daemon *daemon)
{
	const char *source = daemon->config->maillog;

	if (strcmp(source, MAILLOG_JOURNAL) == 0)
		daemon->journal = maillog_journal_new(daemon->base, NULL,
		    &daemon->log_users, delivery_line, daemon->delivery);
	else if (source[0] != '\0')
		daemon->maillog = maillog_file_new(daemon->base, source,
		    delivery_line, daemon->delivery);
}

/* Takes over the users. A log that is the same is followed where we are. */
static void
follow_other_maillog(struct daemon *daemon, const struct config *old,
    struct users *users)
{
	if (strcmp(old->maillog, daemon->config->maillog) == 0 &&
	    users_equal(&daemon->log_users, users)) {
		users_clear(users);
		return;
	}
	maillog_file_free(&daemon->maillog);
	maillog_journal_free(&daemon->journal);
	users_clear(&daemon->log_users);
	daemon->log_users = *users;
	follow_maillog(daemon);
}

static void
log_change(void *ctx, const char *path, const char *before, const char *after)
{
	unsigned *left = ctx;

	if (*left == 0 || --*left == 0)
		return;
	log_info("changed: %s: %s -> %s", path,
	    before != NULL ? before : "(not set)",
	    after != NULL ? after : "(not set)");
}

static void
say_changes(const struct daemon *daemon, const struct config *new)
{
	const char *names[RESTART_MAX];
	size_t count = restart_needed(daemon->first, new, RESTART_POLICYD,
	    names);
	unsigned left = CHANGES_LOGGED;

	if (config_changes(daemon->config, new, log_change, &left) >=
	    CHANGES_LOGGED)
		log_info("changed: and more; weirctl config show has them all");
	for (size_t i = 0; i < count; i++)
		log_warning("%s has changed; that takes a restart of "
		    "weir-policyd", names[i]);
}

static void
tell(struct daemon *daemon, enum event_kind kind)
{
	struct notice notice;

	notice_init(&notice, kind, clock_now().wall);
	notice_add(&notice, "program", "weir-policyd");
	notice_add(&notice, "version", PACKAGE_VERSION);
	notice_add_number(&notice, "generation",
	    (int64_t)daemon->config->generation);
	events_add(daemon->model.events, &notice);
}

static void
reloaded_cb(struct daemon *daemon, struct loaded *loaded, uint64_t run)
{
	struct config *old = daemon->config, *config = loaded->config;

	config->generation = old->generation + 1;
	say_changes(daemon, config);
	model_reload(&daemon->model, config,
	    &loaded->postfix.default_transport, clock_now());
	daemon->config = config;
	rights_use(daemon->rights, loaded->tables);
	set_names(daemon, &loaded->postfix);
	state_server_reload(daemon->server, config->generation,
	    &loaded->roles);
	persist_reload(daemon->persist);
	probe_kit_unref(&daemon->kit);
	daemon->kit = loaded->kit;
	trials_reload(daemon->trials);
	follow_other_maillog(daemon, old, &loaded->log_users);
	(void)log_use(&config->log);
	say_postfix(&loaded->postfix);
	tell(daemon, EVENT_RELOADED);
	reload_orders_applied(daemon->reload_orders, run, old, config);
	config_unref(&old);
}

/* --- signals --- */

static void
stop_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct daemon *daemon = ctx;

	(void)fd;
	(void)what;
	(void)event_base_loopbreak(daemon->base);
}

static void
reload_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct daemon *daemon = ctx;

	(void)fd;
	(void)what;
	reload_start(daemon->reload);
}

static void
catch_signals(struct daemon *daemon)
{
	static const struct {
		int number;
		event_callback_fn fn;
	} caught[] = {
		{ SIGTERM, stop_cb },
		{ SIGINT, stop_cb },
		{ SIGHUP, reload_cb },
		{ SIGUSR1, reload_cb }, /* as weir-milter takes it */
	};

	(void)signal(SIGPIPE, SIG_IGN);
	/* --supervise passes USR2 on, for which we have no use */
	(void)signal(SIGUSR2, SIG_IGN);
	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		daemon->signals[i] = evsignal_new(daemon->base,
		    caught[i].number, caught[i].fn, daemon);
		if (daemon->signals[i] == NULL)
			abort();
		(void)event_add(daemon->signals[i], NULL);
	}
	program_take_signals();
}

/* --- start and end --- */

static void
init_loop(struct daemon *daemon)
{
	daemon->base = loop_new();
	daemon->expire = loop_event_new(daemon->base, LOOP_PRIORITY_REST, -1,
	    EV_PERSIST, expire_cb, daemon);
	(void)event_add(daemon->expire, &expire_often);
}

static void
init_model(struct daemon *daemon)
{
	struct postfix_settings postfix;
	uint8_t seed[16], epoch[(EPOCH_MAX - 1) / 2];

	if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed) ||
	    getrandom(epoch, sizeof(epoch), 0) != (ssize_t)sizeof(epoch))
		abort();
	for (size_t i = 0; i < sizeof(epoch); i++)
		(void)snprintf(daemon->epoch + 2 * i, 3, "%02x", epoch[i]);
	postfix_ask(daemon->config->policy.default_transport, &postfix);
	say_postfix(&postfix);
	set_names(daemon, &postfix);
	model_init(&daemon->model, daemon->config,
	    &postfix.default_transport, seed, log_event, NULL,
	    daemon->started);
}

static void
init_store(struct daemon *daemon)
{
	const char *directory = daemon->config->state.directory;

	if (directory[0] != '\0')
		daemon->store = store_open(directory);
	daemon->persist = persist_new(daemon);
}

static void
init_state_server(struct daemon *daemon, int fd, struct state_roles *roles)
{
	struct state_server_settings settings = {
		.ctx = daemon,
		.epoch = daemon->epoch,
		.instance_up = instance_up_cb,
		.instance_down = instance_down_cb,
	};

	settings.verbs = verbs_all(&settings.nverbs);
	daemon->server = state_server_new(daemon->base, fd, &settings,
	    daemon->config->generation, roles);
}

static void
init_services(struct daemon *daemon, const struct daemon_sockets *sockets)
{
	const struct policy_settings *settings = &daemon->config->policy;

	daemon->policy = service_new(daemon->base, settings->max_clients,
	    &policy_protocol, daemon);
	for (size_t i = 0; i < sockets->npolicy; i++)
		service_listen(daemon->policy, sockets->policy[i],
		    settings->listen.list[i]);
	daemon->map = service_new(daemon->base, settings->max_clients,
	    &socketmap_protocol, daemon);
	for (size_t i = 0; i < sockets->nmap; i++)
		service_listen(daemon->map, sockets->map[i],
		    settings->socketmap.list[i]);
}

/* The configuration it began with may be gone before it is. */
static void
init_web(struct daemon *daemon, int fd)
{
	static char listen[LISTEN_PATH_MAX + sizeof("unix:")];

	if (fd == -1)
		return;
	(void)text_copy(listen, sizeof(listen), daemon->config->http.listen);
	daemon->web = web_new(daemon, fd, listen);
}

static void
clear(struct daemon *daemon)
{
	web_free(&daemon->web);
	reload_orders_free(&daemon->reload_orders);
	maillog_file_free(&daemon->maillog);
	maillog_journal_free(&daemon->journal);
	users_clear(&daemon->log_users);
	delivery_free(&daemon->delivery);
	trials_free(&daemon->trials);
	explain_orders_free(&daemon->explains);
	probe_orders_free(&daemon->orders);
	service_free(&daemon->map);
	service_free(&daemon->policy);
	state_server_free(&daemon->server);
	persist_free(&daemon->persist);
	probe_kit_unref(&daemon->kit);
	if (daemon->store != NULL)
		store_close(&daemon->store);
	model_clear(&daemon->model);
	rights_free(&daemon->rights);
	/* may wait for a directory service: what is kept is on disk by now */
	reload_free(&daemon->reload);
	for (size_t i = 0;
	    i < sizeof(daemon->signals) / sizeof(daemon->signals[0]); i++)
		event_free(daemon->signals[i]);
	event_free(daemon->expire);
	event_base_free(daemon->base);
	config_unref(&daemon->config);
	config_unref(&daemon->first);
}

/* As the user we run as: what it may not read now, a reload could not. */
static bool
init_kit(struct daemon *daemon)
{
	struct config_errors *errors = calloc(1, sizeof(*errors));

	if (errors == NULL)
		abort();
	daemon->kit = probe_kit_new(daemon->config, errors);
	config_errors_print(errors, stderr);
	free(errors);
	return daemon->kit != NULL;
}

int
daemon_run(const char *config_path, struct config *config,
    const struct daemon_sockets *sockets)
{
	struct daemon daemon = {
		.config_path = config_path,
		.config = config,
		.first = config_ref(config),
		.started = clock_now(),
	};
	struct state_roles roles;

	config->generation = 1;
	if (!init_kit(&daemon)) {
		config_unref(&daemon.config);
		config_unref(&daemon.first);
		return EX_CONFIG;
	}
	init_loop(&daemon);
	catch_signals(&daemon);
	init_model(&daemon);
	daemon.rights = rights_new(daemon.base, tables_new_anyway(config));
	daemon.model.chooser.homes = rights_homes(daemon.rights);
	init_store(&daemon);
	daemon.delivery = delivery_new(&daemon);
	daemon.orders = probe_orders_new(&daemon);
	daemon.explains = explain_orders_new(&daemon, verb_explain_answer);
	daemon.trials = trials_new(&daemon);
	reload_find_users(config, &roles, &daemon.log_users);
	follow_maillog(&daemon);
	init_state_server(&daemon, sockets->state, &roles);
	init_services(&daemon, sockets);
	init_web(&daemon, sockets->http);
	daemon.reload = reload_new(&daemon, reloaded_cb);
	daemon.reload_orders = reload_orders_new(&daemon);
	tell(&daemon, EVENT_STARTED);
	ready_tell();
	(void)event_base_dispatch(daemon.base);
	tell(&daemon, EVENT_STOPPED);
	clear(&daemon);
	return EX_OK;
}
