/*
 * Log lines of a daemon: one event a line, as text or as JSON, on stderr, to
 * syslog or to a file (io/log_target.h). Thread-safe; a line is one write, and
 * never waits for who reads it. Every string from outside is escaped by the
 * caller (text_escape) or stands in an event (core/event.h).
 */
#ifndef WEIR_IO_LOG_H
#define WEIR_IO_LOG_H

#include "core/config.h"
#include "core/event.h"
#include "io/config_file.h"

/* On stderr as text, until log_use. program is not copied. */
void log_open(const char *program, enum log_level);

/*
 * Target, format and level of a configuration. 0, or -1 when the target cannot
 * be had, which is logged where lines went before; then nothing is changed.
 * Called by one thread at a time, also to open the target anew.
 */
int log_use(const struct log_settings *);

/*
 * Could log_use do it? 0, or -1 and a mistake more in errors: for a reload,
 * which is whole or not at all.
 */
int log_try(const struct log_settings *, struct config_errors *errors);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* An event, as a sink for events_new; ctx is not used. */
void log_event(void *ctx, const struct notice *);

#endif
