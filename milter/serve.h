/*
 * weir-milter while it serves.
 */
#ifndef WEIR_MILTER_SERVE_H
#define WEIR_MILTER_SERVE_H

#include "core/config.h"
#include "io/listen.h"

/*
 * Gives libmilter our callbacks and the listening descriptor; while still
 * root, since it may have to open the socket itself. 0 or -1, said in the log.
 */
int serve_open(int fd, const struct listen_address *,
    const struct listen_access *);

/*
 * Serves until TERM or INT; takes the configuration over. The exit status for
 * main.
 */
int serve(const char *config_path, struct config *config);

#endif
