/*
 * weir-policyd: by which smart host, and the state of both daemons.
 *
 * Always in the foreground (io/program.h has the command line). Started as
 * root it opens its sockets and then becomes its user. With --supervise a
 * parent keeps the sockets and starts this program again, without that option,
 * whenever it dies.
 */
#include "daemon.h"

#include "io/become.h"
#include "io/log.h"
#include "io/memory.h"
#include "io/program.h"
#include "io/standard.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	SOCKET_MODE = 0660,
	SOCKETS_MAX = 1 + POLICY_SOCKETS_MAX + MAP_SOCKETS_MAX + 1,
};

/*
 * Whose a socket is to be: the group that is given, else, when root opens it
 * for a user, that user's.
 */
static gid_t
socket_group(const char *group, const char *user)
{
	const struct passwd *pw;
	gid_t gid = (gid_t)-1;

	if (group[0] != '\0') {
		gid = group_of(group);
		if (gid == (gid_t)-1)
			exit(EX_CONFIG);
	} else if (geteuid() == 0 && (pw = getpwnam(user)) != NULL) {
		gid = pw->pw_gid;
	}
	return gid;
}

static struct supervised_socket
socket_of(const char *setting, const char *text, gid_t group)
{
	struct supervised_socket socket = {
		.access = { .mode = SOCKET_MODE, .group = group },
	};
	const char *why;

	if (listen_parse(text, &socket.address, &why) != 0) {
		(void)fprintf(stderr, "weir-policyd: %s: \"%s\": %s\n",
		    setting, text, why);
		exit(EX_CONFIG);
	}
	return socket;
}

/* Sockets for Postfix; never more than the schema lets through. */
static size_t
list_for_postfix(const char *setting, const struct strings *listen, gid_t group,
    struct supervised_socket *list_r)
{
	for (size_t i = 0; i < listen->count; i++)
		list_r[i] = socket_of(setting, listen->list[i], group);
	return listen->count;
}

/* All sockets of a configuration: state, policy, socketmap, HTTP. How many. */
static size_t
list_sockets(const struct config *config, const char *user,
    struct supervised_socket list_r[SOCKETS_MAX])
{
	const struct policy_settings *policy = &config->policy;
	char state[LISTEN_PATH_MAX + sizeof("unix:")];
	gid_t group = socket_group(config->postfix_group, user);
	gid_t readers = socket_group(config->state.group, user);
	size_t count = 1;

	_Static_assert((int)SOCKETS_MAX <= (int)LISTEN_MAX,
	    "all can be passed on");
	(void)snprintf(state, sizeof(state), "unix:%s", config->state.socket);
	list_r[0] = socket_of("state.socket", state, readers);
	count += list_for_postfix("policy.listen", &policy->listen, group,
	    list_r + count);
	count += list_for_postfix("policy.socketmap", &policy->socketmap,
	    group, list_r + count);
	if (config->http.listen[0] != '\0')
		list_r[count++] = socket_of("http.listen", config->http.listen,
		    readers);
	return count;
}

static int
open_socket(const struct supervised_socket *socket)
{
	const struct listen_address *address = &socket->address;
	int fd = listen_get(address, &socket->access, NULL);

	if (fd == -1) {
		if (address->is_unix)
			log_error("cannot listen on unix:%s: %s",
			    address->path, strerror(errno));
		else
			log_error("cannot listen on inet:%s:%u: %s",
			    address->host, address->port, strerror(errno));
		exit(EX_OSERR);
	}
	return fd;
}

static struct daemon_sockets
open_sockets(const struct config *config,
    const struct supervised_socket *list, size_t count)
{
	struct daemon_sockets sockets = {
		.state = open_socket(&list[0]),
		.npolicy = config->policy.listen.count,
		.nmap = config->policy.socketmap.count,
	};

	for (size_t i = 0; i < sockets.npolicy; i++)
		sockets.policy[i] = open_socket(&list[1 + i]);
	for (size_t i = 0; i < sockets.nmap; i++)
		sockets.map[i] = open_socket(&list[1 + sockets.npolicy + i]);
	sockets.http = config->http.listen[0] != '\0' ?
	    open_socket(&list[count - 1]) : -1;
	listen_close_rest();
	return sockets;
}

/* Sockets first, while we may; then the user's rights, and his log. */
static int
prepare(const struct program_options *options, const struct config *config)
{
	if (become_user(options->user) == -1)
		return EX_CONFIG;
	return log_use(&config->log) == -1 ? EX_CANTCREAT : EX_OK;
}

int
main(int argc, char *argv[])
{
	struct supervised_socket list[SOCKETS_MAX];
	struct daemon_sockets sockets;
	struct program_options options;
	struct config *config;
	size_t count;
	int status;

	standard_open();
	program_hold_signals();
	status = program_options(argc, argv, "weir-policyd", &options);
	if (status != PROGRAM_GOES_ON)
		return status;
	config = program_load(options.config_path);
	if (config == NULL)
		return EX_CONFIG;
	count = list_sockets(config, options.user, list);
	log_open("weir-policyd", config->log.level);
	memory_map_large();
	program_raise_descriptors();
	if (options.supervise) {
		config_unref(&config);
		return program_supervise(list, count, &options, argv[0]);
	}
	sockets = open_sockets(config, list, count);
	status = prepare(&options, config);
	if (status == EX_OK)
		return daemon_run(options.config_path, config, &sockets);
	config_unref(&config);
	return status;
}
