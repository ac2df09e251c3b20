/*
 * RESP2 frames from and to a stranger, on hiredis' reader with bounds of our
 * own: used by the state server for requests and by its client for replies.
 *
 * The reader of hiredis 0.14 takes announced lengths on trust, nests, skips
 * the two bytes after a string unread and searches a line that never ends
 * again at every byte. So nothing is allocated for what was only announced,
 * and what is not wanted is refused at its first sign.
 *
 * Not thread-safe; out of memory aborts.
 */
#ifndef WEIR_IO_RESP_H
#define WEIR_IO_RESP_H

#include <stdbool.h>
#include <stddef.h>

enum { RESP_FEED_MAX = 16384 };

struct resp_limits {
	size_t elements; /* of one array, which is never empty */
	size_t bytes; /* of one frame: strings, lines and what is undecoded */
	bool replies; /* also a single string, status, error or integer */
};

/* A status or error is its line without the mark, an integer its digits. */
struct resp_frame {
	char type; /* '*' '$' '+' '-' ':' */
	size_t count;
	const char *const *elements; /* NUL-terminated, no NUL inside */
	const size_t *lengths;
};

enum resp_result {
	RESP_FRAME,
	RESP_MORE, /* feed again */
	RESP_BAD, /* close: resp_why tells */
};

struct resp;

struct resp *resp_new(const struct resp_limits *);
void resp_free(struct resp **);

/* At most RESP_FEED_MAX bytes, and only after resp_next said RESP_MORE. */
void resp_feed(struct resp *, const char *bytes, size_t len);

/* The next frame, valid until the next call. RESP_BAD is for good. */
enum resp_result resp_next(struct resp *, struct resp_frame *frame_r);

/* Nothing is left behind the last frame. */
bool resp_is_drained(const struct resp *);

/* Why it is bad, in words and without a byte from the other side. */
const char *resp_why(const struct resp *);

/* Bytes to be sent: grows as needed, sent from the front. */
struct resp_out {
	char *bytes;
	size_t start, end, size;
};

void resp_put_bulk(struct resp_out *, const char *bytes, size_t len);
/* CR and LF in the text become blanks. */
void resp_put_line(struct resp_out *, char mark, const char *text);
void resp_put_strings(struct resp_out *, size_t count,
    const char *const *list);

size_t resp_out_pending(const struct resp_out *);
/* Forgets what was sent; gives memory of a large answer back. */
void resp_out_sent(struct resp_out *, size_t len);
void resp_out_clear(struct resp_out *);

#endif
