/*
 * The main thread: signals, reload, and the once-a-second look at the state.
 * libmilter runs on a second thread. What libmilter 8.17 of Debian 12 was seen
 * to do, and what follows:
 *
 * - Its own signal thread takes HUP, TERM and INT and ends everything for each
 *   of them. A signal sent to a process goes to its first thread if that does
 *   not block it; so the first thread is ours, never blocks them and decides
 *   itself: USR1 and HUP reload, TERM and INT stop. Once in some thousand times
 *   the kernel finds that thread busy with another signal and gives this one to
 *   libmilter's, which then ends well after 5 s. That is taken for the TERM it
 *   is; whoever holds our socket starts us again if it was a HUP.
 * - smfi_stop takes up to 5 s, takes locks that its listener destroys, and
 *   cuts sessions in progress as plain exit does; so we exit. Postfix answers
 *   451 for those sessions, and their clients come again.
 * - smfi_setconn("fd:N") is a patch of Debian's. It takes a socket made
 *   elsewhere, Unix or inet, non-blocking or not, and leaves its path alone. A
 *   libmilter without it fails in smfi_opensocket; then it opens the address
 *   itself, and a restart refuses connections for a moment.
 * - smfi_settimeout stays as it is: a shorter one would also cut sessions that
 *   are idle because a client takes long over its DATA.
 */
#include "serve.h"

#include "callbacks.h"
#include "current.h"
#include "gatekeeper.h"

#include "core/restart.h"
#include "io/clock.h"
#include "io/config_file.h"
#include "io/log.h"
#include "io/program.h"
#include "io/ready.h"

#include <errno.h>
#include <fcntl.h>
#include <libmilter/mfapi.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { CONN_MAX = LISTEN_PATH_MAX + 16, TICK_MS = 1000 };

struct server {
	const char *config_path;
	struct config *first; /* the one it began with */
	struct current current;
	struct gatekeeper *keeper;
	int milter_status;
	bool failed; /* smfi_main returned, and not for a signal */
	bool no_descriptors;
	/* of the last reload that the state asked for */
	uint64_t generation;
	struct config_errors errors;
	bool untold;
};

/* What happened, a byte each: the signal, or MILTER_ENDED. */
static int pipe_fds[2];
enum { MILTER_ENDED = 0 };

/* --- the socket --- */

static int
open_itself(const struct listen_address *address,
    const struct listen_access *access)
{
	char conn[CONN_MAX];

	if (address->is_unix)
		(void)snprintf(conn, sizeof(conn), "unix:%s", address->path);
	else
		(void)snprintf(conn, sizeof(conn), "%s:%u@%s",
		    strchr(address->host, ':') == NULL ? "inet" : "inet6",
		    address->port, address->host);
	if (smfi_setconn(conn) != MI_SUCCESS ||
	    smfi_opensocket(true) != MI_SUCCESS) {
		log_error("libmilter cannot listen on %s", conn);
		return -1;
	}
	listen_bound(address);
	if (!address->is_unix)
		return 0;
	if ((access->group != (gid_t)-1 &&
	    chown(address->path, (uid_t)-1, access->group) == -1) ||
	    chmod(address->path, access->mode) == -1) {
		log_error("%s: %s", address->path, strerror(errno));
		return -1;
	}
	return 0;
}

int
serve_open(int fd, const struct listen_address *address,
    const struct listen_access *access)
{
	char conn[CONN_MAX];

	if (callbacks_register(address->is_unix) == -1) {
		log_error("libmilter does not take our callbacks");
		return -1;
	}
	(void)snprintf(conn, sizeof(conn), "fd:%d", fd);
	if (smfi_setconn(conn) == MI_SUCCESS &&
	    smfi_opensocket(false) == MI_SUCCESS)
		return 0;
	log_warning("this libmilter takes no socket from us and opens it "
	    "itself: connections are refused during a restart");
	(void)close(fd);
	return open_itself(address, access);
}

/* --- signals --- */

static void
wake(unsigned char what)
{
	int saved = errno;
	ssize_t written = write(pipe_fds[1], &what, 1);

	(void)written; /* a full pipe wakes as well */
	errno = saved;
}

static void
signal_cb(int sig)
{
	wake((unsigned char)sig);
}

static int
watch_signals(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	struct sigaction action = { .sa_handler = signal_cb,
		.sa_flags = SA_RESTART };

	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		if (sigaction(signals[i], &action, NULL) == -1)
			return -1;
	}
	/* --supervise passes USR2 on, for which we have no use */
	if (signal(SIGUSR2, SIG_IGN) == SIG_ERR)
		return -1;
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -1;
	program_take_signals();
	return 0;
}

/* --- libmilter's thread --- */

static void *
run_milter(void *ctx)
{
	struct server *server = ctx;

	server->milter_status = smfi_main();
	wake(MILTER_ENDED);
	return NULL;
}

static int
start_milter(struct server *server)
{
	sigset_t all, before;
	pthread_t thread;
	int error;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &before);
	error = pthread_create(&thread, NULL, run_milter, server);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0) {
		log_error("cannot start a thread: %s", strerror(error));
		return -1;
	}
	(void)pthread_detach(thread);
	return 0;
}

