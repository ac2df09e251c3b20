/*
 * The types of settings: each checks what the file says and puts it into its
 * field. A new type is one function and one row at the end.
 */
#include "io/config_load.h"

#include "autoconfig.h"
#include "core/nearest.h"
#include "core/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 16 };

_Static_assert(sizeof(enum action) == sizeof(int) &&
    sizeof(enum limit_by) == sizeof(int) && sizeof(unsigned) == sizeof(int) &&
    sizeof(uint32_t) == sizeof(int), "words and numbers are stored as an int");

void *
row_field(const struct row *row, void *base)
{
	return (char *)base + row->offset;
}

/* --- texts --- */

const char *
take_text(struct loader *l, const config_setting_t *setting,
    const char *expected)
{
	const char *text;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING) {
		report(l, setting, "should be %s, and is %s", expected,
		    shown_type(setting));
		return NULL;
	}
	text = config_setting_get_string(setting);
	for (const char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7F) {
			char value[SHOWN_MAX];

			report(l, setting, "%s has a control character in it",
			    shown(text, value));
			return NULL;
		}
	}
	return text;
}

static void
put_string(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	const char *text = take_text(l, setting, "a string in quotes");

	if (text != NULL)
		text = row->text(l, setting, text);
	memcpy(row_field(row, base), &text, sizeof(text));
}

/* The name of another entry: config_check.c looks for it. */
static void
put_reference(struct loader *l, const struct row *row,
    config_setting_t *setting, void *base)
{
	const char *text = take_text(l, setting, "a name in quotes");

	(void)base;
	if (text != NULL)
		(void)row->text(l, setting, text);
}

#ifdef HAVE_LIBSYSTEMD
static const bool has_journal = true;
#else
static const bool has_journal = false;
#endif

static void
put_maillog(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	static const char usual[] = "/var/log/mail.log";
	const char *text = take_text(l, setting, "a string in quotes");
	const char *path = NULL;
	char value[SHOWN_MAX];

	if (text == NULL)
		return;
	if (strcmp(text, "none") == 0)
		path = "";
	else if (strcmp(text, "auto") == 0)
		path = access(usual, F_OK) == 0 ? usual :
		    has_journal ? MAILLOG_JOURNAL : "";
	else if (strcmp(text, "journal") == 0 && has_journal)
		path = MAILLOG_JOURNAL;
	else if (strcmp(text, "journal") == 0)
		report(l, setting, "\"journal\" takes a Weir built with "
		    "libsystemd, and this one is not; write "
		    "\"file:/var/log/mail.log\"");
	else if (strncmp(text, "file:/", 6) == 0 && strlen(text) < PATH_MAX)
		path = text + 5;
	else
		report(l, setting, "%s should be \"auto\", \"journal\", "
		    "\"none\" or \"file:PATH\" with an absolute path",
		    shown(text, value));
	if (path != NULL)
		path = arena_copy(l->config->arena, path);
	memcpy(row_field(row, base), &path, sizeof(path));
}

static void
put_log_target(struct loader *l, const struct row *row,
    config_setting_t *setting, void *base)
{
	const char *text = take_text(l, setting, "a string in quotes");
	struct log_settings *log = base;
	char value[SHOWN_MAX];

	(void)row;
	log->target = LOG_TARGET_STDERR;
	log->path = "";
	if (text == NULL || strcmp(text, "stderr") == 0)
		return;
	if (strcmp(text, "syslog") == 0) {
		log->target = LOG_TARGET_SYSLOG;
	} else if (strncmp(text, "file:/", 6) == 0 && strlen(text) < PATH_MAX) {
		log->target = LOG_TARGET_FILE;
		log->path = arena_copy(l->config->arena, text + 5);
	} else {
		report(l, setting, "%s should be \"stderr\", \"syslog\" or "
		    "\"file:PATH\" with an absolute path", shown(text, value));
	}
}

/* --- words --- */

int
take_word(struct loader *l, const struct row *row,
    const config_setting_t *setting)
{
	const char *text = take_text(l, setting, "one of the words in quotes");
	const char *names[WORDS_MAX];
	char value[SHOWN_MAX], all[256] = "", hint[NEAREST_HINT_MAX];
	size_t n = 0, used = 0;

	if (text == NULL)
		return -1;
	for (; n < WORDS_MAX && row->words[n].name != NULL; n++) {
		if (strcmp(row->words[n].name, text) == 0)
			return (int)n;
		names[n] = row->words[n].name;
		used += (size_t)snprintf(all + used, sizeof(all) - used,
		    "%s\"%s\"", n == 0 ? "" : ", ", names[n]);
	}
	report(l, setting, "%s is none of %s%s", shown(text, value), all,
	    nearest_hint(text, names, n, hint));
	return -1;
}

