/*
 * Requests taken apart, strictly: what is not plainly right is refused.
 */
#include "core/http.h"

#include "core/text.h"

#include <string.h>

#define NUMBER_MAX (UINT64_C(1) << 53)

struct piece { /* of the head; not terminated */
	const char *at;
	size_t len;
};

struct head { /* while it is taken apart */
	struct http_request *request;
	unsigned fields;
	bool has_length;
	bool open_metrics, text_plain; /* in Accept */
	unsigned status; /* not 0: refused */
};

static bool
is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
is_token(struct piece piece)
{
	for (size_t i = 0; i < piece.len; i++) {
		if (!is_token_char(piece.at[i]))
			return false;
	}
	return piece.len > 0;
}

static bool
piece_is(struct piece piece, const char *word)
{
	return piece.len == strlen(word) &&
	    memcmp(piece.at, word, piece.len) == 0;
}

/* word is in lower case. */
static bool
begins_nocase(const char *at, size_t len, const char *word)
{
	size_t i = 0;

	for (; i < len && word[i] != '\0'; i++) {
		if (text_lower_of(at[i]) != word[i])
			return false;
	}
	return word[i] == '\0';
}

static bool
has_nocase(struct piece piece, const char *word)
{
	for (size_t i = 0; i < piece.len; i++) {
		if (begins_nocase(piece.at + i, piece.len - i, word))
			return true;
	}
	return false;
}

/* What comes before the separator, which is passed over; else all. */
static struct piece
cut(struct piece *rest, char separator)
{
	const char *end = memchr(rest->at, separator, rest->len);
	struct piece first = { rest->at,
		end == NULL ? rest->len : (size_t)(end - rest->at) };
	size_t past = first.len + (end != NULL);

	rest->at += past;
	rest->len -= past;
	return first;
}

/* --- the request line: METHOD SP TARGET SP VERSION --- */

static void
take_target(struct head *head, struct piece target)
{
	struct http_request *request = head->request;
	struct piece path;

	/* origin-form alone: we are no proxy (RFC 9112 3.2) */
	if (target.len == 0 || target.at[0] != '/')
		head->status = 400;
	for (size_t i = 0; i < target.len; i++) {
		if (target.at[i] <= ' ' || target.at[i] > '~')
			head->status = 400;
	}
	if (head->status != 0)
		return;
	path = cut(&target, '?');
	if (text_copy_n(request->path, sizeof(request->path), path.at,
	    path.len) == -1 ||
	    text_copy_n(request->query, sizeof(request->query), target.at,
	    target.len) == -1)
		head->status = 414;
}

static void
take_version(struct head *head, struct piece version)
{
	if (version.len != strlen("HTTP/1.1") ||
	    memcmp(version.at, "HTTP/", 5) != 0 || version.at[5] < '0' ||
	    version.at[5] > '9' || version.at[6] != '.' ||
	    version.at[7] < '0' || version.at[7] > '9')
		head->status = 400;
	else if (version.at[5] != '1')
		head->status = 505;
	else
		head->request->old = version.at[7] == '0';
}

static void
take_request_line(struct head *head, struct piece line)
{
	struct piece method = cut(&line, ' '), target = cut(&line, ' ');

	take_version(head, line);
	if (head->status == 0)
		take_target(head, target);
	if (!is_token(method))
		head->status = 400;
	else if (piece_is(method, "HEAD"))
		head->request->head = true;
	else if (!piece_is(method, "GET") && head->status == 0)
		head->status = 405;
}

/* --- fields: "Name: value" --- */

static void
take_host(struct head *head, struct piece value)
{
	struct http_request *request = head->request;

	/* a second one is for another server (RFC 9112 3.2) */
	if (request->has_host || text_copy_n(request->host,
	    sizeof(request->host), value.at, value.len) == -1)
		head->status = 400;
	request->has_host = true;
}

/* No body is taken; a length of 0 is none. */
static void
take_length(struct head *head, struct piece value)
{
	bool zero = true;

	if (head->has_length || value.len == 0)
		head->status = 400;
	head->has_length = true;
	for (size_t i = 0; i < value.len && head->status == 0; i++) {
		if (value.at[i] < '0' || value.at[i] > '9')
			head->status = 400;
		else
			zero = zero && value.at[i] == '0';
	}
	if (!zero && head->status == 0)
		head->status = 413;
}

static void
take_encoding(struct head *head, struct piece value)
{
	(void)value;
	head->status = 413;
}

static void
take_accept(struct head *head, struct piece value)
{
	head->open_metrics |= has_nocase(value, "application/openmetrics-text");
	head->text_plain |= has_nocase(value, "text/plain");
}

