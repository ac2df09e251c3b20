/*
 * Netstrings of the socketmap protocol, both ways.
 */
#include "core/socketmap.h"

#include "core/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* As many digits as the longest has; of its length, and how many bytes. */
struct bound {
	size_t digits, length;
};

static const struct bound request_bound = { 4, SOCKETMAP_REQUEST_MAX };
static const struct bound answer_bound = { 6, SOCKETMAP_ANSWER_MAX };

/* The length before the colon. More, done or bad, as the caller returns. */
static enum socketmap_parse
parse_length(const char *bytes, size_t len, struct bound bound,
    size_t *length_r, size_t *used_r)
{
	size_t n = 0, i = 0;

	for (; i < len && i <= bound.digits; i++) {
		if (bytes[i] == ':' && i > 0) {
			*length_r = n;
			*used_r = i + 1;
			return n <= bound.length ? SOCKETMAP_PARSE_DONE
			                         : SOCKETMAP_PARSE_BAD;
		}
		if (bytes[i] < '0' || bytes[i] > '9')
			return SOCKETMAP_PARSE_BAD;
		n = n * 10 + (size_t)(bytes[i] - '0');
	}
	return i > bound.digits ? SOCKETMAP_PARSE_BAD : SOCKETMAP_PARSE_MORE;
}

/* A whole netstring: where its text is, and how long it was with the rest. */
static enum socketmap_parse
parse_netstring(const char *bytes, size_t len, struct bound bound,
    const char **text_r, size_t *length_r, size_t *used_r, const char **why_r)
{
	enum socketmap_parse result;
	size_t head;

	*why_r = NULL;
	result = parse_length(bytes, len, bound, length_r, &head);
	if (result == SOCKETMAP_PARSE_BAD)
		*why_r = "no netstring, or one too long";
	if (result != SOCKETMAP_PARSE_DONE)
		return result;
	if (len < head + *length_r + 1)
		return SOCKETMAP_PARSE_MORE;
	if (bytes[head + *length_r] != ',') {
		*why_r = "a netstring without its comma";
		return SOCKETMAP_PARSE_BAD;
	}
	*text_r = bytes + head;
	*used_r = head + *length_r + 1;
	return SOCKETMAP_PARSE_DONE;
}

/* The null sender comes as <> and, from smtpd, as "<>" with the quotes. */
static bool
is_null_sender(const char *key, size_t len)
{
	return (len == 2 && memcmp(key, "<>", 2) == 0) ||
	    (len == 4 && memcmp(key, "\"<>\"", 4) == 0);
}

static int
split(const char *text, size_t len, struct socketmap_request *request)
{
	const char *blank = memchr(text, ' ', len);
	const char *key;
	size_t key_len;

	if (blank == NULL || blank == text ||
	    text_copy_n(request->name, sizeof(request->name), text,
	    (size_t)(blank - text)) == -1)
		return -1;
	key = blank + 1;
	key_len = len - (size_t)(key - text);
	if (memchr(key, '\0', key_len) != NULL)
		return -1;
	if (is_null_sender(key, key_len))
		request->key[0] = '\0';
	else if (key_len == 0 || text_copy_n(request->key,
	    sizeof(request->key), key, key_len) == -1)
		(void)text_copy(request->key, sizeof(request->key), "*");
	return 0;
}

enum socketmap_parse
socketmap_parse(const char *bytes, size_t len,
    struct socketmap_request *request, size_t *used_r, const char **why_r)
{
	enum socketmap_parse result;
	const char *text;
	size_t length;

	result = parse_netstring(bytes, len, request_bound, &text, &length,
	    used_r, why_r);
	if (result == SOCKETMAP_PARSE_DONE &&
	    split(text, length, request) == -1) {
		*why_r = "no map name and key";
		return SOCKETMAP_PARSE_BAD;
	}
	return result;
}

size_t
socketmap_reply(char *buf, size_t size, const char *status, const char *value)
{
	size_t length = strlen(status) + 1 + strlen(value);
	int used = snprintf(buf, size, "%zu:%s %s,", length, status, value);

	return used > 0 && (size_t)used < size ? (size_t)used : 0;
}

/* --- as the one that asks --- */

size_t
socketmap_ask(char *buf, size_t size, const char *name, const char *key)
{
	return socketmap_reply(buf, size, name, key);
}

static const struct {
	const char *word;
	enum socketmap_status status;
} statuses[] = {
	{ "OK", SOCKETMAP_OK },
	{ "NOTFOUND", SOCKETMAP_NOTFOUND },
	{ "TEMP", SOCKETMAP_FAILED },
	{ "TIMEOUT", SOCKETMAP_FAILED },
	{ "PERM", SOCKETMAP_FAILED },
};

/* Status, one blank, value; the blank may be missing behind NOTFOUND. */
static int
take_status(const char *text, size_t len, struct socketmap_answer *answer)
{
	const char *blank = memchr(text, ' ', len);
	size_t word = blank == NULL ? len : (size_t)(blank - text);

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (strlen(statuses[i].word) != word ||
		    memcmp(statuses[i].word, text, word) != 0)
			continue;
		answer->status = statuses[i].status;
		answer->value = blank == NULL ? text + len : blank + 1;
		answer->len = len - (size_t)(answer->value - text);
		return 0;
	}
	return -1;
}

enum socketmap_parse
socketmap_answer_parse(const char *bytes, size_t len,
    struct socketmap_answer *answer, size_t *used_r, const char **why_r)
{
	enum socketmap_parse result;
	const char *text;
	size_t length;

	result = parse_netstring(bytes, len, answer_bound, &text, &length,
	    used_r, why_r);
	if (result == SOCKETMAP_PARSE_DONE &&
	    take_status(text, length, answer) == -1) {
		*why_r = "no status such as OK or NOTFOUND";
		return SOCKETMAP_PARSE_BAD;
	}
	return result;
}
