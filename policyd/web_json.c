/*
 * JSON written piece by piece into an answer: jansson makes the pieces.
 */
#include "web_parts.h"

#include <stdlib.h>

enum { JSON_FLAGS = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6) };

static int
add_bytes(const char *bytes, size_t len, void *ctx)
{
	textbuf_add(ctx, bytes, len);
	return 0;
}

void
web_add_json(struct http_answer *answer, json_t *json)
{
	if (json_dump_callback(json, add_bytes, &answer->body, JSON_FLAGS) ==
	    -1)
		abort();
	json_decref(json);
}

void
web_add_key(struct http_answer *answer, const char *key)
{
	const struct textbuf *body = &answer->body;

	textbuf_puts(&answer->body,
	    body->bytes[body->len - 1] == '{' ? "\"" : ",\"");
	textbuf_puts(&answer->body, key);
	textbuf_puts(&answer->body, "\":");
}

void
web_add(struct http_answer *answer, const char *key, json_t *json)
{
	web_add_key(answer, key);
	web_add_json(answer, json);
}
