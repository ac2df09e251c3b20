/*
 * What the doctor has to try out: sockets as Postfix's user, the log as ours,
 * and who may write our files.
 *
 * Whether somebody else may do a thing is asked of the kernel, by a child that
 * becomes him and tries; that needs root. Others learn what they may
 * themselves, and a refusal then tells nothing.
 */
#include "ctl.h"
#include "doctor.h"
#include "field.h"

#include "core/text.h"
#include "io/listen.h"
#include "io/table_spec.h"

#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <libgen.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONNECT_MS = 3000, ERRNO_SHOWN = 255 };

/* 0 or errno. */
typedef int (*try_fn)(const char *what);

/* --- becoming somebody --- */

/* Postfix's daemons have their own group alone; ours have all of theirs. */
static void
become(const struct passwd *who, bool all_groups)
{
	int result = all_groups ? initgroups(who->pw_name, who->pw_gid)
				: setgroups(1, &who->pw_gid);

	if (result == -1 || setgid(who->pw_gid) == -1 ||
	    setuid(who->pw_uid) == -1)
		_exit(ERRNO_SHOWN);
}

/* What a function returns when he calls it; -1: it cannot be known. */
static int
try_as(const struct passwd *who, bool all_groups, try_fn fn, const char *what)
{
	int status = -1;
	pid_t pid;

	if (geteuid() != 0) {
		int error = fn(what);

		return error == EACCES ? -1 : error;
	}
	if (who == NULL)
		return -1;
	pid = fork();
	if (pid == -1)
		return -1;
	if (pid == 0) {
		become(who, all_groups);
		_exit(fn(what));
	}
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return WIFEXITED(status) && WEXITSTATUS(status) != ERRNO_SHOWN
		   ? WEXITSTATUS(status)
		   : -1;
}

/* --- sockets --- */

static int
connect_within(int fd, const struct sockaddr *address, socklen_t len)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int error = 0;

	if (connect(fd, address, len) == 0)
		return 0;
	if (errno == EAGAIN)
		return 0; /* its queue is full: it is there */
	if (errno != EINPROGRESS)
		return errno;
	if (poll(&wait, 1, CONNECT_MS) != 1)
		return ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
		return errno;
	return error;
}

