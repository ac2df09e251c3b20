/*
 * One command line for two programs.
 */
#include "io/program.h"

#include "autoconfig.h"

#include "io/config_file.h"
#include "io/log.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

enum { OPTION_SUPERVISE = 1, WORKER_ARGS = 5 };
enum { DESCRIPTORS_MIN = 64 }; /* ours without any client: some 20 */

static int
usage(FILE *out, const char *name, int status)
{
	(void)fprintf(out, "usage: %s [-c FILE] [-u USER] [--supervise] "
	    "[-V]\n", name);
	return status;
}

int
program_options(int argc, char **argv, const char *name,
    struct program_options *options_r)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "supervise", no_argument, NULL, OPTION_SUPERVISE },
		{ "user", required_argument, NULL, 'u' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*options_r = (struct program_options) {
		.config_path = WEIR_SYSCONFDIR "/weir.conf", .user = "weir" };
	while ((c = getopt_long(argc, argv, "c:hu:V", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			options_r->config_path = optarg;
			break;
		case 'u':
			options_r->user = optarg;
			break;
		case OPTION_SUPERVISE:
			options_r->supervise = true;
			break;
		case 'V':
			(void)printf("%s " PACKAGE_VERSION "\n", name);
			return EX_OK;
		case 'h':
			return usage(stdout, name, EX_OK);
		default:
			return usage(stderr, name, EX_USAGE);
		}
	}
	return optind == argc ? PROGRAM_GOES_ON :
	    usage(stderr, name, EX_USAGE);
}

struct config *
program_load(const char *path)
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

static void
mask_signals(int how)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1,
		SIGUSR2 };
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaddset(&set, signals[i]);
	(void)pthread_sigmask(how, &set, NULL);
}

void
program_hold_signals(void)
{
	mask_signals(SIG_BLOCK);
}

void
program_take_signals(void)
{
	mask_signals(SIG_UNBLOCK);
}

void
program_raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		log_warning("descriptors: %s", strerror(errno));
	if (limit.rlim_cur < DESCRIPTORS_MIN)
		log_warning("we may open %lu files (ulimit -n): with fewer "
		    "than %d we may not even start",
		    (unsigned long)limit.rlim_cur, DESCRIPTORS_MIN);
}

int
program_supervise(const struct supervised_socket *sockets, size_t count,
    const struct program_options *options, const char *program)
{
	const char *const words[WORKER_ARGS] = { program, "-c",
		options->config_path, "-u", options->user };
	char *argv[WORKER_ARGS + 1] = { NULL }; /* execv's are not const */
	int status;

	for (int i = 0; i < WORKER_ARGS; i++) {
		argv[i] = strdup(words[i]);
		if (argv[i] == NULL)
			abort();
	}
	status = supervise(sockets, count, argv);
	for (int i = 0; i < WORKER_ARGS; i++)
		free(argv[i]);
	return status;
}
