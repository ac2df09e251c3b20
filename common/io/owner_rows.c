/*
 * Rows of owners, built word by word. The words of a row are kept as one text
 * until it ends, since owners_add wants them together.
 */
#include "io/owner_rows.h"

#include "core/owner_text.h"
#include "core/text.h"
#include "core/utf8.h"
#include "io/home_check.h"
#include "io/login.h"
#include "io/sender.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WORD_MAX = 2 * ADDRESS_MAX, WORD_SHOWN_MAX = 96 };

static const char home_word[] = "home=";

struct owner_rows {
	const struct config *config;
	const char *name;
	struct config_errors *errors;
	struct owners *owners;
	struct home_check *homes;
	size_t mistakes;

	/* the row in progress */
	bool open, sound; /* sound: without a mistake so far */
	bool may_be_there;
	unsigned line;
	char user[LOGIN_MAX + 1];
	char home[NAME_MAX_LEN + 1]; /* "": none */
	char *text; /* senders one behind the other, each with its NUL */
	size_t text_len, text_room;
	size_t count;
	const char **senders; /* room for 'senders_room' of them */
	size_t senders_room;
};

static void *
must(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

struct owner_rows *
owner_rows_new(const struct config *config, const char *name,
    struct config_errors *errors)
{
	struct owner_rows *rows = must(calloc(1, sizeof(*rows)));

	rows->config = config;
	rows->name = name;
	rows->errors = errors;
	rows->owners = owners_new();
	rows->homes = home_check_new(config);
	return rows;
}

static const char *
quoted(const char *word, size_t len, char buf[WORD_SHOWN_MAX])
{
	return text_quote(buf, WORD_SHOWN_MAX, word, len);
}

/* What has no lines is told by its key. */
void
owner_rows_mistake(struct owner_rows *rows, unsigned line, const char *fmt,
    ...)
{
	char text[CONFIG_ERROR_TEXT_MAX], row[WORD_SHOWN_MAX];
	char name[192], number[16] = "";
	bool in_row = line == 0 && rows->open;
	int used = in_row ? snprintf(text, sizeof(text), "%s: ",
	    quoted(rows->user, strlen(rows->user), row)) : 0;
	va_list args;

	rows->mistakes++;
	rows->sound = false;
	va_start(args, fmt);
	(void)vsnprintf(text + used, sizeof(text) - (size_t)used, fmt, args);
	va_end(args);
	text_escape(name, sizeof(name), rows->name, strlen(rows->name));
	if (line != 0)
		(void)snprintf(number, sizeof(number), ":%u", line);
	config_errors_add(rows->errors, "%s%s: %s", name, number, text);
}

/* Whole, valid UTF-8 without controls; told when not. */
static bool
take_word(struct owner_rows *rows, const char *word, size_t len, unsigned line,
    char copy[WORD_MAX + 1])
{
	char value[WORD_SHOWN_MAX];
	size_t at = 0, step = 1;

	for (; at < len && step != 0; at += step) {
		uint32_t character;

		step = utf8_next(word + at, len - at, &character);
		if (step != 0 && utf8_is_control(character))
			step = 0;
	}
	if (step != 0 && text_copy_n(copy, WORD_MAX + 1, word, len) == 0)
		return true;
	owner_rows_mistake(rows, line, "%s should be text in UTF-8 of at most "
	    "%d bytes", quoted(word, len, value), WORD_MAX);
	return false;
}

/* --- one row --- */

static void
begin_row(struct owner_rows *rows, const char *word, size_t len,
    unsigned line)
{
	char login[WORD_MAX + 1], value[WORD_SHOWN_MAX];
	const char *right = "should be a login of 1 to 255 bytes with its "
	                    "realm, then white space";

	rows->open = rows->sound = true;
	rows->may_be_there = false;
	rows->line = line;
	rows->home[0] = '\0';
	rows->text_len = rows->count = 0;
	rows->user[0] = '\0';
	if (!take_word(rows, word, len, line, login))
		return;
	if (strchr(login, '*') != NULL && !identity_is_pattern(login))
		right = "should be a login, \"*@domain\" for every login of a "
		        "domain, or \"*\" for every one";
	else if (login[0] == '@')
		right = "is no login; a table of smtpd_sender_login_maps must "
		        "be turned round: the login, then what it may send as";
	else if ((strcmp(login, "*") == 0 && text_copy(rows->user,
	    sizeof(rows->user), login) == 0) ||
	    (strchr(login, ',') == NULL && login_canonical(
	    &rows->config->identities, login, rows->user) == REASON_OK))
		return;
	owner_rows_mistake(rows, line, "%s %s", quoted(word, len, value),
	    right);
}

static void
add_sender(struct owner_rows *rows, const char *sender)
{
	size_t size = strlen(sender) + 1;

	if (rows->text_room - rows->text_len < size) {
		rows->text_room = 2 * rows->text_room + size;
		rows->text = must(realloc(rows->text, rows->text_room));
	}
	memcpy(rows->text + rows->text_len, sender, size);
	rows->text_len += size;
	rows->count++;
}

static void
take_home(struct owner_rows *rows, const char *name, unsigned line)
{
	char why[HOME_WHY_MAX];

	if (rows->home[0] != '\0')
		owner_rows_mistake(rows, line, "home: the login has one "
		    "already, \"%s\"", rows->home);
	else if (home_check_ask(rows->homes, rows->user, name, why) == -1)
		owner_rows_mistake(rows, line, "home: %s", why);
	else
		(void)text_copy(rows->home, sizeof(rows->home), name);
}

static void
take_sender(struct owner_rows *rows, const char *word, size_t len,
    unsigned line)
{
	char copy[WORD_MAX + 1], sender[ADDRESS_MAX + 2];
	char value[WORD_SHOWN_MAX];
	const char *wrong;

	if (!take_word(rows, word, len, line, copy))
		return;
	if (strncasecmp(copy, home_word, strlen(home_word)) == 0) {
		take_home(rows, copy + strlen(home_word), line);
		return;
	}
	wrong = sender_parse(copy, sender);
	if (wrong == NULL && rows->count < OWNER_SENDERS_MAX)
		add_sender(rows, sender);
	else
		owner_rows_mistake(rows, line, "%s %s", quoted(word, len,
		    value), wrong != NULL ? wrong : "is one too many: a row "
		    "has at most 100000 senders");
}

static void
list_senders(struct owner_rows *rows)
{
	const char *text = rows->text;

	if (rows->count > rows->senders_room) {
		rows->senders_room = 2 * rows->count;
		rows->senders = must(reallocarray(rows->senders,
		    rows->senders_room, sizeof(*rows->senders)));
	}
	for (size_t i = 0; i < rows->count; i++) {
		rows->senders[i] = text;
		text += strlen(text) + 1;
	}
}

static void
end_row(struct owner_rows *rows)
{
	char value[WORD_SHOWN_MAX];
	const struct identity_user *there;

	if (!rows->open)
		return;
	rows->open = false;
	if (!rows->sound)
		return;
	if (rows->count == 0 && rows->home[0] == '\0') {
		owner_rows_mistake(rows, rows->line, "%s should have what it "
		    "may send as behind it: addresses, @domain, @.domain, or "
		    "home=NAME", quoted(rows->user, strlen(rows->user),
		    value));
		return;
	}
	list_senders(rows);
	there = owners_add(rows->owners, &(struct identity_user) {
	    .user = rows->user,
	    .senders = { rows->senders, rows->count },
	    .home = rows->home,
	    .line = rows->line,
	    .only_home = rows->count == 0 });
	if (there == NULL || rows->may_be_there)
		return;
	quoted(rows->user, strlen(rows->user), value);
	if (there->line != 0)
		owner_rows_mistake(rows, rows->line, "%s is given twice; the "
		    "other is in line %u", value, there->line);
	else
		owner_rows_mistake(rows, 0, "%s is there twice, in other "
		    "letters", value);
}

/* --- the whole --- */

void
owner_rows_file(struct owner_rows *rows, const char *bytes, size_t len)
{
	struct owner_text text;
	enum owner_word kind;
	const char *word;
	unsigned line;
	size_t word_len;

	if (len == 0)
		owner_rows_mistake(rows, 0, "is empty, as a file that could "
		    "not be written; for a table of no one write a comment");
	else if (bytes[len - 1] != '\n')
		owner_rows_mistake(rows, 0, "has no end of line at its end, as "
		    "a file that was cut short");
	owner_text_file(&text, bytes, len);
	while ((kind = owner_text_next(&text, &word, &word_len, &line)) !=
	    OWNER_WORD_END) {
		if (kind == OWNER_WORD_LOGIN) {
			end_row(rows);
			begin_row(rows, word, word_len, line);
		} else if (rows->open) {
			take_sender(rows, word, word_len, line);
		} else {
			owner_rows_mistake(rows, line, "should begin with a "
			    "login; white space before it goes on with a row, "
			    "and there is none");
			rows->open = true; /* told once */
		}
	}
	end_row(rows);
}

void
owner_rows_value(struct owner_rows *rows, const char *key, size_t key_len,
    const char *value, size_t len, bool may_be_there)
{
	struct owner_text text;
	enum owner_word kind;
	const char *word;
	unsigned line;
	size_t word_len;

	begin_row(rows, key, key_len, 0);
	rows->may_be_there = may_be_there;
	owner_text_value(&text, value, len);
	while ((kind = owner_text_next(&text, &word, &word_len, &line)) !=
	    OWNER_WORD_END) {
		if (kind == OWNER_WORD_SENDER)
			take_sender(rows, word, word_len, 0);
		else
			owner_rows_mistake(rows, 0, "the value should be one "
			    "line");
	}
	end_row(rows);
}

struct owners *
owner_rows_end(struct owner_rows **rows_p)
{
	struct owner_rows *rows = *rows_p;
	struct owners *owners = rows->owners;

	if (rows->mistakes != 0)
		owners_unref(&owners);
	home_check_free(&rows->homes);
	free(rows->text);
	free(rows->senders);
	free(rows);
	*rows_p = NULL;
	return owners;
}
