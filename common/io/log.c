/*
 * How a line reads: "weir-policyd[123]: warning: text", with the time before it
 * where nobody else adds one (the journal and syslog do), or one JSON object
 * with time, program, pid, level, and text or the event's own keys.
 *
 * And if it cannot be written at once? A daemon waits for no reader: the line
 * is dropped, and the next one that can be written says how many were.
 */
#include "io/log.h"

#include "io/clock.h"
#include "io/log_target.h"
#include "io/notice_json.h"
#include "io/text_json.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	TEXT_MAX_BYTES = 2048,
	LINE_MAX_BYTES = 4096, /* PIPE_BUF: whole or not at all (pipe(7)) */
};

static const char *program_name = "weir";
/* A reload sets them while others log. */
static _Atomic enum log_level threshold = LOG_LEVEL_INFO;
static _Atomic enum log_format format = LOG_FORMAT_TEXT;
static atomic_uint dropped;

/* clang-format off */
static const struct {
	const char *name, *mark;
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", "error: " },
	[LOG_LEVEL_WARNING] = { "warning", "warning: " },
	[LOG_LEVEL_INFO] = { "info", "" },
	[LOG_LEVEL_DEBUG] = { "debug", "debug: " },
};
/* clang-format on */

void
log_open(const char *program, enum log_level level)
{
	program_name = program;
	threshold = level;
}

static const char *
target_name(const struct log_settings *settings)
{
	return settings->target == LOG_TARGET_FILE ? settings->path : "syslog";
}

int
log_try(const struct log_settings *settings, struct config_errors *errors)
{
	const char *why;

	if (log_target_try(settings, &why) == 0)
		return 0;
	config_errors_add(errors, "log.target: %s: %s", target_name(settings),
	    why);
	return -1;
}

int
log_use(const struct log_settings *settings)
{
	const char *why;

	if (log_target_use(settings, &why) == -1) {
		log_error("log.target: %s: %s", target_name(settings), why);
		return -1;
	}
	threshold = settings->level;
	format = settings->format;
	return 0;
}

/* --- a line --- */

/* What stands before the text, at most TEXT_MAX_BYTES. */
static size_t
put_head(char line[LINE_MAX_BYTES], enum log_level level)
{
	char at[WALL_TEXT_MAX] = "";
	size_t used;

	if (log_target_is_syslog())
		return log_target_frame(line, TEXT_MAX_BYTES, level,
		    program_name, clock_now().wall);
	if (!log_target_adds_time())
		wall_format(clock_now().wall, at);
	used = (size_t)snprintf(line, TEXT_MAX_BYTES, "%s%s%s[%ld]: ", at,
	    at[0] != '\0' ? " " : "", program_name, (long)getpid());
	return used < TEXT_MAX_BYTES ? used : TEXT_MAX_BYTES - 1;
}

static size_t
make_text(char line[LINE_MAX_BYTES], enum log_level level, const char *text)
{
	size_t used = put_head(line, level);
	int more = snprintf(line + used, LINE_MAX_BYTES - 1 - used, "%s%s\n",
	    levels[level].mark, text);

	return used + (size_t)more;
}

/* Takes over the object, whose own keys come after those of every line. */
static size_t
make_json(char line[LINE_MAX_BYTES], enum log_level level, json_t *object)
{
	char at[WALL_TEXT_MAX];
	json_t *whole = json_pack("{ss ss sI ss}", "time",
	    wall_format(clock_now().wall, at), "program", program_name, "pid",
	    (json_int_t)getpid(), "level", levels[level].name);
	size_t used = log_target_is_syslog() ? put_head(line, level) : 0;
	size_t room = LINE_MAX_BYTES - 1 - used, len;

	if (whole == NULL || json_object_update(whole, object) == -1)
		abort();
	len = json_dumpb(whole, line + used, room, JSON_COMPACT);
	json_decref(whole);
	json_decref(object);
	if (len == 0 || len > room)
		return 0;
	used += len;
	line[used++] = '\n';
	return used;
}

static void
put(const char *line, size_t len)
{
	char text[LINE_MAX_BYTES], words[128];
	unsigned lost = atomic_exchange(&dropped, 0);
	size_t used;

	if (lost != 0) {
		(void)snprintf(words, sizeof(words), "%u log lines were lost, "
		    "they could not be written at once", lost);
		used = format == LOG_FORMAT_JSON ?
		    make_json(text, LOG_LEVEL_WARNING,
		        json_pack("{ss}", "text", words)) :
		    make_text(text, LOG_LEVEL_WARNING, words);
		if (!log_target_put(text, used)) {
			atomic_fetch_add(&dropped, lost + 1);
			return;
		}
	}
	if (len == 0 || !log_target_put(line, len))
		atomic_fetch_add(&dropped, 1);
}

static void write_text(enum log_level level, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

static void
write_text(enum log_level level, const char *fmt, va_list args)
{
	char text[TEXT_MAX_BYTES], line[LINE_MAX_BYTES];
	size_t len;

	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		return;
	if (format == LOG_FORMAT_JSON)
		len = make_json(line, level, json_pack("{so}", "text",
		    text_json(text)));
	else
		len = make_text(line, level, text);
	put(line, len);
}

#define LOG_FUNCTION(name, level)                                             \
	void name(const char *fmt, ...)                                       \
	{                                                                     \
		va_list args;                                                 \
                                                                              \
		if (threshold < (level))                                      \
			return;                                               \
		va_start(args, fmt);                                          \
		write_text(level, fmt, args);                                 \
		va_end(args);                                                 \
	}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warning, LOG_LEVEL_WARNING)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)

void
log_event(void *ctx, const struct notice *event)
{
	char text[EVENT_LINE_MAX], line[LINE_MAX_BYTES];
	size_t len;

	(void)ctx;
	if (threshold < LOG_LEVEL_INFO)
		return;
	if (format == LOG_FORMAT_JSON)
		len = make_json(line, LOG_LEVEL_INFO, notice_json(event));
	else
		len = make_text(line, LOG_LEVEL_INFO,
		    notice_format(event, text));
	put(line, len);
}
