/*
 * The text of a configuration, before libconfig sees it.
 *
 * libconfig 1.5 was seen to let some mistakes pass and to die of others, so
 * this scanner follows its lexical rules (lib/scanner.l) and tells of:
 * numbers that would wrap at 2^31, leading zeros (0660 is decimal), a comment
 * or string that never ends, and included files that are absolute (it looks
 * for DIR//etc/...), missing, no regular files (its scanner calls exit() on a
 * directory), too many or too deep.
 */
#include "io/config_load.h"

#include "core/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SOURCE_MAX = 16 * 1024 * 1024, /* 100 000 users take some 6 MiB */
	INCLUDE_DEPTH_MAX = 10, /* libconfig's own */
};

struct scan {
	struct loader *l;
	const char *file;
	const char *p, *end;
	unsigned line, depth;
	bool bol; /* nothing but blanks since the line began */
	struct word_at {
		const char *p;
		size_t len; /* 0: none */
		unsigned line;
	} word, setting; /* the last one; the one whose value this is */
	bool sound; /* libconfig may see it */
};

static bool scan_text(struct loader *, const char *file, const char *text,
    size_t len, unsigned depth);

/* --- reading --- */

static char *
read_all(struct loader *l, int fd, size_t *len_r, char why[SOURCE_WHY_MAX])
{
	size_t room = SOURCE_MAX - l->bytes, size = 65536, len = 0;
	char *text = malloc(size + 1);

	for (ssize_t n = 1; text != NULL && n != 0; len += (size_t)n) {
		if (len == size)
			/* cppcheck-suppress memleakOnRealloc; abort() below */
			text = realloc(text, (size *= 2) + 1);
		n = text == NULL ? 0 : read(fd, text + len, size - len);
		if (n == -1)
			(void)snprintf(why, SOURCE_WHY_MAX,
			    "cannot be read: %s", strerror(errno));
		else if (len + (size_t)n > room)
			(void)snprintf(why, SOURCE_WHY_MAX, "is too large; a "
			    "configuration has at most 16 MiB");
		else
			continue;
		free(text);
		return NULL;
	}
	if (text == NULL)
		abort();
	text[len] = '\0';
	l->bytes += len;
	*len_r = len;
	return text;
}

char *
source_read(struct loader *l, const char *path, size_t *len_r,
    char why[SOURCE_WHY_MAX])
{
	/* not to wait for the writer of a FIFO */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char *text = NULL;

	if (fd == -1 || fstat(fd, &st) == -1)
		(void)snprintf(why, SOURCE_WHY_MAX, "cannot be opened: %s",
		    strerror(errno));
	else if (!S_ISREG(st.st_mode))
		(void)snprintf(why, SOURCE_WHY_MAX,
		    "is %s, and should be a file",
		    S_ISDIR(st.st_mode) ? "a directory" : "no regular file");
	else
		text = read_all(l, fd, len_r, why);
	if (fd != -1)
		(void)close(fd);
	return text;
}

/* --- lexical rules --- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    is_digit(c) || c == '*' || c == '-' || c == '_';
}

static bool
at_text(const struct scan *s, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(s->end - s->p) >= len && memcmp(s->p, text, len) == 0;
}

static void
skip_string(struct scan *s)
{
	unsigned first = s->line;

	for (s->p++; s->p < s->end && *s->p != '"'; s->p++) {
		s->line += *s->p == '\n';
		if (*s->p == '\\' && s->p + 1 < s->end &&
		    (s->p[1] == '"' || s->p[1] == '\\'))
			s->p++;
	}
	if (s->p < s->end) {
		s->p++;
		return;
	}
	report_at(s->l, s->file, first,
	    "the string that begins here has no end; a '\"' is missing");
	s->sound = false;
}

static void
skip_comment(struct scan *s)
{
	unsigned first = s->line;

	for (s->p += 2; s->p < s->end && !at_text(s, "*/"); s->p++)
		s->line += *s->p == '\n';
	if (s->p < s->end) {
		s->p += 2;
		return;
	}
	report_at(s->l, s->file, first,
	    "the comment that begins here has no end; a \"*/\" is missing");
	s->sound = false;
}

static void
skip_line(struct scan *s)
{
	while (s->p < s->end && *s->p != '\n')
		s->p++;
}

static void
report_number(struct scan *s, const char *digits, const char *what)
{
	char setting[NAME_MAX_LEN + 1];
	int shown = (int)(s->p - digits < 40 ? s->p - digits : 40);

	if (text_copy_n(setting, sizeof(setting), s->setting.p,
	    s->setting.len) == -1)
		setting[0] = '\0';
	report_value(s->l, s->file, setting[0] == '\0' ? s->line :
	    s->setting.line, s->line, setting, "%.*s %s", shown, digits, what);
}

/*
 * A whole number, decimal or 0x, within what libconfig keeps of it. What
 * follows a point or exponent is passed over: a number with a point is the
 * wrong type wherever it stands.
 */
