/*
 * weir-milter: who may send as whom, and how much.
 *
 *   weir-milter [-c FILE] [-u USER] [--supervise] [-V]
 *
 * Always in the foreground. Order at start: the configuration whole, the
 * socket (passed to us or opened, as root if need be), then the user's rights,
 * then work. With --supervise this process only holds the socket and starts
 * itself again without that option.
 */
#include "autoconfig.h"

#include "serve.h"

#include "io/become.h"
#include "io/config_file.h"
#include "io/listen.h"
#include "io/log.h"
#include "io/memory.h"
#include "io/supervise.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

static const char usage[] =
    "usage: weir-milter [-c FILE] [-u USER] [--supervise] [-V]\n";

struct options {
	const char *config_path;
	const char *user;
	bool supervise;
	bool version;
	bool help;
};

enum { OPTION_SUPERVISE = 1 };

static int
parse_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "supervise", no_argument, NULL, OPTION_SUPERVISE },
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "user", required_argument, NULL, 'u' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:hu:V", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			options->config_path = optarg;
			break;
		case 'h':
			options->help = true;
			break;
		case 'u':
			options->user = optarg;
			break;
		case 'V':
			options->version = true;
			break;
		case OPTION_SUPERVISE:
			options->supervise = true;
			break;
		default:
			return -1;
		}
	}
	return optind == argc ? 0 : -1;
}

static struct config *
load(const char *path)
{
	struct config_errors *errors = calloc(1, sizeof(*errors));
	struct config *config;

	if (errors == NULL)
		abort();
	config = config_load(path, errors);
	if (config == NULL)
		config_errors_print(errors, stderr);
	free(errors);
	return config;
}

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

/* The same command line without --supervise. */
static int
supervise_self(const struct supervised_socket *socket,
    const struct options *options, char *program)
{
	char *argv[] = { program, (char[]) { "-c" },
		strdup(options->config_path), (char[]) { "-u" },
		strdup(options->user), NULL };
	int status;

	if (argv[2] == NULL || argv[4] == NULL)
		abort();
	status = supervise(socket, 1, argv);
	free(argv[2]);
	free(argv[4]);
	return status;
}

/*
 * A descriptor each session: the usual 1024 would be less than the connections
 * a listener admits, and libmilter spins when it has none left.
 */
static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		log_warning("descriptors: %s", strerror(errno));
}

/* All that may fail before the work begins: EX_OK, or what to exit with. */
static int
prepare(const struct supervised_socket *socket, const struct options *options,
    const struct config *config, bool *passed_r)
{
	int fd = listen_get(&socket->address, &socket->access, passed_r);

	if (fd == -1) {
		log_error("cannot listen on %s: %s", config->milter.listen,
		    strerror(errno));
		return EX_OSERR;
	}
	listen_close_rest();
	raise_descriptor_limit();
	if (serve_open(fd, &socket->address, &socket->access) == -1)
		return EX_OSERR;
	if (become_user(options->user) == -1)
		return EX_CONFIG;
	return log_use(&config->log) == -1 ? EX_CANTCREAT : EX_OK;
}

/* Takes over the configuration. */
static int
work(const struct supervised_socket *socket, const struct options *options,
    struct config *config)
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
	struct options options = {
		.config_path = WEIR_SYSCONFDIR "/weir.conf",
		.user = "weir" };
	struct supervised_socket socket;
	struct config *config;

	if (parse_options(argc, argv, &options) == -1) {
		(void)fputs(usage, stderr);
		return EX_USAGE;
	}
	if (options.help) {
		(void)fputs(usage, stdout);
		return EX_OK;
	}
	if (options.version) {
		(void)puts("weir-milter " PACKAGE_VERSION);
		return EX_OK;
	}
	config = load(options.config_path);
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
		return supervise_self(&socket, &options, argv[0]);
	}
	return work(&socket, &options, config);
}