static void
put_word(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	int at = take_word(l, row, setting);

	if (at != -1)
		memcpy(row_field(row, base), &row->words[at].value,
		    sizeof(int));
}

static void
put_bool(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	bool value = config_setting_get_bool(setting);

	if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
		report(l, setting, "should be true or false, and is %s",
		    shown_type(setting));
	memcpy(row_field(row, base), &value, sizeof(value));
}

/* --- numbers --- */

static void
put_number(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	const char *text = config_setting_get_string(setting);
	const char *or = row->unlimited ? " or \"unlimited\"" : "";
	uint32_t value = UNLIMITED;
	int given = config_setting_get_int(setting);

	if (text != NULL && row->unlimited && strcmp(text, "unlimited") == 0)
		;
	else if (config_setting_type(setting) != CONFIG_TYPE_INT)
		report(l, setting, "should be a number from %" PRId64 " to %"
		    PRId64 "%s, and is %s", row->min, row->max, or,
		    shown_type(setting));
	else if (given < row->min || given > row->max)
		report(l, setting, "%d is out of range; it should be %" PRId64
		    " to %" PRId64 "%s", given, row->min, row->max, or);
	else
		value = (uint32_t)given;
	memcpy(row_field(row, base), &value, sizeof(value));
}

/* A number of seconds, or a text with a unit. */
static int
take_span(struct loader *l, const config_setting_t *setting,
    struct span *span_r)
{
	static const char right[] =
	    "should be a length of time: \"500ms\", \"30s\", \"5m\", \"1h\", "
	    "\"2d\", or a number of seconds";
	const char *text = config_setting_get_string(setting);
	char value[SHOWN_MAX];

	*span_r = span_s(config_setting_get_int(setting));
	if (config_setting_type(setting) == CONFIG_TYPE_INT)
		return 0;
	if (text != NULL && span_parse(text, span_r) == 0)
		return 0;
	report(l, setting, "%s%s%s",
	    text != NULL ? shown(text, value) : "", text != NULL ? " " : "",
	    right);
	return -1;
}

static void
put_duration(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	char low[SPAN_TEXT_MAX], high[SPAN_TEXT_MAX];
	struct span span;

	if (take_span(l, setting, &span) == -1)
		return;
	if ((span.us < row->min && !(row->unlimited && span.us == 0)) ||
	    span.us > row->max)
		report(l, setting, "is out of range; it should be %s to %s%s",
		    span_format(span_us(row->min), low),
		    span_format(span_us(row->max), high),
		    row->unlimited ? ", or 0 for off" : "");
	memcpy(row_field(row, base), &span, sizeof(span));
}

/* --- ladders and rates --- */

/* "1m*4", "10m": one rung; at most 1000 times. */
static int
parse_rung(const char *text, size_t len, struct ladder *ladder)
{
	char step[SPAN_TEXT_MAX];
	const char *star = memchr(text, '*', len);
	size_t step_len = star == NULL ? len : (size_t)(star - text);
	unsigned times = 0;
	struct span span;

	if (ladder->count == LADDER_MAX ||
	    text_copy_n(step, sizeof(step), text, step_len) == -1 ||
	    span_parse(step, &span) == -1 || span.us < 10000)
		return -1;
	for (const char *p = text + step_len + 1; p < text + len; p++) {
		if (*p < '0' || *p > '9' || times > 100)
			return -1;
		times = times * 10 + (unsigned)(*p - '0');
	}
	if (star != NULL && times == 0)
		return -1;
	ladder->rungs[ladder->count].step = span;
	ladder->rungs[ladder->count++].times = star == NULL ? 1 : times;
	return 0;
}

static void
put_ladder(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	const char *text = take_text(l, setting, "a string in quotes");
	struct ladder *ladder = row_field(row, base);
	char value[SHOWN_MAX];

	for (const char *p = text; p != NULL && *p != '\0';) {
		size_t len = strcspn(p, " ");

		if (len > 0 && parse_rung(p, len, ladder) == -1) {
			ladder->count = 0;
			break;
		}
		p += len;
		p += *p == ' ';
	}
	if (text != NULL && ladder->count == 0)
		report(l, setting, "%s should be at most %d steps such as "
		    "\"1m*4 5m*6 10m\": four of a minute, six of five minutes, "
		    "then every ten minutes; a step is at least 10ms",
		    shown(text, value), LADDER_MAX);
}

const struct type type_string = { "string", put_string };
const struct type type_reference = { "name", put_reference };
const struct type type_maillog = { "string", put_maillog };
const struct type type_log_target = { "string", put_log_target };
const struct type type_word = { "word", put_word };
const struct type type_bool = { "true or false", put_bool };
const struct type type_number = { "number", put_number };
const struct type type_duration = { "duration", put_duration };
const struct type type_ladder = { "ladder", put_ladder };