static const struct {
	const char *name;
	void (*take)(struct head *, struct piece value);
} fields[] = {
	{ "host", take_host },
	{ "content-length", take_length },
	{ "transfer-encoding", take_encoding },
	{ "accept", take_accept },
};

static struct piece
trim(struct piece piece)
{
	while (piece.len > 0 && (piece.at[0] == ' ' || piece.at[0] == '\t')) {
		piece.at++;
		piece.len--;
	}
	while (piece.len > 0 && (piece.at[piece.len - 1] == ' ' ||
	    piece.at[piece.len - 1] == '\t'))
		piece.len--;
	return piece;
}

static bool
is_value(struct piece piece)
{
	for (size_t i = 0; i < piece.len; i++) {
		unsigned char c = (unsigned char)piece.at[i];

		if ((c < ' ' && c != '\t') || c == 0x7F)
			return false;
	}
	return true;
}

/* Folded lines and blanks before the colon are no token (RFC 9112 5.1, 5.2). */
static void
take_field(struct head *head, struct piece line)
{
	bool colon = memchr(line.at, ':', line.len) != NULL;
	struct piece name = cut(&line, ':'), value = trim(line);

	if (++head->fields > HTTP_FIELDS_MAX)
		head->status = 431;
	else if (!colon || !is_token(name) || !is_value(value))
		head->status = 400;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]) &&
	    head->status == 0; i++) {
		if (name.len == strlen(fields[i].name) &&
		    begins_nocase(name.at, name.len, fields[i].name))
			fields[i].take(head, value);
	}
}

/* --- the head --- */

/* The next line without its end; false when it has none, or a wrong one. */
static bool
take_line(struct piece *rest, struct piece *line_r)
{
	const char *end = memchr(rest->at, '\n', rest->len);

	if (end == NULL || end == rest->at || end[-1] != '\r')
		return false;
	*line_r = (struct piece) { rest->at, (size_t)(end - 1 - rest->at) };
	if (memchr(line_r->at, '\r', line_r->len) != NULL)
		return false;
	rest->len -= (size_t)(end + 1 - rest->at);
	rest->at = end + 1;
	return true;
}

static void
take_head(struct head *head, struct piece rest)
{
	struct piece line;

	if (!take_line(&rest, &line)) {
		head->status = 400;
		return;
	}
	take_request_line(head, line);
	while (head->status == 0) {
		if (!take_line(&rest, &line))
			head->status = 400;
		else if (line.len == 0)
			break;
		else
			take_field(head, line);
	}
	if (head->status == 0 && !head->request->has_host &&
	    !head->request->old)
		head->status = 400;
}

/* Up to the empty line; 0: it is not there yet. */
static size_t
head_length(const char *bytes, size_t len)
{
	const char *at = bytes, *end = bytes + len, *line;

	while ((line = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		size_t length = (size_t)(line - at);

		at = line + 1;
		if (length == 0 || (length == 1 && line[-1] == '\r'))
			return (size_t)(at - bytes);
	}
	return 0;
}

enum http_parse
http_parse(const char *bytes, size_t len, struct http_request *request,
    unsigned *status_r)
{
	size_t length =
	    head_length(bytes, len < HTTP_HEAD_MAX ? len : HTTP_HEAD_MAX);
	struct head head = { .request = request };

	memset(request, 0, sizeof(*request));
	if (length == 0 && len < HTTP_HEAD_MAX)
		return HTTP_PARSE_MORE;
	if (length == 0)
		head.status = 431;
	else
		take_head(&head, (struct piece) { bytes, length });
	request->plain_text = head.text_plain && !head.open_metrics;
	*status_r = head.status;
	return head.status == 0 ? HTTP_PARSE_DONE : HTTP_PARSE_BAD;
}

/* --- query --- */

static int
parse_number(struct piece text, uint64_t *number_r)
{
	uint64_t number = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9' || number > NUMBER_MAX)
			return -1;
		number = number * 10 + (uint64_t)(text.at[i] - '0');
	}
	*number_r = number;
	return text.len > 0 && number <= NUMBER_MAX ? 1 : -1;
}

int
http_query_number(const char *query, const char *key, uint64_t *number_r)
{
	struct piece rest = { query, strlen(query) };

	while (rest.len > 0) {
		struct piece value = cut(&rest, '&'), name = cut(&value, '=');

		if (piece_is(name, key))
			return parse_number(value, number_r);
	}
	return 0;
}

const char *
http_status_text(unsigned status)
{
	static const struct {
		unsigned status;
		const char *text;
	} texts[] = {
		{ 200, "OK" },
		{ 400, "Bad Request" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 431, "Request Header Fields Too Large" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].status == status)
			return texts[i].text;
	}
	return "Error";
}
