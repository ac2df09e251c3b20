/*
 * Where log lines go: stderr, the system's syslog, or a file.
 *
 * A line is one write(2) and never waits for who reads it. A file is opened
 * again when another one stands under its name (rotation), looked for once a
 * second at most; the syslog socket when its daemon was started anew.
 *
 * Thread-safe without a lock: what is written to is one descriptor for the
 * life of the process, and a new file takes its place by dup2(2).
 */
#ifndef WEIR_IO_LOG_TARGET_H
#define WEIR_IO_LOG_TARGET_H

#include "core/config.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * From now on lines go there. 0, or -1 with *why_r (static, or strerror's) when
 * it cannot be opened; then they go where they went. Called by one thread at a
 * time.
 */
int log_target_use(const struct log_settings *, const char **why_r);

/* Could log_target_use do it? 0, or -1 with *why_r. Nothing is changed. */
int log_target_try(const struct log_settings *, const char **why_r);

/* Does the reader put a time to each line itself? */
bool log_target_adds_time(void);

/* Does it want the frame of RFC 3164 (log_target_frame) before each line? */
bool log_target_is_syslog(void);

/*
 * "<22>Nov 25 15:30:00 weir-policyd[123]: ", what syslog(3) would write to the
 * local socket. Returns its length, below size.
 */
size_t log_target_frame(char *buf, size_t size, enum log_level,
    const char *program, struct wall at);

/* line ends in a newline. False: it is lost. */
bool log_target_put(const char *line, size_t len);

/* The socket of the system's syslog is elsewhere; for tests. */
void log_target_syslog_at(const char *path);

#endif