static int
try_socket(const char *name)
{
	struct listen_address address;
	union listen_sockaddr any;
	socklen_t len;
	const char *why;
	int fd, error;

	if (listen_parse(name, &address, &why) == -1)
		return EINVAL;
	len = listen_sockaddr(&address, &any);
	fd = socket(any.sa.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return errno;
	error = connect_within(fd, &any.sa, len);
	(void)close(fd);
	return error;
}

static enum door
door_of(const struct passwd *who, const char *socket)
{
	int error;

	if (socket == NULL)
		return DOOR_UNKNOWN;
	error = try_as(who, false, try_socket, socket);
	/* behind a folder he may not enter it may be missing as well */
	if (error == EACCES && try_socket(socket) == ENOENT)
		error = ENOENT;
	switch (error) {
	case 0:
		return DOOR_OPEN;
	case ENOENT:
		return DOOR_MISSING;
	case EACCES:
		return DOOR_DENIED;
	case -1:
		return DOOR_UNKNOWN;
	default:
		return DOOR_REFUSED;
	}
}

/* --- the log --- */

static int
try_read(const char *path)
{
	return access(path, R_OK) == 0 ? 0 : errno;
}

/* One that every system's messages go to, wherever it is kept. */
static int
try_journal(const char *unused)
{
	static const char *const places[] = {
		"/var/log/journal/*/system.journal",
		"/run/log/journal/*/system.journal"
	};
	int error = ENOENT;

	(void)unused;
	for (size_t i = 0; i < 2 && error != 0; i++) {
		glob_t found;

		if (glob(places[i], 0, NULL, &found) == 0 && found.gl_pathc > 0)
			error = try_read(found.gl_pathv[0]);
		globfree(&found);
	}
	return error;
}

/* The owner of our directory is who the daemon is, whatever its -u. */
static const struct passwd *
daemon_user(const struct config *config)
{
	struct stat status;

	if (config->state.directory[0] != '\0' &&
	    stat(config->state.directory, &status) == 0)
		return getpwuid(status.st_uid);
	return getpwnam("weir");
}

/* Was "none" written, or found? */
static bool
wants_none(const struct config *config)
{
	for (size_t i = 0; i < config->ngiven; i++) {
		if (strcmp(config->given[i].path, "maillog.source") == 0)
			return strstr(config->given[i].value, "none") != NULL;
	}
	return false;
}

static void
gather_log(
    struct facts *facts, struct arena *arena, const struct config *config)
{
	bool journal = strcmp(config->maillog, MAILLOG_JOURNAL) == 0;
	const struct passwd *who = daemon_user(config);
	int error;

	facts->daemon = arena_copy(arena, who != NULL ? who->pw_name : "weir");
	if (config->maillog[0] == '\0') {
		facts->log_none = !wants_none(config);
		return;
	}
	error = try_as(
	    who, true, journal ? try_journal : try_read, config->maillog);
	facts->log_missing = error == ENOENT ||
	    (!journal && try_read(config->maillog) == ENOENT);
	facts->log_denied = error == EACCES;
}

/* --- our files --- */

/* By itself, or by being put in its place. */
static bool
any_may_write(struct arena *arena, const char *path)
{
	const char *folder = dirname(arena_copy(arena, path));
	struct stat status;

	return (stat(path, &status) == 0 &&
	    (status.st_mode & S_IWOTH) != 0) ||
	    (stat(folder, &status) == 0 && (status.st_mode & S_IWOTH) != 0 &&
	    (status.st_mode & S_ISVTX) == 0);
}

/* The first of them. */
static void
gather_files(struct facts *facts, struct arena *arena, const char *config_path,
    const struct config *config)
{
	const struct strings *tables = &config->identities.tables;
	struct table_spec spec;
	const char *why;

	if (any_may_write(arena, config_path))
		facts->writable = arena_copy(arena, config_path);
	for (size_t i = 0; i < tables->count && facts->writable == NULL; i++) {
		if (table_spec_parse(tables->list[i], &spec, &why) == 0 &&
		    spec.kind != TABLE_SOCKETMAP &&
		    any_may_write(arena, spec.path))
			facts->writable = arena_copy(arena, spec.path);
	}
}

/* --- the state --- */

static void
gather_state(struct facts *facts, struct arena *arena, struct ctl *ctl)
{
	static const char *const question[] = { "STATUS" };
	const char *transport;
	json_t *status = NULL;

	if (ctl_ask_quietly(ctl, &status, 1, question) != CTL_DONE) {
		facts->state_denied = ctl_is_denied(ctl);
		if (!facts->state_denied)
			facts->state_why = arena_copy(arena, ctl->why);
		return;
	}
	facts->milters = json_array_size(json_object_get(status, "milters"));
	transport = field_text(
	    json_object_get(status, "policy"), "default_transport");
	if (transport[0] != '\0')
		facts->transport = arena_copy(arena, transport);
	json_decref(status);
}

void
facts_gather(struct facts *facts_r, struct arena *arena, struct ctl *ctl,
    const struct postfix *postfix, const struct config *config,
    const struct endpoints *endpoints)
{
	const struct passwd *postfix_user =
	    getpwnam(postfix_value(postfix, NULL, "mail_owner"));

	facts_r->milter = door_of(postfix_user, endpoints->milter.chosen);
	facts_r->policy = door_of(postfix_user, endpoints->policy.chosen);
	facts_r->map = door_of(postfix_user, endpoints->sender.chosen);
	gather_state(facts_r, arena, ctl);
	gather_log(facts_r, arena, config);
	gather_files(facts_r, arena, ctl->config, config);
}
