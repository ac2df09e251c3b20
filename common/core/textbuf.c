/*
 * Text that doubles its room when it is full.
 */
#include "core/textbuf.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 4096 };

void
textbuf_clear(struct textbuf *buf)
{
	free(buf->bytes);
	memset(buf, 0, sizeof(*buf));
}

void
textbuf_add(struct textbuf *buf, const char *bytes, size_t len)
{
	if (len > buf->size - buf->len) {
		size_t size = buf->size == 0 ? FIRST_SIZE : buf->size;

		while (size - buf->len < len)
			size *= 2;
		buf->bytes = realloc(buf->bytes, size);
		if (buf->bytes == NULL)
			abort();
		buf->size = size;
	}
	if (len != 0)
		memcpy(buf->bytes + buf->len, bytes, len);
	buf->len += len;
}

void
textbuf_puts(struct textbuf *buf, const char *text)
{
	textbuf_add(buf, text, strlen(text));
}
