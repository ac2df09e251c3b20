/*
 * Log lines of a daemon: one event a line, on stderr. Thread-safe; a line is
 * one write, and never waits for who reads it (log.c). Every string from
 * outside is escaped by the caller (text_escape) or stands in an event
 * (core/event.h).
 */
#ifndef WEIR_IO_LOG_H
#define WEIR_IO_LOG_H

#include "core/config.h"
#include "core/event.h"

void log_open(const char *program, enum log_level);
void log_set_level(enum log_level);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* An event, as a sink for events_new; ctx is not used. */
void log_event(void *ctx, const struct notice *);

#endif
