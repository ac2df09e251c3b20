/*
 * The writing side of RESP2: appended to a buffer that is sent from its front.
 */
#include "io/resp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEEP_MAX = 65536 }; /* of a buffer with nothing in it */

static char *
reserve(struct resp_out *out, size_t len)
{
	if (out->start > 0 && out->end + len > out->size) {
		memmove(
		    out->bytes, out->bytes + out->start, out->end - out->start);
		out->end -= out->start;
		out->start = 0;
	}
	if (out->end + len > out->size) {
		out->size = 2 * out->size + len + 256;
		out->bytes = realloc(out->bytes, out->size);
		if (out->bytes == NULL)
			abort();
	}
	return out->bytes + out->end;
}

static void
put(struct resp_out *out, const char *bytes, size_t len)
{
	memcpy(reserve(out, len), bytes, len);
	out->end += len;
}

static void
put_length(struct resp_out *out, char mark, size_t length)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%c%zu\r\n", mark, length);

	put(out, text, (size_t)len);
}

void
resp_put_bulk(struct resp_out *out, const char *bytes, size_t len)
{
	put_length(out, '$', len);
	put(out, bytes, len);
	put(out, "\r\n", 2);
}

void
resp_put_line(struct resp_out *out, char mark, const char *text)
{
	size_t len = strlen(text);
	char *line = reserve(out, len + 3);

	*line++ = mark;
	for (size_t i = 0; i < len; i++)
		line[i] = text[i] == '\r' || text[i] == '\n' ? ' ' : text[i];
	memcpy(line + len, "\r\n", 2);
	out->end += len + 3;
}

void
resp_put_strings(struct resp_out *out, size_t count, const char *const *list)
{
	put_length(out, '*', count);
	for (size_t i = 0; i < count; i++)
		resp_put_bulk(out, list[i], strlen(list[i]));
}

size_t
resp_out_pending(const struct resp_out *out)
{
	return out->end - out->start;
}

void
resp_out_sent(struct resp_out *out, size_t len)
{
	out->start += len;
	if (out->start < out->end)
		return;
	out->start = out->end = 0;
	if (out->size > KEEP_MAX)
		resp_out_clear(out);
}

void
resp_out_clear(struct resp_out *out)
{
	free(out->bytes);
	*out = (struct resp_out){ 0 };
}