static void
check_number(struct scan *s)
{
	const char *digits = s->p + (*s->p == '-' || *s->p == '+');
	bool hex = s->end - digits > 2 && digits[0] == '0' &&
	    (digits[1] | 0x20) == 'x' && is_hex(digits[2]);
	uint64_t value = 0;
	bool large = false;

	for (s->p = hex ? digits + 2 : digits; s->p < s->end &&
	    (hex ? is_hex(*s->p) : is_digit(*s->p)); s->p++) {
		unsigned digit = is_digit(*s->p) ? (unsigned)(*s->p - '0')
		                                 : (*s->p | 0x20) - 'a' + 10U;

		value = value * (hex ? 16 : 10) + digit;
		large = large || value > INT32_MAX;
		value = large ? 0 : value;
	}
	if (s->p < s->end && strchr(".eE", *s->p) != NULL) {
		while (s->p < s->end && (is_name(*s->p) || *s->p == '.' ||
		    *s->p == '+'))
			s->p++;
	} else if (large) {
		report_number(s, digits, "is too large; a number is at most "
		    "2147483647");
	} else if (!hex && s->p - digits > 1 && digits[0] == '0') {
		report_number(s, digits, "has a leading 0; numbers are "
		    "decimal, write it without");
	}
}

/* --- @include "file" --- */

static void
check_file(struct scan *s, const char *name)
{
	char path[PATH_MAX], text[SHOWN_MAX], why[SOURCE_WHY_MAX];
	char *content;
	size_t len;
	int n = snprintf(path, sizeof(path), "%s/%s", s->l->dir, name);

	if (name[0] == '/' || n < 0 || (size_t)n >= sizeof(path)) {
		report_at(s->l, s->file, s->line, "@include %s: should be "
		    "named relative to %s", shown(name, text), s->l->dir);
		s->sound = false;
		return;
	}
	if (s->depth == INCLUDE_DEPTH_MAX) {
		report_at(s->l, s->file, s->line, "@include %s: files include "
		    "each other more than %d deep", shown(name, text),
		    INCLUDE_DEPTH_MAX);
		s->sound = false;
		return;
	}
	content = source_read(s->l, path, &len, why);
	if (content == NULL)
		report_at(s->l, s->file, s->line, "@include %s: %s",
		    shown(name, text), why);
	if (content == NULL || !scan_text(s->l, path, content, len,
	    s->depth + 1))
		s->sound = false;
	free(content);
}

/* At '@' on a line of its own. Anything but an include is a syntax error. */
static void
check_include(struct scan *s)
{
	char name[PATH_MAX];
	size_t len = 0;

	if (!at_text(s, "@include")) {
		s->p++;
		return;
	}
	s->p += strlen("@include");
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t'))
		s->p++;
	if (s->p == s->end || *s->p != '"')
		return;
	for (s->p++; s->p < s->end && *s->p != '"' && *s->p != '\n' &&
	    *s->p != '\\' && len < sizeof(name) - 1; s->p++)
		name[len++] = *s->p;
	name[len] = '\0';
	if (s->p < s->end && *s->p == '"') {
		s->p++;
		check_file(s, name);
		return;
	}
	report_at(s->l, s->file, s->line, "@include should be followed by a "
	    "file name in quotes, without a '\\'");
	s->sound = false;
}

static void
scan_token(struct scan *s)
{
	char c = *s->p;
	bool bol = s->bol && (c == ' ' || c == '\t');

	if (c == '\n') {
		s->line++;
		bol = true;
		s->p++;
	} else if (c == '"') {
		skip_string(s);
	} else if (at_text(s, "/*")) {
		skip_comment(s);
	} else if (c == '#' || at_text(s, "//")) {
		skip_line(s);
	} else if (c == '@' && s->bol) {
		check_include(s);
	} else if (is_digit(c) || ((c == '-' || c == '+') &&
	    s->p + 1 < s->end && is_digit(s->p[1]))) {
		check_number(s);
	} else if (is_name(c)) {
		s->word.p = s->p;
		while (s->p < s->end && is_name(*s->p))
			s->p++;
		s->word.len = (size_t)(s->p - s->word.p);
		s->word.line = s->line;
	} else {
		if (c == '=' || c == ':')
			s->setting = s->word;
		else if (c == ';' || c == '}')
			s->setting.len = 0;
		s->p++;
	}
	s->bol = bol;
}

static bool
scan_text(struct loader *l, const char *file, const char *text, size_t len,
    unsigned depth)
{
	struct scan s = { .l = l, .file = file, .p = text, .end = text + len,
		.line = 1, .depth = depth, .bol = true,
		.word = { text, 0, 1 }, .setting = { text, 0, 1 },
		.sound = true };
	const char *nul = memchr(text, '\0', len);

	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
		report_at(l, file, 1, "begins with a byte order mark; save the "
		    "file as UTF-8 without one");
		return false;
	}
	if (nul != NULL) {
		report_at(l, file, 0, "is no text: it has a NUL byte at "
		    "offset %td", nul - text);
		return false;
	}
	while (s.p < s.end)
		scan_token(&s);
	return s.sound;
}

bool
source_check(struct loader *l, const char *file, const char *text, size_t len)
{
	return scan_text(l, file, text, len, 0);
}
