/*
 * weir-milter: who may send as whom, and how much.
 *
 * Always in the foreground (io/program.h has the command line). Order at
 * start: the configuration whole, the socket (passed to us or opened, as root
 * if need be), then the user's rights, then work. With --supervise this process
 * only holds the socket and starts itself again without that option.
 */
#include "serve.h"

#include "io/become.h"
#include "io/listen.h"
#include "io/log.h"
#include "io/memory.h"
#include "io/program.h"
#include "io/standard.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* Where Postfix comes in: its group may write to a Unix socket. */
static int
find_socket(const struct config *config, struct supervised_socket *socket)
{
	const char *why;

	if (listen_parse(config->milter.listen, &socket->address, &why) ==
	    -1) {
		(void)fprintf(stderr, "milter.listen: \"%s\" %s\n",
		    config->milter.listen, why);
		return -1;
	}
	socket->access.mode = 0660;
	socket->access.group = (gid_t)-1;
	if (config->postfix_group[0] == '\0')
		return 0;
	socket->access.group = group_of(config->postfix_group);
	return socket->access.group == (gid_t)-1 ? -1 : 0;
}

/* All that may fail before the work begins: EX_OK, or what to exit with. */
static int
prepare(const struct supervised_socket *socket,
    const struct program_options *options, const struct config *config,
    bool *passed_r)
{
	int fd;

	/* libmilter spins when it has none left */
	program_raise_descriptors();
	fd = listen_get(&socket->address, &socket->access, passed_r);
	if (fd == -1) {
		log_error("cannot listen on %s: %s", config->milter.listen,
		    strerror(errno));
		return EX_OSERR;
	}
	listen_close_rest();
	if (serve_open(fd, &socket->address, &socket->access) == -1)
		return EX_OSERR;
	if (become_user(options->user) == -1)
		return EX_CONFIG;
	return log_use(&config->log) == -1 ? EX_CANTCREAT : EX_OK;
}

/* Takes over the configuration. */
static int
work(const struct supervised_socket *socket,
    const struct program_options *options, struct config *config)
{
	bool passed;
	int status = prepare(socket, options, config, &passed);

	if (status != EX_OK) {
		config_unref(&config);
		return status;
	}
	status = serve(options->config_path, config);
	if (!passed)
		listen_remove(&socket->address);
	return status;
}

int
main(int argc, char **argv)
{
	struct program_options options;
	struct supervised_socket socket;
	struct config *config;
	int status;

	standard_open();
	program_hold_signals();
	status = program_options(argc, argv, "weir-milter", &options);
	if (status != PROGRAM_GOES_ON)
		return status;
	config = program_load(options.config_path);
	if (config == NULL)
		return EX_CONFIG;
	log_open("weir-milter", config->log.level);
	memory_map_large();
	memset(&socket, 0, sizeof(socket));
	if (find_socket(config, &socket) == -1) {
		config_unref(&config);
		return EX_CONFIG;
	}
	if (options.supervise) {
		config_unref(&config);
		return program_supervise(&socket, 1, &options, argv[0]);
	}
	return work(&socket, &options, config);
}
