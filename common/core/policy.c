/*
 * Reads policy requests. The caller gives what it has so far, each time from
 * the start of the request: a request is small, and nothing half-read has to
 * be kept between two calls. Garbage is told from a slow request as early as
 * its first whole line.
 */
#include "core/policy.h"

#include "core/text.h"

#include <string.h>

struct attribute {
	const char *name; /* with its '=' */
	size_t len;
	/* NULL, or why the request cannot be right */
	const char *(*set)(struct policy_request *, const char *, size_t);
};

/* What a parse keeps beside the request. */
struct parse {
	struct policy_request *request;
	bool ours; /* request=smtpd_access_policy was there */
};

static const char *
set_state(struct policy_request *request, const char *value, size_t len)
{
	static const struct {
		const char *name;
		enum policy_state state;
	} states[] = {
		{ "DATA", POLICY_DATA },
		{ "END-OF-MESSAGE", POLICY_END_OF_MESSAGE },
	};

	request->state = POLICY_OTHER;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (strlen(states[i].name) == len &&
		    memcmp(states[i].name, value, len) == 0)
			request->state = states[i].state;
	}
	return NULL;
}

static const char *
set_queue_id(struct policy_request *request, const char *value, size_t len)
{
	return text_copy_n(request->queue_id, sizeof(request->queue_id), value,
	    len) == 0 ? NULL : "queue_id too long";
}

static const char *
set_instance(struct policy_request *request, const char *value, size_t len)
{
	return text_copy_n(request->instance, sizeof(request->instance), value,
	    len) == 0 ? NULL : "instance too long";
}

/* Decimal digits alone, not beyond max. -1 when it is anything else. */
static int64_t
number(const char *value, size_t len, uint32_t max)
{
	uint64_t n = 0;

	if (len == 0 || len > 10)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9')
			return -1;
		n = n * 10 + (uint64_t)(value[i] - '0');
	}
	return n <= max ? (int64_t)n : -1;
}

/* Postfix writes "unknown", or 0, where there is no port. */
static uint16_t
port_of(const char *value, size_t len)
{
	int64_t port = number(value, len, UINT16_MAX);

	return port > 0 ? (uint16_t)port : 0;
}

static const char *
set_client(struct policy_request *request, const char *value, size_t len)
{
	char text[NETADDR_TEXT_MAX + sizeof("[IPv6:]")];

	if (text_copy_n(text, sizeof(text), value, len) != 0 ||
	    netaddr_parse(text, &request->client) != 0)
		memset(&request->client, 0, sizeof(request->client));
	return NULL;
}

static const char *
set_client_port(struct policy_request *request, const char *value, size_t len)
{
	request->client_port = port_of(value, len);
	return NULL;
}

static const char *
set_server_port(struct policy_request *request, const char *value, size_t len)
{
	request->server_port = port_of(value, len);
	return NULL;
}

static void
set_text(struct policy_request *request, char *field, size_t size,
    const char *value, size_t len)
{
	if (text_copy_n(field, size, value, len) != 0)
		request->overlong = true;
}

static const char *
set_sender(struct policy_request *request, const char *value, size_t len)
{
	set_text(request, request->sender, sizeof(request->sender), value, len);
	text_lower(request->sender);
	return NULL;
}

static const char *
set_recipient(struct policy_request *request, const char *value, size_t len)
{
	set_text(request, request->recipient, sizeof(request->recipient),
	    value, len);
	text_lower(request->recipient);
	return NULL;
}

static const char *
set_user(struct policy_request *request, const char *value, size_t len)
{
	set_text(request, request->user, sizeof(request->user), value, len);
	return NULL;
}

static const char *
set_recipient_count(struct policy_request *request, const char *value,
    size_t len)
{
	int64_t count = number(value, len, UINT32_MAX);

	if (count < 0)
		return "recipient_count is no number";
	request->recipient_count = (uint32_t)count;
	return NULL;
}

#define ATTRIBUTE(name, set) { name "=", sizeof(name), set }

static const struct attribute attributes[] = {
	ATTRIBUTE("protocol_state", set_state),
	ATTRIBUTE("queue_id", set_queue_id),
	ATTRIBUTE("instance", set_instance),
	ATTRIBUTE("client_address", set_client),
	ATTRIBUTE("client_port", set_client_port),
	ATTRIBUTE("server_port", set_server_port),
	ATTRIBUTE("sender", set_sender),
	ATTRIBUTE("recipient", set_recipient),
	ATTRIBUTE("recipient_count", set_recipient_count),
	ATTRIBUTE("sasl_username", set_user),
};

static const struct attribute *
attribute_of(const char *line, size_t len)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]);
	     i++) {
		const struct attribute *attribute = &attributes[i];

		/* most lines differ in their first byte already */
		if (line[0] == attribute->name[0] && len >= attribute->len &&
		    memcmp(line, attribute->name, attribute->len) == 0)
			return attribute;
	}
	return NULL;
}

/* One "name=value" line. NULL, or why it cannot be right. */
static const char *
take_line(struct parse *parse, const char *line, size_t len)
{
	static const char request[] = "request=";
	static const char ours[] = "request=smtpd_access_policy";
	const struct attribute *attribute = attribute_of(line, len);
	const char *value;

	if (attribute != NULL)
		return attribute->set(parse->request, line + attribute->len,
		    len - attribute->len);
	value = memchr(line, '=', len);
	if (value == NULL || value == line)
		return "a line without name=value";
	if (len < sizeof(request) - 1 ||
	    memcmp(line, request, sizeof(request) - 1) != 0)
		return NULL;
	parse->ours = len == sizeof(ours) - 1 && memcmp(line, ours, len) == 0;
	return parse->ours ? NULL : "not a policy request";
}

static enum policy_parse
bad(const char **why_r, const char *why)
{
	*why_r = why;
	return POLICY_PARSE_BAD;
}

enum policy_parse
policy_parse(const char *bytes, size_t len, struct policy_request *request_r,
    size_t *used_r, const char **why_r)
{
	struct parse parse = { .request = request_r };
	const char *line = bytes, *end = bytes + len, *newline, *why;

	memset(request_r, 0, sizeof(*request_r));
	request_r->state = POLICY_OTHER;
	if (len > POLICY_REQUEST_MAX)
		end = bytes + POLICY_REQUEST_MAX;
	if (memchr(bytes, '\0', (size_t)(end - bytes)) != NULL)
		return bad(why_r, "a NUL byte");
	while ((newline = memchr(line, '\n', (size_t)(end - line))) != NULL) {
		if (newline == line) {
			if (!parse.ours)
				return bad(why_r, "not a policy request");
			*used_r = (size_t)(newline + 1 - bytes);
			return POLICY_PARSE_DONE;
		}
		why = take_line(&parse, line, (size_t)(newline - line));
		if (why != NULL)
			return bad(why_r, why);
		line = newline + 1;
	}
	if (len >= POLICY_REQUEST_MAX)
		return bad(why_r, "a request too long");
	return POLICY_PARSE_MORE;
}
