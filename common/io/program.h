/*
 * What both daemons do before they are one: the command line, the
 * configuration, signals, descriptors, and the parent that --supervise is.
 *
 *   NAME [-c FILE] [-u USER] [--supervise] [-V]
 */
#ifndef WEIR_IO_PROGRAM_H
#define WEIR_IO_PROGRAM_H

#include "io/supervise.h"

#include "core/config.h"

struct program_options { /* of argv, or what is usual */
	const char *config_path;
	const char *user;
	bool supervise;
};

enum { PROGRAM_GOES_ON = -1 };

/*
 * PROGRAM_GOES_ON, or the exit status for main: what was asked for is told
 * (--help, --version), or how it is used.
 */
int program_options(int argc, char **argv, const char *name,
    struct program_options *options_r);

/* NULL: every mistake was told on stderr, and main exits with EX_CONFIG. */
struct config *program_load(const char *path);

/*
 * From the first on the signals a daemon is steered by (TERM, INT, HUP, USR1,
 * USR2) wait; from the second on they come, when somebody is there to take
 * them. In between a daemon has sockets, and whoever sees one may send it a
 * signal, whose default is death. The worker of --supervise begins with them
 * waiting, as its parent had them. Of the thread that calls and those it
 * begins.
 */
void program_hold_signals(void);
void program_take_signals(void);

/*
 * Clients are descriptors: takes as many as we may have. The usual 1024 would
 * be less than the connections that are admitted. Where that is hardly enough
 * for ourselves it is said: what we cannot do without ends us without a word.
 */
void program_raise_descriptors(void);

/*
 * supervise, of the same command line without --supervise; program is argv[0].
 * The exit status for main.
 */
int program_supervise(const struct supervised_socket *, size_t count,
    const struct program_options *, const char *program);

#endif