/* --- the main thread --- */

static void
log_notice(enum event_kind kind, const char *key, const char *value)
{
	struct notice notice;

	notice_init(&notice, kind, clock_now().wall);
	notice_add(&notice, "program", "weir-milter");
	notice_add(&notice, key, value);
	log_event(NULL, &notice);
}

/* Both, or none and all that is wrong with either. */
static struct config *
load(const char *path, struct config_errors *errors, struct tables **tables_r)
{
	struct config *config = config_load(path, errors);

	*tables_r = NULL;
	if (config != NULL)
		(void)log_try(&config->log, errors);
	if (config != NULL)
		*tables_r = tables_new(config, errors);
	if (errors->count != 0) {
		tables_unref(tables_r);
		config_unref(&config);
	}
	for (size_t i = 0; i < config_errors_listed(errors); i++)
		log_error("%s", errors->list[i]);
	return config;
}

/* What is bound at start is said, not changed. */
static void
say_restart(const struct server *server, const struct config *config)
{
	const char *names[RESTART_MAX];
	size_t count = restart_needed(server->first, config, RESTART_MILTER,
	    names);

	for (size_t i = 0; i < count; i++)
		log_warning("%s has changed; that takes a restart of "
		    "weir-milter", names[i]);
}

/* Whole or not at all. */
static void
load_again(struct server *server, struct config_errors *errors)
{
	struct tables *tables;
	struct config *before, *config = load(server->config_path, errors,
	    &tables);

	if (config == NULL) {
		log_notice(EVENT_RELOAD_REFUSED, "file", server->config_path);
		return;
	}
	say_restart(server, config);
	before = current_get(&server->current);
	config->generation = before->generation + 1;
	(void)log_use(&config->log);
	config_unref(&before);
	tables_watch(tables, NULL, NULL);
	current_set(&server->current, config, tables);
	log_notice(EVENT_RELOADED, "file", server->config_path);
}

static void
reload(struct server *server, struct config_errors *errors)
{
	ready_reloading();
	load_again(server, errors);
	ready_tell();
}

/*
 * The state has put another configuration to use: so do we. It waits some
 * seconds to be told of it, long enough for more than one try.
 */
static void
follow(struct server *server)
{
	if (gatekeeper_config_changed(server->keeper, &server->generation)) {
		reload(server, &server->errors);
		server->untold = true;
	}
	if (server->untold)
		server->untold = !gatekeeper_applied(server->keeper,
		    server->generation, &server->errors);
}

/* False when it is time to end. */
static bool
handle(struct server *server, unsigned char what)
{
	struct config_errors errors;

	switch (what) {
	case SIGHUP:
	case SIGUSR1:
		reload(server, &errors);
		return true;
	case MILTER_ENDED:
		server->failed = server->milter_status != MI_SUCCESS;
		if (server->failed)
			log_error("libmilter ended by itself (%d)",
			    server->milter_status);
		return false;
	default:
		return false;
	}
}

static bool
handle_all(struct server *server)
{
	unsigned char what;

	while (read(pipe_fds[0], &what, 1) == 1) {
		if (!handle(server, what))
			return false;
	}
	return true;
}

/*
 * Without one libmilter takes no session, and says so to syslog alone.
 * Postfix waits for its command_timeout and puts the mail off.
 */
static void
look_for_descriptors(struct server *server)
{
	int fd = fcntl(pipe_fds[0], F_DUPFD_CLOEXEC, 0);
	bool none = fd == -1 && (errno == EMFILE || errno == ENFILE);

	if (none && !server->no_descriptors)
		log_error("no file descriptor is left: new sessions wait");
	else if (!none && server->no_descriptors)
		log_info("there are file descriptors again");
	server->no_descriptors = none;
	if (fd != -1)
		(void)close(fd);
}

static void
run(struct server *server)
{
	struct mono next = clock_now().mono;
	struct pollfd wait = { .fd = pipe_fds[0], .events = POLLIN };

	for (;;) {
		int64_t left = mono_since(next, clock_now().mono).us / 1000;

		if (left <= 0) {
			gatekeeper_tick(server->keeper);
			follow(server);
			look_for_descriptors(server);
			next = mono_add(clock_now().mono, span_ms(TICK_MS));
			left = TICK_MS;
		}
		if (poll(&wait, 1, (int)left) == 1 && !handle_all(server))
			return;
	}
}

int
serve(const char *config_path, struct config *config)
{
	/* static: worker threads may still look at it while we exit */
	static struct server server;

	server.config_path = config_path;
	server.first = config_ref(config);
	current_init(&server.current, config, tables_new_anyway(config));
	server.keeper = gatekeeper_new(&server.current);
	tables_watch(server.current.tables, NULL, NULL);
	callbacks_use(&server.current, server.keeper);
	if (watch_signals() == -1) {
		log_error("signals: %s", strerror(errno));
		return EX_OSERR;
	}
	if (start_milter(&server) == -1)
		return EX_OSERR;
	log_notice(EVENT_STARTED, "listen", config->milter.listen);
	ready_tell();
	run(&server);
	log_notice(EVENT_STOPPED, "status", server.failed ? "failed" : "ok");
	return server.failed ? EX_SOFTWARE : EX_OK;
}
