/*
 * Netstrings of the socketmap protocol, both ways.
 */
#include "core/socketmap.h"

#include "core/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LENGTH_DIGITS_MAX = 4 };

/* The length before the colon. More, done or bad, as the caller returns. */
static enum socketmap_parse
parse_length(const char *bytes, size_t len, size_t *length_r, size_t *used_r)
{
	size_t n = 0, i = 0;

	for (; i < len && i <= LENGTH_DIGITS_MAX; i++) {
		if (bytes[i] == ':' && i > 0) {
			*length_r = n;
			*used_r = i + 1;
			return n <= SOCKETMAP_REQUEST_MAX ? SOCKETMAP_PARSE_DONE
			                                  : SOCKETMAP_PARSE_BAD;
		}
		if (bytes[i] < '0' || bytes[i] > '9')
			return SOCKETMAP_PARSE_BAD;
		n = n * 10 + (size_t)(bytes[i] - '0');
	}
	return i > LENGTH_DIGITS_MAX ? SOCKETMAP_PARSE_BAD
	                             : SOCKETMAP_PARSE_MORE;
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
	size_t length, head;

	*why_r = NULL;
	result = parse_length(bytes, len, &length, &head);
	if (result == SOCKETMAP_PARSE_BAD)
		*why_r = "no netstring, or a request too long";
	if (result != SOCKETMAP_PARSE_DONE)
		return result;
	if (len < head + length + 1)
		return SOCKETMAP_PARSE_MORE;
	if (bytes[head + length] != ',') {
		*why_r = "a netstring without its comma";
		return SOCKETMAP_PARSE_BAD;
	}
	if (split(bytes + head, length, request) == -1) {
		*why_r = "no map name and key";
		return SOCKETMAP_PARSE_BAD;
	}
	*used_r = head + length + 1;
	return SOCKETMAP_PARSE_DONE;
}

size_t
socketmap_reply(char *buf, size_t size, const char *status, const char *value)
{
	size_t length = strlen(status) + 1 + strlen(value);
	int used = snprintf(buf, size, "%zu:%s %s,", length, status, value);

	return used > 0 && (size_t)used < size ? (size_t)used : 0;
}
